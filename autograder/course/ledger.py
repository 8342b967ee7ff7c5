"""Everybody's grade, from the journal and the gradebook, by the one sum in ``grades.py``."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.course.reader import Reader
from autograder.grades import Member, Review, StudentGrade, grade_of
from autograder.model import Result


def read_grades(layout: Layout, members: Mapping[str, Member]) -> dict[str, StudentGrade]:
    """Return the grade of each member, in the order given. Nothing is changed.

    Raises
    ------
    InfrastructureError
        When the gradebook cannot be read.
    """
    journal = Journal(layout)
    with Reader(layout) as reader:
        reviews = reader.reviews(list(members))
    grades = {}
    for student, member in members.items():
        result = journal.read(student)
        path = layout.submission(student)
        here = path.exists()
        grades[student] = grade_of(
            layout.config,
            member,
            result,
            reviews.get(student, Review()),
            here=here,
            outdated=here and _outdated(layout, student, result),
        )
    return grades


def recorded_students(layout: Layout) -> list[str]:
    """Return who has a submission in the gradebook."""
    with Reader(layout) as reader:
        return reader.students()


def _outdated(layout: Layout, student: str, result: Result | None) -> bool:
    if result is None:
        return False
    try:
        return layout.digest(student) != result.provenance.submission_sha256
    except OSError:
        return True
