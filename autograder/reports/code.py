"""The student's own code beside a finding: which lines to show, and which one to point to."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from functools import cached_property

from autograder.model import Diagnosis, Record

MAX_LINES = 40
MAX_CHARACTERS = 300
MAX_CELL = 100_000
"""Characters of a cell beyond which nothing of it is looked at."""
MAX_CODE = 400_000
"""Characters of a submission beyond which no further cell is looked at."""
CONTEXT = 6

Span = tuple[str, int, int]
"""A class or a function: its name, its first and its last line."""


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
    """A submission's code cells by number, each parsed at most once and never run.

    Attributes
    ----------
    unread
        Numbers of the cells that are too long to be looked at, and so shown nowhere.
    """

    def __init__(self, cells: Mapping[int, str]) -> None:
        self._lines: dict[int, list[str]] = {}
        self.unread: tuple[int, ...] = ()
        left = MAX_CODE
        for number, source in sorted(cells.items()):
            if len(source) > min(left, MAX_CELL):
                self.unread += (number,)
            else:
                left -= len(source)
                self._lines[number] = _lines(source)

    @cached_property
    def _definitions(self) -> dict[int, list[Span]]:
        return {number: _parse(lines) for number, lines in self._lines.items()}

    @cached_property
    def _latest(self) -> dict[str, tuple[int, Span]]:
        """The last definition of each name, in small letters, with its cell."""
        return {
            span[0].lower(): (cell, span)
            for cell, spans in self._definitions.items()
            for span in spans
        }

    def locate(self, diagnosis: Diagnosis) -> Excerpt | None:
        """Return the code that a finding is about: its line, else the class of its rule."""
        cell, line = diagnosis.cell, diagnosis.line
        if cell is None or line is None or cell not in self._lines:
            return self.define(diagnosis.rule)
        if not 1 <= line <= len(self._lines[cell]):
            return self.define(diagnosis.rule)
        first, last = self._around(cell, line)
        return self._excerpt(cell, first, last, line, f"line {line}")

    def define(self, name: str) -> Excerpt | None:
        """Return the last class or function of a name, in capitals or not, if there is one."""
        name = name.rpartition(".")[2]
        if name.lower() not in self._latest:
            return None
        cell, (found, first, last) = self._latest[name.lower()]
        return self._excerpt(cell, first, last, first, found)

    def _around(self, cell: int, line: int) -> tuple[int, int]:
        """Return the largest definition around a line that is not too long, else some lines."""
        inside = [
            (first, last)
            for _, first, last in self._definitions[cell]
            if first <= line <= last and last - first < MAX_LINES
        ]
        near = (max(1, line - CONTEXT), line + CONTEXT)
        return max(inside, key=lambda span: span[1] - span[0], default=near)

    def _excerpt(self, cell: int, first: int, last: int, marked: int, title: str) -> Excerpt:
        texts = self._lines[cell]
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


def _lines(source: str) -> list[str]:
    """Split a cell where Python counts a line, which is not where ``splitlines`` does."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def _parse(lines: list[str]) -> list[Span]:
    """Return classes and functions in order; none for a cell that is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the student's strings
            tree = ast.parse("\n".join(map(_without_magic, lines)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    # Only names and lines are kept: the trees of all cells would take a hundred times their text.
    found = [
        (_name(node), node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return sorted(found, key=lambda span: span[1])


def _name(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return a name, or the class into which a decorator such as ``@method_of(Mul)`` puts it."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and len(decorator.args) == 1:
            owner = decorator.args[0]
            if isinstance(owner, ast.Name) and owner.id[:1].isupper() and owner.id != "Tensor":
                return owner.id
    return node.name


def _without_magic(line: str) -> str:
    """Return a line of Python in place of a magic or a shell line."""
    text = line.lstrip()
    return line[: len(line) - len(text)] + "pass" if text.startswith(("%", "!")) else line
