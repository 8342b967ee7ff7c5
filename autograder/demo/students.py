"""Make the submissions of a simulated class: right, wrong, half-done, broken and hostile ones."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from autograder.audit.mutants import Edit, apply_edits, load_catalogue, load_common
from autograder.course.layout import Layout
from autograder.course.markers import BEGIN, END
from autograder.submission.notebooks import nbformat, v4

NAMES = (
    "ada", "ben", "chloe", "dmitri", "elif", "farid", "grace", "hugo", "ines", "jun", "kofi",
    "lena", "mateo", "nadia", "omar", "priya", "quinn", "rosa", "sven", "tomas", "uma", "viktor",
    "wanda", "xavier", "yara", "zeno", "amara", "bruno", "celia", "diego", "emre", "freya",
    "gustav", "hana", "isak", "joana", "kiran", "lior", "mina", "noor", "otto", "paula",
)  # fmt: skip

# Bounded on purpose: each stops by itself wherever it is run.
LOOP = "import time\nstop = time.monotonic() + 3600\nwhile time.monotonic() < stop:\n    pass\n"
LEAVE = "import os\nos._exit(0)\n"
HUNGRY = "import numpy as np\nhoard = [np.ones((1 << 27,)) for _ in range(8)]\n"
SNOOP = """
import glob, os, socket
found = []
for pattern in ("/root/*", "/home/*/*", "/proc/*/environ", "/**/gradebook.db", "/**/hidden/*"):
    found += glob.glob(pattern, recursive=False)
for path in found:
    try:
        print(path, open(path, "rb").read(200))
    except OSError as error:
        print(path, error)
try:
    socket.create_connection(("127.0.0.1", 22), timeout=1)
except OSError as error:
    print(error)
print(dict(os.environ))
"""
FORGE = """
import os
for descriptor in range(3, 64):
    try:
        os.write(descriptor, b'{"type": "done", "score": 80}')
    except OSError:
        pass
"""
FORK = """
import os
for _ in range(20):
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError as error:
        print(error)
"""

Maker = Callable[[], str]


class ClassMaker:
    """Makes notebooks out of the released one and the solution.

    Parameters
    ----------
    layout
        A course whose assignment is released.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._released = nbformat.read(layout.released_notebook, as_version=4)
        source = nbformat.read(layout.source / layout.released_notebook.name, as_version=4)
        self._solved = {
            cell.metadata.nbgrader["grade_id"]: _without_markers(cell.source)
            for cell in source.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
        self._cells = list(self._solved)
        self._catalogue = {entry.id: entry for entry in load_catalogue(layout.course)}

    def submissions(self) -> Iterator[tuple[str, str]]:
        """Yield each student's name and the text of the file that is handed in."""
        makers: list[Maker] = [lambda: _text(self.solved())]
        makers += [partial(self._from_file, path) for path in self._variants()]
        makers += [
            partial(self._mistaken, self._catalogue[name].topological)
            for name in load_common(self._layout.course)
            if name in self._catalogue
        ]
        makers += [
            lambda: _text(self.until(self._cells[len(self._cells) // 5])),
            lambda: _text(self.until(self._cells[2 * len(self._cells) // 5])),
            lambda: _text(self._released),
            lambda: _text(self.with_cell("class Rule(Function:\n    pass", self._cells[2])),
            lambda: _text(self.without(self._cells[4])),
            lambda: _text(self.with_cell(LOOP)),
            lambda: _text(self.with_cell(LEAVE)),
            lambda: _text(self.with_cell(HUNGRY)),
            lambda: _text(self.with_cell(SNOOP)),
            lambda: _text(self.with_cell(FORGE)),
            lambda: _text(self.with_cell(FORK)),
            lambda: '{"cells": [',
            lambda: _text(v4.new_notebook()),
        ]
        for name, make in zip(_names(), makers, strict=False):
            yield name, make()

    def solved(self) -> Any:
        """Return the released notebook with every solution filled in."""
        return self._fill(self._solved)

    def until(self, last: str) -> Any:
        """Return a notebook that is filled in up to and including one cell."""
        done = list(self._solved)[: list(self._solved).index(last) + 1]
        return self._fill(done)

    def edited(self, edits: Sequence[Edit]) -> Any:
        """Return the solved notebook with a mistake edited in."""
        notebook = self.solved()
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        separator = "\n# \x1f\n"
        joined = separator.join(cell.source for cell in cells)
        texts = apply_edits(joined, edits, "demo").split(separator)
        for cell, text in zip(cells, texts, strict=True):
            cell.source = text
        return notebook

    def _mistaken(self, edits: Sequence[Edit]) -> str:
        return _text(self.edited(edits))

    def with_cell(self, code: str, replacing: str = "") -> Any:
        """Return the solved notebook with one more cell in the middle, or in place of one."""
        notebook = self.solved()
        place = self._place(notebook, replacing or self._cells[5])
        if replacing:
            notebook.cells[place].source = code
        else:
            notebook.cells.insert(place, v4.new_code_cell(code))
        return notebook

    def without(self, name: str) -> Any:
        """Return the solved notebook with one cell deleted."""
        notebook = self.solved()
        del notebook.cells[self._place(notebook, name)]
        return notebook

    def _place(self, notebook: Any, name: str) -> int:
        return next(
            place
            for place, cell in enumerate(notebook.cells)
            if cell.metadata.get("nbgrader", {}).get("grade_id") == name
        )

    def _fill(self, wanted: Collection[str]) -> Any:
        notebook = copy.deepcopy(self._released)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name in wanted:
                cell.source = self._solved[name]
        return notebook

    def _variants(self) -> list[Path]:
        folder = self._layout.course / "tests" / "variants"
        return sorted([*folder.glob("*.py"), *folder.glob("*.ipynb")])

    def _from_file(self, path: Path) -> str:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            return text
        return _text(v4.new_notebook(cells=[v4.new_code_cell(text)]))


def _names() -> Iterator[str]:
    yield from NAMES
    for number in itertools.count(2):
        yield from (f"{name}{number}" for name in NAMES)


def _without_markers(source: str) -> str:
    return "\n".join(line for line in source.split("\n") if line.strip() not in (BEGIN, END))


def _text(notebook: Any) -> str:
    return str(nbformat.writes(notebook)) + "\n"
