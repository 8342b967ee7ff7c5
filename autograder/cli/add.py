"""``autograder add check``: a new operation, with all that belongs to it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from autograder.cli.context import note, open_layout, say
from autograder.cli.trust import pass_course
from reference.operation import Draw


@click.group()
def add() -> None:
    """Add to a course."""


@add.command()
@click.argument("name")
@click.option(
    "--forward", default="", help="The function of x (or of a and b), such as 'np.tanh(x)'."
)
@click.option(
    "--gradient",
    multiple=True,
    help="What each operand receives, with g for what comes in and out for the result, such as"
    " 'g * (1 - out**2)'. Give it twice for two operands.",
)
@click.option(
    "--made", default="", metavar="CLASS", help="The handout's class; by default NAME's own."
)
@click.option("--method", default="", help="A method of Tensor, where it is no class.")
@click.option(
    "--domain",
    type=click.Choice(get_args(Draw)),
    default="normal",
    show_default=True,
    help="How its inputs are drawn.",
)
@click.option(
    "--required",
    is_flag=True,
    help="A check that counts, with a cell of its own, instead of extra credit.",
)
@click.option("--points", type=click.FloatRange(min=0), default=1, show_default=True)
@pass_course
def check(
    course: Path,
    name: str,
    forward: str,
    gradient: tuple[str, ...],
    made: str,
    method: str,
    domain: str,
    required: bool,
    points: float,
) -> None:
    """Add the operation NAME with a check of its rule: as extra credit, or --required.

    One file is made, and two are added to:

    \b
    reference/operations/NAME.py  its rule, words, likely mistakes with their
                                  mutants, two cases (hidden and public: only
                                  inputs differ), text of the public check
    config.yaml                   the check and its points
    source/NOTEBOOK.py            the student's cell with its solution, what
                                  tracks it, and with --required the cell of
                                  its check

    The formulas are tried at once: a gradient that is not the derivative is refused. Without them
    the operation is made without a rule, and every command says "gradient of NAME not defined".

    \b
    Example:
      autograder add check tanh --forward 'np.tanh(x)' \\
        --gradient 'g * (1 - out**2)'
    """
    from autograder.course.new_check import Wanted, add_check, spoken_of

    wanted = Wanted(
        name=name, forward=forward, gradient=gradient, made=made, method=method, domain=domain,
        points=points, required=required,
    )  # fmt: skip
    layout = open_layout(course)
    before = spoken_of(layout, wanted)
    files = add_check(layout, wanted)
    for path in files:
        say(str(path.relative_to(course)))
    for line, number in spoken_of(layout, wanted).items():
        if line in before:
            note(f"{layout.text.relative_to(course)}, line {number}: is this still true? {line}")
    say("Read them over, and then:")
    say("  autograder release")
