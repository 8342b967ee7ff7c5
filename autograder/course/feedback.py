"""Feedback pages: from the journal, the submission and the gradebook into nbgrader's feedback/."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from autograder.cases.registry import CaseSet
from autograder.course.autograded import Template, read_tolerantly
from autograder.course.files import write_atomically
from autograder.course.gradebook import Gradebook, Review
from autograder.course.layout import Layout
from autograder.errors import SubmissionError, UsageError
from autograder.model import Record, Result, decode_result
from autograder.reports.feedback import Answer, Page, Remark, render_feedback
from autograder.reports.markup import TEMPLATES
from autograder.submission.load import file_digest, load_submission

Word = Literal["written", "unchanged", "not graded", "changed since it was graded"]
HEAD = 2000
"""Characters of a page in which its fingerprint stands."""
_RELEASE_FILES = ("timestamp.txt", "submission_secret.txt")
"""What nbgrader's exchange left beside a submission, and looks for beside its feedback."""


class FeedbackReport(Record, frozen=True):
    """What became of each student's page."""

    outcome: dict[str, Word]

    def of(self, word: Word) -> list[str]:
        """Return the students with one outcome."""
        return [student for student, found in self.outcome.items() if found == word]


class FeedbackRoom:
    """Writes the pages of one assignment in one course."""

    def __init__(self, layout: Layout, case_set: CaseSet) -> None:
        if not layout.released_notebook.is_file():
            raise UsageError(
                f"There is no released notebook {layout.released_notebook}", "autograder release"
            )
        self._layout = layout
        self.template = Template(layout.released_notebook)
        self._questions = self.template.questions()
        self._programs = {(case.check, case.sentence): case.program for case in case_set.cases}
        self._digest = _digest_of_templates() + case_set.digest

    def write_all(
        self, students: Sequence[str], *, force: bool, progress: Callable[[str], None]
    ) -> FeedbackReport:
        """Write a page for each student whose result, answers or comments are new."""
        outcome: dict[str, Word] = {}
        with Gradebook(self._layout) as book:
            book.require_assignment()
            for student in students:
                outcome[student] = self._write(student, book, force=force)
                progress(student)
        return FeedbackReport(outcome)

    def page(self, student: str, result: Result, review: Review) -> Page:
        """Collect what a page shows."""
        config = self._layout.config
        submitted = self._layout.submission(student)
        return Page(
            student=student,
            assignment=config.assignment,
            result=result,
            cells=code_cells(self._layout.submission(student)),
            pass_marks={
                checkpoint.id: checkpoint.pass_at * score.max_score
                for checkpoint in config.checkpoints
                for score in result.checkpoints
                if score.id == checkpoint.id
            },
            programs=self._programs,
            answers=self._answers(read_tolerantly(submitted), review),
            remarks=self._remarks(review),
            late_penalty=review.late_penalty,
        )

    def _write(self, student: str, book: Gradebook, *, force: bool) -> Word:
        result = journalled(self._layout, student)
        if result is None:
            return "not graded"
        if file_digest(self._layout.submission(student)) != result.provenance.submission_sha256:
            return "changed since it was graded"
        review = book.review(student)
        fingerprint = self._fingerprint(student, result, review)
        target = self._layout.feedback(student)
        if not force and target.is_file() and fingerprint in _head(target):
            return "unchanged"
        page = self.page(student, result, review)
        write_atomically(target, render_feedback(page, fingerprint=fingerprint).encode("utf-8"))
        for name in _RELEASE_FILES:
            beside = self._layout.submission(student).with_name(name)
            if beside.is_file():
                shutil.copyfile(beside, target.with_name(name))
        return "written"

    def _fingerprint(self, student: str, result: Result, review: Review) -> str:
        shown = msgspec.json.encode([student, result, review, self._layout.config, self._digest])
        return hashlib.sha256(shown).hexdigest()

    def _answers(self, submitted: Any, review: Review) -> list[Answer]:
        texts = {
            cell.metadata.nbgrader.get("grade_id"): cell.source
            for cell in reversed(submitted.cells)
            if isinstance(cell.metadata.get("nbgrader"), dict)
        }
        answered = self.template.answered(submitted)
        return [
            Answer(
                cell=cell.name,
                title=self._questions[cell.name],
                text=texts.get(cell.name, "") if answered.get(cell.name) else "",
                score=None if cell.waiting else _first(cell.manual, cell.automatic),
                max_score=cell.max_score,
                comment=cell.comment,
            )
            for cell in review.cells
            if cell.name in self._questions
        ]

    def _remarks(self, review: Review) -> list[Remark]:
        return [
            Remark(
                cell=cell.name,
                comment=cell.comment,
                score=cell.manual,
                automatic=cell.automatic or 0.0,
            )
            for cell in review.cells
            if cell.name not in self._questions and (cell.comment or cell.manual is not None)
        ]


def journalled(layout: Layout, student: str) -> Result | None:
    """Return a student's recorded result, if there is one that can be read."""
    try:
        return decode_result(layout.result(student).read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


def code_cells(path: Any) -> dict[int, str]:
    """Return the code cells of a submission by number; none of one that cannot be read."""
    try:
        return {cell.index: cell.source for cell in load_submission(path).cells}
    except SubmissionError:
        return {}


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _head(path: Any) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return str(file.read(HEAD))


def _digest_of_templates() -> str:
    joined = b"".join(path.read_bytes() for path in sorted(TEMPLATES.iterdir()))
    return hashlib.sha256(joined).hexdigest()
