"""Rows of a table in a file, as spreadsheets and other systems write them."""

from __future__ import annotations

import csv
import io
import re

from autograder.errors import SubmissionError
from autograder.model import Record
from autograder.submission.files import FileRead
from autograder.submission.texts import decode

_STATED = re.compile(r'"?sep=(.)"?[ \t,;]{0,40}\n')
"""How Excel is told which delimiter a file has: a line above everything else."""
_DELIMITERS = ",;\t"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SAVE_AS = "Open it in a spreadsheet, and save it as CSV (UTF-8)."


class Rows(Record, frozen=True):
    """A table: its rows that are not empty, the line that each begins on, and its delimiter."""

    cells: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str


def read_rows(file: FileRead, *, strict: bool = False) -> Rows:
    """Return the rows of a file with commas, semicolons or tabs, in any usual encoding.

    Parameters
    ----------
    strict
        Refuse a quote that is not closed: what follows it would become part of its cell.

    Raises
    ------
    SubmissionError
        When it is no such table.
    """
    if file.data.startswith(_WORKBOOKS):
        raise SubmissionError(f"{file.name} is a workbook, and no CSV file", _SAVE_AS)
    text = _text(file)
    above, stated = 0, _STATED.match(text)
    if stated:
        text, above = text[stated.end() :], 1
    head = text.lstrip("\n").partition("\n")[0]
    delimiter = stated[1] if stated else max(_DELIMITERS, key=head.count)
    cells, lines, line = [], [], above + 1
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=strict)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                cells.append(tuple(row))
                lines.append(line)
            line = above + reader.line_num + 1
    except csv.Error as error:
        what = "a quote is not closed" if "end of data" in str(error) else str(error)
        raise SubmissionError(
            f"{file.name} is not valid CSV from line {line} on: {what}", _SAVE_AS
        ) from None
    return Rows(tuple(cells), tuple(lines), delimiter)


def _text(file: FileRead) -> str:
    try:
        return decode(file)
    except SubmissionError:
        if b"\0" in file.data:
            raise
        # As older spreadsheets save it.
        return file.data.decode("cp1252", "replace").replace("\r\n", "\n").replace("\r", "\n")
