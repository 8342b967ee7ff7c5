"""The notebook that formgrader shows: the student's as it ran, with our check cells.

Outputs are dropped, since they are the student's HTML in the instructor's browser. HTML in Markdown
becomes text, and a raw cell, which formgrader would put into its page as it is, becomes Markdown.
Each check cell gets our result as its output.
"""

from __future__ import annotations

import copy
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.course.answers import WrittenAnswer, find_answers
from autograder.errors import UsageError
from autograder.submission.document import Document, NotebookCell
from autograder.submission.known import Placed, read_known, same_text
from autograder.submission.notebooks import nbformat, v4

PUT_BACK = "# The grader put the released text back: this cell was missing or empty."
RAN_AS_WELL = (
    "# The grader put the released text back: a part of the cell above, as handed in, did not work."
)
WIDTH = 100
"""Characters of a line that formgrader shows of an output."""
MISSING = "# The submission has no such cell."
NOT_READ = "The hand-in could not be read."


class Template:
    """The released notebook, read once for the whole class."""

    def __init__(self, released: Path) -> None:
        try:
            self.notebook = nbformat.read(released, as_version=4)
        except Exception as error:  # whatever nbformat meets in a file that is not a notebook
            raise UsageError(
                f"{released} is not a notebook ({type(error).__name__})", "autograder release"
            ) from None
        self.known = read_known(released)
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

    def answers(self, document: Document) -> dict[str, WrittenAnswer]:
        """Return what a submission has of each answer that is graded by hand."""
        return find_answers(document, self.known)

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

    def restore(
        self,
        document: Document,
        reports: Mapping[str, str],
        restored: Sequence[str] = (),
        answers: Mapping[str, WrittenAnswer] | None = None,
    ) -> Any:
        """Return the notebook that ran: the submitted one, with our cells and reports as outputs.

        Parameters
        ----------
        document
            All cells of the submission.
        reports
            Text for each check cell, by its grade id.
        restored
            Locked cells of which the released text ran.
        answers
            The written ones, where they are at hand.
        """
        answers = self.answers(document) if answers is None else answers
        cells: list[Any] = []
        shown: set[str] = set()
        for one in self.known.place(document):
            if one.name and one.name not in shown:
                shown.add(one.name)
                cells += self._known_cell(one, answers, restored)
            else:
                cells.append(_own_cell(one.cell))
        return self._notebook(cells, reports)

    def unread(self, notice: str) -> Any:
        """Return a notebook for a hand-in that nobody could read: a notice, and cells for points.

        Parameters
        ----------
        notice
            Markdown.
        """
        cells = [nbformat.NotebookNode(cell_type="markdown", metadata={}, source=harmless(notice))]
        for released in self.cells.values():
            cell = copy.copy(released)
            if cell.metadata.nbgrader["solution"]:
                cell.source = f"# {NOT_READ}" if cell.cell_type == "code" else NOT_READ
            if cell.metadata.nbgrader["grade"]:
                cells.append(cell)
        return self._notebook(cells, {})

    def _notebook(self, cells: list[Any], reports: Mapping[str, str]) -> Any:
        notebook = v4.new_notebook(metadata=self.notebook.metadata)
        notebook.cells = cells
        for position, cell in enumerate(cells):
            cell["id"] = f"cell-{position}"
            if cell.cell_type == "code":
                text = reports.get(_grade_id(cell) or "")
                cell.execution_count = None
                cell.outputs = [_printed(text)] if text else []
        return notebook

    def _known_cell(
        self, one: Placed, answers: Mapping[str, WrittenAnswer], restored: Sequence[str]
    ) -> list[Any]:
        """Return a cell of ours, behind the student's own version of it if that ran as well."""
        ours = copy.copy(self.cells[one.name])
        meta, source = ours.metadata.nbgrader, one.cell.source
        if one.name in answers:
            text = answers[one.name].shown
            ours.source = text if ours.cell_type == "code" else harmless(text)
        elif one.change == "absent":
            ours.source = MISSING if meta["solution"] else ours.source
        elif meta["solution"]:
            ours.source = source if ours.cell_type == "code" else harmless(source)
        elif one.change == "put-back":
            ours.source = f"{PUT_BACK}\n{ours.source}"
        elif one.runs and not same_text(source, ours.source):
            if one.name in restored:
                ours.source = f"{RAN_AS_WELL}\n{ours.source}"
            elif not meta["grade"]:
                ours.source = source
                return [ours]
            return [_own_cell(one.cell), ours]
        return [ours]


def _own_cell(cell: NotebookCell) -> Any:
    """Return a student's own cell as one that formgrader may show."""
    # nbformat's own makers validate each cell, which takes longer than all the rest.
    plain = nbformat.NotebookNode(cell_type="code", id="unset", metadata={}, source=cell.source)
    if cell.cell_type == "code":
        plain.update(execution_count=None, outputs=[])
    else:
        plain.update(cell_type="markdown", source=harmless(cell.source))
    return plain


_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_MACRO = re.compile(r"\\(?=(?:href|url|require|class|cssId|style|data|mmlToken)\b)")
"""Commands of MathJax that link, load or name things in the page."""
_TARGET = re.compile(r"\](?=\((?!\s{0,9}(?:https?://|#))|:(?!\s{0,9}(?:https?://|#)))")
_BLANKS = re.compile(r"[^\S\n]{100}")
"""Some of a long run of blanks, over which the Markdown of nbconvert takes quadratic time."""
MAX_MARKDOWN = 20_000
"""Characters of one Markdown cell that formgrader is given."""


def harmless(source: str) -> str:
    """Return Markdown in which nothing is HTML, no link runs a script, and no image is fetched.

    What would make a tag or a link is parted by a space: a backslash could be escaped itself, and
    an entity shows as such in code and in mathematics.
    """
    if len(source) > MAX_MARKDOWN:
        left_out = len(source) - MAX_MARKDOWN
        source = f"{source[:MAX_MARKDOWN]}\n\n(The rest, {left_out} characters, is left out.)"
    text = _MACRO.sub(r"\\ ", _TAG.sub("< ", _BLANKS.sub("\n", source)))
    return _TARGET.sub("] ", text).replace("![", "! [")


def _printed(text: str) -> Any:
    """Return an output of what a cell printed; formgrader cuts a long line off."""
    return nbformat.NotebookNode(output_type="stream", name="stdout", text=_wrapped(text))


def _wrapped(text: str) -> str:
    lines: list[str] = []
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        lines += textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines)


def _grade_id(cell: Any) -> str | None:
    name: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return name
