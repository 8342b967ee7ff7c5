"""``autograder cases``: list the hidden cases and what they are worth."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.context import console
from autograder.cli.trust import pass_course
from autograder.config import CONFIG_NAME, load_config


@click.command()
@click.option("--check", "check_id", metavar="ID", help="Only the cases of this check.")
@pass_course
def cases(course: Path, check_id: str | None) -> None:
    """List the hidden cases by check, with points and the sentence a student reads.

    \b
    Examples:
      autograder cases
      autograder cases --check paths
    """
    from rich.table import Table

    from autograder.cases import load_cases
    from autograder.errors import UsageError
    from autograder.grading.material import find_cases
    from autograder.reports.text import points

    config = load_config(course / CONFIG_NAME)
    case_set = load_cases(find_cases(course, config), config)
    checks = [check for check in config.all_checks if check_id in (None, check.id)]
    if not checks:
        raise UsageError(f"config.yaml has no check {check_id!r}")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        table.add_row(
            points(check.points), f"[bold]{check.id}[/]  {check.kind}, {check.checkpoint}"
        )
        for case in case_set.of_check(check.id):
            table.add_row("", f"  {case.sentence}")
    out = console()
    out.print(table)
    out.print(f"{len(case_set.cases)} cases, case set {case_set.digest}")
