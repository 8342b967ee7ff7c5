"""A notebook that can be changed: cells in a tuple, every change a new one."""

from __future__ import annotations

import ast
import copy
import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from autograder.audit.wild import HandIn

COURSE = Path(__file__).parents[3]
_SAID = yaml.safe_load((COURSE / "config.yaml").read_text(encoding="utf-8"))
ASSIGNMENT = _SAID["assignment"]
STEM = _SAID.get("notebook", ASSIGNMENT)
NAME = f"{STEM}.ipynb"
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
ENDLESS = {"novice.ipynb": "test_stretch"}
"""The check of a submission whose cost doubles with each reuse: it takes as long as a cell may."""


class Missing(LookupError):  # noqa: N818 # it says what is not there
    """A submission has no cell of the kind that a change is about."""


@dataclass(frozen=True)
class Cell:
    """One cell; ``metadata`` and ``outputs`` are not to be changed in place."""

    source: str
    kind: str = "code"
    metadata: dict[str, Any] = field(default_factory=dict)
    outputs: list[Any] = field(default_factory=list)

    @functools.cached_property
    def tree(self) -> ast.Module | None:
        """The cell's syntax, where it is plain Python."""
        try:
            return ast.parse(self.source) if self.kind == "code" else None
        except SyntaxError:
            return None

    @property
    def statements(self) -> list[ast.stmt]:
        """The top-level statements, if it is plain Python."""
        return self.tree.body if self.tree else []

    @property
    def grade_id(self) -> str:
        """The name that nbgrader knows it by."""
        return str(self.metadata.get("nbgrader", {}).get("grade_id", ""))

    @functools.cached_property
    def defined(self) -> set[str]:
        """The names of the classes and functions that it defines at its top."""
        kinds = (ast.ClassDef, ast.FunctionDef)
        return {node.name for node in self.statements if isinstance(node, kinds)}

    @functools.cached_property
    def imports_the_future(self) -> bool:
        """Whether a ``from __future__`` stands in it."""
        return any(map(_of_the_future, self.statements))

    def around(self, before: str = "", after: str = "") -> Cell:
        """Return the cell with text before and after; a future import stays in front."""
        future = [node for node in self.statements if _of_the_future(node)]
        lines = self.source.split("\n")
        place = future[-1].end_lineno if future else 0
        parts = ["\n".join(lines[:place]), before, "\n".join(lines[place:]), after]
        return replace(self, source="\n".join(part for part in parts if part))

    def pieces(self) -> list[str]:
        """Return the cell cut between its top-level statements, comments with what follows them."""
        lines, start, found = self.source.split("\n"), 0, []
        for node, following in zip(self.statements, [*self.statements[1:], None], strict=True):
            if following is not None and _first_line(following) <= (node.end_lineno or 0):
                continue  # a semicolon between them
            found.append("\n".join(lines[start : node.end_lineno]).strip("\n"))
            start = node.end_lineno or start
        rest = "\n".join(lines[start:]).strip("\n")
        return [*found, rest] if rest else found


@dataclass(frozen=True)
class Draft:
    """A notebook."""

    cells: tuple[Cell, ...]
    metadata: dict[str, Any]
    clean: bool
    """Whether all of its code cells run: some correct submissions have cells that do not."""

    @property
    def code(self) -> list[Cell]:
        """The code cells."""
        return [cell for cell in self.cells if cell.kind == "code"]

    def with_cells(self, cells: Iterator[Cell] | list[Cell] | tuple[Cell, ...]) -> Draft:
        """Return the notebook with other cells."""
        return replace(self, cells=tuple(cells))

    def map_code(self, change: Callable[[Cell], Cell]) -> Draft:
        """Return the notebook with each code cell changed."""
        return self.with_cells([change(cell) if cell.kind == "code" else cell
                                for cell in self.cells])  # fmt: skip

    def first(self, *sources: str) -> Draft:
        """Return the notebook with more code cells in front."""
        return self.with_cells((*map(Cell, sources), *self.cells))

    def last(self, *sources: str) -> Draft:
        """Return the notebook with more code cells at its end."""
        return self.with_cells((*self.cells, *map(Cell, sources)))

    def above(self, cell: Cell, *sources: str) -> Draft:
        """Return the notebook with more code cells above one."""
        place = self.cells.index(cell)
        return self.with_cells((*self.cells[:place], *map(Cell, sources), *self.cells[place:]))

    def below(self, cell: Cell, *sources: str) -> Draft:
        """Return the notebook with more code cells below one."""
        place = self.cells.index(cell) + 1
        return self.with_cells((*self.cells[:place], *map(Cell, sources), *self.cells[place:]))

    def swap(self, cell: Cell, *others: Cell) -> Draft:
        """Return the notebook with other cells in the place of one."""
        place = self.cells.index(cell)
        return self.with_cells((*self.cells[:place], *others, *self.cells[place + 1 :]))

    def edit(self, cell: Cell, source: str) -> Draft:
        """Return the notebook with another text in a cell."""
        return self.swap(cell, replace(cell, source=source))

    @functools.cached_property
    def imports(self) -> Cell:
        """The first cell that imports from the handout."""
        for cell in self.code:
            if "tinytorch" in cell.source and cell.statements:
                return cell
        raise Missing("no cell imports from the handout")

    @functools.cached_property
    def rule(self) -> Cell:
        """A cell that defines the rule of an operation, or what stands for it."""
        rules = [cell for cell in self._defining if any("Backward" in n for n in cell.defined)]
        usable = [cell for cell in rules or self._defining if not cell.imports_the_future]
        return usable[len(usable) // 3]

    @functools.cached_property
    def engine(self) -> Cell:
        """The last cell that defines ``enable_autograd``; in an edition without it, ``apply``."""
        for name in ("enable_autograd", "apply"):
            found = [cell for cell in self._defining if name in cell.defined]
            usable = [cell for cell in found if not cell.imports_the_future]
            if usable:
                return usable[-1]
        raise Missing("no cell defines the engine")

    @property
    def _defining(self) -> list[Cell]:
        return [cell for cell in self.code if cell.defined]

    def in_imports(self, before: str = "", after: str = "") -> Draft:
        """Return the notebook with text in the cell of the imports."""
        return self.swap(self.imports, self.imports.around(before, after))

    def in_rule(self, before: str = "", after: str = "") -> Draft:
        """Return the notebook with text in the cell of a rule."""
        return self.swap(self.rule, self.rule.around(before, after))

    def in_engine(self, before: str = "", after: str = "") -> Draft:
        """Return the notebook with text in the cell of ``enable_autograd``."""
        return self.swap(self.engine, self.engine.around(before, after))

    def known(self, grade_id: str) -> Cell | None:
        """Return the cell that nbgrader knows by a name."""
        return next((cell for cell in self.cells if cell.grade_id == grade_id), None)

    def as_json(self, minor: int = 5) -> dict[str, Any]:
        """Return the notebook as Jupyter saves it."""
        cells = []
        for number, cell in enumerate(self.cells):
            saved: dict[str, Any] = {
                "cell_type": cell.kind,
                "metadata": copy.deepcopy(cell.metadata),
                "source": cell.source.splitlines(keepends=True),
            }
            if cell.kind == "code":
                saved |= {"execution_count": None, "outputs": copy.deepcopy(cell.outputs)}
            if minor >= 5:
                saved["id"] = f"cell-{number}"
            cells.append(saved)
        return {
            "cells": cells,
            "metadata": copy.deepcopy(self.metadata),
            "nbformat": 4,
            "nbformat_minor": minor,
        }

    def hand_in(self, name: str = NAME) -> HandIn:
        """Return the notebook as a file."""
        return as_file(self.as_json(), name)

    def script(self) -> str:
        """Return the code cells as one file, with what only IPython reads left out."""
        return "\n\n\n".join(cell.source for cell in self.code if cell.tree) + "\n"


def as_file(notebook: dict[str, Any], name: str = NAME) -> HandIn:
    """Return a notebook's JSON as a file, as Jupyter writes it."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    return HandIn(name, text.encode())


@functools.lru_cache(maxsize=64)
def read(path: Path) -> Draft:
    """Read a correct submission; a ``.py`` becomes the notebook that its author might have had."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return Draft(tuple(_cut(text)), KERNEL, clean=True)
    notebook = json.loads(text)
    cells = [
        Cell(
            source="".join(cell["source"]),
            kind=cell["cell_type"],
            metadata=cell["metadata"],
            outputs=cell.get("outputs", []),
        )
        for cell in notebook["cells"]
    ]
    cells = [cell for cell in cells if cell.grade_id != ENDLESS.get(path.name, "none")]
    return Draft(tuple(cells), notebook["metadata"], clean=_is_clean(cells))


def _is_clean(cells: list[Cell]) -> bool:
    """Tell whether every code cell is Python or a magic: an abandoned one is a sign of more."""
    magic = ("%", "!", "?")
    return all(
        cell.tree or any(line.lstrip().startswith(magic) for line in cell.source.split("\n"))
        for cell in cells
        if cell.kind == "code" and cell.source.strip()
    )


def _cut(text: str) -> Iterator[Cell]:
    """Cut a module into cells: a class or a function each, the statements between them together."""
    whole = Cell(text)
    loose: list[str] = []
    for piece in whole.pieces():
        if Cell(piece).defined:
            if loose:
                yield Cell("\n".join(loose))
            loose = []
            yield Cell(piece)
        else:
            loose.append(piece)
    if loose:
        yield Cell("\n".join(loose))


def _of_the_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])
