"""``autograder release``, ``collect`` and ``grade``: the course's own round."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli.context import console, isolation_option, note, open_exam, open_layout


@click.command()
@click.option("--full", is_flag=True, help="Audit with every mutant, not only a selection.")
@isolation_option
@click.pass_obj
def release(course: Path, full: bool, isolation: str) -> None:
    """Turn source/ into release/ with nbgrader, if it is fit to go out.

    Refuses a misspelt marker, a solution's line left anywhere, points that disagree with
    config.yaml, a solution below full marks, a stub above zero, a wrong submission of the audit
    that keeps full marks and a correct one that loses a point. release/ is then unchanged.

    \b
    Example:
      autograder release
    """
    from autograder.cli.audit import gate_with_progress
    from autograder.course.release import release as make_release
    from autograder.grading.grader import Grader

    exam, layout = open_exam(course), open_layout(course)
    with exam.worker(exam.choose_tier(isolation)) as worker:
        files = make_release(
            layout, Grader(exam, worker), note, lambda: gate_with_progress(layout, full=full)
        )
    for path in files:
        click.echo(path.relative_to(course))


@click.command()
@click.argument(
    "sources", nargs=-1, required=True, metavar="SOURCE...", type=click.Path(path_type=Path)
)
@click.pass_obj
def collect(course: Path, sources: tuple[Path, ...]) -> None:
    """Take submissions from each SOURCE into submitted/.

    SOURCE is a folder of STUDENT.ipynb files, or of STUDENT/ folders with a notebook each.
    Collecting the same files again changes nothing.

    \b
    Example:
      autograder collect downloads/
    """
    from autograder.course.collect import collect_folder

    layout = open_layout(course)
    for source in sources:
        collected = collect_folder(source, layout)
        for student, reason in collected.refused:
            note(f"not collected: {student}: {reason}")
        click.echo(
            f"{source}: {len(collected.new)} new, {len(collected.updated)} updated, "
            f"{len(collected.unchanged)} unchanged, {len(collected.refused)} not collected"
        )


@click.command()
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student.")
@click.option("--jobs", type=click.IntRange(min=1), help="How many at once; all processors.")
@click.option("--force", is_flag=True, help="Grade again what has not changed.")
@isolation_option
@click.pass_obj
def grade(
    course: Path, students: tuple[str, ...], jobs: int | None, force: bool, isolation: str
) -> None:
    """Grade what is new or changed in submitted/ into the gradebook.

    Interrupt it at any time: what was graded is kept, and the next run goes on from there.
    Exit status 4 when somebody could not be graded; their old grade stays.

    \b
    Examples:
      autograder grade
      autograder grade --student ada --student grace
      autograder grade --force --jobs 4
    """
    from autograder.cli.progress import grade_with_progress
    from autograder.course.classroom import Classroom, choose_students
    from autograder.reports.classtable import render_class

    layout = open_layout(course)
    chosen = choose_students(layout, students)
    classroom = Classroom(layout, open_exam(course), isolation)
    report = grade_with_progress(classroom, chosen, jobs, force=force)
    console().print(render_class(report.rows, report.failed))
    note(
        f"{len(report.graded)} graded, {len(report.unchanged)} unchanged, "
        f"{len(report.failed)} not graded"
    )
    if report.failed:
        sys.exit(4)
