"""``autograder collect``, and what a student handed in when."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.choosing import chosen_table, filter_option, refuse_nonsense, sort_option
from autograder.cli.context import console, note, open_layout, say
from autograder.cli.trust import pass_course
from autograder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.course.layout import Layout
    from autograder.reports.classtable import Entry

NEEDS_A_LOOK = 3


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--from", "kind", default="", metavar="LAYOUT", help="The layout, if not clear.")
@click.option("--dry-run", is_flag=True, help="Tell what would be taken, and change nothing.")
@click.option("--all", "everything", is_flag=True, help="Show what was taken in the table, too.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@pass_course
def collect(
    course: Path, sources: tuple[str, ...], kind: str, dry_run: bool, everything: bool, form: str
) -> None:
    """Take submissions from each SOURCE into submitted/, and account for every file.

    SOURCE is what Canvas, Moodle, Blackboard, Brightspace or Gradescope let you download, packed
    or not; a folder of repositories; a list of git URLs, or one of them; nbgrader's exchange; or
    a folder with one file or one folder for each student. Collecting the same again changes
    nothing.

    Exit status 3 when something needs a look: a student without a submission, a file that cannot
    be read, or somebody who is not in the roster.

    \b
    Examples:
      autograder collect submissions.zip
      autograder collect --from moodle --dry-run download/
      autograder collect repositories.csv
    """
    from autograder.collect.gather import collect as take_in
    from autograder.collect.lateness import enter_roster
    from autograder.collect.table import account_json, render_account

    layout = open_layout(course)
    account = take_in(sources, layout, kind=kind, dry_run=dry_run)
    if not dry_run:
        enter_roster(layout)
    if form == "json":
        say(account_json(account))
    else:
        for source, name in account.sources:
            note(f"{source}: {name}")
        console().print(render_account(account, everything=everything))
    if account.needs_a_look:
        sys.exit(NEEDS_A_LOOK)


@click.command()
@click.argument("student", metavar="STUDENT")
@pass_course
def attempts(course: Path, student: str) -> None:
    """Show everything that STUDENT handed in, when, and which of it counts.

    \b
    Example:
      autograder attempts ada
    """
    from autograder.collect.best import open_chooser
    from autograder.collect.table import render_attempts

    chooser = open_chooser(open_layout(course))
    found = chooser.attempts.of(student)
    if not found:
        raise UsageError(f"{student!r} has no attempt that was collected", "autograder status")
    late = [chooser.is_late(student, one) for one in found]
    console().print(render_attempts(found, chooser.choose(student), late))


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--table", is_flag=True, help="Show the class table as well: the kept results.")
@sort_option
@filter_option
@pass_course
def status(course: Path, form: str, table: bool, order: str, conditions: tuple[str, ...]) -> None:
    """Show where the course stands, and the next command to type. Nothing is changed.

    \b
    Examples:
      autograder status
      autograder status --table --sort -total --filter "check=mul"
    """
    import msgspec

    from autograder.collect.standing import standing
    from autograder.collect.table import render_standing
    from autograder.reports.boundary import in_json

    layout = open_layout(course)
    wants_table = table or bool(order or conditions)
    if wants_table and form == "json":
        raise UsageError("The table is text", "autograder overview --format json --who")
    refuse_nonsense(layout.config, order, conditions)
    found = standing(layout)
    if form == "json":
        say(in_json(msgspec.json.format(msgspec.json.encode(found), indent=2).decode()))
        return
    if wants_table:
        console().print(chosen_table(_everybody(layout), layout.config, order, conditions))
    console().print(render_standing(found))


def _everybody(layout: Layout) -> Sequence[Entry]:
    """Return the class as it was graded last."""
    from autograder.collect.ledger import read_ledger
    from autograder.course.overview import read_class

    return read_class(layout, read_ledger(layout))
