"""What two arrays show without any theory of how it came about: shape, sign, factor, paths.

Facts never hold a number of the case, but for a simple factor and the number of an axis or path.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CLOSE = 1e-5
NEARLY = 1e-2
MAX_DENOMINATOR, SMALL = 12, 4
MAX_FACTOR = 32
"""Factors that are told are few, since a submission could choose one to tell something."""


@dataclass(frozen=True)
class Fact:
    """Something seen, as data; ``words.fact`` says it in a sentence that stands by itself.

    Attributes
    ----------
    axes
        The axes that it is about.
    paths
        How many paths, of how many.
    factor
        By which all numbers differ.
    error
        The exception that should have been raised.
    """

    id: str
    axes: tuple[int, ...] = ()
    paths: tuple[int, int] = (0, 0)
    factor: float | None = None
    error: str = ""


def close(left: Floats, right: Floats) -> bool:
    """Tell whether two arrays agree as far as single precision lets one say."""
    scale = float(np.max(np.abs(right), initial=0.0))
    return left.shape == right.shape and bool(
        np.allclose(left, right, rtol=CLOSE, atol=CLOSE * scale)
    )


def factor_between(actual: Floats, expected: Floats) -> float | None:
    """Return the factor by which all elements differ, if there is one and it is not 1."""
    if expected.size < 2 or actual.shape != expected.shape or not np.all(expected):
        return None
    ratios = actual / expected
    if not np.isfinite(ratios).all():
        return None
    if not ratios.flat[0] or not np.allclose(ratios, ratios.flat[0], rtol=CLOSE, atol=0):
        return None
    return None if abs(ratios.flat[0] - 1) < CLOSE else float(ratios.flat[0])


def simple(factor: float) -> str:
    """Write a factor that is a small fraction; nothing for any other: it could tell a secret."""
    fraction = Fraction(factor).limit_denominator(MAX_DENOMINATOR)
    parts = {abs(fraction.numerator), fraction.denominator}
    few = 1 in parts or max(parts) <= SMALL
    if abs(float(fraction) - factor) > CLOSE * abs(factor) or abs(fraction) > MAX_FACTOR or not few:
        return ""
    return str(fraction).replace("-", "−")


def of_shape(
    actual: tuple[int, ...], expected: tuple[int, ...], others: Sequence[tuple[int, ...]] = ()
) -> Fact:
    """Say how a shape is wrong; never the lengths.

    Parameters
    ----------
    others
        Shapes of other operands, which may have been taken by mistake.
    """
    lost = tuple(axis for axis, n in enumerate(expected) if n == 1)
    repeated = _repeated(actual, expected)
    seen = (
        (actual in others, Fact("unbroadcast-wrong-operand")),
        (not actual, Fact("one-number")),
        (actual == expected[::-1], Fact("axes-reversed")),
        (tuple(n for n in expected if n != 1) == actual, Fact("axis-lost", axes=lost)),
        (bool(repeated), Fact("not-summed", axes=repeated)),
        (len(actual) < len(expected), Fact("axis-missing")),
    )
    return next((fact for holds, fact in seen if holds), Fact("wrong-shape"))


def _repeated(actual: tuple[int, ...], expected: tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes of ``actual`` that broadcasting added to ``expected`` or stretched in it."""
    if len(actual) < len(expected) or 0 in expected:
        return ()
    aligned = (1,) * (len(actual) - len(expected)) + expected
    if any(n not in (1, m) for n, m in zip(aligned, actual, strict=True)):
        return ()
    return tuple(
        axis
        for axis, (n, m) in enumerate(zip(aligned, actual, strict=True))
        if n != m or axis < len(actual) - len(expected)
    )


def of_values(actual: Floats, expected: Floats, given: Sequence[Floats]) -> Fact | None:
    """Say how values are wrong, where that can be seen.

    Parameters
    ----------
    actual, expected
        Of one shape.
    given
        Incoming gradients and operands, which a rule may have handed on by mistake.
    """
    factor = factor_between(actual, expected)
    square = expected.ndim == 2 and expected.shape[0] == expected.shape[1]
    seen = (
        (close(actual, expected), Fact("nearly-right")),
        (not np.any(actual), Fact("all-zero")),
        (square and close(actual.T, expected), Fact("transposed")),
        (close(np.abs(actual), np.abs(expected)) and factor is None, Fact("some-signs")),
        (any(close(actual, array) for array in given), Fact("handed-on")),
    )
    for holds, fact in seen:
        if holds:
            return fact
    if factor is not None:
        turned = abs(factor + 1) < CLOSE
        return Fact("sign") if turned else Fact("constant-factor", factor=factor)
    if np.allclose(actual, expected, rtol=NEARLY, atol=0):
        return Fact("finite-differences")
    return _of_places(actual, expected)


def _of_places(actual: Floats, expected: Floats) -> Fact | None:
    """Say where the right numbers are, if some are right."""
    scale = float(np.max(np.abs(expected), initial=0.0))
    right = np.isclose(actual, expected, rtol=CLOSE, atol=CLOSE * scale * 1e-2)
    if not right.any() or right.all():
        return None
    for axis in range(expected.ndim):
        rows = np.moveaxis(right, axis, 0).reshape(expected.shape[axis], -1)
        if expected.shape[axis] > 1 and all(row.all() or not row.any() for row in rows):
            return Fact("right-in-places", axes=(axis,))
    if not np.any(actual[~right]):
        return Fact("zero-in-places")
    return Fact("right-in-places")


def of_paths(actual: Floats, paths: Sequence[Floats]) -> Fact | None:
    """Say which paths of the graph are missing or count double, where sums of paths explain it."""
    if len(paths) < 2 or any(path.shape != actual.shape for path in paths):
        return None
    for counts in itertools.product((1, 0, 2), repeat=len(paths)):
        if set(counts) in ({1}, {0}, {2}):
            continue
        if close(actual, np.sum([n * path for n, path in zip(counts, paths, strict=True)], axis=0)):
            missing, double = counts.count(0), counts.count(2)
            if double:
                return Fact("path-double", paths=(double, len(paths)))
            return Fact("path-missing", paths=(missing, len(paths)))
    return None
