"""An overview for a terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autograder.grades import STATES, State
from autograder.model import EXTRA_CREDIT
from autograder.reports.boundary import on_terminal
from autograder.reports.overview.records import CheckFigure, Distribution, MistakeFigure, Overview
from autograder.reports.text import points

MAX_NAMED = 8
MAX_MISTAKES = 12
MAX_CASES = 8
BAR = 30
WORDS: dict[State, str] = {
    "graded": "graded",
    "waiting": "graded, but for answers by hand",
    "crashed": "graded, a part stopped",
    "error": "in error",
    "outdated": "handed in anew since",
    "ungraded": "not graded yet",
    "expected": "with time left",
    "missing": "missing",
    "excused": "excused",
    "left": "not in the roster",
}
UNNAMED: frozenset[State] = frozenset({"graded", "waiting"})
"""States of most of a class, who are counted; who waits for whom is told at the end."""


def render_overview(overview: Overview, *, who: bool) -> RenderableType:
    """Return the whole overview.

    Parameters
    ----------
    who
        Also name everybody who shares something.
    """
    parts: list[RenderableType] = [*_opening(overview, who=who)]
    for spread in overview.distributions:
        parts += ["", *_distribution(spread)]
    parts += ["", *_checks(overview, who=who)]
    parts += ["", *_mistakes(overview, who=who)]
    parts += ["", *_cases(overview, who=who)]
    parts += ["", *_queue(overview, who=who)]
    return Group(*parts)


def _opening(overview: Overview, *, who: bool) -> Iterator[RenderableType]:
    count = len(overview.students)
    told = f"{count} student{'' if count == 1 else 's'}"
    if overview.conditions:
        chosen = " and ".join(on_terminal(one) for one in overview.conditions)
        told = f"{count} of {overview.of} students: {chosen}"
    yield Text(f"{on_terminal(overview.title)}: {told}", "bold")
    for state in STATES:
        having = [student.student for student in overview.students if student.state == state]
        if having:
            names = "" if state in UNNAMED else f": {_named(having, everybody=who)}"
            yield _indented(f"{len(having)} {WORDS[state]}{names}")
    rest = [f"{count} {id_}" for id_, count in overview.outcomes if id_ != "complete"]
    if rest:
        yield _indented(f"outcomes other than complete: {', '.join(rest)}")


def _distribution(spread: Distribution) -> Iterator[RenderableType]:
    yield Text(on_terminal(spread.title), "bold")
    if spread.mean is None or spread.median is None or spread.quartiles is None:
        yield _indented("nobody has points yet")
        return
    low, high = spread.quartiles
    told = (
        f"of {points(spread.max_score)} points: mean {points(spread.mean)}, median "
        f"{points(spread.median)}, half of them from {points(low)} to {points(high)}"
    )
    if spread.pass_mark is not None:
        told += f"; {spread.passed} of {spread.count} passed, from {points(spread.pass_mark)} on"
    yield _indented(told)
    if spread.pass_mark is not None:
        yield _histogram(spread)


def _histogram(spread: Distribution) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    table.add_column(width=BAR)
    table.add_column(justify="right")
    most = max(one.count for one in spread.bins)
    for one in spread.bins:
        reach = f"  {points(one.low)} to {points(one.high)}"
        table.add_row(reach, ProgressBar(most, one.count, width=BAR), str(one.count))
    return table


def _checks(overview: Overview, *, who: bool) -> Iterator[RenderableType]:
    yield Text(f"Checks: how many of {overview.scored} passed each", "bold")
    missed = [check for check in overview.checks if check.who]
    if len(missed) < len(overview.checks) and overview.scored:
        rest = len(overview.checks) - len(missed)
        yield _indented(f"{rest} {'check was' if rest == 1 else 'checks were'} passed by everybody")
    if not missed:
        return
    table = _table("passed", "", "partly", "nothing", "skipped", "stopped", "check")
    for check in sorted(missed, key=lambda check: (bool(_extra(check)), check.pass_rate or 0)):
        rate = f"{100 * (check.pass_rate or 0):.0f} %"
        counts = (check.partly, check.nothing, check.skipped, check.error)
        cell = _cell(f"{check.id}{_extra(check)}", "", check.who if who else ())
        table.add_row(str(check.passed), rate, *map(str, counts), cell)
    yield table


def _extra(check: CheckFigure) -> str:
    return " (extra credit)" if check.checkpoint == EXTRA_CREDIT else ""


def _mistakes(overview: Overview, *, who: bool) -> Iterator[RenderableType]:
    yield Text("Mistakes that have a name: how many share each", "bold")
    if not overview.mistakes:
        yield _indented("none was found")
    else:
        yield _findings(overview.mistakes, who=who)
    if overview.findings:
        yield ""
        yield Text("Other findings", "bold")
        yield _findings(overview.findings, who=who)


def _findings(figures: Sequence[MistakeFigure], *, who: bool) -> RenderableType:
    table = _table("students", "perhaps", "points", "finding")
    for one in figures if who else figures[:MAX_MISTAKES]:
        told = one.sentence or f"in {', '.join(check for check, _ in one.checks[:MAX_NAMED])}"
        told += " (extra credit only)" if one.only_extra else ""
        guesses = str(one.perhaps) if one.perhaps else ""
        cell = _cell(one.id, told, one.who if who else ())
        table.add_row(str(one.students), guesses, points(one.lost), cell)
    rest = len(figures) - MAX_MISTAKES
    if who or rest <= 0:
        return table
    return Group(table, _indented(f"and {rest} more, with --who"))


def _cases(overview: Overview, *, who: bool) -> Iterator[RenderableType]:
    yield Text("Hardest cases: how many lose points by each", "bold")
    if overview.cases_known < overview.scored:
        yield _indented(
            f"known for {overview.cases_known} of {overview.scored}: the others were graded before"
            " this was kept, and autograder grade --force grades them again"
        )
    if not overview.cases:
        yield _indented("none" if overview.cases_known else "not known")
        return
    table = _table("students", "case")
    for case in overview.cases if who else overview.cases[:MAX_CASES]:
        extra = " (extra credit)" if case.only_extra else ""
        cell = _cell(f"{case.check}{extra}", case.sentence, case.who if who else ())
        table.add_row(str(case.students), cell)
    yield table


def _queue(overview: Overview, *, who: bool) -> Iterator[RenderableType]:
    yield Text("Waiting for a hand grade", "bold")
    if not overview.queue:
        yield _indented("nothing")
        return
    table = _table("students", "cell")
    for one in overview.queue:
        table.add_row(str(one.students), _cell(one.cell, one.title, one.who if who else ()))
    yield table
    yield _indented("jupyter lab, then Nbgrader > Formgrader")


def _table(*columns: str) -> Table:
    """Return a table of numbers whose last column is text."""
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for name in columns[:-1]:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(columns[-1], overflow="fold")
    return table


def _cell(name: str, told: str, who: Sequence[str]) -> RenderableType:
    """Return a name, what it means, and who shares it, one below the other."""
    lines: list[RenderableType] = [Text(on_terminal(name))]
    lines += [Padding(Text(on_terminal(told), "dim"), (0, 0, 0, 2))] if told else []
    lines += [Padding(Text(_named(who, everybody=True)), (0, 0, 0, 2))] if who else []
    return Group(*lines)


def _named(names: Sequence[str], *, everybody: bool) -> str:
    shown = names if everybody else names[:MAX_NAMED]
    rest = len(names) - len(shown)
    listed = ", ".join(on_terminal(name) for name in shown)
    return listed + (f" and {rest} more" if rest else "")


def _indented(text: str) -> RenderableType:
    return Padding(Text(text), (0, 0, 0, 2))
