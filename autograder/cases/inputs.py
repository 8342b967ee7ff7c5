"""Draw a program's inputs from the course's secret seed.

The values are chosen so that wrong gradients show: mixed signs with a mean away from zero,
magnitudes of order one, no element near a kink unless the kink is the point, no two alike.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.cases.program import Input, Program

Inputs = Mapping[int, NDArray[Any]]
"""The inputs of one case, by their ids."""


Draw = Callable[[Input, np.random.Generator], NDArray[np.generic]]
"""Returns the array that an input declares."""


def draw_inputs(
    program: Program, case_id: str, seed: bytes, draw: Draw | None = None
) -> dict[int, NDArray[np.generic]]:
    """Return one array for each input, keyed by its id.

    The same seed, case and input always give the same bytes, whatever other cases exist.

    Parameters
    ----------
    draw
        Draws one of them, where it is not to be drawn as for a hidden case.

    Returns
    -------
    dict of int to ndarray
        Shape and dtype as the input declares; float inputs hold values of its ``scale``.
    """
    drawn: dict[int, NDArray[np.generic]] = {}
    for declared in program.inputs:
        digest = hashlib.sha256(b"\0".join([seed, case_id.encode(), str(declared.id).encode()]))
        generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest.digest()[:16])))
        drawn[declared.id] = (draw or _draw)(declared, generator)
    return drawn


def _draw(declared: Input, generator: np.random.Generator) -> NDArray[np.generic]:
    count = math.prod(declared.shape)
    if declared.draw == "labels":
        return _labels(count, declared.classes, generator)
    if declared.draw == "probability":
        values = 0.15 + 0.7 * generator.random(count)
    elif declared.draw == "binary":
        values = generator.permutation((np.arange(count) % 2).astype(np.float64))
    else:
        values = 0.5 + generator.random(count)
        if declared.draw != "positive":
            values *= _signs(count, generator)
        if declared.draw == "kinked":
            values[generator.choice(count, size=max(1, count // 4), replace=False)] = 0.0
    return (values * declared.scale).reshape(declared.shape).astype(declared.dtype)


def _signs(count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """About three in ten are negative; from two elements on, both signs occur."""
    signs = np.ones(count)
    if count > 1:
        negative = max(1, round(0.3 * count))
        signs[generator.choice(count, size=negative, replace=False)] = -1.0
    return signs


def _labels(count: int, classes: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Class indices that are neither all alike nor in order."""
    labels = generator.integers(0, classes, size=count)
    labels[0], labels[-1] = classes - 1, 0
    return labels.astype(np.int64)
