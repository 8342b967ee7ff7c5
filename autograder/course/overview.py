"""A course's students for the overview: from the results that were kept and the gradebook."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.course.autograded import Template
from autograder.course.failed import failed_cases
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.errors import UsageError
from autograder.grades import STATES, State, StudentGrade
from autograder.grading.diagnosis.misconceptions import misconceptions
from autograder.model import Result
from autograder.reports.classtable import ClassRow, with_grade
from autograder.reports.overview.figures import TOTAL
from autograder.reports.overview.records import Course, Part, Student
from autograder.reports.overview.students import student_of

BY_HAND = ClassRow(
    graded=True, score=0.0, max_score=0.0, checkpoints=(), extra=0.0, wrong="graded by hand alone"
)
"""The row of a student who has grades and no result; the ledger gives its points."""
REASONS: Mapping[State, str] = {
    **STATES, "ungraded": "handed in, and not graded yet", "missing": "has handed nothing in",
}  # fmt: skip
"""Why there is no result."""


def read_class(layout: Layout, grades: Mapping[str, StudentGrade]) -> list[Student]:
    """Return everybody in the ledger, in its order; grade and change nothing.

    Raises
    ------
    UsageError
        When there is nobody.
    """
    if not grades:
        raise UsageError(
            f"Nobody has handed anything in: {layout.course / 'submitted'} is empty",
            "autograder collect FOLDER",
        )
    journal = Journal(layout)
    return [_student(layout, name, journal.read(name), grade) for name, grade in grades.items()]


def course_of(layout: Layout) -> Course:
    """Return what of the configuration the figures are about."""
    config = layout.config
    possible = {
        mark.id: sum(check.points for check in config.checks if check.checkpoint == mark.id)
        for mark in config.checkpoints
    }
    parts = [
        Part(
            id=mark.id,
            title=f"{mark.id.replace('-', ' ').capitalize()}: {mark.title}",
            max_score=possible[mark.id],
            pass_mark=round(mark.pass_at * possible[mark.id], 2),
        )
        for mark in config.checkpoints
    ]
    total = Part(id=TOTAL, title="Total", max_score=config.max_score)
    released = layout.released_notebook
    return Course(
        title=config.shown_title,
        parts=(*parts, total),
        checks=tuple(
            (check.id, check.title, check.checkpoint, check.points) for check in config.all_checks
        ),
        mistakes={known.id: known.sentence for known in misconceptions()},
        questions=Template(released).questions() if released.is_file() else {},
    )


def _student(layout: Layout, name: str, result: Result | None, grade: StudentGrade) -> Student:
    if result is None:
        row = BY_HAND if grade.total is not None else None
        found = Student(student=name, state=grade.state, row=row, reason=REASONS[grade.work])
    else:
        found = student_of(
            name,
            result,
            state=grade.state,
            waiting=grade.waiting,
            cases=failed_cases(layout, name, result),
            page=layout.feedback(name).is_file(),
        )
    return with_grade(found, grade)
