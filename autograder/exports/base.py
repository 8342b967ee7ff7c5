"""What an export is made of, and what each target has to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from autograder.collect.model import Claim
from autograder.collect.roster import Person, Roster
from autograder.config import Config
from autograder.errors import UsageError
from autograder.exports.sheets import Sheet
from autograder.grades import STATES, StudentGrade
from autograder.model import Record

TOTAL = "total"
_COUNTED = frozenset({"graded", "crashed", "waiting"})
"""States in which a checkpoint's points are known: what waits is beside the checkpoints."""


class Column(Record, frozen=True):
    """One number of each student: the total, or a checkpoint by its id."""

    key: str
    title: str
    most: float

    def value(self, grade: StudentGrade) -> float | None:
        """Return the number as it stands, None where there is none."""
        if self.key == TOTAL:
            return grade.total
        scores = {checkpoint.id: checkpoint.score for checkpoint in grade.checkpoints}
        return scores.get(self.key)

    def final(self, grade: StudentGrade) -> bool:
        """Tell whether nothing of the number is still to come."""
        return grade.final if self.key == TOTAL else grade.state in _COUNTED


class Job(Record, frozen=True, kw_only=True):
    """What to export.

    Attributes
    ----------
    grades
        Of everybody who takes the course, by id.
    columns
        The numbers that a gradebook elsewhere gets.
    roster
        Finds the student of a line of somebody else's file.
    sheet
        The file that was downloaded, where the target fills one.
    titles
        What the columns are called there, in their order; empty for our own titles.
    so_far
        Export numbers that are not final, too.
    cap
        Lower what is above a column's most to that most.
    """

    config: Config
    grades: Mapping[str, StudentGrade]
    columns: Sequence[Column]
    roster: Roster
    sheet: Sheet | None = None
    titles: Sequence[str] = ()
    so_far: bool = False
    cap: bool = False

    @property
    def wanted(self) -> list[tuple[Column, str]]:
        """The columns with their titles there."""
        if self.titles and len(self.titles) != len(self.columns):
            raise UsageError(
                f"{len(self.columns)} columns are exported, and {len(self.titles)} titles named",
                "--column TITLE once for each column, in their order.",
            )
        titles = self.titles or [column.title for column in self.columns]
        return list(zip(self.columns, titles, strict=True))

    def number(self, grade: StudentGrade, column: Column) -> float | None:
        """Return what a gradebook elsewhere is told; None leaves it alone."""
        value = column.value(grade)
        if value is None or not (self.so_far or column.final(grade)):
            return None
        return min(value, column.most) if self.cap else value

    def person_of(self, claim: Claim) -> str:
        """Return the id of a line's student; nothing where there is none, or several could be.

        Each id, the e-mail and the name are looked up by themselves: a number of the other system
        may be another student's id here.
        """
        alone = [Claim(ids=(one,)) for one in claim.ids]
        alone += [Claim(names=(one,)) for one in claim.names] + [Claim(email=claim.email)]
        found = {person.id for person in map(self.roster.find, alone) if isinstance(person, Person)}
        (only,) = found if len(found) == 1 else ("",)
        return only if only in self.grades else ""


class Exported(Record, frozen=True):
    """A file, and who is in it.

    Attributes
    ----------
    written
        Students of whom there is at least one number in it, or a state.
    left
        Why others have none, by id.
    lost
        Students whose grade could not be put into the file, and why: a person has to look.
    strangers
        Lines of the downloaded file that are nobody's here.
    notes
        What else to know before the file is uploaded.
    """

    data: bytes
    written: tuple[str, ...]
    left: Mapping[str, str]
    lost: Mapping[str, str]
    strangers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Target(ABC):
    """A kind of file for another system."""

    name: ClassVar[str]
    file: ClassVar[str]
    """What it is called where nobody says otherwise."""
    fills: ClassVar[str] = ""
    """What to download first, in words; empty for a target that fills no file."""

    @abstractmethod
    def export(self, job: Job) -> Exported:
        """Make the file.

        Raises
        ------
        UsageError
            When the downloaded file is not what the target fills.
        """


def why_left(grade: StudentGrade) -> str:
    """Say why a student has no number."""
    return STATES[grade.state]


def columns_of(config: Config, checkpoints: Sequence[str]) -> list[Column]:
    """Return the total, or the checkpoints that are named by id."""
    if not checkpoints:
        return [Column(TOTAL, config.assignment, config.max_score)]
    return [
        Column(
            checkpoint.id,
            f"{config.assignment} {checkpoint.id}",
            sum(check.points for check in config.checks if check.checkpoint == checkpoint.id),
        )
        for checkpoint in config.checkpoints
        if checkpoint.id in checkpoints
    ]
