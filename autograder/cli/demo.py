"""``autograder demo`` and ``doctor``: see it work, and see what the machine lacks."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import click

from autograder.cli.context import console, note, open_exam, open_layout

COURSE_FILES = ("config.yaml", "source", "tests/hidden", "tests/mutants", "tests/variants")


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the simulated course goes; demo/ in this course by default. It is replaced.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="How many at once; all processors.")
@click.pass_obj
def demo(course: Path, folder: Path | None, jobs: int | None) -> None:
    """Release, simulate a class, collect, grade, show the table, and write feedback.

    Works in a folder of its own and touches nothing else.

    \b
    Example:
      autograder demo
    """
    from autograder.cli.feedback import write_feedback
    from autograder.cli.progress import grade_with_progress
    from autograder.course.classroom import Classroom, choose_students
    from autograder.course.collect import collect_folder
    from autograder.course.release import release
    from autograder.demo.students import ClassMaker
    from autograder.grading.grader import Grader
    from autograder.reports.classtable import render_class

    started = time.monotonic()
    target = (folder or course / "demo").resolve()
    _fresh_course(course, target)
    exam, layout = open_exam(target), open_layout(target)
    note("1. release")
    with exam.worker(exam.choose_tier("auto")) as worker:
        release(layout, Grader(exam, worker), lambda message: note(f"   {message}"))
    note("2. a class hands in")
    downloads = target / "downloads"
    downloads.mkdir()
    for student, text in ClassMaker(layout).submissions():
        (downloads / f"{student}.ipynb").write_text(text, encoding="utf-8")
    note("3. collect")
    collected = collect_folder(downloads, layout)
    note(f"   {len(collected.new)} submissions in {layout.course / 'submitted'}")
    note("4. grade")
    classroom = Classroom(layout, exam, "auto")
    report = grade_with_progress(classroom, choose_students(layout, ()), jobs, force=False)
    console().print(render_class(report.rows, report.failed))
    note("5. feedback")
    pages = write_feedback(layout, choose_students(layout, ()), force=False)
    note(f"   {len(pages.of('written'))} pages in {layout.course / 'feedback'}")
    _say_where(target, time.monotonic() - started)
    if report.failed:
        sys.exit(4)


def _fresh_course(course: Path, target: Path) -> None:
    marker = target / ".autograder" / "demo"
    if target.exists():
        if not marker.exists():
            raise click.UsageError(f"{target} exists and is not an earlier demo")
        shutil.rmtree(target)
    for name in COURSE_FILES:
        source = course / name
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)
    marker.parent.mkdir(mode=0o700, exist_ok=True)
    marker.touch()


def _say_where(target: Path, seconds: float) -> None:
    shown = target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target
    click.echo(f"\nDone in {seconds:.0f} s. The gradebook is {shown / 'gradebook.db'}, and a page")
    click.echo(f"for each student is in {shown / 'feedback'}, such as")
    click.echo(f"{shown / 'feedback' / 'rosa' / '05_autograd' / '05_autograd.html'}. Next:")
    click.echo(f"  cd {shown}")
    click.echo("  autograder grade                      # nothing has changed: takes a moment")
    click.echo("  autograder run downloads/ben.ipynb    # one submission, in full")
    click.echo("  autograder inspect rosa               # with the hidden cases: for you alone")
    click.echo("  nbgrader export                       # grades.csv")
    click.echo("  jupyter lab                           # Nbgrader > Formgrader: grade answers")


@click.command()
@click.pass_obj
def doctor(course: Path) -> None:
    """Check this machine and this course: what works, what is missing, what to do.

    Exit status 4 when submissions cannot be graded here.

    \b
    Example:
      autograder doctor
    """
    from autograder.cli.checkup import examine

    findings = examine(course)
    for finding in findings:
        mark = "ok  " if finding.ok else "FAIL" if finding.needed else "note"
        click.echo(f"{mark}  {finding.what}")
        if finding.remedy:
            click.echo(f"      → {finding.remedy}")
    if any(finding.needed and not finding.ok for finding in findings):
        sys.exit(4)
