"""``autograder feedback`` and ``inspect``: pages for students, and one for the instructor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.context import isolation_option, note, open_exam, open_layout, reopen_exam

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.course.feedback import FeedbackReport
    from autograder.course.layout import Layout


@click.command()
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student.")
@click.option("--force", is_flag=True, help="Write again what has not changed.")
@click.pass_obj
def feedback(course: Path, students: tuple[str, ...], force: bool) -> None:
    """Write one HTML page for each graded student into feedback/.

    A page holds points, findings, the student's own code beside them, and the answers that you
    have graded by hand; no hidden number. nbgrader release_feedback hands the pages out.

    \b
    Examples:
      autograder feedback
      autograder feedback --student ada --force
    """
    from autograder.course.classroom import choose_students

    layout = open_layout(course)
    report = write_feedback(layout, choose_students(layout, students), force=force)
    for student, word in report.outcome.items():
        if word not in {"written", "unchanged"}:
            note(f"no page: {student}: {word}: autograder grade --student {student}")
    click.echo(
        f"{len(report.of('written'))} pages written, {len(report.of('unchanged'))} unchanged, "
        f"in {layout.course / 'feedback'}"
    )


def write_feedback(layout: Layout, students: Sequence[str], *, force: bool) -> FeedbackReport:
    """Write pages; a bar appears when it takes long."""
    from autograder.cases import load_cases
    from autograder.cli.progress import late_bar
    from autograder.course.feedback import FeedbackRoom
    from autograder.grading.grader import HIDDEN_CASES

    room = FeedbackRoom(layout, load_cases(layout.course / HIDDEN_CASES, layout.config))
    with late_bar("writing pages", len(students)) as advance:
        return room.write_all(students, force=force, progress=advance)


@click.command()
@click.argument("student", metavar="STUDENT")
@isolation_option
@click.pass_obj
def inspect(course: Path, student: str, isolation: str) -> None:
    """Write the instructor's view of STUDENT's submission, with hidden cases in full.

    It is graded again, with the seed of its recorded grade where there is one, and changes no
    grade. The page lies in .autograder/inspect/, readable by you alone.

    \b
    Example:
      autograder inspect ada
    """
    from autograder.cli.run import compare_results
    from autograder.course.classroom import choose_students
    from autograder.course.feedback import FeedbackRoom, journalled
    from autograder.course.inspection import inspect_submission

    layout = open_layout(course)
    (student,) = choose_students(layout, [student])
    old = journalled(layout, student)
    exam = open_exam(course) if old is None else reopen_exam(course, old)
    room = FeedbackRoom(layout, exam.case_set)
    path, result = inspect_submission(layout, room, exam, exam.choose_tier(isolation), student)
    if old is not None:
        note(compare_results(old, result))
    click.echo(path)
