"""``python -m benchmarks.hostile_class``: a class with hostile submissions, and without.

The scripts are those of the abuse suite. Each is also graded alone, since a class hides who took
how long.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from nbformat import v4

from autograder.course.layout import Layout
from autograder.model import Record, decode_result
from benchmarks.course import ROOT, SEED, make_base, make_class, our_notebooks
from benchmarks.measure import Usage, adopt_orphans, run

sys.path.append(str(ROOT / "tests" / "hostile"))
from collection import Script, load_scripts  # type: ignore[import-not-found] # no package

ENVIRONMENT = {"AUTOGRADER_SEED": SEED.decode()}
NOWHERE: dict[str, object] = {
    "course": "/", "gradebook": "/", "seed_file": "/", "hidden_case": "/", "reference": "/",
    "sibling": "/", "home_file": "/", "port": 9, "unix_socket": "/", "abstract": "",
    "grader_pid": 1,
}  # fmt: skip
"""What the scripts look for. The abuse suite has real ones, and looks at what comes out."""
SHOWN = 8


class Alone(Record, frozen=True):
    """One hostile submission, graded alone: seconds of the command, and its tree's largest MiB."""

    script: str
    used: Usage


@click.command()
@click.option("--students", default=100, show_default=True, type=click.IntRange(min=2))
@click.option("--hostile", default=20, show_default=True, type=click.IntRange(min=1))
@click.option("--alone/--no-alone", default=True, help="Also grade each hostile one alone.")
def main(students: int, hostile: int, alone: bool) -> None:
    """Grade right submissions without hostile ones and among them, from nothing.

    Exit status 1 when a right one loses a point.

    \b
    Example:
      python -m benchmarks.hostile_class --students 100 --hostile 20
    """
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="hostile-class-") as scratch:
        base, _ = make_base(Path(scratch) / "base")
        scripts = choose_scripts(hostile)
        right = our_notebooks(base)[:1] * (students - hostile)
        bad = hostile_notebooks(base, scripts)
        without = make_class(base, Path(scratch) / "without", right, len(right))
        among = make_class(base, Path(scratch) / "among", mixed(right, bad), students)
        used = [_grade(layout) for layout in (without, among)]
        lost = [name for layout in (without, among) for name in losers(layout)]
        limit = base.config.limits.submission_seconds
        click.echo(f"{len(right)} right ones: {_shown(used[0])}")
        click.echo(f"the same and {hostile} hostile ones: {_shown(used[1])}")
        more = used[1].wall - used[0].wall
        click.echo(f"a hostile one more: {more / hostile:.1f} s; its limit is {limit:g} s")
        click.echo(f"right ones that lost a point: {len(lost)}")
        if alone:
            for line in _slowest(list(each_alone(base, Path(scratch) / "alone", scripts, bad))):
                click.echo(line)
    if lost:
        raise click.exceptions.Exit(1)


def choose_scripts(count: int) -> list[Script]:
    """Return scripts of all areas, evenly spaced in the order of their names."""
    scripts = load_scripts()
    return [scripts[place * len(scripts) // count] for place in range(count)]


def hostile_notebooks(base: Layout, scripts: list[Script]) -> list[Any]:
    """Return the notebook that each of the scripts comes in."""
    solved = our_notebooks(base)[0]
    cells = [cell.source for cell in solved.cells if cell.cell_type == "code"]
    return [
        v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in script.cells(NOWHERE, cells)])
        for script in scripts
    ]


def mixed(right: list[Any], bad: list[Any]) -> list[Any]:
    """Return all, with the hostile ones evenly among the right ones."""
    step = max(1, len(right) // len(bad))
    found: list[Any] = []
    for place, one in enumerate(bad):
        found += [one, *right[place * step : (place + 1) * step]]
    return [*found, *right[len(bad) * step :]]


def losers(layout: Layout) -> Iterator[str]:
    """Yield the students who handed in a right notebook and have less than all points."""
    for student in layout.students():
        if "TARGETS = {" in layout.submission(student).read_text(encoding="utf-8"):
            continue
        result = decode_result(layout.result(student).read_bytes())
        if result.score < result.max_score:
            yield student


def each_alone(
    base: Layout, folder: Path, scripts: list[Script], bad: list[Any]
) -> Iterator[Alone]:
    """Grade a class of one for each of the scripts."""
    for script, notebook in zip(scripts, bad, strict=True):
        layout = make_class(base, folder / script.name.replace("/", "-"), [notebook], 1)
        yield Alone(script=script.name, used=_grade(layout))


def _grade(layout: Layout) -> Usage:
    command = [sys.executable, "-m", "autograder", "--course", str(layout.course), "grade"]
    results = layout.result("any").parent
    return run(command, layout.course, ENVIRONMENT, watch_results=results, allowed=(0, 3))


def _shown(used: Usage) -> str:
    return f"{used.wall:.1f} s, CPU {used.cpu:.1f} s, peak {used.peak_mib:.0f} MiB"


def _slowest(found: list[Alone]) -> Iterator[str]:
    yield f"alone, the slowest {SHOWN}:"
    for one in sorted(found, key=lambda one: -one.used.wall)[:SHOWN]:
        yield f"  {one.script:<36} {_shown(one.used)}"
    largest = max(found, key=lambda one: one.used.peak_mib or 0)
    yield f"alone, the largest: {largest.script} {_shown(largest.used)}"


if __name__ == "__main__":
    main()
