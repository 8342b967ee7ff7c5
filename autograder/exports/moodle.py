"""Moodle: an assignment's offline grading worksheet, filled; or a file for the grade import.

The worksheet is matched by its identifiers. Moodle skips a grade that is empty, negative or above
the maximum without a word, so none of them is written. Feedback columns are left out: Moodle would
take what they hold for new feedback.
"""

from __future__ import annotations

import re

from autograder.collect.model import Claim
from autograder.errors import UsageError
from autograder.exports.base import Column, Exported, Job, Target, why_left
from autograder.exports.filling import check_most, fill
from autograder.exports.sheets import Cell, Sheet, marked, table
from autograder.exports.worksheets import LANGUAGES, titles_of
from autograder.grades import StudentGrade
from autograder.reports.text import points

_NO = {"no", "nein", "non"}
"""Stands in the column after the maximum grade, whether a grade can be changed."""
_NUMBER = re.compile(r"\D+?(\d+)")


class Moodle(Target):
    """A worksheet for View all submissions > Upload grading worksheet, or Grades > Import > CSV."""

    name = "moodle"
    file = "moodle.csv"
    fills = "View all submissions > Download grading worksheet"

    def export(self, job: Job) -> Exported:
        """Fill the worksheet, or make a file with user names for the grade import."""
        return _make(job) if job.sheet is None else _fill(job, job.sheet)


def _fill(job: Job, sheet: Sheet) -> Exported:
    titles = titles_of(sheet)
    if titles is None:
        english = LANGUAGES["English"]
        raise UsageError(
            f"{sheet.name} is no grading worksheet: it has no columns {english.identifier},"
            f" {english.grade} and {english.modified}, in {', '.join(LANGUAGES)}",
            f"{Moodle.fills}, with Moodle in one of these languages",
        )
    if len(job.columns) != 1:
        raise UsageError(
            "A grading worksheet holds one grade", "Name one: --checkpoint 1, or none for the total"
        )
    column = job.columns[0]
    comma = False
    for row in sheet.rows:
        most = sheet.cell(row, titles.most)
        comma = comma or "," in most
        check_most(titles.most, most, column)
    kept = [place for place, title in enumerate(sheet.header) if titles.keeps(title)]
    grade_place = sheet.column([titles.grade])

    def claim(row: tuple[str, ...]) -> Claim:
        identifier = sheet.cell(row, titles.identifier)
        number = _NUMBER.fullmatch(identifier)
        ids = (sheet.cell(row, titles.number), sheet.cell(row, titles.username), identifier)
        return Claim(
            (*filter(None, ids), *([number[1]] if number else [])),
            tuple(filter(None, [sheet.cell(row, titles.name)])),
            sheet.cell(row, titles.email),
        )

    above: dict[str, str] = {}

    def write(grade: StudentGrade, column: Column) -> Cell:
        value = job.number(grade, column)
        if value is None or value <= column.most:
            return None if value is None else _localised(value, comma=comma)
        above[grade.member.id] = (
            f"{points(value)} is above the maximum grade {points(column.most)}, and Moodle would"
            " skip it: --cap exports the maximum"
        )
        return None

    most_place = sheet.column([titles.most])

    def stays(row: tuple[str, ...]) -> str:
        """Say that a grade is locked or overridden in Moodle's gradebook, which would skip it."""
        place = -1 if most_place is None else most_place + 1
        locked = 0 < place < len(row) and row[place].strip().casefold() in _NO
        return "Moodle says that this grade cannot be changed, and would skip it" if locked else ""

    filled = fill(job, sheet, claim, write, stays)
    rows = [
        [cells[0] if place == grade_place else row[place] for place in kept]
        for row, cells in filled.lines
    ]
    account = filled.exported(sheet.render([sheet.header[place] for place in kept], rows))
    left = {student: why for student, why in account.left.items() if student not in above}
    return Exported(
        account.data, account.written, left, {**account.lost, **above}, account.strangers
    )


def _make(job: Job) -> Exported:
    written: dict[str, list[Cell]] = {}
    left = {}
    for student, grade in job.grades.items():
        cells = [job.number(grade, column) for column in job.columns]
        if any(cell is not None for cell in cells):
            member = grade.member
            written[student] = [student, member.email, member.first, member.last, *cells]
        else:
            left[student] = why_left(grade)
    header = ["username", "email", "firstname", "lastname", *(title for _, title in job.wanted)]
    notes = ["map username or email to the user in Moodle's import, and each column to its item"]
    notes += marked(written, "Moodle")
    data = table(header, written.values()).encode("utf-8")
    return Exported(data, tuple(written), left, {}, (), tuple(notes))


def _localised(value: float, *, comma: bool) -> str:
    """Return points as this Moodle writes them."""
    return points(value).replace(".", ",") if comma else points(value)
