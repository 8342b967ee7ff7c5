"""The one comparison: an observed value against the expected one.

Shape first, then the kind of dtype, then non-finite values, then numbers. The tolerance of an
element is a multiple of the spread that rounding causes there (``oracle.py``): it is proportional
to the value and to the conditioning of the computation, it does not grow with the array, and it
has no absolute floor, so a gradient of 1e-8 returned as zero is wrong.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from autograder.config import Tolerance
from autograder.errors import InfrastructureError
from autograder.grading.oracle import Expected
from autograder.model import Record

MismatchKind = Literal[
    "missing", "unexpected", "text", "shape", "dtype", "nonfinite", "value", "cost"
]


class Mismatch(Record, frozen=True):
    """How an observation differs. Facts for the instructor: they may hold hidden numbers.

    Attributes
    ----------
    kind
        The first thing that is wrong, in the order of the module's docstring.
    differing, size
        Elements out of tolerance, and elements in all.
    worst
        Index of the worst element relative to its tolerance.
    expected, actual
        That element, or both shapes, dtypes or names, as text.
    """

    name: str
    kind: MismatchKind
    expected: str
    actual: str
    differing: int = 0
    size: int = 0
    worst: tuple[int, ...] = ()


def compare(
    name: str,
    expected: Expected,
    actual: NDArray[np.generic] | str | None,
    tolerance: Tolerance,
) -> Mismatch | None:
    """Return None when ``actual`` is right, else what is wrong first.

    Parameters
    ----------
    name
        The observation's name.
    expected
        From :func:`autograder.grading.oracle.expected_values`.
    actual
        Array of dtype float64, float32, int64 or bool, a name, or None.
    tolerance
        Multiples of the spread, for each returned dtype.

    Raises
    ------
    InfrastructureError
        When the expected value itself is not finite.
    """
    if expected.what == "less":
        return _compare_measurements(name, float(np.asarray(expected.value)), actual)
    if expected.value is None:
        return _compare_to_none(name, actual)
    if isinstance(expected.value, str) or isinstance(actual, str):
        # A hostile child may send text where numbers belong, so both must be text.
        both = isinstance(expected.value, str) and isinstance(actual, str)
        if both and actual == expected.value:
            return None
        return Mismatch(
            name=name, kind="text", expected=_text(expected.value), actual=_text(actual)
        )
    if actual is None:
        return Mismatch(name=name, kind="missing", expected="a gradient", actual="None")
    return _compare_arrays(name, expected, expected.value, actual, tolerance)


def _compare_to_none(name: str, actual: NDArray[np.generic] | str | None) -> Mismatch | None:
    """No gradient is None, zeros, or an empty array: the assignment leaves it open."""
    if actual is None or (isinstance(actual, np.ndarray) and not np.any(actual)):
        return None
    return Mismatch(name=name, kind="unexpected", expected="no gradient", actual=_text(actual))


def _compare_measurements(
    name: str, factor: float, actual: NDArray[np.generic] | str | None
) -> Mismatch | None:
    """Demand that the first of two measurements lies below ``factor`` times the second."""
    if isinstance(actual, np.ndarray) and actual.shape == (2,) and actual.dtype.kind == "f":
        first, second = actual.tolist()
        if 0 < first < factor * second:
            return None
    return Mismatch(
        name=name, kind="cost", expected=f"below {factor} of the other", actual=_text(actual)
    )


def _compare_arrays(
    name: str,
    expected: Expected,
    value: NDArray[np.float64],
    actual: NDArray[np.generic],
    tolerance: Tolerance,
) -> Mismatch | None:
    if actual.shape != value.shape:
        if expected.what == "grad" or actual.size != 1 or value.size != 1:
            return Mismatch(
                name=name, kind="shape", expected=str(value.shape), actual=str(actual.shape)
            )
        actual = actual.reshape(value.shape)
    if actual.dtype.kind != "f":
        return Mismatch(
            name=name, kind="dtype", expected="floating point", actual=actual.dtype.name
        )
    if expected.spread is None or not np.isfinite(value).all():
        raise InfrastructureError(f"{name}: the expected value cannot judge anything")
    with np.errstate(invalid="ignore"):  # a signalling NaN is as bad as any other
        given = actual.astype(np.float64)
    if not np.isfinite(given).all():
        return _first_bad(name, "nonfinite", value, given, ~np.isfinite(given))
    if expected.what == "form":
        return None
    single = expected.single or actual.dtype == np.float32
    allowed = expected.spread * (tolerance.float32 if single else tolerance.float64)
    error = np.abs(given - value)
    wrong = ~(error <= allowed)
    if not wrong.any():
        return None
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        badness = error / allowed
    return _first_bad(name, "value", value, given, wrong, badness)


def _first_bad(
    name: str,
    kind: MismatchKind,
    value: NDArray[np.float64],
    given: NDArray[np.float64],
    wrong: NDArray[np.bool_],
    badness: NDArray[np.float64] | None = None,
) -> Mismatch:
    ranking = np.where(wrong, 1.0 if badness is None else badness, -1.0)
    worst = np.unravel_index(int(np.argmax(ranking)), value.shape)
    return Mismatch(
        name=name,
        kind=kind,
        expected=repr(float(value[worst])),
        actual=repr(float(given[worst])),
        differing=int(wrong.sum()),
        size=value.size,
        worst=tuple(int(index) for index in worst),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else type(value).__name__
