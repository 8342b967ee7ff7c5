"""Solution markers: nbgrader publishes what a misspelt marker was meant to hide."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.model import Record

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_SIMILARITY = 0.72
MIN_SECRET_LENGTH = 12
TELLING_LINES = 3


class Markers(Record, frozen=True):
    """Lines between which nbgrader cuts, and what it puts in their place.

    Attributes
    ----------
    pairs
        The line that ends a region, by the one that begins it; the solution's first.
    code_stub, text_stub
        What students find in place of code, and of an answer.
    """

    pairs: dict[str, str]
    code_stub: str = "# YOUR CODE HERE\nraise NotImplementedError()"
    text_stub: str = "YOUR ANSWER HERE"

    @property
    def ends(self) -> dict[str, str]:
        """The line that begins a region, by the one that ends it."""
        return {end: begin for begin, end in self.pairs.items()}


USUAL = Markers(
    pairs={
        BEGIN: END,
        "### BEGIN HIDDEN TESTS": "### END HIDDEN TESTS",
        "=== BEGIN MARK SCHEME ===": "=== END MARK SCHEME ===",
    }
)
"""nbgrader's own."""


def marker_problems(notebook: Any, path: Path, markers: Markers = USUAL) -> list[str]:
    """Return each marker that is misspelt, unbalanced or nested, with its cell and line."""
    return [
        f"{path.name}, cell {number} ({_name(cell)}), {problem}"
        for number, cell in enumerate(notebook.cells, start=1)
        for problem in _problems_of(cell.source, markers)
    ]


def _problems_of(source: str, markers: Markers) -> Iterator[str]:
    opened: str | None = None
    last = 0
    for number, line in enumerate(source.splitlines(), start=1):
        text = line.strip()
        if text in markers.pairs:
            if opened:
                yield f"line {number}: {text!r} inside {opened!r}"
            opened, last = text, number
        elif text in markers.ends:
            if opened != markers.ends[text]:
                yield f"line {number}: {text!r} without {markers.ends[text]!r} before it"
            opened = None
        elif _looks_like_a_marker(text, markers):
            begin, end = next(iter(markers.pairs.items()))
            yield (
                f"line {number}: {text!r} looks like a marker but is none: nbgrader knows"
                f" {begin!r} and {end!r}, each alone on its line"
            )
    if opened:
        yield f"line {last}: {opened!r} is never closed"


def _looks_like_a_marker(text: str, markers: Markers) -> bool:
    if not (text.startswith(("#", "=")) or text.isupper()):
        return False
    words = re.sub(r"[^a-z ]", " ", text.lower()).split()
    if not 1 <= len(words) <= 5:
        return False
    squeezed = "".join(words)
    return any(
        difflib.SequenceMatcher(None, squeezed, re.sub(r"[^a-z]", "", marker.lower())).ratio()
        >= _SIMILARITY
        for marker in (*markers.pairs, *markers.ends, *USUAL.pairs, *USUAL.ends)
    )


def solution_lines(notebook: Any, markers: Markers = USUAL) -> set[str]:
    """Return the lines inside markers that are long enough to be telling."""
    return {
        line.strip()
        for cell in notebook.cells
        for inside, line in _lines(cell, markers)
        if inside and len(line.strip()) >= MIN_SECRET_LENGTH
    }


def public_lines(notebook: Any, markers: Markers = USUAL) -> set[str]:
    """Return the lines outside markers, which students are meant to see."""
    return {
        line.strip()
        for cell in notebook.cells
        for inside, line in _lines(cell, markers)
        if not inside
    }


def find_leak(text: str, secret: set[str], public: set[str]) -> str | None:
    """Return a line of a solution that is left in a text, if there is one.

    One line that stands in solutions only is a leak. So are several that also stand in public: a
    solution may share a line with a stub or with the handout by chance, but not three.
    """
    shared = sorted({line.strip() for line in text.splitlines()} & secret)
    only_secret = [line for line in shared if line not in public]
    if only_secret:
        return only_secret[0]
    return shared[0] if len(shared) >= TELLING_LINES else None


def leak_problems(notebook: Any, secret: set[str], public: set[str], path: Path) -> list[str]:
    """Return the cells of a released notebook with a part of a solution, or with outputs."""
    problems = []
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"{path.name}, cell {number} ({_name(cell)})"
        leak = find_leak(cell.source, secret, public)
        if leak:
            problems.append(f"{where}: a line of a solution is left: {leak!r}")
        if cell.get("outputs"):
            problems.append(f"{where}: has outputs")
    return problems


def _lines(cell: Any, markers: Markers) -> Iterator[tuple[bool, str]]:
    inside = False
    for line in cell.source.splitlines():
        text = line.strip()
        if text in markers.pairs:
            inside = True
        elif text in markers.ends:
            inside = False
        else:
            yield inside, line


def _name(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", "no grade_id"))
