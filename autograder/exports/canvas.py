"""Canvas's gradebook: its own export, with our columns filled, or a file of the same columns.

Canvas finds a student by ID, then SIS User ID, then SIS Login ID, then the exact name; a title that
it does not know becomes a new assignment; ``EX`` excuses. All other columns are left out, since
Canvas would take old grades from them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.collect.model import Claim
from autograder.errors import UsageError
from autograder.exports.base import Column, Exported, Job, Target, why_left
from autograder.exports.filling import check_most, fill, only_one
from autograder.exports.sheets import Cell, Sheet, marked, table
from autograder.grades import StudentGrade
from autograder.reports.text import points

_WHO = (
    "Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section",
)  # fmt: skip
_NEW = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POSSIBLE = "    Points Possible"
_EXCUSED = "EX"
_TITLE = re.compile(r"(.*?)(?: \((\d+)\))?")


class Canvas(Target):
    """A file for Gradebook > Import."""

    name = "canvas"
    file = "canvas.csv"
    fills = "Gradebook > Export > Export Entire Gradebook"

    def export(self, job: Job) -> Exported:
        """Fill the export, or make a file that Canvas matches by ID and login."""
        return _make(job) if job.sheet is None else _fill(job, job.sheet)


def _fill(job: Job, sheet: Sheet) -> Exported:
    if sheet.column(["Student"]) != 0 or sheet.column(["ID"]) is None:
        raise UsageError(f"{sheet.name} is no export of Canvas's gradebook", Canvas.fills)
    possible = next(
        (row for row in sheet.rows[:3] if row[0].strip().startswith("Points Possible")), ()
    )
    titles, notes = [], []
    for column, wanted in job.wanted:
        place = _place(sheet, wanted)
        if place is None:
            titles.append(wanted)
            notes.append(f"Canvas will make a new assignment {wanted!r}; --column names another")
        else:
            titles.append(sheet.header[place])
            check_most(wanted, possible[place] if place < len(possible) else "", column)
    who = [place for place, title in enumerate(sheet.header) if title in _WHO]

    def claim(row: tuple[str, ...]) -> Claim | None:
        name = sheet.cell(row, "Student")
        if not name or name.startswith("Points Possible") or name == "Student, Test":
            return None
        ids = [sheet.cell(row, title) for title in ("ID", "SIS User ID", "SIS Login ID")]
        return Claim(tuple(filter(None, ids)), (_turned(name),))

    places = [place for _, wanted in job.wanted if (place := _place(sheet, wanted)) is not None]

    def write(grade: StudentGrade, column: Column) -> Cell:
        return _value(job, grade, column)

    def kept(row: tuple[str, ...]) -> str:
        """Canvas has excused somebody: a number would undo that."""
        if all((row[place] if place < len(row) else "").strip() != _EXCUSED for place in places):
            return ""
        student = job.person_of(claim(row) or Claim())
        excused = job.grades[student].state == "excused"
        return "" if excused else "excused in Canvas, and not in config.yaml: say so in one of them"

    filled = fill(job, sheet, claim, write, kept)
    rows: list[Sequence[Cell]] = [
        [_POSSIBLE, *[""] * (len(who) - 1), *[points(column.most) for column in job.columns]]
    ]
    rows += [
        [*(row[place] if place < len(row) else "" for place in who), *cells]
        for row, cells in filled.lines
    ]
    return filled.exported(
        sheet.render([*(sheet.header[place] for place in who), *titles], rows), notes
    )


def _make(job: Job) -> Exported:
    written, left = {}, {}
    for student, grade in job.grades.items():
        cells = [_value(job, grade, column) for column in job.columns]
        if any(cell is not None for cell in cells):
            member = grade.member
            number = member.lms if member.lms.isdigit() else ""
            name = ", ".join(filter(None, [member.last, member.first])) or student
            written[student] = [name, number, "", student, "", *cells]
        else:
            left[student] = why_left(grade)
    possible = [_POSSIBLE, "", "", "", "", *[points(column.most) for column in job.columns]]
    header = [*_NEW, *(title for _, title in job.wanted)]
    data = table(header, [possible, *written.values()]).encode("utf-8")
    notes = ["without --fill, Canvas makes a new assignment where it does not know a title"]
    notes += marked(written, "Canvas")
    return Exported(data, tuple(written), left, {}, (), tuple(notes))


def _value(job: Job, grade: StudentGrade, column: Column) -> Cell:
    return _EXCUSED if grade.state == "excused" else job.number(grade, column)


def _place(sheet: Sheet, wanted: str) -> int | None:
    """Return the column of an assignment: by its title, or by the title with Canvas's number."""
    exact = [place for place, title in enumerate(sheet.header) if title == wanted]
    numbered = [
        place
        for place, title in enumerate(sheet.header)
        if (found := _TITLE.fullmatch(title)) is not None and found[2] and found[1] == wanted
    ]
    return only_one(exact or numbered, wanted, sheet)


def _turned(name: str) -> str:
    """Return a name that is written with the last name first."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma else name
