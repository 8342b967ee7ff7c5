"""``autograder release`` and ``grade``; ``collect`` has a module of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.choosing import chosen_table, filter_option, refuse_nonsense, sort_option
from autograder.cli.context import console, isolation_option, note, open_exam, open_layout, say
from autograder.cli.trust import approve, pass_course
from autograder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.course.classroom import Preview
    from autograder.course.layout import Layout


@click.command()
@click.option("--full", is_flag=True, help="Audit with every mutant, not only a selection.")
@click.option(
    "--accept-survivor",
    "accepted",
    multiple=True,
    metavar="ID",
    help="A wrong submission that may keep full marks; kept in the release's notes.",
)
@isolation_option
@pass_course
def release(course: Path, full: bool, accepted: tuple[str, ...], isolation: str) -> None:
    """Build what students get from source/, and turn it into release/ if it is fit to go out.

    The notebook, the public cases and the handout's checks are made anew from source/*.py,
    tests/public and config.yaml; all that does not fit is told at once. Refused are also an
    operation of which something is missing, a misspelt marker, a solution's line left anywhere, a
    solution below full marks, a stub above zero, a wrong submission of the audit that keeps full
    marks and a correct one that loses a point. release/ is then unchanged. What no edit has touched
    since the last time is not audited again.

    \b
    Examples:
      autograder release
      autograder release --accept-survivor "Rule.apply: b.data → b"
    """
    from autograder.audit.declared import require_whole_operations
    from autograder.cli.audit import gate_with_progress
    from autograder.course.release import release as make_release
    from autograder.grading.grader import Grader
    from autograder.nbgrader_plugin.configuration import keep_configuration

    layout = open_layout(course)
    kept = keep_configuration(layout)
    if kept:
        note(kept)
    _build(layout)
    exam = open_exam(course, draft=True)
    note(require_whole_operations(layout))
    with exam.worker(exam.choose_tier(isolation)) as worker:
        files = make_release(
            layout,
            Grader(exam, worker),
            note,
            lambda notebook: gate_with_progress(layout, notebook, accepted, full=full),
        )
    approve(course)
    for path in files:
        say(str(path.relative_to(course)))


@click.command()
@pass_course
def build(course: Path) -> None:
    """Make the notebook and the handout's public checks anew from source/, and release nothing.

    `autograder release` does so by itself. All that does not fit is told at once.

    \b
    Example:
      autograder build
    """
    _build(open_layout(course))


def _build(layout: Layout) -> None:
    from autograder.course.build import build as make

    made = make(layout)
    for line in made.notes:
        note(line)
    for path in made.written:
        note(f"made {path.relative_to(layout.course)}")


@click.command()
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student.")
@click.option("--jobs", type=click.IntRange(min=1), help="How many at once; all processors.")
@click.option("--force", is_flag=True, help="Grade again what has not changed.")
@click.option("--dry-run", is_flag=True, help="Tell whose grade would change, and write nothing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json goes with --dry-run.",
)
@click.option(
    "--repair", is_flag=True, help="Write back what was graded, where the gradebook differs."
)
@sort_option
@filter_option
@isolation_option
@pass_course
def grade(
    course: Path,
    students: tuple[str, ...],
    jobs: int | None,
    force: bool,
    dry_run: bool,
    form: str,
    repair: bool,
    order: str,
    conditions: tuple[str, ...],
    isolation: str,
) -> None:
    """Grade what is new or changed in submitted/ into the gradebook.

    Interrupt it at any time: what was graded is kept, and the next run goes on from there.
    --sort and --filter are about the table alone. A result that was brought back stays, unless
    --force names its student. Exit status 4 when somebody could not be graded; their old grade
    stays.

    \b
    Examples:
      autograder grade
      autograder grade --dry-run
      autograder grade --dry-run --format json > changes.json
      autograder grade --sort total --filter "cp2<80%"
      autograder grade --student ada --student grace
      autograder grade --force --jobs 4
      autograder grade --repair
    """
    from autograder.cli.agreement import mend, tell_differences
    from autograder.cli.progress import (
        grade_with_progress,
        preview_with_progress,
        settle_with_progress,
    )
    from autograder.collect.lateness import enter_lateness, enter_roster
    from autograder.collect.ledger import read_ledger
    from autograder.course.classroom import Classroom, choose_students
    from autograder.reports.classtable import entries_of

    if dry_run and repair:
        raise UsageError("--dry-run writes nothing, and --repair writes", "Leave one of them out.")
    if form == "json" and not dry_run:
        raise UsageError("A run has a table", "autograder overview --format json --who")
    layout = open_layout(course)
    refuse_nonsense(layout.config, order, conditions)
    chosen = choose_students(layout, students)
    classroom = Classroom(layout, open_exam(course), isolation)
    if dry_run:
        preview = preview_with_progress(
            classroom, chosen, jobs, force=force, replace_held=bool(students)
        )
        _show_preview(layout, preview, form)
        if layout.config.late.counts == "best":
            note("of the attempts that lie in submitted/; grade also tries the others")
        return
    settled = settle_with_progress(classroom, layout, chosen, jobs, force=force)
    chosen = [student for student in chosen if student not in settled.failed]
    report = grade_with_progress(
        classroom,
        chosen,
        jobs,
        force=force,
        known=settled.known,
        replace_held=bool(students),
    )
    failed = report.failed | settled.failed
    if report.graded:
        enter_roster(layout)
    mended = not repair or mend(layout, chosen)
    lost = enter_lateness(layout)
    grades = read_ledger(layout, [*report.rows, *failed])
    entries = entries_of(report.rows, failed, grades)
    console().print(chosen_table(entries, layout.config, order, conditions))
    if lost:
        note(f"{len(lost)} lose points for being late")
    note(
        f"{len(report.graded)} graded, {len(report.unchanged)} unchanged, {len(failed)} not graded"
        f"{_holding(report.held)}"
    )
    if report.ended:
        note(f"no longer held as brought back: {', '.join(report.ended)}")
    if not repair:
        tell_differences(layout, chosen)
    if failed or not mended:
        sys.exit(4)


def _show_preview(layout: Layout, preview: Preview, form: str) -> None:
    from autograder.reports.changes import count_changes, render_preview
    from autograder.reports.preview import preview_json

    if form == "json":
        name, failed = layout.config.assignment, preview.failed
        say(preview_json(name, preview.changes, failed, preview.held, preview.ended))
    else:
        console().print(render_preview(preview.changes, preview.failed))
    counted = count_changes(preview.changes, preview.held, preview.failed)
    note(f"{counted}{_holding(preview.held)}; nothing was written")
    if preview.ended:
        note(f"would no longer be held as brought back: {', '.join(preview.ended)}")
    if preview.failed:
        sys.exit(4)


def _holding(held: Sequence[str]) -> str:
    return f", {len(held)} held as brought back: {', '.join(held)}" if held else ""
