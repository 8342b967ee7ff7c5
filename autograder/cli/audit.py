"""``autograder audit`` and ``fairness``: test the tester."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.cli.context import note, open_layout
from autograder.cli.trust import pass_course

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autograder.audit.findings import Findings
    from autograder.course.layout import Layout
    from autograder.course.notes import Audited

AUDIT_SEED = "audit"


def _bar() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))


@click.command()
@click.option("--costs", is_flag=True, help="Only: what one slip of the catalogue costs.")
@click.option(
    "--full", is_flag=True, help="Every pair and every mechanical mutant, not a selection."
)
@click.option("--jobs", type=click.IntRange(min=1), help="How many at once; all processors.")
@click.option("--seed", default=AUDIT_SEED, show_default=True, help="Seed of the inputs.")
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also replace the tables in this Markdown file.",
)
@pass_course
def audit(
    course: Path, costs: bool, full: bool, jobs: int | None, seed: str, write: Path | None
) -> None:
    """Grade wrong submissions and print how many lose points, and where.

    Four families: the misconceptions in tests/mutants in two styles each, pairs of them, the
    everyday slips in tests/slips, and mechanical mutants of every line of the solution. Then come
    the findings that name another mistake, or blame another part, than the one that was made.
    Exit status 1 when one keeps full marks.

    \b
    Examples:
      autograder audit
      autograder audit --costs
      autograder audit --full --write docs/audit.md
    """
    from autograder.audit.render import render_survivors, render_tables, render_tellings
    from autograder.audit.tables import replace_tables
    from autograder.audit.whole import run_audit
    from autograder.workers.local import default_jobs

    if costs:
        click.echo(_costs(course, seed, jobs or default_jobs()))
        return
    with _bar() as bar:
        task = bar.add_task("grading mutants", total=None)
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


def _costs(course: Path, seed: str, jobs: int) -> str:
    from autograder.audit.costs import slip_costs
    from autograder.audit.render import render_costs

    with _bar() as bar:
        task = bar.add_task("grading slips", total=None)
        found = slip_costs(
            open_layout(course),
            seed.encode(),
            processes=jobs,
            progress=lambda: bar.advance(task),
        )
    return render_costs(found)


def gate_with_progress(
    layout: Layout, notebook: Path, accepted: Sequence[str], *, full: bool
) -> Audited:
    """Run the release gate's audit of a notebook that is about to be released, with bars."""
    from autograder.audit.gate import Gate
    from autograder.course.notes import read_notes
    from autograder.workers.local import default_jobs

    with _bar() as bar:

        def stage(what: str) -> Callable[[int, int], None]:
            task = bar.add_task(what, total=None)
            return lambda done, total: bar.update(task, completed=done, total=total)

        notes = read_notes(layout)
        gate = Gate(layout, AUDIT_SEED.encode(), notebook, notes, default_jobs(), stage)
        return gate.require_no_hole(accepted, full=full)


def _fail_for_survivors(findings: Findings, text: str) -> None:
    if findings.survivors or findings.not_equivalent:
        click.echo(text)
        note(f"{len(findings.survivors)} wrong submissions keep full marks")
        sys.exit(1)


@click.command()
@click.option("--seeds", default=50, show_default=True, help="How many different seeds.")
@click.option("--first", default=0, show_default=True, help="Number of the first seed.")
@click.option("--jobs", type=click.IntRange(min=1), help="How many at once; all processors.")
@click.option("--wild", is_flag=True, help="As people really hand it in; --first is the seed.")
@click.option("--only", metavar="ID", multiple=True, help="One transformation; may be repeated.")
@click.option("--sample", is_flag=True, help="Each transformation on one submission only.")
@pass_course
def fairness(
    course: Path,
    seeds: int,
    first: int,
    jobs: int | None,
    wild: bool,
    only: tuple[str, ...],
    sample: bool,
) -> None:
    """Grade every correct submission in tests/variants with many seeds.

    With --wild: change every one of them, and the solved notebook, in each way of tests/wild, and
    grade it with one seed. Exit status 1 when one of them ever loses a point, or passes a stretch
    check with one seed and not with another.

    \b
    Examples:
      autograder fairness
      autograder fairness --seeds 1000
      autograder fairness --wild
      autograder fairness --wild --only crlf-lines
    """
    from autograder.workers.local import default_jobs

    if (only or sample) and not wild:
        raise click.UsageError("--only and --sample go with --wild")
    layout = open_layout(course)
    if wild:
        lossless = _try_wild(layout, first, jobs or default_jobs(), only, sample)
    else:
        lossless = _try_seeds(layout, seeds, first, jobs or default_jobs())
    if not lossless:
        sys.exit(1)


def _try_seeds(layout: Layout, seeds: int, first: int, jobs: int) -> bool:
    from autograder.audit.fairness import try_seeds, variants
    from autograder.grading.grader import Exam

    tier = Exam(layout.course, layout.config, b"").choose_tier("auto")
    names = [f"fairness-{number}" for number in range(first, first + seeds)]
    troubles: list[str] = []
    passed: dict[str, set[tuple[str, ...]]] = {}
    with _bar() as bar:
        task = bar.add_task("trying seeds", total=seeds)
        for report in try_seeds(layout.course, layout.config, tier, names, jobs):
            bar.advance(task)
            for name, lost in report.lost.items():
                troubles.append(f"{name} loses {', '.join(lost)} with seed {report.seed}")
            for name, stretch in report.stretch.items():
                passed.setdefault(name, set()).add(stretch)
    troubles += [f"{name}: stretch varies" for name, seen in passed.items() if len(seen) > 1]
    click.echo("\n".join(sorted(troubles)) or "not one point lost")
    click.echo(f"{len(variants(layout.course))} correct submissions, {seeds} seeds")
    return not troubles


def _try_wild(layout: Layout, first: int, jobs: int, only: tuple[str, ...], sample: bool) -> bool:
    from autograder.audit.render_wild import render_wild
    from autograder.audit.wild import (
        KINDS,
        every_pair,
        load_transformations,
        right_submissions,
        rotating_pairs,
        try_wild,
    )
    from autograder.errors import UsageError
    from autograder.grading.grader import Exam

    if not layout.released_notebook.is_file():
        raise UsageError("Nothing was released, so nothing is handed in", "autograder release")
    library = load_transformations(layout.config.home(layout.course, str(KINDS)))
    unknown = sorted(set(only) - library.keys())
    if unknown:
        raise click.UsageError(f"there is no transformation {unknown[0]!r}")
    chosen = {name: library[name] for name in library if not only or name in only}
    hosts = right_submissions(layout.course, layout.solution)
    pairs = (rotating_pairs if sample else every_pair)(chosen, hosts)
    exam = Exam(layout.course, layout.config, f"wild-{first}".encode())
    with _bar() as bar:
        task = bar.add_task("trying what people do", total=len(pairs))
        trials = []
        for trial in try_wild(exam, exam.choose_tier("auto"), chosen, pairs, jobs):
            trials.append(trial)
            bar.advance(task)
    click.echo(render_wild(list(chosen.values()), trials))
    return all(trial.loss is None for trial in trials)
