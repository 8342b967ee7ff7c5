"""``python -m benchmarks.gradebook``: what recording a submission costs, and where it goes.

Results are made beforehand, so that only journal, notebook and gradebook are measured.
"""

from __future__ import annotations

import cProfile
import itertools
import pstats
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import click
import sqlalchemy
from msgspec.structs import replace
from sqlalchemy.engine import Engine

from autograder.course.classroom import Classroom, choose_students
from autograder.course.desk import Marks
from autograder.course.layout import Layout
from autograder.grading.grader import Exam, Grader
from autograder.model import Result
from autograder.submission.files import file_digest
from autograder.workers.local import Finish, Job, Notice
from benchmarks.course import make_base, make_class, our_notebooks


@click.command()
@click.option("--students", default=60, show_default=True, type=click.IntRange(min=1))
@click.option("--lines", default=25, show_default=True, help="Lines of the profile.")
def main(students: int, lines: int) -> None:
    """Record a class into a new gradebook, again, and again under a profiler.

    \b
    Example:
      python -m benchmarks.gradebook --students 200
    """
    with tempfile.TemporaryDirectory(prefix="gradebook-") as scratch:
        base, exam = make_base(Path(scratch) / "base")
        layout = make_class(base, Path(scratch) / "class", our_notebooks(base), students)
        results = _results(layout, exam)
        for title in ("new rows", "the same rows again"):
            seconds, statements = _record(layout, exam, results)
            click.echo(
                f"{title}: {1000 * seconds / students:.2f} ms and "
                f"{statements / students:.1f} SQL statements a submission"
            )
        profile = cProfile.Profile()
        profile.runcall(_record, layout, exam, results)
        click.echo("\nUnder the profiler, which makes calls about twice as slow:")
        statistics = pstats.Stats(profile)
        statistics.strip_dirs().sort_stats("cumulative").print_stats(lines)


def _results(layout: Layout, exam: Exam) -> dict[str, Result]:
    """Grade each kind of notebook once; give everybody the result of a notebook like theirs."""
    kinds = len(our_notebooks(layout))
    students = layout.students()
    with exam.worker(exam.choose_tier("auto")) as worker:
        grader = Grader(exam, worker)
        graded = [grader.grade(layout.submission(name)).result for name in students[:kinds]]
    found = {}
    for name, result in zip(students, itertools.cycle(graded), strict=False):
        digest = file_digest(layout.submission(name))
        found[name] = replace(
            result, provenance=replace(result.provenance, submission_sha256=digest)
        )
    return found


class _FinishedPool:
    """Stands in for the pool of processes: every result is there already."""

    def __init__(
        self, results: dict[str, Result], _exam: Exam, _tier: str, jobs: Sequence[Job],
        _processes: int, finish: Finish[Marks], _notice: Notice | None = None,
    ) -> None:  # fmt: skip
        self._results, self._jobs, self._finish = results, jobs, finish

    def outcomes(self) -> Iterator[tuple[str, Marks]]:
        """Yield each student with what the desk makes of the result."""
        for name, path in self._jobs:
            yield name, self._finish(name, path, self._results[name])

    def __enter__(self) -> _FinishedPool:
        return self

    def __exit__(self, *_details: object) -> None:
        """Nothing was started."""


def _record(layout: Layout, exam: Exam, results: dict[str, Result]) -> tuple[float, int]:
    """Let a classroom record finished results; return seconds and the statements it sent."""
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    classroom = Classroom(layout, exam, "auto")
    sqlalchemy.event.listen(Engine, "before_cursor_execute", count)
    started = time.perf_counter()
    try:
        with mock.patch("autograder.course.classroom.Pool", partial(_FinishedPool, results)):
            report = classroom.grade(
                choose_students(layout, ()), processes=1, force=True,
                progress=lambda _student, _result: None,
            )  # fmt: skip
    finally:
        sqlalchemy.event.remove(Engine, "before_cursor_execute", count)
    if report.failed:
        raise click.ClickException(f"not recorded: {report.failed}")
    return time.perf_counter() - started, statements


if __name__ == "__main__":
    main()
