"""Cells that belong to the assignment: what of a submission is one of them, and what runs for it.

A notebook loses cells of the assignment in many ways: one becomes Markdown, is emptied, deleted, or
loses its metadata. The submission's own text runs wherever it is. The released text of a locked
cell takes its place where it is gone, and runs after it where a statement of it is lost.

The released text of a solution cell never runs: it is a stub, which could replace what the student
has defined elsewhere, and a notebook without it runs in Jupyter without it too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from autograder.cells import Cell
from autograder.errors import SubmissionError
from autograder.model import Record
from autograder.submission.document import Document, NotebookCell
from autograder.submission.load import Submission, load_submission, shown_document

Change = Literal["", "retyped", "put-back", "absent"]

_DEFINED = re.compile(
    r"(?m)^(?:class|(?:async[ \t]+)?def)[ \t]+([A-Za-z_]\w*)|^([A-Za-z_]\w*)[ \t]*="
)
"""The names that top-level statements bind, as far as a look at their first words tells."""


class Placed(Record, frozen=True):
    """One cell of a submission, or one that it lacks, at its place.

    Attributes
    ----------
    cell
        As it is treated: a code cell of the assignment is code, whatever it had become.
    name
        Of the cell of the assignment that it is; empty for the student's own cells.
    change
        What happened to it: ``put-back`` is a locked cell that runs as it was released, ``absent``
        one that is not there and does not run.
    index
        Its number among the code cells of the file; what else runs has later numbers.
    """

    cell: NotebookCell
    name: str = ""
    change: Change = ""
    runs: bool = False
    index: int = -1


class Known:
    """The released notebook's cells.

    Parameters
    ----------
    released
        All of them, in order; those with a grade id are known.
    """

    def __init__(self, released: Sequence[NotebookCell] = ()) -> None:
        self.released = tuple(released)
        self.cells = {cell.grade_id: cell for cell in released if cell.grade_id}
        self._by_name = _first_places(cell.grade_id for cell in released)
        self._by_id = _first_places(cell.id for cell in released)

    @cached_property
    def lines(self) -> frozenset[str]:
        """Every line of the release, without the white space around it."""
        return frozenset(
            line.strip() for cell in self.released for line in cell.source.splitlines()
        )

    def matches(self, document: Document) -> list[int]:
        """Return the place in the release of each cell, or -1 for the student's own.

        A cell is known by its grade id; one that has lost its metadata by its own id; and one that
        has lost that too by its text, if the release has the same.
        """
        found = [self._by_name.get(cell.grade_id, -1) for cell in document]
        self._match(document, found, lambda cell: self._by_id.get(cell.id, -1))
        texts: dict[str, list[int]] = {}
        for place in sorted(set(range(len(self.released))) - set(found), reverse=True):
            texts.setdefault(self.released[place].source.strip(), []).append(place)
        self._match(
            document,
            found,
            lambda cell: places.pop() if (places := texts.get(cell.source.strip())) else -1,
        )
        return found

    @staticmethod
    def _match(
        document: Document, found: list[int], look_up: Callable[[NotebookCell], int]
    ) -> None:
        """Find the place of cells that have none, and no grade id; the first one has it."""
        taken = set(found)
        for number, cell in enumerate(document):
            if found[number] < 0 and not cell.grade_id:
                place = look_up(cell)
                if place not in taken:
                    found[number] = place
                    taken.add(place)

    def place(self, document: Document) -> tuple[Placed, ...]:
        """Return the cells of a submission, and in their places those that it lacks."""
        matches = self.matches(document)
        elsewhere = _definitions(cell for cell in document if cell.cell_type == "code")
        own = [
            self._placed(cell, self.released[place].grade_id if place >= 0 else "", elsewhere)
            for cell, place in zip(document, matches, strict=True)
        ]
        numbers = itertools.count()
        own = [
            replace(one, index=next(numbers)) if cell.cell_type == "code" else one
            for one, cell in zip(own, document, strict=True)
        ]
        return tuple(
            replace(one, index=next(numbers)) if one.runs and one.index < 0 else one
            for one in self._with_absent(own, matches)
        )

    def _placed(self, cell: NotebookCell, name: str, elsewhere: frozenset[str]) -> Placed:
        known = self.cells.get(name)
        if known is None:
            return Placed(cell=cell, runs=cell.cell_type == "code")
        if known.cell_type != "code":  # an answer in a cell that became code is no code
            return Placed(cell=cell, name=name)
        if _is_locked_code(known) and not _has_code(cell.source):
            return Placed(cell=known, name=name, change="put-back", runs=True)
        if cell.cell_type == "code":
            return Placed(cell=cell, name=name, runs=True)
        if known.grade or not (known.locked or _definitions([cell]) - elsewhere):
            return Placed(cell=cell, name=name)  # a check; or another cell defines the same
        return Placed(cell=replace(cell, cell_type="code"), name=name, change="retyped", runs=True)

    def _with_absent(self, own: Sequence[Placed], matches: Sequence[int]) -> list[Placed]:
        """Put what is missing before the next cell of the release that is there."""
        there = set(matches) - {-1}
        runs = any(self.released[place].grade_id for place in there)
        before: dict[int, list[Placed]] = {}
        top: list[Placed] = []
        waiting: list[Placed] = []
        code_before = False
        for place, known in enumerate(self.released):
            if place in there:
                before[place], waiting = waiting, []
                code_before = code_before or known.cell_type == "code"
            elif known.grade_id:
                change: Change = "put-back" if runs and _is_locked_code(known) else "absent"
                one = Placed(
                    cell=known, name=known.grade_id, change=change, runs=change == "put-back"
                )
                # What later cells of the student's bind wins over what the first cells did.
                (waiting if code_before or change == "absent" else top).append(one)
        result = top
        for one, place in zip(own, matches, strict=True):
            result += before.pop(place, [])
            result.append(one)
        return [*result, *waiting]

    def cells_to_run(self, document: Document) -> tuple[Cell, ...]:
        """Return what of a submission runs, in order."""
        running = [one for one in self.place(document) if one.runs and one.cell.source.strip()]
        cells: list[Cell] = []
        following = ""
        for one in reversed(running):
            cell = self._cell(one)
            if one.change != "put-back":
                following = cell.source
            else:
                cell = _imports_left_to(cell, following)
                following = following if _only_defines(cell.source) else ""
            cells.insert(0, cell)
        return tuple(cells)

    def _cell(self, one: Placed) -> Cell:
        known = self.cells.get(one.name)
        damaged = known is not None and _is_locked_code(known) and one.change != "put-back"
        fallback = known.source if known is not None and damaged else ""
        return Cell(
            index=one.index,
            source=one.cell.source,
            fallback=fallback if fallback != one.cell.source else "",
            known=one.name,
            change=one.change,
        )


def read_known(path: Path) -> Known:
    """Return the cells of a released notebook; none where there is no such file."""
    return Known(cells_of(path)) if path.is_file() else Known()


def mended(submission: Submission, document: Document, known: Known) -> Submission:
    """Return the submission with what runs for the cells of the assignment."""
    if submission.script or not known.cells:
        return submission
    return replace(submission, cells=known.cells_to_run(document))


def cells_of(path: Path) -> Document:
    """Return all cells of a hand-in; none of a file that cannot be read."""
    try:
        return shown_document(load_submission(path))
    except SubmissionError:
        return ()


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts differ in white space at most."""
    return one.split() == other.split()


def _is_locked_code(known: NotebookCell) -> bool:
    """Tell a cell that prepares something, as its author wrote it, from stubs and checks."""
    return known.cell_type == "code" and known.locked and not known.grade and not known.solution


def _imports_left_to(cell: Cell, following: str) -> Cell:
    """Return a cell that is put back without the imports that the student's next one has too.

    Where that reloads a module of the handout first, they would come too early here.
    """
    theirs = {line.rstrip() for line in following.splitlines()}
    again = {
        line for line in theirs if line.startswith(("import ", "from ")) and line[-1] not in "(\\"
    }
    lines = [line for line in cell.source.splitlines() if line.rstrip() not in again]
    return replace(cell, source="\n".join(lines) or "pass")


def _only_defines(source: str) -> bool:
    """Tell whether running a cell uses no name that another cell must bind first.

    Defaults and annotations of a function would be worked out at once.
    """
    starts = ("import ", "from ", "#", " ", "\t", "pass")
    return all(
        line.startswith(starts)
        or (line.startswith("def ") and line.find(":") == len(line) - 1 and "=" not in line)
        for line in source.splitlines()
        if line
    )


def _has_code(source: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in source.splitlines())


def _definitions(cells: Iterable[NotebookCell]) -> frozenset[str]:
    return frozenset(
        name for cell in cells for found in _DEFINED.findall(cell.source) for name in found if name
    )


def _first_places(names: Iterable[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if name:
            places.setdefault(name, place)
    return places
