"""``autograder demo`` and ``doctor``: see it work, and see what the machine lacks."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.context import console, note, open_exam, open_layout, say
from autograder.cli.init import TEMPLATE
from autograder.cli.trust import Chosen, approve, pass_course
from autograder.config import CONFIG_NAME, edition_of, keep_base, load_config
from autograder.errors import UsageError

if TYPE_CHECKING:
    from autograder.course.layout import Layout


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the simulated course goes; demo/ in this course by default. It is replaced.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="How many at once; all processors.")
@click.option("--edition", metavar="NAME", help="A class of the edition in editions/NAME.")
@pass_course
def demo(course: Path, folder: Path | None, jobs: int | None, edition: str | None) -> None:
    """Release, simulate a class, collect, grade, show the table, and write feedback.

    Works in a folder of its own and touches nothing else.

    \b
    Examples:
      autograder demo
      autograder demo --edition recording
    """
    from autograder.cli.feedback import write_feedback
    from autograder.cli.progress import grade_with_progress
    from autograder.collect.gather import collect
    from autograder.collect.ledger import read_ledger
    from autograder.course.build import build
    from autograder.course.classroom import Classroom, choose_students
    from autograder.course.release import release
    from autograder.demo.students import ClassMaker
    from autograder.grading.grader import Grader
    from autograder.nbgrader_plugin.configuration import keep_configuration
    from autograder.reports.classtable import render_class

    started = time.monotonic()
    load_config(course / CONFIG_NAME)  # or say that this is no course, before anything is made
    target = (folder or course / "demo").resolve()
    _fresh_course(course if edition is None else edition_of(course, edition), target)
    approve(target)
    layout = open_layout(target)
    keep_configuration(layout)
    note("1. release")
    build(layout)
    exam = open_exam(target)
    with exam.worker(exam.choose_tier("auto")) as worker:
        release(layout, Grader(exam, worker), lambda message: note(f"   {message}"))
    note("2. a class hands in")
    downloads = target / "downloads"
    downloads.mkdir()
    for student, text in ClassMaker(layout).submissions():
        (downloads / f"{student}.ipynb").write_text(text, encoding="utf-8")
    note("3. collect")
    collected = collect([downloads], layout)
    note(f"   {len(collected.changed('new'))} submissions in {layout.course / 'submitted'}")
    note("4. grade")
    classroom = Classroom(layout, exam, "auto")
    report = grade_with_progress(classroom, choose_students(layout, ()), jobs, force=False)
    grades = read_ledger(layout, [*report.rows, *report.failed])
    console().print(render_class(report.rows, report.failed, grades, layout.config.language))
    note("5. feedback")
    pages = write_feedback(layout, choose_students(layout, ()), force=False)
    note(f"   {len(pages.of('written'))} pages in {layout.course / 'feedback'}")
    _say_where(layout, time.monotonic() - started)
    if report.failed:
        sys.exit(4)


def _fresh_course(course: Path, target: Path) -> None:
    marker = target / ".autograder" / "demo"
    if target.exists():
        if not marker.exists():
            raise UsageError(
                f"{target} exists and is not an earlier demo", "autograder demo --folder NEW"
            )
        shutil.rmtree(target)
    marker.parent.mkdir(mode=0o700, parents=True)
    marker.touch()
    for name in TEMPLATE:
        source = course / name
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy(source, target / name)
    keep_base(course, target)


def _say_where(layout: Layout, seconds: float) -> None:
    shown, page = _from_here(layout.course), layout.feedback("rosa").relative_to(layout.course)
    say(f"\nDone in {seconds:.0f} s. The gradebook is {shown / 'gradebook.db'}, and a page")
    say(f"for each student is in {shown / 'feedback'}, such as")
    say(f"{shown / page}. Next:")
    if sys.prefix != sys.base_prefix:
        say(f"  . {shlex.quote(str(_from_here(Path(sys.prefix)) / 'bin' / 'activate'))}")
    say(f"  cd {shlex.quote(str(shown))}")
    say("  autograder grade                      # nothing has changed: takes a moment")
    say("  autograder run downloads/ben.ipynb    # one submission, in full")
    say("  autograder inspect rosa               # with the hidden cases: for you alone")
    say("  autograder export --to csv            # grades.csv, with states")
    say("  jupyter lab                           # Nbgrader > Formgrader: grade answers")


def _from_here(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


@click.command()
@click.option("--ci", is_flag=True, help="Only isolation: what each tier needs, and which line.")
@click.pass_obj
def doctor(chosen: Chosen, *, ci: bool) -> None:
    """Check this machine and this course: what works, what is missing, what to do.

    Exit status 4 when submissions cannot be graded here.

    \b
    Examples:
      autograder doctor
      autograder doctor --ci
    """
    if ci:
        _advise(chosen)
        return
    from autograder.checkup import examine

    findings = examine(chosen.open)
    for finding in findings:
        mark = "ok  " if finding.ok else "FAIL" if finding.needed else "note"
        say(f"{mark}  {finding.what}")
        if finding.remedy:
            say(f"      → {finding.remedy}")
    if any(finding.needed and not finding.ok for finding in findings):
        sys.exit(4)


def _advise(chosen: Chosen) -> None:
    from autograder.cli.doctor_ci import advise

    advice = advise(chosen.open())
    for line in advice.lines:
        say(line)
    if not advice.works:
        sys.exit(4)
