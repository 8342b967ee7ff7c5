"""A result for a terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.model import EXTRA_CREDIT, CheckResult, Result
from autograder.reports.boundary import on_terminal
from autograder.reports.telling import home_of, same_mistake, start, told_at

_MARKS = {
    "passed": ("pass", "green"),
    "failed": ("FAIL", "red"),
    "skipped": ("skip", "yellow"),
    "error": ("ERR ", "magenta"),
}


def points(value: float) -> str:
    """Write points without needless decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def render_result(result: Result) -> RenderableType:
    """Return the whole report: each checkpoint with its checks, then the totals."""
    parts: list[RenderableType] = [
        Text(
            f"{on_terminal(result.submission)}: {on_terminal(result.outcome.message)}", style="bold"
        )
    ]
    if result.outcome.remedy:
        parts.append(Text(on_terminal(result.outcome.remedy)))
    if result.status == "error":
        return Group(*parts)
    first, homes = start(result.checks), told_at(result.checks)
    if first is not None:
        parts.append(Text(f"Start here: {first.title}"))
    for checkpoint in result.checkpoints:
        own = [check for check in result.checks if check.checkpoint == checkpoint.id]
        word = "passed" if checkpoint.passed else "not passed yet"
        parts += ["", _heading(checkpoint.title, checkpoint.score, checkpoint.max_score, word)]
        parts += [_check_table(own, homes)]
    stretch = [check for check in result.checks if check.checkpoint == EXTRA_CREDIT]
    if stretch:
        extra = result.extra_credit
        parts += [
            "",
            _heading("Extra credit", extra.score, extra.max_score, ""),
            _check_table(stretch, homes),
        ]
    parts += [Text(note) for note in ("", *result.notes) if note or result.notes]
    parts += [
        "",
        Text(f"{points(result.score)} of {points(result.max_score)} points", style="bold"),
    ]
    return Group(*parts)


def cell_report(checks: Sequence[CheckResult]) -> str:
    """Return what a check cell's output and comment say: each check's points and diagnosis."""
    lines = []
    for check in checks:
        lines.append(
            f"{check.status}: {check.title} ({points(check.score)}/{points(check.max_score)})"
        )
        if check.diagnosis is not None and check.status != "passed":
            lines += [f"  {check.diagnosis.full}", f"  {check.diagnosis.hint}"]
    return "\n".join(lines)


def _heading(title: str, score: float, max_score: float, word: str) -> Text:
    text = Text(f"{title}  {points(score)} of {points(max_score)}", style="bold")
    return text.append(f"  {word}", style="not bold") if word else text


def _check_table(checks: list[CheckResult], homes: dict[str, CheckResult]) -> RenderableType:
    """Return a line for each check, and what is wrong; a finding is told in full once."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        word, colour = _MARKS[check.status]
        words = [Padding(line, (0, 0, 0, 2)) for line in _findings(check, homes)]
        score = f"{points(check.score)}/{points(check.max_score)}"
        table.add_row(Text(word, style=colour), score, Group(Text(check.title), *words))
    return table


def _findings(check: CheckResult, homes: dict[str, CheckResult]) -> Iterator[Text]:
    found = check.diagnosis
    if found is None or check.status == "passed":
        return
    home = home_of(check, homes)
    if home is not None:
        yield Text(f"{same_mistake(found)} {home.title}", style="yellow")
        yield Text(f"Tried: {check.case}", style="dim")
        return
    yield Text(found.full, style="yellow")
    if check.status != "skipped":
        yield Text(found.hint, style="dim")
    if found.sure:
        yield Text(f"({found.confidence})", style="dim")
