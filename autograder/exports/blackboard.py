"""Blackboard's Grade Center: the file of Work Offline, with our columns filled.

Blackboard finds a student by the user name, and a column by the number in its title; a column
without one would become a column of text. All other columns are left out.
"""

from __future__ import annotations

import re

from autograder.collect.model import Claim
from autograder.errors import UsageError
from autograder.exports.base import Exported, Job, Target
from autograder.exports.filling import check_most, fill, needed, only_one
from autograder.exports.sheets import Sheet

_COLUMN = re.compile(r"(?P<title>.*?)\s*(?:\[Total Pts: (?P<most>[^\]]*)\])?\s*\|\s*(?P<id>\d+)")
_MOST = re.compile(r"\d+(?:[.,]\d+)?")


class Blackboard(Target):
    """A file for Grade Center > Work Offline > Upload."""

    name = "blackboard"
    file = "blackboard.txt"
    fills = "Grade Center > Work Offline > Download, tab-delimited"

    def export(self, job: Job) -> Exported:
        """Fill the file that was downloaded."""
        sheet = needed(job, "Blackboard", self.fills)
        if sheet.column(["Username"]) is None:
            raise UsageError(f"{sheet.name} has no column Username", self.fills)
        titles = []
        for column, wanted in job.wanted:
            place = _place(sheet, wanted)
            found = _COLUMN.fullmatch(sheet.header[place])
            most = _MOST.search((found and found["most"]) or "")
            check_most(wanted, most[0] if most else "", column)
            titles.append(sheet.header[place])
        who = [place for place, title in enumerate(sheet.header) if "|" not in title]

        def claim(row: tuple[str, ...]) -> Claim | None:
            if sheet.cell(row, "Username").casefold().endswith("_previewuser"):
                return None
            first, last = sheet.cell(row, "First Name"), sheet.cell(row, "Last Name")
            ids = (sheet.cell(row, "Username"), sheet.cell(row, "Student ID"))
            return Claim(tuple(filter(None, ids)), tuple(filter(None, [f"{first} {last}".strip()])))

        filled = fill(job, sheet, claim)
        rows = [
            [*(row[place] if place < len(row) else "" for place in who), *cells]
            for row, cells in filled.lines
        ]
        header = [*(sheet.header[place] for place in who), *titles]
        return filled.exported(sheet.render(header, rows))


def _place(sheet: Sheet, wanted: str) -> int:
    """Return the column of a title, with or without what Blackboard adds to it."""
    columns = {place: _COLUMN.fullmatch(title) for place, title in enumerate(sheet.header)}
    places = [
        place
        for place, found in columns.items()
        if found is not None and wanted in (found[0], found["title"])
    ]
    place = only_one(places, wanted, sheet)
    if place is not None:
        return place
    raise UsageError(
        f"{sheet.name} has no column {wanted!r} with Blackboard's number",
        "Make the column in the Grade Center, download again, or name one: --column TITLE",
    )
