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
    kept: Callable[[tuple[str, ...]], str] = lambda _: "",
) -> Filled:
    """Return the lines that get something; the others are left out, so that nothing else changes.

    Parameters
    ----------
    claim
        Whose a line is; None for one that is no student's.
    write
        What a cell gets; the number, where nothing is said.
    kept
        Says why a line must stay as it is there; nothing for most.
    """
    write = write or job.number
    lines: list[tuple[tuple[str, ...], tuple[Cell, ...]]] = []
    written: dict[str, None] = {}
    left, lost = {}, {}
    found, strangers = _students(job, sheet, claim)
    for student, rows in found.items():
        reason = "" if len({who for who, _ in rows}) == 1 else _SEVERAL.format(sheet.name)
        reason = reason or next(filter(None, (kept(row) for _, row in rows)), "")
        cells = tuple(write(job.grades[student], column) for column in job.columns)
        if all(cell is None for cell in cells):
            continue
        if reason:
            lost[student] = reason
            continue
        lines += [(row, cells) for _, row in rows]
        written[student] = None
    for student, grade in job.grades.items():
        if student in written or student in lost:
            continue
        if any(write(grade, column) is not None for column in job.columns):
            lost[student] = f"{sheet.name} has no line for this student"
        else:
            left[student] = why_left(grade)
    return Filled(tuple(lines), tuple(written), left, lost, tuple(strangers))


_SEVERAL = "several lines of {} with different ids or names could be this student"


def _students(
    job: Job, sheet: Sheet, claim: Callable[[tuple[str, ...]], Claim | None]
) -> tuple[dict[str, list[tuple[Claim, tuple[str, ...]]]], list[str]]:
    """Return the lines of each student, in the file's order, and those that are nobody's."""
    found: dict[str, list[tuple[Claim, tuple[str, ...]]]] = {}
    strangers: list[str] = []
    for row in sheet.rows:
        who = claim(row)
        student = "" if who is None else job.person_of(who)
        if student and who is not None:
            found.setdefault(student, []).append((who, row))
        elif who is not None:
            texts = (*who.names, *who.ids, who.email)
            strangers.append(next((text for text in texts if text), "?"))
    return found, strangers


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
