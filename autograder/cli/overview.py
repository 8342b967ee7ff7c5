"""``autograder overview``: the class at a glance."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.choosing import filter_option, sort_option
from autograder.cli.context import console, open_layout, say
from autograder.cli.trust import pass_course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.course.layout import Layout
    from autograder.reports.overview.records import Overview


@click.command()
@click.option("--who", is_flag=True, help="Name the students who share each mistake and check.")
@sort_option
@filter_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the HTML goes; by default .autograder/overview/.",
)
@pass_course
def overview(
    course: Path,
    who: bool,
    order: str,
    conditions: tuple[str, ...],
    form: str,
    output: Path | None,
) -> None:
    """Show how the class did: scores, checks, mistakes, cases, and what waits for you.

    Figures are of the results that grading has kept; nothing is graded and nothing changed. The
    HTML is one file for you alone, to sort, filter and search; it names students. JSON names
    nobody without --who.

    \b
    Examples:
      autograder overview
      autograder overview --who --filter group=tuesday
      autograder overview --format html
      autograder overview --format json > figures.json
    """
    from autograder.errors import UsageError
    from autograder.reports.overview.document import overview_json
    from autograder.reports.overview.text import render_overview

    if output is not None and form != "html":
        raise UsageError("--output is for --format html", "Send the others to a file with > FILE.")
    layout = open_layout(course)
    found = overview_of_course(layout, order, conditions)
    if form == "html":
        say(str(_write_page(layout, found, output)))
    elif form == "json":
        say(overview_json(found, who=who))
    else:
        console().print(render_overview(found, who=who))


def overview_of_course(layout: Layout, order: str, conditions: Sequence[str]) -> Overview:
    """Return the figures of the students that are chosen."""
    from autograder.cli.choosing import refuse_nonsense
    from autograder.collect.ledger import read_ledger
    from autograder.course.overview import course_of, read_class
    from autograder.reports.overview.figures import overview_of
    from autograder.reports.selection import select

    refuse_nonsense(layout.config, order, conditions)
    everybody = read_class(layout, read_ledger(layout))
    checks = [check.id for check in layout.config.all_checks]
    return overview_of(
        course_of(layout),
        select(everybody, order, conditions, checks),
        of=len(everybody),
        made=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        conditions=conditions,
    )


def _write_page(layout: Layout, found: Overview, output: Path | None) -> Path:
    """Write the page, readable by the instructor alone, and return where it is."""
    import os

    from autograder.course.files import write_atomically
    from autograder.reports.overview.page import render_overview_page

    target = output or layout.overview
    beside = target.absolute().parent
    pages = {
        student.student: os.path.relpath(layout.feedback(student.student).absolute(), beside)
        for student in found.students
        if student.page
    }
    text = render_overview_page(found, pages)
    write_atomically(target, text.encode("utf-8"), mode=0o600)
    return target
