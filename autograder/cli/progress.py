"""Progress on standard error while a class is graded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.course.classroom import NOTHING_KNOWN, ClassReport, Classroom, Preview
from autograder.model import Result
from autograder.reports.boundary import on_terminal
from autograder.reports.classtable import ClassRow
from autograder.workers.local import default_jobs

if TYPE_CHECKING:
    from autograder.collect.best import Settled
    from autograder.course.layout import Layout

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


def settle_with_progress(
    classroom: Classroom, layout: Layout, students: Sequence[str], jobs: int | None, *, force: bool
) -> Settled:
    """Find out which attempt counts where several could; the bar appears only then."""
    from autograder.collect.best import settle

    bar = _bar("trying attempts")
    task = bar.add_task("trying attempts", latest="")

    def show(done: int, of: int) -> None:
        bar.update(task, completed=done, total=of)
        if not bar.live.is_started:
            bar.start()

    try:
        return settle(
            layout,
            classroom,
            students,
            processes=jobs or default_jobs(),
            force=force,
            progress=show,
        )
    finally:
        if bar.live.is_started:
            bar.stop()


def grade_with_progress(
    classroom: Classroom,
    students: Sequence[str],
    jobs: int | None,
    *,
    force: bool,
    known: Mapping[str, Result] = NOTHING_KNOWN,
    replace_held: bool = False,
) -> ClassReport:
    """Grade with a bar, the time that is left, and the student just finished."""
    with _class_bar() as (expect, advance):
        return classroom.grade(
            students,
            processes=jobs or default_jobs(),
            force=force,
            replace_held=replace_held,
            progress=advance,
            expect=expect,
            known=known,
        )


def preview_with_progress(
    classroom: Classroom,
    students: Sequence[str],
    jobs: int | None,
    *,
    force: bool,
    replace_held: bool = False,
) -> Preview:
    """Find out what grading would change, with the same bar."""
    with _class_bar() as (expect, advance):
        return classroom.preview(
            students,
            processes=jobs or default_jobs(),
            force=force,
            replace_held=replace_held,
            progress=advance,
            expect=expect,
        )


def _bar(what: str) -> Progress:
    columns = (
        TextColumn(what),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[latest]}"),
    )
    return Progress(*columns, console=Console(stderr=True))


@contextmanager
def _class_bar() -> Iterator[tuple[Callable[[int], None], Callable[[str, ClassRow | None], None]]]:
    """Yield what takes the number of students who are due, and what takes each as it is done."""
    bar = _bar("grading")
    task = bar.add_task("grading", latest="")

    def expect(due: int) -> None:
        bar.update(task, total=due)
        if due:
            bar.start()

    def advance(student: str, row: ClassRow | None) -> None:
        word = "not graded" if row is None else "graded" if row.graded else "error"
        bar.update(task, advance=1, latest=escape(on_terminal(f"{student}: {word}")[:40]))

    try:
        yield expect, advance
    finally:
        if bar.live.is_started:
            bar.stop()
