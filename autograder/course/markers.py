"""Solution markers: nbgrader publishes what a misspelt marker was meant to hide."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.errors import ReleaseRefused

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
PAIRS = {
    BEGIN: END,
    "### BEGIN HIDDEN TESTS": "### END HIDDEN TESTS",
    "=== BEGIN MARK SCHEME ===": "=== END MARK SCHEME ===",
}
_ENDS = {end: begin for begin, end in PAIRS.items()}
_SIMILARITY = 0.72
MIN_SECRET_LENGTH = 12
TELLING_LINES = 3


def check_markers(notebook: Any, path: Path) -> None:
    """Refuse a marker that is misspelt, unbalanced, nested, or in a cell without a solution.

    Raises
    ------
    ReleaseRefused
        Naming the cell and the line.
    """
    for number, cell in enumerate(notebook.cells, start=1):
        opened: str | None = None
        for line_number, line in enumerate(cell.source.splitlines(), start=1):
            where = f"{path.name}, cell {number} ({_name(cell)}), line {line_number}"
            text = line.strip()
            if text in PAIRS:
                if opened:
                    raise ReleaseRefused(f"{where}: {text!r} inside {opened!r}")
                opened = text
            elif text in _ENDS:
                if opened != _ENDS[text]:
                    raise ReleaseRefused(f"{where}: {text!r} without {_ENDS[text]!r} before it")
                opened = None
            elif _looks_like_a_marker(text):
                raise ReleaseRefused(
                    f"{where}: {text!r} looks like a marker but is none",
                    f"nbgrader knows {BEGIN!r} and {END!r}, each alone on its line.",
                )
        if opened:
            raise ReleaseRefused(
                f"{path.name}, cell {number} ({_name(cell)}): {opened!r} is never closed"
            )


def _looks_like_a_marker(text: str) -> bool:
    if not (text.startswith(("#", "=")) or text.isupper()):
        return False
    words = re.sub(r"[^a-z ]", " ", text.lower()).split()
    if not 1 <= len(words) <= 5:
        return False
    squeezed = "".join(words)
    return any(
        difflib.SequenceMatcher(None, squeezed, re.sub(r"[^a-z]", "", marker.lower())).ratio()
        >= _SIMILARITY
        for marker in (*PAIRS, *_ENDS)
    )


def solution_lines(notebook: Any) -> set[str]:
    """Return the lines inside markers that are long enough to be telling."""
    return {
        line.strip()
        for cell in notebook.cells
        for inside, line in _lines(cell)
        if inside and len(line.strip()) >= MIN_SECRET_LENGTH
    }


def public_lines(notebook: Any) -> set[str]:
    """Return the lines outside markers, which students are meant to see."""
    return {line.strip() for cell in notebook.cells for inside, line in _lines(cell) if not inside}


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


def check_nothing_leaked(notebook: Any, secret: set[str], public: set[str], path: Path) -> None:
    """Refuse a released notebook in which a part of a solution, or an output, is left."""
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"{path.name}, cell {number} ({_name(cell)})"
        leak = find_leak(cell.source, secret, public)
        if leak:
            raise ReleaseRefused(f"{where}: a line of a solution is left: {leak!r}")
        if cell.get("outputs"):
            raise ReleaseRefused(f"{where}: has outputs")


def _lines(cell: Any) -> Iterator[tuple[bool, str]]:
    inside = False
    for line in cell.source.splitlines():
        text = line.strip()
        if text in PAIRS:
            inside = True
        elif text in _ENDS:
            inside = False
        else:
            yield inside, line


def _name(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", "no grade_id"))
