"""The figures as text: median, and smallest to largest over the rounds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from benchmarks.measure import Usage

if TYPE_CHECKING:
    from benchmarks.throughput import Growth, Report, Round


def marginal(large: Usage, small: Usage, count: int, what: str) -> float:
    """Return the seconds that one submission more costs, from a run of ``count`` and one of 1."""
    found: float = (getattr(large, what) - getattr(small, what)) / (count - 1)
    return found


def summary_table(report: Report) -> Iterable[str]:
    """Yield the lines of the comparison."""
    count = report.students

    def line(title: str, of: Callable[[Round], float], unit: str, scale: float = 1) -> str:
        values = [of(one) * scale for one in report.rounds]
        middle, low, high = statistics.median(values), min(values), max(values)
        return f"{title:<62}{middle:>9.3f} {unit:<5}({low:.3f} to {high:.3f})"

    yield line("ours: wall a submission, whole command", lambda r: r.ours_class.wall / count, "s")
    yield line("ours: CPU a submission, whole command", lambda r: r.ours_class.cpu / count, "s")
    yield line("ours: submissions a second", lambda r: count / r.ours_class.wall, "/s")
    yield line("ours: an unchanged class again, wall", lambda r: r.unchanged.wall, "s")
    yield line("ours: one submission with start-up, wall", lambda r: r.ours_one.wall, "s")
    if report.watched.first_result is not None:
        yield f"{'ours: start to first result':<62}{report.watched.first_result:>9.2f} s"
    yield f"{'ours: peak memory of the tree (PSS)':<62}{report.watched.peak_mib or 0:>9.0f} MiB"
    yield from _with_nbgrader(report, line) if report.sample else ()
    yield line(
        "sandbox child: CPU a submission",
        lambda r: r.sandbox.child_cpu / r.sandbox.submissions,
        "s",
    )
    yield line(
        "floor child: CPU a submission", lambda r: r.floor.child_cpu / r.floor.submissions, "s"
    )
    yield line(
        "child's CPU, sandbox / floor", lambda r: r.sandbox.child_cpu / r.floor.child_cpu, "x"
    )
    yield line(
        "child's and host's CPU, sandbox / floor", lambda r: r.sandbox.cpu / r.floor.cpu, "x"
    )
    yield line("wall, sandbox / floor", lambda r: r.sandbox.wall / r.floor.wall, "x")
    yield line(
        "whole command's marginal CPU / floor's CPU",
        lambda r: (
            marginal(r.ours_class, r.ours_one, count, "cpu") / (r.floor.cpu / r.floor.submissions)
        ),
        "x",
    )


def _with_nbgrader(report: Report, line: Callable[..., str]) -> Iterable[str]:
    """Yield the lines that compare the same submissions, start-up of both taken off."""

    def ours(one: Round, what: str) -> float:
        return marginal(one.ours_sample, one.ours_one, report.students, what)

    def theirs(one: Round, what: str) -> float:
        if one.nbgrader_sample is None or one.nbgrader_one is None:
            return float("nan")
        return marginal(one.nbgrader_sample, one.nbgrader_one, report.sample, what)

    for what, title in (("wall", "wall"), ("cpu", "CPU")):
        yield line(
            f"ours, nbgrader's sample: {title} a submission more", lambda r, w=what: ours(r, w), "s"
        )
        yield line(f"nbgrader: {title} a submission more", lambda r, w=what: theirs(r, w), "s")
        yield line(f"{title}, nbgrader / ours", lambda r, w=what: theirs(r, w) / ours(r, w), "x")


def growth_table(growth: Sequence[Growth]) -> Iterable[str]:
    """Yield a line for each class size."""
    if not growth:
        return
    yield f"{'students':>8}{'wall':>9}{'ms each':>9}{'CPU ms':>8}{'MiB':>7}{'first':>8}{'again':>8}"
    for row in growth:
        wall, cpu = row.graded.wall, row.graded.cpu
        yield (
            f"{row.students:>8}{wall:>7.1f} s{1000 * wall / row.students:>9.1f}"
            f"{1000 * cpu / row.students:>8.1f}{row.graded.peak_mib or 0:>7.0f}"
            f"{row.graded.first_result or 0:>6.1f} s{row.unchanged.wall:>6.1f} s"
        )
