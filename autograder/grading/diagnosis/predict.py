"""What a misconception would give for a case: the same program, run with the mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograder.cases.inputs import Inputs
from autograder.cases.names import operations_of
from autograder.cases.program import Program
from autograder.errors import CaseError
from autograder.grading.diagnosis.misconception import Misconception
from autograder.grading.diagnosis.misconceptions import misconceptions
from autograder.grading.oracle import Expected, Machine
from autograder.model import Record

LONG_PROGRAM_STEPS = 100
"""Programs beyond this are about depth, and too slow to run with every mistake; so are those about
cost, which some wrong engines double with each reuse."""
TELLING = 1e-6
"""Relative difference from the right value from which on a mistake shows."""
CLOSE = 1e-5

Observation: TypeAlias = "NDArray[Any] | str | None"


class Prediction(Record, frozen=True):
    """What a case observes with a mistake.

    Attributes
    ----------
    differing
        The observations that differ from the right ones, by name; none where the mistake does not
        show in this case.
    impossible
        Whether the program cannot be run with the mistake: the student's code would raise.
    """

    differing: dict[str, Observation]
    impossible: bool = False


def concerned(program: Program) -> Iterator[Misconception]:
    """Yield the misconceptions that could show in a program."""
    if program.about_cost or len(program.steps) > LONG_PROGRAM_STEPS:
        return
    used = operations_of(program)
    for misconception in misconceptions():
        fits = not misconception.operations or misconception.operations & used
        if fits and (program.engine or misconception.about):
            yield misconception


def predict(
    program: Program,
    inputs: Inputs,
    expected: Mapping[str, Expected],
    misconception: Misconception,
) -> Prediction:
    """Run a program with a mistake, and compare with the right values.

    Parameters
    ----------
    inputs
        Drawn arrays by input id; they are not changed.
    expected
        What each observation must be, by name.
    """
    machine = misconception.start()
    try:
        with np.errstate(all="ignore"):
            machine.run(program, {key: array.copy() for key, array in inputs.items()})
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, CaseError):
        return Prediction(differing={}, impossible=True)
    return Prediction(differing=_differing(machine, expected))


def _differing(machine: Machine, expected: Mapping[str, Expected]) -> dict[str, Observation]:
    """Keep the observations that differ; none where a mistake gives numbers that are not finite."""
    differing: dict[str, Observation] = {}
    for name, (_, value) in machine.observed.items():
        right = expected[name].value
        if isinstance(value, np.ndarray) and isinstance(right, np.ndarray):
            if not np.isfinite(value).all():
                return {}
            if value.shape != right.shape or not _near(value, right, TELLING, 1e-9):
                differing[name] = value
        elif isinstance(value, np.ndarray):
            if np.any(value):
                differing[name] = value
        elif isinstance(right, np.ndarray) or value != right:
            differing[name] = value
    return differing


def is_as_predicted(predicted: Observation, actual: Observation) -> bool:
    """Tell whether an observed value is the predicted one, as near as rounding lets one say."""
    if not isinstance(predicted, np.ndarray):
        if predicted is None:
            return actual is None or (isinstance(actual, np.ndarray) and not np.any(actual))
        return isinstance(actual, str) and actual == predicted
    if not isinstance(actual, np.ndarray) or actual.shape != predicted.shape:
        return False
    if actual.dtype.kind != "f":
        return False
    scale = float(np.max(np.abs(predicted), initial=0.0))
    return _near(actual, predicted, CLOSE, CLOSE * scale)


def _near(actual: NDArray[Any], wanted: NDArray[Any], relative: float, absolute: float) -> bool:
    """Do what ``np.allclose`` does where ``wanted`` is finite, in a quarter of its time."""
    return bool((np.abs(actual - wanted) <= absolute + relative * np.abs(wanted)).all())
