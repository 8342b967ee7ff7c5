"""Is an observed value the expected one? The same order and tolerance as in grading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import data


@dataclass(frozen=True)
class Mismatch:
    """What is wrong with one observation, first thing first.

    kind is one of missing, unexpected, text, shape, dtype, nonfinite, value.
    """

    name: str
    kind: str
    expected: Any
    actual: Any
    wrong: np.ndarray | None = field(default=None, compare=False)


def compare(
    name: str, expected: dict[str, Any], actual: np.ndarray | str | None
) -> Mismatch | None:
    """Return None when the value is right.

    Parameters
    ----------
    expected
        From the data: an array with the rounding to expect at each element, a name, or nothing.
    actual
        ndarray, the name of an exception, or None.
    """
    if "array" not in expected:
        return _compare_without_numbers(name, expected["text"], actual)
    value = data.array(expected["array"])
    if actual is None or isinstance(actual, str):
        return Mismatch(name, "missing", value, actual)
    if actual.shape != value.shape:
        if expected["what"] == "grad" or actual.size != 1 or value.size != 1:
            return Mismatch(name, "shape", value, actual)
        actual = actual.reshape(value.shape)
    if actual.dtype.kind != "f":
        return Mismatch(name, "dtype", value, actual)
    given = actual.astype(np.float64)
    if not np.isfinite(given).all():
        return Mismatch(name, "nonfinite", value, given, ~np.isfinite(given))
    single = expected["single"] or actual.dtype == np.float32
    factor = data.load()["tolerance"]["float32" if single else "float64"]
    allowed = np.reshape(expected["spread"], value.shape) * factor
    wrong = ~(np.abs(given - value) <= allowed)
    return Mismatch(name, "value", value, given, wrong) if wrong.any() else None


def _compare_without_numbers(name: str, text: str | None, actual: Any) -> Mismatch | None:
    if text is None:
        if actual is None or (isinstance(actual, np.ndarray) and not np.any(actual)):
            return None
        return Mismatch(name, "unexpected", None, actual)
    if isinstance(actual, str) and actual == text:
        return None
    return Mismatch(name, "text", text, actual)
