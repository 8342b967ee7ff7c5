"""What several commands open: the exam, the layout, the tier."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from autograder.config import CONFIG_NAME, load_config
from autograder.errors import UsageError
from autograder.reports.boundary import on_terminal

if TYPE_CHECKING:
    from autograder.course.layout import Layout
    from autograder.grading.grader import Exam
    from autograder.model import Cases, Result


def say(message: str, *, err: bool = False) -> None:
    """Write lines to standard output; names in them are harmless to a terminal and a CI log."""
    click.echo(on_terminal(message, keep="\n"), err=err)


def note(message: str) -> None:
    """Write a line to standard error."""
    say(message, err=True)


def open_exam(course: Path, *, draft: bool = False) -> Exam:
    """Load the configuration, the seed and the hidden cases of a course, see ``Exam``."""
    from autograder.cases.secret import course_seed
    from autograder.grading.grader import Exam

    config = load_config(course / CONFIG_NAME)
    return Exam(course, config, course_seed(course, say=note), draft=draft)


def open_exam_for(course: Path, cases: Cases, submission: Path) -> Exam:
    """Return the exam for one submission: hidden cases, or public ones, which need no secret."""
    from autograder.cases.secret import public_seed
    from autograder.grading.grader import Exam
    from autograder.submission.files import file_digest

    if cases == "hidden":
        return open_exam(course)
    config = load_config(course / CONFIG_NAME)
    return Exam(course, config, public_seed(file_digest(submission)), cases)


def reopen_exam(course: Path, old: Result) -> Exam:
    """Open the exam that an earlier result was graded with.

    Raises
    ------
    UsageError
        When its seed is not here, or the cases, points, limits or the grader have changed since.
    """
    from autograder.cases.secret import find_seed, public_seed
    from autograder.grading.grader import Exam

    origin = old.provenance
    seed = (
        public_seed(origin.submission_sha256)
        if origin.cases == "public"
        else find_seed(course, origin.seed_digest)
    )
    exam = Exam(course, load_config(course / CONFIG_NAME), seed, origin.cases)
    now = (exam.case_set.digest, exam.grader_version)
    if now != (origin.case_set_digest, origin.grader_version):
        raise UsageError(
            f"That grade was given with case set {origin.case_set_digest} and grader "
            f"{origin.grader_version}; here they are {now[0]} and {now[1]}",
            "Check out the commit that it was graded with.",
        )
    return exam


def open_layout(course: Path) -> Layout:
    """Return the paths of a course."""
    from autograder.course.layout import Layout

    return Layout(course=course, config=load_config(course / CONFIG_NAME))


def refuse_seed_without_walls(cases: Cases, isolation: str) -> None:
    """Refuse to let a student's code run beside the secret seed.

    Raises
    ------
    UsageError
        In CI, for hidden cases without isolation.
    """
    if cases == "hidden" and isolation == "none" and os.environ.get("CI"):
        raise UsageError(
            "Without isolation a student's code can read the secret seed and the hidden cases, so"
            " CI does not grade hidden cases with --isolation none",
            "Use --cases public, or a runner on which `autograder doctor --ci` finds a tier.",
        )


def console() -> Console:
    """Return standard output; colour survives a pipe with FORCE_COLOR, and NO_COLOR removes it."""
    return _Console(highlight=False)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to ``main``, as for any other output."""
        raise BrokenPipeError


cases_option = click.option(
    "--cases",
    type=click.Choice(["hidden", "public"]),
    default="hidden",
    show_default=True,
    help="public needs no secret: inputs are drawn from the digest of the file.",
)

isolation_option = click.option(
    "--isolation",
    type=click.Choice(["auto", "none"]),
    default="auto",
    show_default=True,
    help="none runs code without walls: only for code that you trust. Results say so.",
)
