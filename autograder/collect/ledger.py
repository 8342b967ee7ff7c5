"""The class with its grades: who is in the roster, and where each one stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from autograder.collect.deadlines import Deadlines
from autograder.collect.roster import Person, Roster, open_roster
from autograder.collect.sources.folder import read_timestamp
from autograder.course.layout import Layout
from autograder.course.ledger import read_grades, recorded_students
from autograder.grades import Member, StudentGrade


def read_ledger(layout: Layout, students: Iterable[str] | None = None) -> dict[str, StudentGrade]:
    """Return everybody's grade, sorted by id. Nothing is changed.

    Parameters
    ----------
    students
        Only these; None for the roster and whoever else has handed in or has a grade.

    Raises
    ------
    InfrastructureError
        When the gradebook cannot be read.
    """
    roster = open_roster(layout)
    if students is None:
        students = {*roster.people, *layout.students(), *recorded_students(layout)}
    return read_grades(layout, members_of(layout, roster, students))


def enrolled(grades: Mapping[str, StudentGrade]) -> dict[str, StudentGrade]:
    """Return those who take the course: what any gradebook outside is told."""
    return {student: grade for student, grade in grades.items() if grade.member.enrolled}


def roster_of(layout: Layout, grades: Mapping[str, StudentGrade]) -> Roster:
    """Return the roster; where there is none, everybody with a grade."""
    people = (
        Person(one.id, one.first, one.last, one.email, one.lms)
        for one in (grade.member for grade in grades.values())
    )
    return open_roster(layout) or Roster(people)


def members_of(layout: Layout, roster: Roster, students: Iterable[str]) -> dict[str, Member]:
    """Return what the roster and the deadlines say of students, sorted by id."""
    deadlines = Deadlines(layout.config, roster, layout.course)
    return {
        student: _member(layout, roster, deadlines, roster.people.get(student) or Person(student))
        for student in sorted(students)
    }


def _member(layout: Layout, roster: Roster, deadlines: Deadlines, person: Person) -> Member:
    moment = read_timestamp(layout.collected(person.id))
    due = deadlines.of(person)
    return Member(
        id=person.id,
        first=person.first,
        last=person.last,
        email=person.email,
        lms=person.lms,
        groups=person.groups,
        enrolled=not roster or person.id in roster.people,
        excused=deadlines.excused(person),
        expected=due is not None and due > datetime.now(UTC),
        handed_in="" if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds"),
        seconds_late=0.0 if moment is None else deadlines.seconds_late(person, moment),
    )
