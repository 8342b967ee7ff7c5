"""Where a course stands, and the next command to type."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from autograder.collect.attempts import Attempts
from autograder.collect.best import Chooser
from autograder.collect.deadlines import Deadlines
from autograder.collect.ledger import read_ledger
from autograder.collect.roster import open_roster
from autograder.course.agreement import find_differences
from autograder.course.layout import Layout
from autograder.grades import State, StudentGrade
from autograder.model import Record


class Standing(Record, frozen=True):
    """Counts of students, and who they are where somebody has to act.

    Attributes
    ----------
    changed
        Handed in, and not graded as it lies there now, or one of several attempts may count.
    differing
        For whom the gradebook is not what was graded.
    waiting
        Submissions with an answer that a person has yet to grade.
    roster
        How many the roster has; None without one.
    """

    released: bool
    collected: int
    attempts: int
    graded: int
    in_error: tuple[str, ...]
    changed: tuple[str, ...]
    differing: tuple[str, ...]
    waiting: int
    missing: tuple[str, ...]
    excused: int
    without_page: tuple[str, ...]
    roster: int | None
    next: str


def standing(layout: Layout) -> Standing:
    """Look at the course's folder; grade and change nothing."""
    roster = open_roster(layout)
    attempts = Attempts(layout)
    chooser = Chooser(layout, roster, Deadlines(layout.config, roster, layout.course), attempts)
    grades = read_ledger(layout)
    having = [student for student in layout.students() if layout.submission(student).exists()]
    changed = [
        student
        for student in having
        if grades[student].work in {"ungraded", "outdated"} or chooser.to_be_settled(student)
    ]
    settled = [student for student in having if student not in set(changed)]
    in_error = [student for student in settled if grades[student].work == "error"]
    found = Standing(
        released=layout.released_notebook.is_file(),
        collected=len(having),
        attempts=sum(len(attempts.of(student)) for student in attempts.students()),
        graded=len(settled) - len(in_error),
        in_error=tuple(in_error),
        changed=tuple(changed),
        differing=tuple(find_differences(layout, having)),
        waiting=sum(bool(grade.waiting) for grade in grades.values()),
        missing=_in_state(grades, "expected", "missing"),
        excused=len(_in_state(grades, "excused")),
        without_page=tuple(
            student for student in settled if not layout.feedback(student).is_file()
        ),
        roster=len(roster.people) if roster else None,
        next="",
    )
    return replace(found, next=_next(found))


def _in_state(grades: Mapping[str, StudentGrade], *states: State) -> tuple[str, ...]:
    """Return those of the roster who are in one of the states."""
    return tuple(student for student, grade in grades.items() if grade.state in states)


def _next(found: Standing) -> str:
    steps = (
        (not found.released, "autograder release"),
        (not found.collected, "autograder collect SOURCE"),
        (found.changed, "autograder grade"),
        (found.differing, "autograder grade --repair"),
        (found.waiting, "jupyter lab    # Nbgrader > Formgrader: grade answers by hand"),
        (found.without_page, "autograder feedback"),
    )
    return next((command for due, command in steps if due), "autograder export --to csv")
