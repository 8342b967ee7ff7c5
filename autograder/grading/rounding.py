"""What rounding can do in a computation: noise on all that it computes, and how far that carries.

Relative noise of the size of single precision's rounding goes on every input, every result, every
product of a rule, every sum of such products, and on what the rules of composite operations compute
on their way. Gradients are carried back path by path, as a recursive engine does it: where paths
cancel, its rounding is the larger one, and an engine that sums first stays within it.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.operations import operations
from reference import Floats, Tape, Variable

SINGLE_ROUNDOFF = 2.0**-24
"""Largest relative error of rounding a number to single precision."""
NOISY_RUNS = 12
NOISY_RUNS_OF_LONG_PROGRAMS = 3
LONG_PROGRAM_STEPS = 100
MOST_VISITS = 200
"""Calls of rules beyond which paths are summed first: a recursive engine would not get through."""


def noisy_runs(steps: int) -> int:
    """Return how often to run a program: many roundings add up, so that fewer runs show as much."""
    return NOISY_RUNS_OF_LONG_PROGRAMS if steps > LONG_PROGRAM_STEPS else NOISY_RUNS


class Noise:
    """Relative noise, uniform within one rounding, the same for each case and seed."""

    def __init__(self, case_id: str, seed: bytes) -> None:
        digest = hashlib.sha256(b"noise\0" + seed + b"\0" + case_id.encode()).digest()
        self._generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16])))

    def __call__(self, values: Floats) -> Floats:
        """Return the values with noise."""
        noise = self._generator.uniform(-SINGLE_ROUNDOFF, SINGLE_ROUNDOFF, size=values.shape)
        return np.asarray(values * (1 + noise))

    def on_inputs(self, inputs: dict[int, NDArray[Any]]) -> dict[int, NDArray[Any]]:
        """Return a case's inputs with noise on all but indices."""
        return {
            key: self(array) if array.dtype.kind == "f" else array for key, array in inputs.items()
        }


class NoisyTape(Tape):
    """A tape whose every number carries noise."""

    def __init__(self, noise: Noise) -> None:
        composite = {
            op: declared.stepwise(noise)
            for op, declared in operations().items()
            if declared.stepwise is not None
        }
        super().__init__(operations(), noise, {**operations().rules, **composite})
        self._noise = noise

    def _walk(self, output: Variable, start: Floats) -> dict[Variable, Floats]:
        """Walk path by path where paths are few."""
        if not self._has_few_paths(output):
            return super()._walk(output, start)
        gradients: dict[Variable, Floats] = {}
        waiting = [(output, start)]
        while waiting:
            variable, arrived = waiting.pop()
            self._add(gradients, variable, arrived)
            waiting += self._contributions(variable, arrived)
        return gradients

    def _add(self, gradients: dict[Variable, Floats], to: Variable, contribution: Floats) -> None:
        """Add, and round the sum."""
        kept = gradients.get(to)
        gradients[to] = np.array(contribution) if kept is None else self._noise(kept + contribution)

    def _has_few_paths(self, output: Variable) -> bool:
        """Tell whether paths fork and join, and whether each can be walked by itself."""
        paths = {output: 1}
        for variable in reversed(self._record):
            for parent in variable.parents if variable in paths else ():
                if parent.differentiable:
                    paths[parent] = paths.get(parent, 0) + paths[variable]
        return len(paths) < sum(paths.values()) <= MOST_VISITS


def spread_of(exact: Floats, noisy: list[Any]) -> Floats:
    """Return the largest deviation of each element over the noisy runs.

    A run may by chance hit an element almost exactly, so no element's spread is taken as smaller
    than its magnitude times the array's median relative spread, or than one rounding.
    """
    deviation = np.max([np.abs(run - exact) for run in noisy], axis=0)
    magnitude = np.abs(exact)
    relative = deviation[magnitude > 0] / magnitude[magnitude > 0]
    typical = float(np.median(relative)) if relative.size else 0.0
    return np.asarray(np.maximum(deviation, magnitude * max(typical, SINGLE_ROUNDOFF)))
