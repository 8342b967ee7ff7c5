"""A class for a terminal: a line for each student, 80 columns wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.model import EXTRA_CREDIT, CheckpointResult, CheckResult, Record, Result
from autograder.reports.text import points, printable

MAX_NAMED = 5
_TELLING = {"complete", "partial"}


class ClassRow(Record, frozen=True):
    """One line of the table, and what the line under it counts."""

    graded: bool
    score: float
    max_score: float
    checkpoints: tuple[CheckpointResult, ...]
    extra: float
    wrong: str


def class_row(result: Result) -> ClassRow:
    """Return the line of a result: a large class's results would not fit in memory."""
    return ClassRow(
        graded=result.status == "graded",
        score=result.score,
        max_score=result.max_score,
        checkpoints=result.checkpoints,
        extra=result.extra_credit.score,
        wrong=what_went_wrong(result),
    )


def render_class(rows: Mapping[str, ClassRow], failed: Mapping[str, str]) -> RenderableType:
    """Return the table: both checkpoints, extra credit, total, and what went wrong.

    Parameters
    ----------
    rows
        By student.
    failed
        Students who could not be graded, with the reason.
    """
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("student", no_wrap=True)
    for name in ("CP1", "CP2", "extra", "total"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("what went wrong", overflow="fold")
    for student, row in rows.items():
        table.add_row(Text(student), *_numbers(row), Text(row.wrong))
    for student, reason in sorted(failed.items()):
        table.add_row(
            Text(student), "?", "?", "?", "?", Text(f"not graded: {printable(reason)}", "magenta")
        )
    return Group(table, Text(_summary(list(rows.values()))))


def what_went_wrong(result: Result) -> str:
    """Return the outcome where it tells more than the checks do, else the checks that fail."""
    if result.outcome.id not in _TELLING:
        return f"{result.outcome.id}: {result.outcome.message}"
    required = [check for check in result.checks if check.checkpoint != EXTRA_CREDIT]
    mistake, explained = _main_mistake(required)
    wrong = [
        check.id for check in required if check.status != "passed" and check.id not in explained
    ]
    wrong = [mistake, *wrong] if mistake else wrong
    barren = [checkpoint for checkpoint in result.checkpoints if checkpoint.score == 0]
    for checkpoint in barren:
        inside = [check.id for check in required if check.checkpoint == checkpoint.id]
        wrong = [name for name in wrong if name not in inside] + [f"all of {checkpoint.id}"]
    rest = len(wrong) - MAX_NAMED
    return ", ".join(wrong[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _main_mistake(checks: Sequence[CheckResult]) -> tuple[str, set[str]]:
    """Return the mistake that is named in the most checks, and those checks."""
    told = Counter(
        check.diagnosis.id
        for check in checks
        if check.status == "failed" and check.diagnosis is not None and check.diagnosis.confidence
    )
    if not told:
        return "", set()
    ((mistake, count),) = told.most_common(1)
    explained = {check.id for check in checks if check.diagnosis and check.diagnosis.id == mistake}
    return f"{mistake} ({count} checks)" if count > 1 else "", explained if count > 1 else set()


def _numbers(row: ClassRow) -> list[Text]:
    if not row.graded:
        return [Text("error", style="magenta"), *(Text("-") for _ in range(3))]
    cells = [
        Text(points(checkpoint.score), style="green" if checkpoint.passed else "red")
        for checkpoint in row.checkpoints
    ]
    return [*cells, Text(points(row.extra)), Text(points(row.score), "bold")]


def _summary(rows: Sequence[ClassRow]) -> str:
    graded = [row for row in rows if row.graded]
    if not graded:
        return "nobody is graded yet"
    mean = sum(row.score for row in graded) / len(graded)
    passed = [
        f"{sum(row.checkpoints[place].passed for row in graded)} passed "
        f"{graded[0].checkpoints[place].id}"
        for place in range(len(graded[0].checkpoints))
    ]
    return f"{len(graded)} graded, mean {mean:.1f} of {points(graded[0].max_score)}; " + ", ".join(
        passed
    )
