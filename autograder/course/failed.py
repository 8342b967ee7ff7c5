"""Which hidden cases came out wrong, kept beside the results: for the class's figures only.

A result says how a check went, in words for its student; what it does not hold is each case. No
grade depends on these files, so one that is missing, broken or of another result says nothing.
"""

from __future__ import annotations

import contextlib

import msgspec

from autograder.course.files import write_atomically
from autograder.course.layout import Layout
from autograder.grading.grader import Graded
from autograder.model import Provenance, Record, Result
from autograder.reports.overview.records import FailedCase


class _Kept(Record, frozen=True):
    """The failed cases of the result that was given to a file at a moment."""

    sha256: str
    started: str
    case_set: str
    failed: tuple[FailedCase, ...]


def keep_failed_cases(layout: Layout, student: str, graded: Graded) -> None:
    """Keep them for a fresh result; one without verdicts has none to keep.

    Where they cannot be written they are not known: that costs nobody a grade.
    """
    if not graded.verdicts:
        return
    origin = graded.result.provenance
    failed = tuple(
        FailedCase(
            id=verdict.case.id,
            check=verdict.case.check,
            sentence=verdict.case.sentence,
            excused=verdict.counts,
        )
        for verdict in graded.verdicts
        if verdict.status != "passed"
    )
    kept = _Kept(*_key(origin), failed)
    with contextlib.suppress(OSError):
        write_atomically(layout.failed_cases(student), msgspec.json.encode(kept), durable=False)


def failed_cases(layout: Layout, student: str, result: Result) -> tuple[FailedCase, ...] | None:
    """Return the cases of this very result that came out wrong; None where that is not known."""
    try:
        data = layout.failed_cases(student).read_bytes()
        kept = msgspec.json.decode(data, type=_Kept)
    except (OSError, msgspec.DecodeError):
        return None
    same = (kept.sha256, kept.started, kept.case_set) == _key(result.provenance)
    return kept.failed if same else None


def _key(origin: Provenance) -> tuple[str, str, str]:
    return origin.submission_sha256, origin.started, origin.case_set_digest
