"""A result for a terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.model import EXTRA_CREDIT, CheckResult, Result

_MARKS = {
    "passed": ("pass", "green"),
    "failed": ("FAIL", "red"),
    "skipped": ("skip", "yellow"),
    "error": ("ERR ", "magenta"),
}


def points(value: float) -> str:
    """Write points without needless decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def printable(text: str) -> str:
    """Make text of a submission harmless to a terminal: control characters become visible."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def render_result(result: Result) -> RenderableType:
    """Return the whole report: each checkpoint with its checks, then the totals."""
    parts: list[RenderableType] = [
        Text(f"{printable(result.submission)}: {result.outcome.message}", style="bold")
    ]
    if result.outcome.remedy:
        parts.append(Text(result.outcome.remedy))
    if result.status == "error":
        return Group(*parts)
    for checkpoint in result.checkpoints:
        own = [check for check in result.checks if check.checkpoint == checkpoint.id]
        word = "passed" if checkpoint.passed else "not passed yet"
        parts += ["", _heading(checkpoint.title, checkpoint.score, checkpoint.max_score, word)]
        parts += [_check_table(own)]
    stretch = [check for check in result.checks if check.checkpoint == EXTRA_CREDIT]
    if stretch:
        extra = result.extra_credit
        parts += [
            "",
            _heading("Extra credit", extra.score, extra.max_score, ""),
            _check_table(stretch),
        ]
    parts += [Text(note) for note in ("", *result.notes) if note or result.notes]
    parts += [
        "",
        Text(f"{points(result.score)} of {points(result.max_score)} points", style="bold"),
    ]
    return Group(*parts)


def print_result(result: Result, console: Console) -> None:
    """Write the report to a console."""
    console.print(render_result(result))


def cell_report(checks: Sequence[CheckResult]) -> str:
    """Return what a check cell's output and comment say: each check's points and diagnosis."""
    lines = []
    for check in checks:
        lines.append(
            f"{check.status}: {check.title} ({points(check.score)}/{points(check.max_score)})"
        )
        if check.diagnosis is not None and check.status != "passed":
            lines += [f"  {check.diagnosis.message}", f"  {check.diagnosis.hint}"]
    return "\n".join(lines)


def _heading(title: str, score: float, max_score: float, word: str) -> Text:
    text = Text(f"{title}  {points(score)} of {points(max_score)}", style="bold")
    return text.append(f"  {word}", style="not bold") if word else text


def _check_table(checks: list[CheckResult]) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        word, colour = _MARKS[check.status]
        words: list[RenderableType] = [Text(check.title)]
        if check.diagnosis is not None and check.status != "passed":
            words.append(Padding(Text(check.diagnosis.message, style="yellow"), (0, 0, 0, 2)))
        if check.diagnosis is not None and check.status in {"failed", "error"}:
            words.append(Padding(Text(check.diagnosis.hint, style="dim"), (0, 0, 0, 2)))
        score = f"{points(check.score)}/{points(check.max_score)}"
        table.add_row(Text(word, style=colour), score, Group(*words))
    return table
