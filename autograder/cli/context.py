"""What several commands open: the exam, the layout, the tier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from autograder.config import CONFIG_NAME, load_config

if TYPE_CHECKING:
    from autograder.course.layout import Layout
    from autograder.grading.grader import Exam


def note(message: str) -> None:
    """Write one line to standard error."""
    click.echo(message, err=True)


def open_exam(course: Path) -> Exam:
    """Load the configuration, the seed and the hidden cases of a course."""
    from autograder.cases.secret import course_seed
    from autograder.grading.grader import Exam

    config = load_config(course / CONFIG_NAME)
    return Exam(course, config, course_seed(course, say=note))


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
