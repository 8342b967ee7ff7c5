"""What ``grade --dry-run`` found, as JSON: whose grade would change, where and why.

``python -m autograder.reports.schema preview > docs/preview.schema.json`` publishes its schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from autograder.model import Record
from autograder.reports.boundary import in_json
from autograder.reports.changes import Change

PREVIEW: Final = "autograder/preview/v1"
Becomes = Literal["changed", "first", "same"]


class PreviewRow(Record, frozen=True):
    """One student.

    Attributes
    ----------
    becomes
        Whether the grade would be another one, the first one, or as it is. Its points may be
        spread otherwise then: see ``change.checks``.
    held
        Whether the present result was brought back, and stays.
    """

    student: str
    becomes: Becomes
    held: bool
    change: Change


class PreviewDocument(Record, frozen=True, kw_only=True):
    """The whole class.

    Attributes
    ----------
    not_graded
        Why, by student.
    ended
        Students whose result would no longer be held as brought back.
    """

    schema: Literal["autograder/preview/v1"] = PREVIEW
    assignment: str
    students: tuple[PreviewRow, ...]
    not_graded: dict[str, str]
    ended: tuple[str, ...]


def preview_json(
    assignment: str,
    changes: Mapping[str, Change],
    failed: Mapping[str, str],
    held: Sequence[str],
    ended: Sequence[str],
) -> str:
    """Return the document, harmless to a terminal."""
    document = PreviewDocument(
        assignment=assignment,
        students=tuple(
            PreviewRow(student, _becomes(change), student in held, change)
            for student, change in changes.items()
        ),
        not_graded=dict(failed),
        ended=tuple(ended),
    )
    return in_json(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def _becomes(change: Change) -> Becomes:
    if change.before is None:
        return "first"
    return "changed" if change.matters else "same"
