"""The student's own code beside a finding: which lines to show, and which one to point to."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping

from autograder.model import Diagnosis, Record

MAX_LINES = 40
MAX_CHARACTERS = 300
MAX_PARSED = 200_000
"""Characters of a cell beyond which it is shown and not parsed."""
CONTEXT = 6

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Line(Record, frozen=True):
    """One line of code, with its number in the cell."""

    number: int
    text: str
    marked: bool = False


class Excerpt(Record, frozen=True):
    """Some lines of one code cell; ``cell`` counts from 0."""

    title: str
    cell: int
    lines: tuple[Line, ...]


def locate(cells: Mapping[int, str], diagnosis: Diagnosis) -> Excerpt | None:
    """Return the code that a finding is about: the line it names, else the class of its rule."""
    cell, line = diagnosis.cell, diagnosis.line
    if cell in cells and cell is not None and line is not None:
        count = len(cells[cell].splitlines())
        if 1 <= line <= count:
            first, last = _around(cells[cell], line)
            return _excerpt(cells[cell], cell, first, last, line, f"line {line}")
    return define(cells, diagnosis.rule) if diagnosis.rule else None


def define(cells: Mapping[int, str], name: str) -> Excerpt | None:
    """Return the last definition of a class or function, whatever its capitals, if there is one."""
    for cell in sorted(cells, reverse=True):
        found = [node for node in _definitions(cells[cell]) if node.name.lower() == name.lower()]
        if found:
            node = found[-1]
            last = node.end_lineno or node.lineno
            return _excerpt(cells[cell], cell, node.lineno, last, node.lineno, node.name)
    return None


def _around(source: str, line: int) -> tuple[int, int]:
    """Return the smallest definition around a line that is not too long, else some lines."""
    best = (max(1, line - CONTEXT), line + CONTEXT)
    inside = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in _definitions(source)
        if node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    # From the outermost inwards: a whole class says more than one of its methods.
    for first, last in sorted(inside, key=lambda span: span[0] - span[1]):
        if last - first < MAX_LINES:
            return first, last
    return best


def _excerpt(source: str, cell: int, first: int, last: int, marked: int, title: str) -> Excerpt:
    texts = source.splitlines()
    last = min(last, first + MAX_LINES - 1, len(texts))
    return Excerpt(
        title=title,
        cell=cell,
        lines=tuple(
            Line(number=number, text=_bounded(texts[number - 1]), marked=number == marked)
            for number in range(first, last + 1)
        ),
    )


def _bounded(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"


def _definitions(source: str) -> list[Definition]:
    """Return classes and functions in order; none for a cell that is no Python."""
    if len(source) > MAX_PARSED:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the student's strings
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = [node for node in ast.walk(tree) if isinstance(node, Definition)]
    return sorted(found, key=lambda node: node.lineno)
