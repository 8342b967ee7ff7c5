"""Whether the operations of a case are tracked: looked at, never inferred."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAME_RESULT = 1e-3
"""Relative to the largest number: a computation in single precision is far nearer."""


def first_broken(
    operations: Sequence[int], differentiable: Collection[int], results: Mapping[int, str]
) -> tuple[int, str] | None:
    """Return the first operation whose result should carry a node and does not, and what it is.

    An engine that keeps its nodes elsewhere gives results that look like leaves, so a result that
    asks for nothing tells more.

    Parameters
    ----------
    operations
        The steps of a program that are operations, in order.
    differentiable
        Those that depend on a leaf, so that their results must carry a node.
    results
        What steps gave: ``nothing``, an ``array``, a ``constant``, a ``leaf``, a result with its
        ``node``, one that has a node and asks for nothing, ``silent``, or ``other``.
    """
    found: dict[str, int] = {}
    for step in operations:
        state = results.get(step)
        if state == "nothing" or (state is not None and step in differentiable):
            found.setdefault(state, step)
    for state in ("nothing", "array", "silent", "constant", "leaf"):
        if state in found:
            return found[state], state
    return None


def cut_off(
    operands: Sequence[int | None], kept: Sequence[int | None], numbers: int = 0
) -> int | None:
    """Return the first operand in whose place a node keeps another tensor: its position.

    A gradient that goes to the other tensor never reaches the operand.

    Parameters
    ----------
    operands
        The program's values that wait for a gradient, in order; None for all else.
    kept
        The values that the node keeps; -1 for a tensor that is no value of the program and that no
        operation made; None for what may be anything.
    numbers
        How many operands are Python numbers: a tensor is made of each.
    """
    if sum(value == -1 for value in kept) <= numbers or len(kept) > len(operands):
        return None
    for position, operand in enumerate(operands):
        if operand is not None and list(kept).count(operand) < list(operands).count(operand):
            if operand not in kept:
                return position
            return max(place for place, value in enumerate(operands) if value == operand)
    return None


def is_reversed(operands: Sequence[int | None], kept: Sequence[int | None]) -> bool:
    """Tell whether a node keeps its operands, which differ, in the reverse order."""
    given = list(operands)
    return len(set(given)) > 1 and None not in given and list(kept) == given[::-1]


def wrong_result(actual: NDArray[Any], wanted: NDArray[Any]) -> str:
    """Say what is wrong about an operation's result: its ``shape``, its ``numbers``, nothing."""
    if actual.shape != wanted.shape:
        return "shape"
    scale = float(np.max(np.abs(wanted), initial=0.0))
    with np.errstate(all="ignore"):
        same = np.isclose(actual, wanted, rtol=SAME_RESULT, atol=SAME_RESULT * scale)
    return "" if not np.isfinite(scale) or bool(same.all()) else "numbers"
