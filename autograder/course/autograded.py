"""The notebook that formgrader shows: the student's, with our cells as they were released.

Outputs are dropped, since they are the student's HTML in the instructor's browser. HTML in Markdown
becomes text, and a raw cell, which formgrader would put into its page as it is, becomes Markdown.
Each check cell gets our result as its output.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.errors import SubmissionError
from autograder.submission.load import read_notebook, source_text
from autograder.submission.notebooks import nbformat, v4


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
        sources: dict[str | None, str] = {}
        for cell in submitted.cells:
            sources.setdefault(_grade_id(cell), cell.source)  # the copy that restore() keeps
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
            The student's notebook, from :func:`read_tolerantly`.
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
                cells.append(_made_harmless(cell))
        cells += [copy.copy(cell) for name, cell in self.cells.items() if name not in present]
        restored = v4.new_notebook(metadata=self.notebook.metadata)
        restored.cells = cells
        for position, cell in enumerate(cells):
            cell["id"] = f"cell-{position}"
            if cell.cell_type == "code":
                text = reports.get(_grade_id(cell) or "")
                cell.execution_count = None
                cell.outputs = [_printed(text)] if text else []
        return restored

    def _restore_cell(self, cell: Any, name: str) -> Any:
        ours = copy.copy(self.cells[name])
        if ours.metadata.nbgrader["solution"]:
            ours.source = cell.source if ours.cell_type == "code" else harmless(cell.source)
        return ours


def read_tolerantly(path: Path) -> Any:
    """Read a student's notebook; a cell that is none is left out, a file that is none is empty."""
    try:
        found = list(read_notebook(path)["cells"])
    except SubmissionError:
        found = []
    notebook = v4.new_notebook()
    notebook.cells = [cell for cell in map(_plain_cell, found) if cell is not None]
    return notebook


def _plain_cell(cell: Any) -> Any:
    """Return a cell's kind, text and grade id, which is all that is kept, or None."""
    try:
        kind, source, name = cell["cell_type"], source_text(cell["source"]), _grade_id(cell)
        if kind not in _CELL_TYPES:
            return None
    except (KeyError, TypeError):
        return None
    plain = nbformat.NotebookNode(cell_type=kind, id="unset", metadata={}, source=source)
    if name is not None:
        plain.metadata = nbformat.NotebookNode(nbgrader={"grade_id": name})
    if kind == "code":
        plain.update(execution_count=None, outputs=[])
    return plain


_CELL_TYPES = {"code", "markdown", "raw"}
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_MACRO = re.compile(r"\\(?=(?:href|url|require|class|cssId|style|data|mmlToken)\b)")
"""Commands of MathJax that link, load or name things in the page."""
_TARGET = re.compile(r"\](?=\((?!\s*(?:https?://|#))|:(?!\s*(?:https?://|#)))")


def _made_harmless(cell: Any) -> Any:
    """Return a student's own cell as one that formgrader may show."""
    if cell.cell_type == "code":
        return cell
    # nbformat's own makers validate each cell, which takes longer than all the rest.
    return nbformat.NotebookNode(
        cell_type="markdown", id="unset", metadata=cell.metadata, source=harmless(cell.source)
    )


def harmless(source: str) -> str:
    """Return Markdown in which nothing is HTML, no link runs a script, and no image is fetched.

    What would make a tag or a link is parted by a space: a backslash could be escaped itself, and
    an entity shows as such in code and in mathematics.
    """
    text = _MACRO.sub(r"\\ ", _TAG.sub("< ", source))
    return _TARGET.sub("] ", text).replace("![", "! [")


def _printed(text: str) -> Any:
    """Return an output of what a cell printed."""
    return nbformat.NotebookNode(output_type="stream", name="stdout", text=text)


def _grade_id(cell: Any) -> str | None:
    meta = cell.get("metadata")
    nbgrader = meta.get("nbgrader") if isinstance(meta, dict) else None
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return name if isinstance(name, str) else None
