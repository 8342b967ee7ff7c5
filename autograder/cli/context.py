"""What several commands open: the exam, the layout, the tier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from autograder.config import CONFIG_NAME, load_config
from autograder.errors import UsageError

if TYPE_CHECKING:
    from autograder.course.layout import Layout
    from autograder.grading.grader import Exam
    from autograder.model import Result


def note(message: str) -> None:
    """Write one line to standard error."""
    click.echo(message, err=True)


def open_exam(course: Path) -> Exam:
    """Load the configuration, the seed and the hidden cases of a course."""
    from autograder.cases.secret import course_seed
    from autograder.grading.grader import Exam

    config = load_config(course / CONFIG_NAME)
    return Exam(course, config, course_seed(course, say=note))


def reopen_exam(course: Path, old: Result) -> Exam:
    """Open the exam that an earlier result was graded with.

    Raises
    ------
    UsageError
        When its seed is not here, or the cases, points, limits or the grader have changed since.
    """
    from autograder.cases.secret import find_seed
    from autograder.grading.grader import Exam

    origin = old.provenance
    seed = find_seed(course, origin.seed_digest)
    exam = Exam(course, load_config(course / CONFIG_NAME), seed)
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


def console() -> Console:
    """Return standard output; colour survives a pipe with FORCE_COLOR, and NO_COLOR removes it."""
    return Console(highlight=False)


isolation_option = click.option(
    "--isolation",
    type=click.Choice(["auto", "none"]),
    default="auto",
    show_default=True,
    help="none runs code without walls: only for code that you trust. Results say so.",
)
