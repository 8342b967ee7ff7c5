"""What is said of a package, or a name of a module, that is not there."""

from __future__ import annotations

from autograder.model import Diagnosis
from autograder.sandbox.frames import StandIn


def explain_stand_in(found: StandIn, place: str) -> Diagnosis:
    """Say which package, or which name of a module, a wrong or missing number was made of.

    Parameters
    ----------
    place
        Where that was, in words.
    """
    where, _, name = found.name.partition(":")
    if not found.name:
        what = "something that is not installed where grading happens"
    elif not name:
        what = f"{where}, which is not installed where grading happens"
    elif where == "handout":
        what = f"{name}, which the handout does not have"
    else:
        what = f"{name} of {where}, which is not there where grading happens"
    return Diagnosis(
        id="stand-in",
        message=f"This uses {what}{place}.",
        hint="Write this part with NumPy only.",
        cell=found.cell,
        line=found.line,
    )
