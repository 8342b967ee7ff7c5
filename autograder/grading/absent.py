"""Packages and names that a submission uses and the sandbox lacks: which of them may be named.

The name of a stand-in comes from the sandbox. It is repeated only if it stands behind ``import`` or
``from`` in the submission's own text, so that it can carry nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from autograder.sandbox.frames import StandIn
from autograder.sandbox.records import CaseOutput, Lost

_IMPORT = ("from ", "from\t", "import ", "import\t")
_WORD = re.compile(r"[^\W\d]\w{0,99}")
MAX_WORDS = 1000
"""Of all imports: nobody imports as much, and each more is one that could be named."""
_MAX_LINES = 200
"""In the parentheses of one import."""


def imported_words(sources: Iterable[str]) -> frozenset[str]:
    """Return the words of the first import statements; takes time in proportion to the text."""
    words: set[str] = set()
    for source in sources:
        lines = source.split("\n")
        place = 0
        while place < len(lines):
            line = lines[place].partition("#")[0]
            place += 1
            if not line.lstrip(" \t>.").startswith(_IMPORT):
                continue
            words.update(_WORD.findall(line))
            inside = ("(" in line and ")" not in line) or line.rstrip().endswith("\\")
            for _ in range(_MAX_LINES if inside else 0):
                more = lines[place].partition("#")[0] if place < len(lines) else ")"
                words.update(_WORD.findall(more))
                place += 1
                if ")" in more or ("(" not in line and not more.rstrip().endswith("\\")):
                    break
            if len(words) >= MAX_WORDS:
                return frozenset(words)
    return frozenset(words)


def without_invented_stand_in(
    output: CaseOutput | Lost, cells: Mapping[int, str], words: frozenset[str]
) -> CaseOutput | Lost:
    """Drop a stand-in's name that the submission does not import, and a place that it lacks.

    Parameters
    ----------
    cells
        The submission's code cells by number.
    words
        What :func:`imported_words` finds in them.
    """
    if isinstance(output, Lost) or output.stand_in is None:
        return output
    found = output.stand_in
    where, _, name = found.name.partition(":")
    known = (where in words or where == "handout") and (not name or name in words)
    lines = cells.get(-1 if found.cell is None else found.cell, "").count("\n") + 1
    placed = found.cell in cells and found.line is not None and 1 <= found.line <= lines
    stand_in = StandIn(
        name=found.name if known else "",
        cell=found.cell if placed else None,
        line=found.line if placed else None,
    )
    return msgspec.structs.replace(output, stand_in=stand_in)
