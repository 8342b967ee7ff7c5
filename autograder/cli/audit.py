"""``autograder audit`` and ``fairness``: test the tester."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.cli.context import note, open_layout

if TYPE_CHECKING:
    from autograder.audit.findings import Findings
    from autograder.course.layout import Layout

AUDIT_SEED = "audit"


def _bar(what: str) -> Progress:
    columns = (
        TextColumn(what),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))


@click.command()
@click.option("--full", is_flag=True, help="Every mechanical mutant, not only every ninth.")
@click.option("--jobs", type=click.IntRange(min=1), help="How many at once; all processors.")
@click.option("--seed", default=AUDIT_SEED, show_default=True, help="Seed of the inputs.")
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also replace the tables in this Markdown file.",
)
@click.pass_obj
def audit(course: Path, full: bool, jobs: int | None, seed: str, write: Path | None) -> None:
    """Grade wrong submissions and print how many lose points, and where.

    Two families: the misconceptions in tests/mutants, in two styles each, and mechanical mutants of
    every line of the solution. Then come the findings that name another mistake, or blame another
    part, than the one that was made. Exit status 1 when one keeps full marks.

    \b
    Examples:
      autograder audit
      autograder audit --full --write docs/audit.md
    """
    from autograder.audit.gate import run_audit
    from autograder.audit.tables import replace_tables
    from autograder.reports.audit import render_survivors, render_tables, render_tellings
    from autograder.workers.local import default_jobs

    with _bar("grading mutants") as bar:
        task = bar.add_task("", total=None)
        findings, corpus = run_audit(
            open_layout(course),
            seed.encode(),
            full=full,
            processes=jobs or default_jobs(),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    tables = render_tables(findings)
    click.echo(tables)
    click.echo(render_tellings(findings))
    if write is not None:
        write.write_text(replace_tables(write.read_text(encoding="utf-8"), tables))
        note(f"wrote {write}")
    _fail_for_survivors(findings, render_survivors(findings, lambda kill: corpus.diff(kill.sample)))


def gate_with_progress(layout: Layout, *, full: bool) -> str:
    """Run the release gate's audit with a bar."""
    from autograder.audit.gate import require_no_hole
    from autograder.workers.local import default_jobs

    with _bar("testing the tests") as bar:
        task = bar.add_task("", total=None)
        return require_no_hole(
            layout,
            AUDIT_SEED.encode(),
            full=full,
            processes=default_jobs(),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _fail_for_survivors(findings: Findings, text: str) -> None:
    if findings.survivors or findings.not_equivalent:
        click.echo(text)
        note(f"{len(findings.survivors)} wrong submissions keep full marks")
        sys.exit(1)


@click.command()
@click.option("--seeds", default=50, show_default=True, help="How many different seeds.")
@click.option("--first", default=0, show_default=True, help="Number of the first seed.")
@click.option("--jobs", type=click.IntRange(min=1), help="How many at once; all processors.")
@click.pass_obj
def fairness(course: Path, seeds: int, first: int, jobs: int | None) -> None:
    """Grade every correct submission in tests/variants with many seeds.

    Exit status 1 when one of them ever loses a point, or passes a stretch check with one seed and
    not with another.

    \b
    Examples:
      autograder fairness
      autograder fairness --seeds 1000
    """
    from autograder.audit.fairness import try_seeds, variants
    from autograder.grading.grader import Exam
    from autograder.workers.local import default_jobs

    layout = open_layout(course)
    tier = Exam(course, layout.config, b"").choose_tier("auto")
    names = [f"fairness-{number}" for number in range(first, first + seeds)]
    troubles: list[str] = []
    passed: dict[str, set[tuple[str, ...]]] = {}
    with _bar("trying seeds") as bar:
        task = bar.add_task("", total=seeds)
        for report in try_seeds(course, layout.config, tier, names, jobs or default_jobs()):
            bar.advance(task)
            for name, lost in report.lost.items():
                troubles.append(f"{name} loses {', '.join(lost)} with seed {report.seed}")
            for name, stretch in report.stretch.items():
                passed.setdefault(name, set()).add(stretch)
    troubles += [f"{name}: stretch varies" for name, seen in passed.items() if len(seen) > 1]
    click.echo("\n".join(sorted(troubles)) or "not one point lost")
    click.echo(f"{len(variants(course))} correct submissions, {seeds} seeds")
    if troubles:
        sys.exit(1)
