"""``--sort`` and ``--filter``: which students of a class a command shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autograder.config import Config
    from autograder.reports.classtable import Entry

sort_option = click.option(
    "--sort",
    "order",
    default="",
    metavar="FIELDS",
    help="Order of students, such as total, -cp1 (the highest first) or state,-total.",
)

filter_option = click.option(
    "--filter",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="Show only students such as cp2<80%, state=error, check=mul (did not pass it),"
    " mistake=overwrites, group=tue*, or with a word. All must hold.",
)


def refuse_nonsense(config: Config, order: str, conditions: Sequence[str]) -> None:
    """Raise ``UsageError`` for an order or a condition that there is not, before any work."""
    from autograder.reports.selection import select

    select((), order, conditions, [check.id for check in config.all_checks])


def chosen_table(
    entries: Sequence[Entry], config: Config, order: str, conditions: Sequence[str]
) -> RenderableType:
    """Return the class table of those who are chosen."""
    from autograder.reports.classtable import render_entries
    from autograder.reports.selection import select

    checks = [check.id for check in config.all_checks]
    chosen = select(entries, order, conditions, checks)
    return render_entries(chosen, len(entries), config.language)
