"""Inputs of public cases: small round numbers, which a student can follow by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.cases.inputs import draw_inputs
from autograder.cases.program import Input, Program

PUBLIC_SEED = b"public cases"


def public_inputs(program: Program, case_id: str) -> dict[int, NDArray[np.generic]]:
    """Return one array for each input, keyed by its id.

    Returns
    -------
    dict of int to ndarray
        No two elements of an array are alike, but for labels and targets of 0 and 1; numbers are
        multiples of 1/2, probabilities of 1/20.
    """
    return draw_inputs(program, case_id, PUBLIC_SEED, _draw)


def _draw(declared: Input, generator: np.random.Generator) -> NDArray[Any]:
    count = math.prod(declared.shape)
    if declared.draw == "labels":
        labels = np.arange(declared.classes, declared.classes + count)[::-1] % declared.classes
        return labels.astype(np.int64)
    if declared.draw == "binary":
        values = generator.permutation(np.arange(count) % 2).astype(np.float64)
    elif declared.draw == "probability":
        values = generator.permutation(np.arange(3, 17))[:count] / 20
    else:
        values = generator.permutation(np.arange(3, count + 5))[:count] / 2  # 1 would hide a factor
        if declared.draw != "positive" and count > 1:
            negative = generator.choice(count, size=max(1, round(0.3 * count)), replace=False)
            values[negative] *= -1
        if declared.draw == "kinked":
            values[generator.choice(count, size=max(1, count // 4), replace=False)] = 0.0
    return (values * declared.scale).reshape(declared.shape).astype(declared.dtype)
