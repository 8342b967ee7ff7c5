"""What two arrays show without any theory of how it came about: shape, sign, factor, paths.

Facts never hold a number of the case, but for a simple factor and the number of an axis or path.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from autograder.model import Record

Floats = NDArray[np.float64]
CLOSE = 1e-5
NEARLY = 1e-2
MAX_DENOMINATOR = 12
MAX_FACTOR = 100


class Fact(Record, frozen=True):
    """Something seen, in a sentence that stands by itself; ``factor`` where all differ by one."""

    id: str
    sentence: str
    factor: float | None = None


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
    if abs(float(fraction) - factor) > CLOSE * abs(factor) or abs(fraction) > MAX_FACTOR:
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
    lost = [axis for axis, n in enumerate(expected) if n == 1]
    repeated = _repeated(actual, expected)
    seen = (
        (actual in others, Fact("unbroadcast-wrong-operand", "It has the other input's shape.")),
        (not actual, Fact("one-number", "One number came where each element needs its own.")),
        (actual == expected[::-1], Fact("axes-reversed", "Its axes are turned around.")),
        (
            tuple(n for n in expected if n != 1) == actual,
            Fact("axis-lost", f"{_axes(lost)} of length 1 is gone: keep it."),
        ),
        (bool(repeated), Fact("not-summed", f"{_axes(repeated)} was repeated, and not summed.")),
        (len(actual) < len(expected), Fact("axis-missing", "A reduced axis is not put back.")),
    )
    general = Fact("wrong-shape", "It does not have the shape of its tensor.")
    return next((fact for holds, fact in seen if holds), general)


def _repeated(actual: tuple[int, ...], expected: tuple[int, ...]) -> list[int]:
    """Return the axes of ``actual`` that broadcasting added to ``expected`` or stretched in it."""
    if len(actual) < len(expected) or 0 in expected:
        return []
    aligned = (1,) * (len(actual) - len(expected)) + expected
    if any(n not in (1, m) for n, m in zip(aligned, actual, strict=True)):
        return []
    return [
        axis
        for axis, (n, m) in enumerate(zip(aligned, actual, strict=True))
        if n != m or axis < len(actual) - len(expected)
    ]


def _axes(axes: Sequence[int]) -> str:
    return "Axis " + " and ".join(map(str, axes)) if axes else "An axis"


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
        (not np.any(actual), Fact("all-zero", "All of it is zero.")),
        (square and close(actual.T, expected), _TRANSPOSED),
        (close(np.abs(actual), np.abs(expected)) and factor is None, _SOME_SIGNS),
        (any(close(actual, array) for array in given), _HANDED_ON),
    )
    for holds, fact in seen:
        if holds:
            return fact
    if factor is not None:
        return _of_factor(factor)
    if np.allclose(actual, expected, rtol=NEARLY, atol=0):
        return _NEARLY_RIGHT
    return _of_places(actual, expected)


_TRANSPOSED = Fact("transposed", "These are the right numbers, transposed.")
_SOME_SIGNS = Fact("some-signs", "Every number is right but for signs, and not all are turned.")
_HANDED_ON = Fact("handed-on", "One of the arrays that went in came out as it was.")
_NEARLY_RIGHT = Fact(
    "finite-differences",
    "Every number is right to about three digits, and not to six: is it measured by a finite"
    " difference?",
)


def _of_factor(factor: float) -> Fact:
    if abs(factor + 1) < CLOSE:
        return Fact("sign", "Every number is right but for its sign.")
    text = simple(factor)
    times = f"{text} times" if text else "the same multiple of"
    return Fact("constant-factor", f"Every number is {times} what it should be.", factor)


def _of_places(actual: Floats, expected: Floats) -> Fact | None:
    """Say where the right numbers are, if some are right."""
    scale = float(np.max(np.abs(expected), initial=0.0))
    right = np.isclose(actual, expected, rtol=CLOSE, atol=CLOSE * scale * 1e-2)
    if not right.any() or right.all():
        return None
    for axis in range(expected.ndim):
        rows = np.moveaxis(right, axis, 0).reshape(expected.shape[axis], -1)
        if expected.shape[axis] > 1 and all(row.all() or not row.any() for row in rows):
            return Fact("right-in-places", f"Only some places along axis {axis} are right.")
    if not np.any(actual[~right]):
        return Fact("zero-in-places", "Some numbers are right, and the others are zero.")
    return Fact("right-in-places", "Some numbers are right, and others are not.")


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
                return Fact("path-double", f"{double} of {len(paths)} paths to it count double.")
            return Fact("path-missing", f"{missing} of {len(paths)} paths to it are missing.")
    return None
