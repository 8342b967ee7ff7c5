"""What a source finds, and what became of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from autograder.model import Record

Status = Literal[
    "taken", "replaced", "late", "unreadable", "not a submission", "unknown student",
    "missing", "expected", "excused",
]  # fmt: skip


class Claim(Record, frozen=True):
    """Who handed something in, as far as a layout tells.

    Attributes
    ----------
    ids
        The strongest first; the first is the student's id where there is no roster.
    names
        Ways in which the layout spells the name.
    """

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    email: str = ""


class HandIn(Record, frozen=True):
    """One hand-in of one student, or of a group.

    Attributes
    ----------
    files
        Names as they were handed in, and where the files lie. A folder stands for what is in it.
    label
        Where in the source it lies, for the table.
    time
        When it was handed in, None where the layout does not tell.
    late
        Whether the system marked it as late.
    order
        Counts the attempts of a student where there is no time.
    beside
        Files that nbgrader wants beside the submission, by name.
    nothing
        Why it came without a file, where the layout tells: text was typed instead.
    fault
        Why the source could not be read for this student.
    warning
        What a person has to look at before this is graded.
    """

    claims: tuple[Claim, ...]
    files: tuple[tuple[str, Path], ...]
    label: str
    time: datetime | None = None
    late: bool = False
    order: int = 0
    beside: tuple[tuple[str, str], ...] = ()
    nothing: str = ""
    fault: str = ""
    warning: str = ""


class Aside(Record, frozen=True):
    """Something in a source that is nobody's hand-in, and why."""

    label: str
    reason: str
    status: Status = "not a submission"
    look: bool = True


class Row(Record, frozen=True):
    """One line of the account.

    Attributes
    ----------
    counts
        Whether this is what will be graded.
    change
        For what counts: ``new``, ``updated`` or ``unchanged``.
    look
        Whether a person has to look at it.
    """

    status: Status
    student: str = ""
    name: str = ""
    file: str = ""
    time: str = ""
    counts: bool = False
    change: str = ""
    detail: str = ""
    look: bool = False


class Account(Record, frozen=True):
    """What became of everything that was found, and of everybody who is expected."""

    rows: tuple[Row, ...]
    sources: tuple[tuple[str, str], ...] = ()
    dry_run: bool = False

    def of(self, *statuses: Status) -> tuple[Row, ...]:
        """Return the rows of some statuses."""
        return tuple(row for row in self.rows if row.status in statuses)

    def changed(self, change: str) -> tuple[str, ...]:
        """Return the students whose submission is new, updated or unchanged, sorted."""
        return tuple(sorted({row.student for row in self.rows if row.change == change}))

    @property
    def needs_a_look(self) -> bool:
        """Tell whether a person has to look at anything."""
        return any(row.look for row in self.rows)
