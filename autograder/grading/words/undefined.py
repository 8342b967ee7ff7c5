"""Where a submission uses a name that nothing defines.

A rule that is missing is stood in for, so that only what needs it is lost. The stand-in raises
where it is called, in a line that need not say its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from autograder.grading.allowance import MAX_LINE
from autograder.sandbox.frames import Error
from autograder.submission.load import Submission

_UNDEFINED = re.compile(r"name '([A-Za-z_]\w{0,59})' is not defined")
_WORD = re.compile(r"\w+")
_QUOTES = ('"""', "'''")


def undefined_name(failure: Error | None) -> str:
    """Return the name that an exception says is not defined; empty for any other exception."""
    found = _UNDEFINED.match(failure.message) if failure is not None else None
    return found[1] if found and failure is not None and failure.type == "NameError" else ""


def where_used(failure: Error, submission: Submission) -> Error:
    """Return an exception at a line that says the undefined name, where there is one."""
    name = undefined_name(failure)
    if not name or failure.cell is None:
        return failure
    lines = islice(_code_lines(submission), MAX_LINE)
    uses = [
        (cell, line) for cell, line, text in lines if name in text and name in _WORD.findall(text)
    ]
    if not uses or (failure.cell, failure.line) in uses or failure.line is None:
        return failure
    cell, line = uses[0]
    return msgspec.structs.replace(failure, cell=cell, line=line)


def _code_lines(submission: Submission) -> Iterator[tuple[int, int, str]]:
    """Yield cell, number and text of each line, without comments and texts of several lines."""
    for cell in submission.cells:
        inside = False
        for number, line in enumerate(cell.source.split("\n"), 1):
            quotes = sum(line.count(quote) for quote in _QUOTES)
            if not inside and not quotes:
                yield cell.index, number, line.partition("#")[0]
            inside ^= quotes % 2 == 1
