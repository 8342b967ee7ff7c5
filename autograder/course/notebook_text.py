"""The instructor's notebook, made from the py:percent text that people review and edit.

The text says where something stands that config.yaml decides. ``@@title@@``, ``@@course@@``,
``@@points NAME@@`` and ``@@pass CHECKPOINT@@`` stand for what it says. ``@@if NAME@@ …`` up to
``@@else@@`` or ``@@end@@`` is there only if a part, a check or a question is; so is a cell with
``with="NAME"`` beside its marker. In code each stands in a comment of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from autograder.config import Config
from autograder.model import Record
from autograder.reports.text import points

GOES_ON = "raises-exception"
FOUNDATIONS = frozenset({"setup", "check_helpers", "numerical_gradient"})
"""What all later cells need: without it, Run All has nothing to go on for."""
MARK = "autograder"
"""Where a generated notebook's metadata say what it was made from."""
_TAG = re.compile(r"@@([^@\n]{1,80})@@")
_ALONE = re.compile(r"(?m)^[ \t]*(?:# )?(@@(?:if [^@\n]{1,60}|else|end)@@)[ \t]*\n")


class Text(Record, frozen=True):
    """A notebook made from its text.

    Attributes
    ----------
    notebook
        nbformat's node, version 4.5.
    problems
        What in the text does not fit, each with the cell in which it stands.
    left_out
        Graded cells that config.yaml does not have.
    """

    notebook: Any
    problems: tuple[str, ...]
    left_out: tuple[str, ...]


def make_notebook(text: str, config: Config, known: Collection[str] = ()) -> Text:
    """Turn py:percent text into a notebook with stable cell ids, as the course wants it.

    The same text and configuration give the same bytes: cell ids are the grade ids, or a running
    number. Cells that check or show something may fail without stopping Run All.

    Parameters
    ----------
    known
        Names of checks that the course has, and may leave out.
    """
    import jupytext
    import nbformat

    notebook = jupytext.reads(text, fmt="py:percent")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.startswith("# %%")]
    own = {cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in notebook.cells}
    course = _Course(config, {*known, *own})
    problems: list[str] = []
    left_out: list[str] = []
    cells = []
    for number, cell in enumerate(notebook.cells):
        marks = cell.metadata.get("nbgrader", {})
        cell.id = marks.get("grade_id", f"cell-{number:03d}")
        where = f"cell {cell.id}" if "grade_id" in marks else "a cell"
        if len(lines) == len(notebook.cells):
            where += f" from line {lines[number]}"

        def wrong(what: str, where: str = where) -> None:
            problems.append(f"{where}: {what}")

        if not all(course.has(name, wrong) for name in cell.metadata.pop("with", "").split()):
            continue
        cell.source = course.fill(cell.source, wrong)
        if marks.get("grade") and not course.grade(marks, wrong):
            left_out.append(cell.id)
            continue
        if _may_fail(cell):
            cell.metadata["tags"] = [GOES_ON]
        # What jupytext notes about the text form means nothing inside the notebook.
        cell.metadata.pop("lines_to_next_cell", None)
        cells.append(cell)
    notebook.cells = cells
    notebook.metadata.pop("jupytext", None)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return Text(notebook, tuple(problems), tuple(left_out))


class _Course:
    """What config.yaml says of the names that a text may use."""

    def __init__(self, config: Config, known: Collection[str]) -> None:
        self._config = config
        shown = {check.id for check in config.all_checks + config.practice}
        written = {one.cell for one in config.written}
        extra = {check.id for check in config.stretch}
        self._on = shown | written
        self._on |= {name for name, part in (("stretch", extra), ("written", written)) if part}
        self._known = {*known, *self._on, "stretch", "written"}
        self._known |= {check.id for check in config.ungraded}
        self._points = {check.id: check.points for check in config.all_checks}
        self._points |= {one.cell: one.points for one in config.written}
        self._points |= dict.fromkeys((check.id for check in config.practice), 0)
        for checkpoint in config.checkpoints:
            own = [one.points for one in config.checks if one.checkpoint == checkpoint.id]
            self._points[checkpoint.id] = sum(own)
        self._points["stretch"] = sum(check.points for check in config.stretch)
        self._points["written"] = sum(one.points for one in config.written)
        self._marks = {one.id: one.pass_at for one in config.checkpoints}

    def has(self, name: str, wrong: Callable[[str], None]) -> bool:
        """Tell whether a part, a check or a question is there."""
        if name not in self._known:
            wrong(f"no part, check or question is called {name!r}")
        return name in self._on

    def fill(self, source: str, wrong: Callable[[str], None]) -> str:
        """Return a cell's text with what config.yaml says in it."""
        if "@@" not in source:
            return source
        source = _ALONE.sub(r"\1", source if source.endswith("\n") else f"{source}\n")
        written: list[str] = []
        shown = [True]
        parts = _TAG.split(source)
        for place, part in enumerate(parts):
            if place % 2 == 0:
                if all(shown):
                    written.append(part)
                continue
            word, _, name = part.partition(" ")
            if word == "if":
                shown.append(self.has(name, wrong))
            elif word in {"else", "end"} and len(shown) == 1:
                wrong(f"@@{word}@@ without @@if …@@ before it")
            elif word == "else":
                shown[-1] = not shown[-1]
            elif word == "end":
                shown.pop()
            elif all(shown):
                written.append(self._value(word, name, wrong))
        if len(shown) > 1:
            wrong("@@if …@@ without @@end@@ after it")
        return "".join(written).removesuffix("\n")

    def _value(self, word: str, name: str, wrong: Callable[[str], None]) -> str:
        if word in {"title", "course"} and not name:
            return self._config.shown_title if word == "title" else self._config.course
        if word == "points" and name in self._points:
            return points(self._points[name])
        if word == "pass" and name in self._marks:
            return f"{100 * self._marks[name]:g} %"
        wrong(f"config.yaml has nothing for @@{f'{word} {name}'.strip()}@@")
        return ""

    def grade(self, marks: Any, wrong: Callable[[str], None]) -> bool:
        """Give a graded cell the points of config.yaml; tell whether the course has the cell."""
        name, config = marks["grade_id"], self._config
        by_hand = bool(marks.get("solution"))
        wanted = {one.cell: one.points for one in config.written} if by_hand else config.cell_points
        if name in wanted:
            said = marks.get("points")
            if said is not None and float(said) != wanted[name]:
                wrong(
                    f"the text says {points(float(said))} points, config.yaml says "
                    f"{points(wanted[name])}: take them out of the text"
                )
            marks["points"] = int(wanted[name]) if wanted[name] % 1 == 0 else wanted[name]
            return True
        if not by_hand and name in {check.cell for check in config.practice}:
            marks.pop("points", None)
            marks["grade"] = False
            return True
        return False


def _may_fail(cell: Any) -> bool:
    """Tell whether a cell only shows or checks what the student's cells define."""
    marks = cell.metadata.get("nbgrader", {})
    written_by_students = marks.get("solution", False)
    return (
        cell.cell_type == "code"
        and not written_by_students
        and marks.get("grade_id") not in FOUNDATIONS
    )


def digest_of_cells(notebook: Any) -> str:
    """Return the digest of what a person edits in a notebook: neither outputs nor counters."""
    cells = [
        (cell.cell_type, cell.source, msgspec.to_builtins(cell.metadata.get("nbgrader", {})))
        for cell in notebook.cells
    ]
    encoded = msgspec.json.encode(cells, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:16]


def written_by_us(notebook: Any) -> bool:
    """Tell whether a notebook is as it was generated, and nobody has edited it since."""
    made = notebook.metadata.get(MARK, {})
    return bool(made) and made.get("cells") == digest_of_cells(notebook)


def as_json(text: Text, name: str) -> str:
    """Return the notebook's file; it says from which text it was made."""
    import nbformat

    notebook = text.notebook
    notebook.metadata[MARK] = {"made_from": name, "cells": digest_of_cells(notebook)}
    return str(nbformat.writes(notebook)) + "\n"
