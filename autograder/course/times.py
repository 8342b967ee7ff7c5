"""Who the students are and when they handed in, in nbgrader's gradebook; what being late costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from autograder.course.gradebook import Gradebook
from autograder.course.layout import Layout
from autograder.model import Record

Penalty = Callable[[str, float, float], float]


class Entry(Record, frozen=True):
    """A student as nbgrader knows one; an empty text leaves what is there."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""


class Timing(Record, frozen=True):
    """When a student handed in, and until when that student could; None where nobody knows."""

    handed_in: datetime | None
    due: datetime | None
    seconds_late: float = 0.0


def enter_students(layout: Layout, entries: Sequence[Entry]) -> None:
    """Write names, e-mails and LMS ids into the gradebook."""
    with Gradebook(layout) as book:
        book.change(lambda session, api: _enter_students(session, api, entries))


def enter_times(
    layout: Layout, due: datetime | None, timings: Mapping[str, Timing], penalty: Penalty
) -> dict[str, float]:
    """Write the deadline, extensions, times and late penalties; return the penalties.

    Parameters
    ----------
    penalty
        Returns the points that a student loses, from the score and the seconds.
    """
    lost: dict[str, float] = {}

    def change(session: Any, api: Any) -> None:
        assignment = (
            session.query(api.Assignment).filter_by(name=layout.config.assignment).one_or_none()
        )
        if assignment is None:
            return
        if due is not None:
            assignment.duedate = _naive(due)
        for submission in assignment.submissions:
            timing = timings.get(submission.student_id)
            if timing is None:
                continue
            submission.timestamp = None if timing.handed_in is None else _naive(timing.handed_in)
            more = timing.due - due if timing.due is not None and due is not None else None
            submission.extension = more or None
            for notebook in submission.notebooks:
                points = 0.0
                if timing.seconds_late > 0:
                    points = penalty(submission.student_id, notebook.score, timing.seconds_late)
                notebook.late_submission_penalty = points or None
                if points:
                    lost[submission.student_id] = points

    with Gradebook(layout) as book:
        book.change(change)
    return lost


def _enter_students(session: Any, api: Any, entries: Sequence[Entry]) -> None:
    known = {student.id: student for student in session.query(api.Student)}
    for entry in entries:
        student = known.get(entry.id)
        if student is None:
            student = api.Student(id=entry.id)
            session.add(student)
        names = given_names(entry, student.first_name, student.last_name)
        for name, text in (
            *zip(("first_name", "last_name"), names, strict=True),
            ("email", entry.email or student.email),
            ("lms_user_id", entry.lms or student.lms_user_id),
        ):
            if getattr(student, name) != text:
                setattr(student, name, text)


def given_names(entry: Entry, first: str | None, last: str | None) -> tuple[str, str]:
    """Return first and last name: those of the entry, else those that are there, else the id.

    formgrader calls a student whose names the gradebook does not know "None, None".
    """
    if (first or "", last) == ("", entry.id):
        last = ""  # was the id
    first, last = entry.first or first or "", entry.last or last or ""
    return (first, last) if last else ("", first or entry.id)


def _naive(moment: datetime) -> datetime:
    """Return a moment as the gradebook keeps it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
