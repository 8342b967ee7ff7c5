"""Judge one call of a rule by what it should have handed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .facts import Fact, of_shape, of_values

Floats = NDArray[np.float64]

CLOSE = 1e-4
"""A rule may compute in single precision, with a few roundings; finite differences are worse."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with an entry: ``missing``, ``shape`` or ``value``, and what more is seen."""

    kind: str
    fact: Fact | None = None


def agrees(actual: Floats, wanted: Floats) -> bool:
    """Tell whether an array is the wanted one, as far as single precision lets one say."""
    scale = float(np.max(np.abs(wanted), initial=0.0))
    comparable = actual.shape == wanted.shape and np.isfinite(scale)
    return bool(comparable) and bool(
        np.allclose(actual, wanted, rtol=CLOSE, atol=CLOSE * scale * 0.1)
    )


def is_number_array(array: NDArray[Any] | None) -> bool:
    """Tell whether there is an array, of numbers."""
    return array is not None and array.dtype.kind in "fiu"


def judge_entry(
    entry: NDArray[Any] | None,
    wanted: Floats,
    given: Sequence[Floats],
    others: Sequence[tuple[int, ...]] = (),
) -> Fault | None:
    """Compare an entry with the gradient that it should be; None where it is right.

    Parameters
    ----------
    entry
        What the rule returned for one operand.
    wanted
        The incoming gradient times the slope, of the operand's shape.
    given
        Incoming gradient and operands, which the rule may have handed on by mistake.
    others
        Shapes of the other operands, which it may have summed to by mistake.
    """
    if entry is None or not is_number_array(entry):
        return Fault("missing")
    if entry.shape != wanted.shape:
        return Fault("shape", of_shape(np.shape(entry), wanted.shape, others))
    actual = np.asarray(entry, dtype=np.float64)
    if agrees(actual, wanted):
        return None
    return Fault("value", of_values(actual, wanted, given) if np.isfinite(actual).all() else None)
