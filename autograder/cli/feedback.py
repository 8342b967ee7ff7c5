"""``autograder feedback`` and ``inspect``: pages for students, and one for the instructor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.context import isolation_option, note, open_exam, open_layout, reopen_exam, say
from autograder.cli.trust import pass_course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.course.feedback import FeedbackReport
    from autograder.course.layout import Layout


@click.command()
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student.")
@click.option("--force", is_flag=True, help="Write again what has not changed.")
@pass_course
def feedback(course: Path, students: tuple[str, ...], force: bool) -> None:
    """Write one HTML page for each graded student into feedback/.

    A page holds points, findings, the student's own code beside them, and the answers that you
    have graded by hand; no hidden number. nbgrader release_feedback hands the pages out.
    Exit status 4 when a page could not be made; the other pages are written.

    \b
    Examples:
      autograder feedback
      autograder feedback --student ada --force
    """
    from autograder.collect.ledger import members_of
    from autograder.collect.roster import open_roster
    from autograder.course.classroom import choose_students

    layout = open_layout(course)
    chosen = choose_students(layout, students)
    report = write_feedback(layout, chosen, force=force)
    members = members_of(layout, open_roster(layout), chosen)
    for student, word in report.outcome.items():
        who = members[student].shown
        if word == "failed":
            note(f"no page: {who}: {report.reasons[student]}")
        elif word not in {"written", "unchanged"}:
            note(f"no page: {who}: {word}: autograder grade --student {student}")
    say(
        f"{len(report.of('written'))} pages written, {len(report.of('unchanged'))} unchanged, "
        f"in {layout.course / 'feedback'}"
    )
    if report.reasons:
        sys.exit(4)


def write_feedback(layout: Layout, students: Sequence[str], *, force: bool) -> FeedbackReport:
    """Write pages; a bar appears when it takes long."""
    from autograder.cases import load_cases
    from autograder.cli.progress import late_bar
    from autograder.collect.lateness import enter_lateness
    from autograder.collect.ledger import members_of
    from autograder.collect.roster import open_roster
    from autograder.course.feedback import FeedbackRoom
    from autograder.grading.material import find_cases

    members = members_of(layout, open_roster(layout), students)
    enter_lateness(layout)  # hand grades since the last run may change what being late costs
    folder = find_cases(layout.course, layout.config)
    room = FeedbackRoom(layout, load_cases(folder, layout.config), members=members)
    with late_bar("writing pages", len(students)) as advance:
        return room.write_all(students, force=force, progress=advance)


@click.command()
@click.argument("student", metavar="STUDENT")
@isolation_option
@pass_course
def inspect(course: Path, student: str, isolation: str) -> None:
    """Write the instructor's view of STUDENT's submission, with hidden cases in full.

    It is graded again, with the seed of its recorded grade where there is one, and changes no
    grade. The page lies in .autograder/inspect/, readable by you alone.

    \b
    Example:
      autograder inspect ada
    """
    from autograder.collect.ledger import members_of
    from autograder.collect.roster import open_roster
    from autograder.course.classroom import choose_students
    from autograder.course.feedback import FeedbackRoom
    from autograder.course.inspection import inspect_submission
    from autograder.course.journal import Journal
    from autograder.results import compare_results

    layout = open_layout(course)
    (student,) = choose_students(layout, [student])
    old = Journal(layout).read(student)
    exam = open_exam(course) if old is None else reopen_exam(course, old)
    members = members_of(layout, open_roster(layout), [student])
    room = FeedbackRoom(layout, exam.case_set, members=members)
    path, result = inspect_submission(layout, room, exam, exam.choose_tier(isolation), student)
    if old is not None:
        note(compare_results(old, result))
    say(str(path))
