"""The placebo's arithmetic: a linear map from a gradient to an array of an operand's shape.

Made of shapes and of an operand's rank alone, so that it says nothing of any right rule. The
trusted side computes with the very same functions (``grading/placebo.py``).
"""

from __future__ import annotations

import functools
import math
import zlib
from typing import Any

from numpy import arange, asarray, float64, ones

GOLDEN, PLASTIC = 0.6180339887498949, 0.7548776662466927
LEAST_GAIN, GAIN_RANGE = 1.004, 0.02
"""A placebo after a placebo multiplies by its gain: near one, so that chains of hundreds stay
finite, and never one, so that a placebo too many or too few shows."""

Array = Any  # NumPy's own annotations would need its names at run time


def entry(gradient: Array, op: str, rank: int, shape: tuple[int, ...], nonce: int) -> Array:
    """Return the placebo's entry for one operand: a new array of float64 of the operand's shape.

    Parameters
    ----------
    gradient
        The incoming gradient, of any shape.
    op, rank
        The operation, and the operand's place among those that ask for a gradient.
    nonce
        Of the case.
    """
    flat = asarray(gradient, dtype=float64).ravel()
    total = (_weights(flat.size) * flat).sum()
    return _pattern(op, rank, shape, nonce) * total


@functools.cache
def _weights(size: int) -> Array:
    return 0.6 + 0.8 * ((arange(1, size + 1) * GOLDEN) % 1.0)


@functools.lru_cache(maxsize=4096)
def _pattern(op: str, rank: int, shape: tuple[int, ...], nonce: int) -> Array:
    """Return what one unit of weighted gradient becomes; weighted itself, it sums to the gain."""
    size = math.prod(shape)
    chance = zlib.crc32(f"{nonce}/{op}/{rank}/{shape}".encode()) / 2**32
    raw = 0.4 + ((arange(1, size + 1) * PLASTIC + chance) % 1.0)
    gain = LEAST_GAIN + GAIN_RANGE * ((chance * 1000) % 1.0)
    weight = (_weights(size) * raw).sum() if size else 1.0
    return (raw * (gain / weight)).reshape(shape) * ones(())
