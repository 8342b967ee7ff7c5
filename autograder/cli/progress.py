"""Progress on standard error while a class is graded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.course.classroom import ClassReport, Classroom
from autograder.reports.classtable import ClassRow
from autograder.reports.text import points
from autograder.workers.local import default_jobs

PATIENCE_S = 2.0


@contextmanager
def late_bar(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Yield a function that counts one item as done; the bar appears after two seconds."""
    columns = (TextColumn(what), BarColumn(bar_width=30), MofNCompleteColumn())
    bar = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
    task = bar.add_task(what, total=total)
    shown_from = time.monotonic() + PATIENCE_S

    def advance(_name: str) -> None:
        bar.advance(task)
        if time.monotonic() > shown_from and not bar.finished:
            bar.start()

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()


def grade_with_progress(
    classroom: Classroom, students: Sequence[str], jobs: int | None, *, force: bool
) -> ClassReport:
    """Grade with a bar, the time that is left, and the student just finished."""
    columns = (
        TextColumn("grading"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[latest]}"),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task("grading", latest="")

    def expect(due: int) -> None:
        bar.update(task, total=due)
        if due:
            bar.start()

    def advance(student: str, row: ClassRow | None) -> None:
        word = "not graded" if row is None else points(row.score) if row.graded else "error"
        bar.update(task, advance=1, latest=f"{student}: {word}"[:40])

    try:
        return classroom.grade(
            students,
            processes=jobs or default_jobs(),
            force=force,
            progress=advance,
            expect=expect,
        )
    finally:
        if bar.live.is_started:
            bar.stop()
