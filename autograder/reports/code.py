"""The student's own code beside a finding: which lines to show, and which one to point to."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from functools import cached_property

from autograder.model import Diagnosis, Record

MAX_LINES = 40
MAX_CHARACTERS = 300
MAX_PARSED = 200_000
"""Characters of a cell beyond which it is shown and not parsed."""
CONTEXT = 6

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


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

    def unmarked(self) -> Excerpt:
        """Return the same lines with no mark: code that a finding passes through."""
        plain = tuple(Line(number=line.number, text=line.text) for line in self.lines)
        return Excerpt(title=self.title, cell=self.cell, lines=plain)


class Code:
    """A submission's code cells by number, each parsed once and never run."""

    def __init__(self, cells: Mapping[int, str]) -> None:
        self._cells = cells

    @cached_property
    def _definitions(self) -> dict[int, list[Definition]]:
        return {number: _parse(source) for number, source in self._cells.items()}

    def locate(self, diagnosis: Diagnosis) -> Excerpt | None:
        """Return the code that a finding is about: its line, else the class of its rule."""
        cell, line = diagnosis.cell, diagnosis.line
        if cell is None or line is None or cell not in self._cells:
            return self.define(diagnosis.rule)
        if not 1 <= line <= len(self._cells[cell].splitlines()):
            return self.define(diagnosis.rule)
        first, last = self._around(cell, line)
        return self._excerpt(cell, first, last, line, f"line {line}")

    def define(self, name: str) -> Excerpt | None:
        """Return the last class or function of a name, in capitals or not, if there is one."""
        name = name.rpartition(".")[2]
        for cell in sorted(self._definitions, reverse=True):
            for node in reversed(self._definitions[cell]):
                if node.name.lower() == name.lower():
                    last = node.end_lineno or node.lineno
                    return self._excerpt(cell, node.lineno, last, node.lineno, node.name)
        return None

    def _around(self, cell: int, line: int) -> tuple[int, int]:
        """Return the largest definition around a line that is not too long, else some lines."""
        spans = [(node.lineno, node.end_lineno or node.lineno) for node in self._definitions[cell]]
        inside = [
            (first, last)
            for first, last in spans
            if first <= line <= last and last - first < MAX_LINES
        ]
        near = (max(1, line - CONTEXT), line + CONTEXT)
        return max(inside, key=lambda span: span[1] - span[0], default=near)

    def _excerpt(self, cell: int, first: int, last: int, marked: int, title: str) -> Excerpt:
        texts = self._cells[cell].splitlines()
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


def _parse(source: str) -> list[Definition]:
    """Return classes and functions in order; none for a cell that is no Python."""
    if len(source) > MAX_PARSED:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the student's strings
            tree = ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = [node for node in ast.walk(tree) if isinstance(node, Definition)]
    return sorted(found, key=lambda node: node.lineno)
