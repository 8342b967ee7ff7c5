"""Feedback pages: from the journal, the submission and the gradebook into nbgrader's feedback/."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec

from autograder.cases.registry import CaseSet
from autograder.contained import Bounds, Stopped, contained
from autograder.course.autograded import Template
from autograder.course.exchange import go_with_feedback
from autograder.course.files import write_atomically
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.course.reader import Reader
from autograder.course.reread import reread
from autograder.errors import UsageError
from autograder.grades import Member, Review, StudentGrade, given_extra, grade_of
from autograder.model import Record, Result
from autograder.reports.feedback import Answer, Page, Remark, render_feedback
from autograder.reports.inspection import Inspected
from autograder.reports.markup import TEMPLATES, prepare
from autograder.submission.document import Document

Word = Literal["written", "unchanged", "not graded", "changed since it was graded", "failed"]
PAGE_BOUNDS = Bounds()
"""For one page, from reading the submission to its HTML. An ordinary one takes about 0.1 s."""
NOBODY: Mapping[str, Member] = MappingProxyType({})
HEAD = 2000
"""Characters of a page in which its fingerprint stands."""


class FeedbackReport(Record, frozen=True):
    """What became of each student's page, and why those that failed did."""

    outcome: dict[str, Word]
    reasons: dict[str, str]

    def of(self, word: Word) -> list[str]:
        """Return the students with one outcome."""
        return [student for student, found in self.outcome.items() if found == word]


class FeedbackRoom:
    """Writes the pages of one assignment in one course."""

    def __init__(
        self,
        layout: Layout,
        case_set: CaseSet,
        bounds: Bounds = PAGE_BOUNDS,
        members: Mapping[str, Member] = NOBODY,
    ) -> None:
        if not layout.released_notebook.is_file():
            raise UsageError(
                f"There is no released notebook {layout.released_notebook}", "autograder release"
            )
        self._layout = layout
        self._bounds = bounds
        self._members = members
        self.template = Template(layout.released_notebook)
        self._questions = self.template.questions()
        self._programs = {(case.check, case.sentence): case.program for case in case_set.cases}
        self._digest = _digest_of_templates() + case_set.digest

    def write_all(
        self, students: Sequence[str], *, force: bool, progress: Callable[[str], None]
    ) -> FeedbackReport:
        """Write a page for each student whose result, answers or comments are new."""
        outcome: dict[str, Word] = {}
        reasons: dict[str, str] = {}
        with Reader(self._layout) as reader:
            for student in students:
                try:
                    outcome[student] = self._write(student, reader, force=force)
                except Stopped as error:
                    outcome[student], reasons[student] = "failed", str(error)
                except OSError as error:
                    outcome[student] = "failed"
                    reasons[student] = f"{error.filename}: {error.strerror}"
                progress(student)
        return FeedbackReport(outcome, reasons)

    def render(
        self,
        student: str,
        result: Result,
        review: Review,
        *,
        fingerprint: str = "",
        inspected: Mapping[str, Sequence[Inspected]] | None = None,
        replay: str = "",
    ) -> bytes:
        """Return a student's page; hostile text is read and rendered in a process of its own.

        Raises
        ------
        Stopped
            When that takes more than a page may.
        """
        prepare(self._layout.config.language)

        def make() -> bytes:
            page = self.page(student, result, review)
            text = render_feedback(
                page, fingerprint=fingerprint, inspected=inspected, replay=replay
            )
            return text.encode("utf-8")

        return contained(make, self._bounds)

    def page(self, student: str, result: Result, review: Review) -> Page:
        """Collect what a page shows."""
        config = self._layout.config
        submitted = reread(self._layout, student, result)
        return Page(
            grade=self._grade(student, result, review),
            title=config.shown_title,
            course=config.course,
            language=config.language,
            result=result,
            cells=submitted.code,
            pass_marks={
                checkpoint.id: checkpoint.pass_at * score.max_score
                for checkpoint in config.checkpoints
                for score in result.checkpoints
                if score.id == checkpoint.id
            },
            programs=self._programs,
            answers=self._answers(submitted.document, review),
            remarks=self._remarks(result, review),
            wording=config.wording,
        )

    def _grade(self, student: str, result: Result, review: Review) -> StudentGrade:
        member = self._members.get(student) or Member(student)
        return grade_of(self._layout.config, member, result, review)

    def _write(self, student: str, reader: Reader, *, force: bool) -> Word:
        result = Journal(self._layout).read(student)
        if result is None:
            return "not graded"
        if self._layout.digest(student) != result.provenance.submission_sha256:
            return "changed since it was graded"
        review = reader.review(student)
        fingerprint = self._fingerprint(student, result, review)
        target = self._layout.feedback(student)
        same = not force and target.is_file() and fingerprint in _head(target)
        if not same:
            write_atomically(target, self.render(student, result, review, fingerprint=fingerprint))
        go_with_feedback(self._layout.collected(student), target.parent)
        return "unchanged" if same else "written"

    def _fingerprint(self, student: str, result: Result, review: Review) -> str:
        grade = self._grade(student, result, review)
        shown = msgspec.json.encode([grade, result, review, self._layout.config, self._digest])
        return hashlib.sha256(shown).hexdigest()

    def _answers(self, submitted: Document, review: Review) -> list[Answer]:
        answers = self.template.answers(submitted)
        recorded = {cell.name: cell for cell in review.cells}
        return [
            Answer(
                cell=cell.name,
                title=self._questions[cell.name],
                text=found.text if (found := answers.get(cell.name)) and found.written else "",
                score=None if cell.waiting else _first(cell.manual, cell.automatic),
                max_score=cell.max_score,
                comment=cell.comment,
            )
            for cell in map(recorded.get, self._questions)
            if cell is not None
        ]

    def _remarks(self, result: Result, review: Review) -> list[Remark]:
        remarks = [
            Remark(
                cell=cell.name,
                comment="" if cell.name in self._questions else cell.comment,
                score=None if cell.name in self._questions else cell.manual,
                automatic=cell.automatic or 0.0,
                extra=given_extra(self._layout.config, result, cell),
            )
            for cell in review.cells
        ]
        return [one for one in remarks if one.comment or one.score is not None or one.extra]


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _head(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return str(file.read(HEAD))


def _digest_of_templates() -> str:
    joined = b"".join(path.read_bytes() for path in sorted(TEMPLATES.iterdir()))
    return hashlib.sha256(joined).hexdigest()
