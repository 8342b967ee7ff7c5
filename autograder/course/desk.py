"""What happens to a graded submission before the gradebook: formgrader's notebook, the journal.

Runs in the processes that grade, so that the one that writes the gradebook has little to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from pathlib import Path

from autograder.config import Config
from autograder.course.autograded import Template
from autograder.course.failed import keep_failed_cases
from autograder.course.files import write_atomically
from autograder.course.handwork import Before, answers_in, answers_shown, changed_answers
from autograder.course.journal import Journal
from autograder.course.layout import TIMESTAMP, Layout
from autograder.course.reread import reread
from autograder.errors import SubmissionError
from autograder.grading.grader import Graded
from autograder.model import CheckResult, Outcome, Record, Result
from autograder.reports.boundary import on_page
from autograder.reports.classtable import ClassRow, class_row
from autograder.reports.text import cell_report
from autograder.submission.files import read_file
from autograder.submission.notebooks import write_notebook

UNREAD = """\
**This hand-in could not be read. It has no score, and what stands below is not the student's.**

{why}

The file is `{path}`. Ask for another one and grade that, or give points below."""


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
        For each hand-graded cell, whether the student wrote anything, there or elsewhere.
    before
        What was recorded for the student until now.
    """

    student: str
    scores: dict[str, tuple[float, float | None]] | None
    comments: dict[str, str]
    answered: dict[str, bool]
    row: ClassRow
    before: Before = Before()


class Desk:
    """Turns results into marks; journals them and writes the notebook that formgrader shows."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._template = Template(layout.released_notebook)
        self._journal = Journal(layout)

    def notice(self, student: str, graded: Graded) -> None:
        """Keep what the result itself does not hold: which cases came out wrong."""
        keep_failed_cases(self._layout, student, graded)

    def receive(self, student: str, _path: Path, result: Result) -> Marks:
        """Journal a fresh result, write formgrader's notebook, and return the marks."""
        known = self._journal.known(student)
        self._journal.write(student, result)
        return self._mark(student, result, known, fresh=True)

    def mark(self, student: str, result: Result) -> Marks:
        """Write formgrader's notebook for a journalled result; return the marks."""
        return self._mark(student, result, self._journal.known(student), fresh=False)

    def _mark(self, student: str, result: Result, known: list[Result], *, fresh: bool) -> Marks:
        graded = result.status == "graded"
        document = reread(self._layout, student, result).document
        grouped = _by_cell(self._layout.config, result)
        reports = {cell: cell_report(checks) for cell, checks in grouped.items()}
        answers = self._template.answers(document)
        shown = self._layout.autograded(student)
        old = answers_shown(shown, answers) if fresh else None
        notebook = (
            self._template.restore(document, reports, result.restored, answers)
            if graded
            else self._template.unread(self._notice(student, result.outcome))
        )
        write_atomically(shown, write_notebook(notebook))
        self._note_time(student)
        return Marks(
            student=student,
            scores=cell_scores(self._layout.config, result) if graded else None,
            comments=reports if graded else {},
            answered={name: one.written for name, one in answers.items()} if graded else {},
            row=class_row(result),
            before=Before(
                extras=self._extras(known),
                other_file=bool(known)
                and known[0].provenance.submission_sha256 != result.provenance.submission_sha256,
                rewritten=frozenset(answers)
                if old is None
                else changed_answers(old, answers_in(notebook, answers)),
            ),
        )

    def _notice(self, student: str, outcome: Outcome) -> str:
        path = self._layout.submission(student).relative_to(self._layout.course)
        return UNREAD.format(path=on_page(str(path)), why=on_page(outcome.message))

    def _note_time(self, student: str) -> None:
        """Tell nbgrader which hand-in this is of: it skips one that is not newer."""
        theirs = self._layout.collected(student) / TIMESTAMP
        ours = self._layout.autograded(student).with_name(TIMESTAMP)
        try:
            time = read_file(theirs).data
        except SubmissionError:
            ours.unlink(missing_ok=True)
        else:
            if not ours.is_file() or ours.read_bytes() != time:
                write_atomically(ours, time)

    @property
    def comment_places(self) -> dict[str, str]:
        """Return, for each check cell, the cell at which formgrader shows its comment."""
        explicit = {check.cell: check.solution for check in self._layout.config.all_checks}
        before = self._template.solution_before
        return {cell: explicit[cell] or before.get(cell, "") for cell in explicit}

    def _extras(self, known: Iterable[Result]) -> dict[str, tuple[float, ...]] | None:
        """Return the extra credit that earlier results gave each cell; None where there is none."""
        found: dict[str, list[float]] = {}
        results = list(known)
        for result in results:
            if result.status == "error":
                continue  # no number of it was recorded
            for cell, (_, extra) in cell_scores(self._layout.config, result).items():
                if extra is not None:
                    found.setdefault(cell, []).append(extra)
        return {cell: tuple(values) for cell, values in found.items()} if results else None


def cell_scores(config: Config, result: Result) -> dict[str, tuple[float, float | None]]:
    """Return points and extra credit of each check cell; None where a cell has no extra credit."""
    required = {check.id for check in config.checks}
    return {cell: _points(checks, required) for cell, checks in _by_cell(config, result).items()}


def _by_cell(config: Config, result: Result) -> dict[str, list[CheckResult]]:
    cells = {check.id: check.cell for check in config.all_checks}
    grouped: dict[str, list[CheckResult]] = {}
    for check in result.checks:
        if check.id in cells:  # an earlier result may know checks that are gone
            grouped.setdefault(cells[check.id], []).append(check)
    return grouped


def _points(checks: Sequence[CheckResult], required: Set[str]) -> tuple[float, float | None]:
    counted = [check.score for check in checks if check.id in required]
    extra = [check.score for check in checks if check.id not in required]
    return round(sum(counted), 2), round(sum(extra), 2) if extra else None
