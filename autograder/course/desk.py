"""What happens to a graded submission before the gradebook: formgrader's notebook, the journal.

Runs in the processes that grade, so that the one that writes the gradebook has little to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.course.autograded import Template, read_tolerantly
from autograder.course.files import write_atomically
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.model import CheckResult, Record, Result
from autograder.reports.classtable import ClassRow, class_row
from autograder.reports.text import cell_report
from autograder.submission.notebooks import write_notebook


class Marks(Record, frozen=True):
    """What the gradebook needs of a result, and the class table.

    Attributes
    ----------
    scores
        For each automatically graded cell, points and extra credit; None for a submission that a
        human must look at.
    comments
        Text for each check cell.
    answered
        For each hand-graded cell, whether the student wrote anything.
    """

    student: str
    scores: dict[str, tuple[float, float | None]] | None
    comments: dict[str, str]
    answered: dict[str, bool]
    row: ClassRow


class Desk:
    """Turns results into marks; journals them and writes the notebook that formgrader shows."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._template = Template(layout.released_notebook)
        self._journal = Journal(layout)
        self._cells = {check.id: check.cell for check in layout.config.all_checks}
        self._required = {check.id for check in layout.config.checks}

    def receive(self, student: str, _path: Path, result: Result) -> Marks:
        """Journal a fresh result, write formgrader's notebook, and return the marks."""
        self._journal.write(student, result)
        return self.mark(student, result)

    def mark(self, student: str, result: Result) -> Marks:
        """Write formgrader's notebook for a journalled result; return the marks."""
        submitted = read_tolerantly(self._layout.submission(student))
        grouped = self._by_cell(result.checks)
        reports = {cell: cell_report(checks) for cell, checks in grouped.items()}
        answered = self._template.answered(submitted)
        restored = self._template.restore(submitted, reports)
        write_atomically(self._layout.autograded(student), write_notebook(restored))
        graded = result.status == "graded"
        return Marks(
            student=student,
            scores={cell: self._points(own) for cell, own in grouped.items()} if graded else None,
            comments=reports if graded else {},
            answered=answered,
            row=class_row(result),
        )

    @property
    def comment_places(self) -> dict[str, str]:
        """Return, for each check cell, the cell at which formgrader shows its comment."""
        explicit = {check.cell: check.solution for check in self._layout.config.all_checks}
        before = self._template.solution_before
        return {cell: explicit[cell] or before.get(cell, "") for cell in explicit}

    def _by_cell(self, checks: Iterable[CheckResult]) -> dict[str, list[CheckResult]]:
        grouped: dict[str, list[CheckResult]] = {}
        for check in checks:
            grouped.setdefault(self._cells[check.id], []).append(check)
        return grouped

    def _points(self, checks: list[CheckResult]) -> tuple[float, float | None]:
        required = [check.score for check in checks if check.id in self._required]
        extra = [check.score for check in checks if check.id not in self._required]
        return round(sum(required), 2), round(sum(extra), 2) if extra else None
