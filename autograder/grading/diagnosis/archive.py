"""What each misconception gives for each case, kept for the whole class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from autograder.cases.inputs import Inputs
from autograder.cases.registry import Case
from autograder.grading.diagnosis.engines import Paths, TooManyPaths
from autograder.grading.diagnosis.misconception import Misconception
from autograder.grading.diagnosis.predict import (
    LONG_PROGRAM_STEPS,
    Prediction,
    concerned,
    predict,
)
from autograder.grading.oracle import Expected, Machine
from autograder.operations import operations


class Archive:
    """What misconceptions would give, computed when first asked for and kept for the class.

    Parameters
    ----------
    inputs
        Returns the drawn inputs of the case at a place.
    always_tracked
        There is no function that turns tracking on, so that none can be called twice.
    starts_at_zero
        A gradient is zero before any arrives, so that zeros fit each mistake that hands none on.
    """

    def __init__(
        self, cases: Sequence[Case], inputs: Callable[[int], Inputs],
        expected: Sequence[Mapping[str, Expected]], *, always_tracked: bool = False,
        starts_at_zero: bool = False,
    ) -> None:  # fmt: skip
        self.cases = cases
        self.always_tracked = always_tracked
        self.starts_at_zero = starts_at_zero
        self.inputs = inputs
        self.expected = expected
        self._concerned: dict[int, tuple[Misconception, ...]] = {}
        self._predictions: dict[tuple[int, str], Prediction] = {}

    def concerned(self, place: int) -> tuple[Misconception, ...]:
        """Return the misconceptions that could show in a case."""
        if place not in self._concerned:
            self._concerned[place] = tuple(concerned(self.cases[place].program))
        return self._concerned[place]

    def predict(self, place: int, misconception: Misconception) -> Prediction:
        """Return what a case gives with a misconception."""
        key = (place, misconception.id)
        if key not in self._predictions:
            self._predictions[key] = predict(
                self.cases[place].program, self.inputs(place), self.expected[place], misconception
            )
        return self._predictions[key]

    def paths(self, place: int) -> dict[int, list[NDArray[np.float64]]]:
        """Return what each path contributes to each leaf of a case, by the leaf's input id."""
        tape = Paths(operations())
        machine = Machine(tape)
        program = self.cases[place].program
        if len(program.steps) > LONG_PROGRAM_STEPS:
            return {}
        try:
            machine.run(program, {key: array.copy() for key, array in self.inputs(place).items()})
        except TooManyPaths:
            return {}
        leaves = [declared.id for declared in program.inputs if declared.role == "leaf"]
        return {leaf: tape.of.get(machine.values[leaf].variable, []) for leaf in leaves}
