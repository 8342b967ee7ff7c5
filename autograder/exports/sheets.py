"""Tables in files: read as another system wrote them, and written for it and for spreadsheets.

Every cell is quoted, and none is a formula.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.errors import SubmissionError, UsageError
from autograder.model import Record
from autograder.reports.boundary import in_spreadsheet
from autograder.reports.text import points
from autograder.submission.files import read_file
from autograder.submission.rows import read_rows

Cell = str | float | bool | None


class Sheet(Record, frozen=True):
    """A table that was downloaded, and how it was written."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    mark: bytes = b""
    encoding: str = "utf-8"

    def column(self, titles: Iterable[str]) -> int | None:
        """Return the place of the first column with one of some titles, whatever their case."""
        wanted = {title.casefold() for title in titles}
        for place, title in enumerate(self.header):
            if title.casefold() in wanted:
                return place
        return None

    def cell(self, row: Sequence[str], *titles: str) -> str:
        """Return a cell by its column's title, empty where there is none."""
        place = self.column(titles)
        return row[place].strip() if place is not None and place < len(row) else ""

    def render(self, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
        """Return a table that is written as this one was."""
        return self.mark + table(header, rows, self.delimiter).encode(self.encoding)


def read_sheet(path: Path) -> Sheet:
    """Read a table of a CSV or a tab-delimited file.

    Raises
    ------
    UsageError
        When it is none.
    """
    try:
        file = read_file(path)
        rows = read_rows(file)
    except SubmissionError as error:
        raise UsageError(f"{path}: {error.message}", error.remedy or "Download it again.") from None
    mark, encoding = _written(file.data)
    if not rows.cells:
        raise UsageError(f"{path} is empty", "Download it again.")
    header = tuple(cell.strip().strip("\ufeff") for cell in rows.cells[0])
    return Sheet(path.name, header, rows.cells[1:], rows.delimiter, mark, encoding)


def _written(data: bytes) -> tuple[bytes, str]:
    """Return the byte order mark and the encoding of a file; what is neither becomes UTF-8."""
    marks = (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    )
    return next(((mark, name) for mark, name in marks if data.startswith(mark)), (b"", "utf-8"))


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]], delimiter: str = ",") -> str:
    """Return a table as text: quoted, safe in a spreadsheet, lines ended as RFC 4180 says."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow([in_spreadsheet(title) for title in header])
    for row in rows:
        writer.writerow([shown(cell) for cell in row])
    return out.getvalue()


def marked(ids: Iterable[str], target: str) -> list[str]:
    """Return a note about ids that another system will not know, since none may be a formula."""
    found = [one for one in ids if in_spreadsheet(one) != one]
    if not found:
        return []
    return [
        f"an apostrophe stands before {', '.join(found)}, which would run as a formula: {target}"
        " will not know that id"
    ]


def shown(cell: Cell) -> str:
    """Return a cell's text: nothing for None, and points as people write them."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return points(cell) if isinstance(cell, float | int) else in_spreadsheet(cell)
