"""``autograder run``: grade one file, touch no course state."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.context import console, isolation_option, note, open_exam, reopen_exam

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
@click.option(
    "--seed-from",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="RESULT.json",
    help="Repeat an earlier grade: the same inputs, and a word on whether anything differs.",
)
@isolation_option
@click.pass_obj
def run(
    course: Path,
    file: Path,
    format_: str,
    fail_under: float | None,
    seed_from: Path | None,
    isolation: str,
) -> None:
    """Grade FILE, a notebook or a .py file, and print the result.

    \b
    Exit status: 0 graded, whatever the score (1 with --fail-under and a lower one);
    2 wrong usage; 3 FILE cannot be graded; 4 the grader or the machine failed.

    \b
    Examples:
      autograder run 05_autograd.ipynb
      autograder run solution.py --format json > result.json
      autograder run 05_autograd.ipynb --format junit --fail-under 64
      autograder run 05_autograd.ipynb --seed-from result.json
    """
    from autograder.grading.grader import Grader

    old = None if seed_from is None else read_result(seed_from)
    exam = open_exam(course) if old is None else reopen_exam(course, old)
    with exam.worker(exam.choose_tier(isolation)) as worker:
        result = Grader(exam, worker).grade(file).result
    _print(result, format_)
    if old is not None:
        note(compare_results(old, result))
    if result.status == "error":
        raise click.exceptions.Exit(3)
    if fail_under is not None and result.score < fail_under:
        raise click.exceptions.Exit(1)


def read_result(path: Path) -> Result:
    """Read a result that was written with --format json."""
    import msgspec

    from autograder.errors import UsageError
    from autograder.model import decode_result

    try:
        return decode_result(path.read_bytes())
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is not a result: {error}") from None


def compare_results(old: Result, new: Result) -> str:
    """Say whether a repeated grade is the same, and if not, in which checks."""
    if old.provenance.submission_sha256 != new.provenance.submission_sha256:
        return "another submission was graded: this is not the same file"
    was = {check.id: check for check in old.checks}
    changed = [check.id for check in new.checks if was.get(check.id) != check]
    return f"differs in: {', '.join(changed)}" if changed else "the same result, check by check"


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
