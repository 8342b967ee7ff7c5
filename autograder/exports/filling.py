"""Fill a downloaded file: find each line's student and the columns, and keep account of both."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from autograder.collect.model import Claim
from autograder.errors import UsageError
from autograder.exports.base import Column, Exported, Job, why_left
from autograder.exports.sheets import Cell, Sheet
from autograder.grades import StudentGrade
from autograder.model import Record
from autograder.reports.text import points


class Filled(Record, frozen=True):
    """Lines with what they get, in the file's order: the line, and a cell for each column."""

    lines: tuple[tuple[tuple[str, ...], tuple[Cell, ...]], ...]
    written: tuple[str, ...]
    left: dict[str, str]
    lost: dict[str, str]
    strangers: tuple[str, ...]

    def exported(self, data: bytes, notes: Sequence[str] = ()) -> Exported:
        """Return the account beside the file."""
        return Exported(data, self.written, self.left, self.lost, self.strangers, tuple(notes))


Write = Callable[[StudentGrade, Column], Cell]


def needed(job: Job, target: str, what: str) -> Sheet:
    """Return the downloaded file.

    Raises
    ------
    UsageError
        When none was named.
    """
    if job.sheet is None:
        raise UsageError(
            f"{target} takes its own file back, filled",
            f"Download it ({what}), and name it: --fill FILE",
        )
    return job.sheet


def fill(
    job: Job,
    sheet: Sheet,
    claim: Callable[[tuple[str, ...]], Claim | None],
    write: Write | None = None,
) -> Filled:
    """Return the lines that get something; the others are left out, so that nothing else changes.

    Parameters
    ----------
    claim
        Whose a line is; None for one that is no student's.
    write
        What a cell gets; the number, where nothing is said.
    """
    write = write or job.number
    lines: list[tuple[tuple[str, ...], tuple[Cell, ...]]] = []
    written: dict[str, None] = {}
    strangers: list[str] = []
    for row in sheet.rows:
        who = claim(row)
        if who is None:
            continue
        student = job.person_of(who)
        if not student:
            texts = (*who.names, *who.ids, who.email)
            strangers.append(next((text for text in texts if text), "?"))
            continue
        cells = tuple(write(job.grades[student], column) for column in job.columns)
        if any(cell is not None for cell in cells):
            lines.append((row, cells))
            written[student] = None
    left, lost = {}, {}
    for student, grade in job.grades.items():
        if student in written:
            continue
        if any(write(grade, column) is not None for column in job.columns):
            lost[student] = f"{sheet.name} has no line for this student"
        else:
            left[student] = why_left(grade)
    return Filled(tuple(lines), tuple(written), left, lost, tuple(strangers))


def only_one(places: Sequence[int], title: str, sheet: Sheet) -> int | None:
    """Return the one place of a column, None where there is none.

    Raises
    ------
    UsageError
        When several are called so.
    """
    if len(places) > 1:
        titles = ", ".join(repr(sheet.header[place]) for place in places)
        raise UsageError(
            f"{sheet.name} has several columns {title!r}: {titles}", "--column with the whole title"
        )
    return places[0] if places else None


def check_most(title: str, there: str, column: Column) -> None:
    """Refuse a column that counts in other points.

    Raises
    ------
    UsageError
        Naming both.
    """
    found = re.search(r"\d+(?:[.,]\d+)?", there)
    if found is None:
        return
    most = float(found[0].replace(",", "."))
    if most != column.most:
        raise UsageError(
            f"The column {title!r} has {points(most)} points, and what goes there has"
            f" {points(column.most)}",
            "Change its points there and download it again, or name another one: --column TITLE",
        )
