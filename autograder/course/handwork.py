"""What people did to a submission in formgrader, and whether it still fits: regrading keeps it.

A number that a person typed is kept, whatever grading gives. A person looks again at a cell only
where what the number was given for has changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from autograder.model import Record


class Before(Record, frozen=True):
    """What was recorded until now.

    Attributes
    ----------
    extras
        Extra credit that grading gave each cell, in the results that the gradebook may hold; None
        where nothing was graded before.
    other_file
        Whether another file was graded.
    rewritten
        Hand-graded cells of which the text is another now, as far as that can be told.
    same
        Whether the very result is recorded already: a repair gives nobody anything to look at.
    """

    extras: dict[str, tuple[float, ...]] | None = None
    other_file: bool = False
    rewritten: frozenset[str] = frozenset()
    same: bool = False

    def keep_extra(self, cell: str, ours: float | None, recorded: float | None) -> float | None:
        """Return the extra credit of a cell: what a person typed, else what grading gives."""
        if ours is None or recorded is None:
            return recorded if ours is None else ours
        given = None if self.extras is None else self.extras.get(cell, ())
        typed = given is not None and not any(math.isclose(recorded, one) for one in given)
        return recorded if typed else ours


class HandGrade(Record, frozen=True):
    """What the gradebook has of a cell: the numbers, and whether a person was to look at it."""

    automatic: float | None = None
    manual: float | None = None
    extra: float | None = None
    waiting: bool = False

    def needs_review(self, automatic: float | None, *, changed: bool) -> bool:
        """Tell whether a person has to look at a cell that grading gives this number now.

        Parameters
        ----------
        changed
            Whether what the manual score was given for is something else now.
        """
        if self.manual is None:
            return automatic is None
        return self.waiting or changed or automatic != self.automatic


def answers_in(notebook: Any, names: Iterable[str]) -> dict[str, str]:
    """Return the text of hand-graded cells of a notebook as formgrader shows it."""
    wanted = set(names)
    texts = {}
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in wanted:
            source = cell["source"]
            texts[name] = source if isinstance(source, str) else "".join(source)
    return texts


def answers_shown(path: Path, names: Iterable[str]) -> dict[str, str] | None:
    """Return the same of a file; None where it cannot be told."""
    try:
        return answers_in(msgspec.json.decode(path.read_bytes()), names)
    except (OSError, msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return None


def changed_answers(old: Mapping[str, str], new: Mapping[str, str]) -> frozenset[str]:
    """Return the cells whose text is another."""
    return frozenset(name for name in {*old, *new} if old.get(name) != new.get(name))
