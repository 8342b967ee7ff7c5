"""``python -m benchmarks.throughput``: ours, stock nbgrader and the floor, in turn, in one run."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec
import numpy as np

import autograder
from autograder.course.layout import Layout
from autograder.grading.grader import Exam
from autograder.model import Record
from autograder.sandbox.isolation import NAMES
from autograder.workers.local import default_jobs
from benchmarks.course import SEED, make_base, make_class, our_notebooks, variants
from benchmarks.floor import Cost, compare_with_floor
from benchmarks.measure import Usage, adopt_orphans, run

ENVIRONMENT = {"AUTOGRADER_SEED": SEED.decode()}


class Round(Record, frozen=True):
    """One round: every command once. The names are explained in ``README.md``."""

    ours_class: Usage
    ours_sample: Usage
    ours_one: Usage
    unchanged: Usage
    nbgrader_sample: Usage | None
    nbgrader_one: Usage | None
    sandbox: Cost
    floor: Cost


class Growth(Record, frozen=True):
    """A class graded from nothing, and again unchanged."""

    students: int
    graded: Usage
    unchanged: Usage


class Courses(Record, frozen=True):
    """The courses of one run: a varied class, and one sample for ours and for nbgrader."""

    varied: Layout
    sample: Layout
    nbgrader_sample: Layout
    nbgrader_one: Layout


class Report(Record, frozen=True):
    """All that was measured."""

    machine: dict[str, str]
    students: int
    sample: int
    rounds: tuple[Round, ...]
    watched: Usage
    growth: tuple[Growth, ...]


@click.command()
@click.option("--students", default=40, show_default=True, help="Size of the class.")
@click.option(
    "--sample", default=4, show_default=True, type=click.IntRange(min=0),
    help="Submissions that nbgrader grades in each round; 0 leaves nbgrader out, else at least 2.",
)  # fmt: skip
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--growth", default="", metavar="N,N,...",
    help="Also grade classes of these sizes, as 100,1000,5000. 5000 take a quarter of an hour.",
)  # fmt: skip
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all figures.")
def main(students: int, sample: int, rounds: int, growth: str, json_file: Path | None) -> None:
    """Measure how fast a class is graded, beside nbgrader and beside no sandbox at all.

    Everything runs in turn, in alternating order, in temporary copies of the course. Ratios within
    one run mean something on a shared machine; seconds do not.

    \b
    Examples:
      python -m benchmarks.throughput
      python -m benchmarks.throughput --rounds 5 --growth 100,1000,5000 --json figures.json
    """
    if sample == 1 or students < 2:
        raise click.UsageError("a marginal cost needs at least two submissions")
    sizes = [int(size) for size in growth.split(",") if size]
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="throughput-") as scratch:
        base, exam = make_base(Path(scratch) / "base")
        report = _measure(base, exam, Path(scratch), students, sample, rounds, sizes)
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
    click.echo(render(report))


def _measure(
    base: Layout, exam: Exam, scratch: Path, students: int, sample: int, rounds: int,
    sizes: list[int],
) -> Report:  # fmt: skip
    notebooks = our_notebooks(base)
    everything = [*notebooks, *variants(base)]
    chosen = notebooks[:: max(1, len(notebooks) // max(sample, 1))][: max(sample, 2)]
    courses = Courses(
        varied=make_class(base, scratch / "varied", everything, students),
        sample=make_class(base, scratch / "sample", chosen, students),
        nbgrader_sample=make_class(base, scratch / "nbgrader", chosen, sample),
        nbgrader_one=make_class(base, scratch / "nbgrader-one", chosen, 1),
    )
    _note("watched: a class from nothing, with its memory")
    watched = grade(courses.varied, watch=True)
    grade(courses.sample)
    done = tuple(_round(courses, exam, number, sample) for number in range(rounds))
    grown = tuple(_grow(base, scratch / f"growth-{size}", notebooks, size) for size in sizes)
    return Report(
        machine=machine_facts(exam), students=students, sample=sample, rounds=done,
        watched=watched, growth=grown,
    )  # fmt: skip


def _round(courses: Courses, exam: Exam, number: int, sample: int) -> Round:
    _note(f"round {number + 1}")
    paths = [courses.varied.submission(name) for name in courses.varied.students()]
    one = courses.sample.students()[0]
    steps: dict[str, Callable[[], Any]] = {
        "ours_class": lambda: grade(courses.varied, "--force"),
        "nbgrader_sample": lambda: stock(courses.nbgrader_sample) if sample else None,
        "ours_sample": lambda: grade(courses.sample, "--force"),
        "nbgrader_one": lambda: stock(courses.nbgrader_one) if sample else None,
        "ours_one": lambda: grade(courses.sample, "--force", "--student", one),
        "unchanged": lambda: grade(courses.varied),
        "costs": lambda: compare_with_floor(exam, paths),
    }
    names = list(steps) if number % 2 == 0 else list(reversed(steps))
    found = {name: steps[name]() for name in names}
    sandbox, floor = found.pop("costs")
    return Round(**found, sandbox=sandbox, floor=floor)


def _grow(base: Layout, folder: Path, notebooks: list[Any], size: int) -> Growth:
    _note(f"growth: {size}")
    layout = make_class(base, folder, notebooks, size)
    graded, unchanged = grade(layout, watch=True), grade(layout)
    shutil.rmtree(folder)
    return Growth(students=size, graded=graded, unchanged=unchanged)


def grade(layout: Layout, *options: str, watch: bool = False) -> Usage:
    """Run ``autograder grade`` on a course."""
    command = [sys.executable, "-m", "autograder", "--course", str(layout.course), "grade"]
    results = layout.result("any").parent if watch else None
    return run([*command, *options], layout.course, ENVIRONMENT, watch_results=results)


def stock(layout: Layout) -> Usage:
    """Run ``nbgrader autograde`` on a course, with nbgrader's own configuration."""
    command = [sys.executable, "-m", "nbgrader", "autograde", layout.config.assignment]
    usage = run([*command, "--force"], layout.course, {})
    missing = [name for name in layout.students() if not layout.autograded(name).is_file()]
    if missing:
        raise click.ClickException(f"nbgrader graded nothing for {', '.join(missing)}")
    return usage


def machine_facts(exam: Exam) -> dict[str, str]:
    """Return what the figures depend on; no names, no paths."""
    return {
        "processors": str(default_jobs()),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "autograder": autograder.__version__,
        "isolation": NAMES[exam.choose_tier("auto")],
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def render(report: Report) -> str:
    """Return the tables."""
    from benchmarks.tables import growth_table, summary_table

    machine = ", ".join(f"{key} {value}" for key, value in report.machine.items())
    head = f"{machine}; {report.students} submissions, {len(report.rounds)} round(s)\n"
    return "\n".join([head, *summary_table(report), "", *growth_table(report.growth)]).rstrip()


def _note(message: str) -> None:
    click.echo(message, err=True)


if __name__ == "__main__":
    main()
