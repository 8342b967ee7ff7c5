"""The account of a collection for a terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.collect.attempts import Attempt
from autograder.collect.best import Choice
from autograder.collect.model import Account, Row, Status
from autograder.collect.standing import Standing
from autograder.reports.boundary import in_json, on_terminal
from autograder.reports.text import points

_COLOURS: dict[Status, str] = {
    "taken": "green", "late": "yellow", "unreadable": "red", "not a submission": "yellow",
    "unknown student": "magenta", "missing": "red",
}  # fmt: skip
SCHEMA = "autograder/collected/v1"


def render_account(account: Account, *, everything: bool = False) -> RenderableType:
    """Return the table: what needs a look, or everything, and a line that counts all.

    What was taken as it should be is only counted, unless ``everything`` is asked for.
    """
    rows = [row for row in account.rows if everything or row.look or row.status != "taken"]
    lines = [_line(row) for row in rows]
    table = Table(box=None, padding=(0, 1), header_style="bold")
    shown = [place for place in range(len(_TITLES)) if any(line[place][0] for line in lines)]
    for place in shown:
        table.add_column(_TITLES[place], overflow="fold", no_wrap=_TITLES[place] == "status")
    for line in lines:
        table.add_row(*(Text(on_terminal(line[place][0]), line[place][1]) for place in shown))
    parts: list[RenderableType] = [table] if rows else []
    return Group(*parts, Text(on_terminal(_summary(account))))


_TITLES = ("student", "status", "file", "handed in (UTC)", "")
"""Of the columns; one that would be empty is left out, since names of files are long."""


def _line(row: Row) -> tuple[tuple[str, str], ...]:
    """Return the cells of a line, and their styles."""
    who = row.student or row.name
    if row.student and row.name and row.name != row.student:
        who = f"{row.student} ({row.name})"
    time = row.time.removesuffix(" UTC")
    colour = _COLOURS.get(row.status, "")
    return (
        (who, ""),
        (row.status, colour),
        (row.file, ""),
        (time, ""),
        (row.detail or row.change, ""),
    )


def _summary(account: Account) -> str:
    counted = Counter(row.status for row in account.rows)
    changes = Counter(row.change for row in account.rows if row.change)
    states = ", ".join(f"{count} {status}" for status, count in sorted(counted.items()))
    told = ", ".join(f"{changes[name]} {name}" for name in ("new", "updated", "unchanged"))
    would = "would be " if account.dry_run else ""
    return f"{states or 'nothing'}; submissions: {would}{told}"


def account_json(account: Account) -> str:
    """Return the same as JSON, harmless to a terminal."""
    document = {
        "schema": SCHEMA,
        "dry_run": account.dry_run,
        "needs_a_look": account.needs_a_look,
        "sources": [{"source": name, "layout": layout} for name, layout in account.sources],
        "counts": dict(sorted(Counter(row.status for row in account.rows).items())),
        "rows": account.rows,
    }
    return in_json(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def render_attempts(
    attempts: Sequence[Attempt], choice: Choice, late: Sequence[bool]
) -> RenderableType:
    """Return a student's attempts, as they were collected, and which one counts."""
    table = Table(box=None, padding=(0, 1), header_style="bold")
    tried = bool(choice.points)
    for name in ("", *(["points"] if tried else []), "handed in", "collected", "digest", "file"):
        table.add_column(name, overflow="fold", justify="right" if name == "points" else "left")
    for attempt, is_late in zip(attempts, late, strict=True):
        counts = choice.counting is not None and attempt.id == choice.counting.id
        words = ["counts" if choice.decided else "in submitted/"] if counts else []
        words += ["late"] if is_late else []
        words += ["unreadable"] if attempt.fault else []
        worth = choice.points.get(attempt.id)
        cells = (
            ", ".join(words),
            *(["" if worth is None else points(worth)] if tried else []),
            _minute(attempt.time) or "unknown",
            _minute(attempt.received),
            attempt.digest[:12],
            f"{attempt.file} in {attempt.source}",
        )
        table.add_row(*(Text(on_terminal(cell)) for cell in cells))
    below = ["Times are in UTC."]
    if tried:
        below.append("Points are the automatic ones, after the late penalty.")
    if not choice.decided:
        below.append("autograder grade finds out which one is worth most: that one counts.")
    return Group(table, Text("\n".join(below)))


def _minute(moment: str) -> str:
    return moment[:19].replace("T", " ")


MAX_NAMED = 8


def render_standing(found: Standing) -> RenderableType:
    """Return where a course stands, on one screen."""
    table = Table(box=None, padding=(0, 1), show_header=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    of = "" if found.roster is None else f"of {found.roster} in the roster"
    if found.excused:
        of += f", {found.excused} excused"
    lines = (
        (found.collected, "collected", of),
        (found.attempts, "attempts", ""),
        (found.graded, "graded", ""),
        (len(found.changed), "to be graded", _some(found.changed)),
        (len(found.in_error), "in error", _some(found.in_error)),
        (len(found.differing), "differ in the gradebook", _some(found.differing)),
        (found.waiting, "waiting for a hand grade", ""),
        (len(found.missing), "missing", _some(found.missing) or ("" if of else "no roster")),
    )
    for count, what, detail in lines:
        unknown = what == "missing" and found.roster is None
        table.add_row("?" if unknown else str(count), what, Text(on_terminal(detail), "dim"))
    return Group(table, Text("next: ", "bold") + Text(found.next))


def _some(names: Sequence[str]) -> str:
    rest = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
