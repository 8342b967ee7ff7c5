"""From the roster and the deadlines into nbgrader's gradebook."""

from __future__ import annotations

from datetime import UTC

from autograder.collect.deadlines import Deadlines
from autograder.collect.roster import Person, open_roster
from autograder.collect.sources.folder import read_timestamp
from autograder.course.layout import Layout
from autograder.course.times import Entry, Timing, enter_students, enter_times


def enter_roster(layout: Layout) -> None:
    """Write the roster, and who else handed in, into the gradebook; none is made for the latter."""
    people = open_roster(layout).people
    others = [student for student in layout.students() if student not in people]
    if people or (others and layout.has_gradebook):
        entries = [
            Entry(one.id, one.first, one.last, one.email, one.lms) for one in people.values()
        ]
        enter_students(layout, [*entries, *map(Entry, others)])


def enter_lateness(layout: Layout) -> dict[str, float]:
    """Write times and late penalties of what is graded; return the penalties by student."""
    roster = open_roster(layout)
    deadlines = Deadlines(layout.config, roster, layout.course)
    timings = {}
    for student in layout.students():
        person = roster.people.get(student) or Person(student)
        moment = read_timestamp(layout.collected(student))
        late = deadlines.seconds_late(person, moment) if moment is not None else 0.0
        timings[student] = Timing(moment, deadlines.of(person), late)
    if deadlines.due is None and all(timing.handed_in is None for timing in timings.values()):
        return {}
    due = deadlines.due.astimezone(UTC) if deadlines.due is not None else None
    return enter_times(layout, due, timings, deadlines.penalty)
