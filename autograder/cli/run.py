"""``autograder run``: grade one file, touch no course state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.context import (
    cases_option,
    console,
    isolation_option,
    note,
    open_exam_for,
    open_layout,
    refuse_seed_without_walls,
    reopen_exam,
)
from autograder.cli.trust import pass_course
from autograder.errors import SubmissionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.course.layout import Layout
    from autograder.model import Cases

INSTALLED = "text, json, junit, github, gitlab, markdown, gradescope, prairielearn, classroom50,"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "formats",
    multiple=True,
    default=["text"],
    show_default="text",
    metavar="NAME[=FILE]",
    help=f"What is written, to standard output or to FILE; may be given several times: {INSTALLED}"
    " classroom-resources, lti-ags, and what other packages bring.",
)
@click.option("--fail-under", type=float, metavar="POINTS", help="Exit with 1 below this score.")
@click.option(
    "--seed-from",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="RESULT.json",
    help="Repeat an earlier grade: the same inputs, and a word on whether anything differs.",
)
@cases_option
@isolation_option
@pass_course
def run(
    course: Path,
    file: Path,
    formats: Sequence[str],
    fail_under: float | None,
    seed_from: Path | None,
    cases: Cases,
    isolation: str,
) -> None:
    """Grade FILE, a notebook or a .py file, and print the result.

    FILE may be a folder: the notebook with the assignment's cells in it, or else the file that
    defines the assignment's names, is graded. Where nothing tells files apart, none is.

    \b
    Exit status: 0 graded, whatever the score (1 with --fail-under and a lower
    one); 2 wrong usage; 3 FILE cannot be graded; 4 the grader or the machine
    failed.

    \b
    Examples:
      autograder run notebook.ipynb
      autograder run solution.py --format json > result.json
      autograder run notebook.ipynb --format junit --fail-under 64
      autograder run notebook.ipynb --format github --format junit=report.xml
      autograder run notebook.ipynb --cases public
      autograder run notebook.ipynb --seed-from result.json
    """
    from autograder.grading.grader import Grader
    from autograder.results import (
        compare_results,
        describe,
        find_targets,
        read_result,
        write_result,
    )

    targets = find_targets(formats, file)
    old = None if seed_from is None else read_result(seed_from)
    refuse_seed_without_walls(old.provenance.cases if old else cases, isolation)
    file, error = _hand_in(file, open_layout(course))
    exam = reopen_exam(course, old) if old else open_exam_for(course, cases, file)
    note(f"course: {course}")
    with exam.open_worker(isolation) as worker:
        grader = Grader(exam, worker)
        result = grader.refuse(file, error) if error else grader.grade(file).result
    terminal = console()
    report = describe(result, file, width=terminal.width, colour=terminal.is_terminal)
    write_result(report, targets)
    if old is not None:
        note(compare_results(old, result))
    if result.status == "error":
        raise click.exceptions.Exit(3)
    if fail_under is not None and result.score < fail_under:
        raise click.exceptions.Exit(1)


def _hand_in(file: Path, layout: Layout) -> tuple[Path, SubmissionError | None]:
    """Return the file itself, behind a link that was named, or chosen in a folder; or why none."""
    from autograder.submission.choose import choose

    if file.is_symlink():
        file = file.resolve()
    if not file.is_dir():
        return file, None
    try:
        choice = choose(file, layout.config, layout.stub)
    except SubmissionError as error:
        return file, error
    note(choice.why or f"graded: {choice.path.relative_to(file)}")
    return choice.path, None
