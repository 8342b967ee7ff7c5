"""The notebook that formgrader shows: the student's, with our cells as they were released.

Outputs are dropped, since they are the student's HTML in the instructor's browser. Each check cell
gets our result as its output instead.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from autograder.submission.load import encodable


class Template:
    """The released notebook, read once for the whole class."""

    def __init__(self, released: Path) -> None:
        self.notebook = nbformat.read(released, as_version=4)
        self.cells: dict[str, Any] = {
            cell.metadata.nbgrader["grade_id"]: cell
            for cell in self.notebook.cells
            if "nbgrader" in cell.metadata
        }
        self.solution_before = self._solutions_before_checks()

    def _solutions_before_checks(self) -> dict[str, str]:
        """Return, for each check cell, the solution cell it follows, where comments show."""
        found: dict[str, str] = {}
        latest = ""
        for cell in self.notebook.cells:
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("solution") and not meta.get("grade"):
                latest = meta["grade_id"]
            elif meta.get("grade") and latest:
                found[meta["grade_id"]] = latest
        return found

    def answered(self, submitted: Any) -> dict[str, bool]:
        """Return which hand-graded cells differ from the released ones."""
        sources = {
            cell.metadata.nbgrader.get("grade_id"): cell.source
            for cell in submitted.cells
            if isinstance(cell.metadata.get("nbgrader"), dict)
        }
        return {
            name: sources.get(name, cell.source).strip() != cell.source.strip()
            for name, cell in self.cells.items()
            if cell.metadata.nbgrader["grade"] and cell.metadata.nbgrader["solution"]
        }

    def questions(self) -> dict[str, str]:
        """Return the title of each hand-graded question: the last heading above its answer."""
        titles: dict[str, str] = {}
        heading = ""
        for cell in self.notebook.cells:
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("grade") and meta.get("solution"):
                titles[meta["grade_id"]] = heading or meta["grade_id"]
            elif cell.cell_type == "markdown":
                lines = [line for line in cell.source.splitlines() if line.startswith("#")]
                heading = lines[-1].lstrip("# ") if lines else heading
        return titles

    def restore(self, submitted: Any, reports: Mapping[str, str]) -> Any:
        """Return the submitted notebook with locked cells restored and reports as outputs.

        Parameters
        ----------
        submitted
            The student's notebook.
        reports
            Text for each check cell, by its grade id.
        """
        cells, present = [], set()
        for cell in submitted.cells:
            name = _grade_id(cell)
            if name in self.cells and name not in present:
                present.add(name)
                cells.append(self._restore_cell(cell, name))
            else:
                cell.metadata.pop("nbgrader", None)
                cells.append(cell)
        cells += [copy.deepcopy(cell) for name, cell in self.cells.items() if name not in present]
        restored = v4.new_notebook(cells=cells, metadata=copy.deepcopy(self.notebook.metadata))
        for position, cell in enumerate(cells):
            cell["id"] = f"cell-{position}"
            if cell.cell_type == "code":
                text = reports.get(_grade_id(cell) or "")
                cell.execution_count = None
                cell.outputs = [v4.new_output("stream", name="stdout", text=text)] if text else []
        return restored

    def _restore_cell(self, cell: Any, name: str) -> Any:
        ours = copy.deepcopy(self.cells[name])
        if ours.metadata.nbgrader["solution"]:
            ours.source = cell.source
        return ours


def read_tolerantly(path: Path) -> Any:
    """Read a student's notebook; one that is broken becomes an empty one."""
    try:
        notebook = nbformat.convert(nbformat.reader.reads(path.read_text(encoding="utf-8")), 4)
        for cell in notebook.cells:
            if not isinstance(cell.source, str) or cell.cell_type not in _CELL_TYPES:
                raise TypeError("a cell that is none")
            cell.source = encodable(cell.source)
            if not isinstance(cell.metadata, dict):
                cell.metadata = {}
            cell.pop("attachments", None)
    except Exception:  # whatever nbformat meets in a file that is not a notebook
        return v4.new_notebook()
    return notebook


_CELL_TYPES = {"code", "markdown", "raw"}


def _grade_id(cell: Any) -> str | None:
    meta = cell.metadata.get("nbgrader")
    name = meta.get("grade_id") if isinstance(meta, dict) else None
    return name if isinstance(name, str) else None
