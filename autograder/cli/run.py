"""``autograder run``: grade one file, touch no course state."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.context import console, isolation_option, open_exam

if TYPE_CHECKING:
    from autograder.model import Result


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json", "junit"]),
    help="What standard output holds.",
)
@click.option("--fail-under", type=float, metavar="POINTS", help="Exit with 1 below this score.")
@isolation_option
@click.pass_obj
def run(course: Path, file: Path, format_: str, fail_under: float | None, isolation: str) -> None:
    """Grade FILE, a notebook or a .py file, and print the result.

    \b
    Exit status: 0 graded, whatever the score (1 with --fail-under and a lower one);
    2 wrong usage; 3 FILE cannot be graded; 4 the grader or the machine failed.

    \b
    Examples:
      autograder run 05_autograd.ipynb
      autograder run solution.py --format json > result.json
      autograder run 05_autograd.ipynb --format junit --fail-under 64
    """
    from autograder.grading.grader import Grader
    from autograder.sandbox.isolation import choose_tier

    exam = open_exam(course)
    with exam.worker(choose_tier(isolation)) as worker:
        result = Grader(exam, worker).grade(file).result
    _print(result, format_)
    if result.status == "error":
        raise click.exceptions.Exit(3)
    if fail_under is not None and result.score < fail_under:
        raise click.exceptions.Exit(1)


def _print(result: Result, format_: str) -> None:
    if format_ == "json":
        from autograder.model import encode_result

        sys.stdout.write(encode_result(result).decode() + "\n")
    elif format_ == "junit":
        from autograder.reports.junit import render_junit

        sys.stdout.write(render_junit(result))
    else:
        from autograder.reports.text import render_result

        console().print(render_result(result))
