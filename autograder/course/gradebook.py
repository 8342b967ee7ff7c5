"""nbgrader's gradebook, through its API: scores, comments, and what waits for a human."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from autograder.course.autograded import Template
from autograder.course.layout import Layout
from autograder.errors import InfrastructureError, UsageError
from autograder.model import EXTRA_CREDIT, CheckResult, Record, Result
from autograder.reports.text import points


class GradedCell(Record, frozen=True):
    """What the gradebook says of one cell. ``waiting`` means that a person has yet to grade it."""

    name: str
    automatic: float | None
    manual: float | None
    max_score: float
    waiting: bool
    comment: str


class Review(Record, frozen=True):
    """What people added to a submission: scores and comments by cell, and a late penalty."""

    cells: tuple[GradedCell, ...] = ()
    late_penalty: float = 0.0


class Gradebook:
    """One open gradebook. A submission's grades are written in one transaction."""

    def __init__(self, layout: Layout, template: Template) -> None:
        from nbgrader.api import Gradebook as NbgraderGradebook

        # SQLAlchemy's remark on the order in which nbgrader itself links new rows.
        warnings.filterwarnings("ignore", message="Object of type <Submitted", module="nbgrader")
        self._assignment = layout.config.assignment
        self._template = template
        self._config = layout.config
        self._gradebook = NbgraderGradebook(layout.gradebook_url, course_id=layout.config.course)

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gradebook.close()

    def require_assignment(self) -> None:
        """Raise UsageError when the assignment has not been released into this gradebook."""
        from nbgrader.api import MissingEntry

        try:
            self._gradebook.find_assignment(self._assignment)
        except MissingEntry:
            raise UsageError(
                f"The gradebook does not know the assignment {self._assignment!r} yet",
                "autograder release",
            ) from None

    def record(self, student: str, result: Result, answered: Mapping[str, bool]) -> None:
        """Write a result: a score for each check cell, comments, and the hand-graded cells' state.

        Parameters
        ----------
        answered
            For each hand-graded cell, whether the student wrote anything.
        """
        book = self._gradebook
        try:
            book.update_or_create_student(student)
            submission = book.update_or_create_submission(self._assignment, student)
            notebook = submission.notebooks[0]
            by_cell = self._by_cell(result)
            for grade in notebook.grades:
                if result.status == "error":
                    # No zero for what nobody could read: a human decides.
                    grade.auto_score, grade.needs_manual_grade = None, True
                    continue
                self._set_grade(grade, by_cell.get(grade.name, []), answered.get(grade.name))
            texts = self._comments(by_cell) if result.status == "graded" else {}
            for comment in notebook.comments:
                comment.auto_comment = texts.get(comment.name) or (
                    "No response." if answered.get(comment.name) is False else None
                )
            book.db.commit()
        except Exception as error:
            book.db.rollback()
            raise InfrastructureError(
                f"The grades of {student} could not be written to the gradebook: {error}",
                "Nothing of them was written. Run autograder grade again.",
            ) from error

    def review(self, student: str) -> Review:
        """Return the scores and comments of a student's cells; nothing for one not recorded."""
        from nbgrader.api import MissingEntry

        try:
            found = self._gradebook.find_submission_notebook(
                self._assignment, self._config.notebook, student
            )
        except MissingEntry:
            return Review()
        comments = {item.name: item.manual_comment or "" for item in found.comments}
        grades = {item.name: item for item in found.grades}
        cells = [
            GradedCell(
                name=name,
                automatic=None if item is None else item.auto_score,
                manual=None if item is None else item.manual_score,
                max_score=0.0 if item is None else item.max_score,
                waiting=item is not None and bool(item.needs_manual_grade),
                comment=comments.get(name, ""),
            )
            for name in dict.fromkeys([*grades, *comments])
            for item in [grades.get(name)]
        ]
        return Review(cells=tuple(cells), late_penalty=found.late_submission_penalty or 0.0)

    def _by_cell(self, result: Result) -> dict[str, list[CheckResult]]:
        cells = {check.id: check.cell for check in self._config.all_checks}
        by_cell: dict[str, list[CheckResult]] = {}
        for check in result.checks:
            by_cell.setdefault(cells[check.id], []).append(check)
        return by_cell

    def _set_grade(self, grade: Any, checks: list[CheckResult], answered: bool | None) -> None:
        if answered is not None:
            # As nbgrader does: an unchanged answer is a zero, a written one waits for a human.
            grade.auto_score = None if answered else 0.0
            grade.needs_manual_grade = answered and grade.manual_score is None
            return
        required = [check for check in checks if check.checkpoint != EXTRA_CREDIT]
        extra = [check for check in checks if check.checkpoint == EXTRA_CREDIT]
        grade.auto_score = round(sum(check.score for check in required), 2)
        grade.needs_manual_grade = grade.manual_score is not None
        if extra:
            grade.extra_credit = round(sum(check.score for check in extra), 2)

    def _comments(self, by_cell: Mapping[str, list[CheckResult]]) -> dict[str, str]:
        texts: dict[str, str] = {}
        explicit = {check.cell: check.solution for check in self._config.all_checks}
        for cell, checks in by_cell.items():
            place = explicit.get(cell) or self._template.solution_before.get(cell, "")
            texts[place] = "\n".join(filter(None, [texts.get(place, ""), cell_report(checks)]))
        return texts


def cell_report(checks: list[CheckResult]) -> str:
    """Return what a check cell's output and comment say: each check's points and diagnosis."""
    lines = []
    for check in checks:
        lines.append(
            f"{check.status}: {check.title} ({points(check.score)}/{points(check.max_score)})"
        )
        if check.diagnosis is not None and check.status != "passed":
            lines += [f"  {check.diagnosis.message}", f"  {check.diagnosis.hint}"]
    return "\n".join(lines)
