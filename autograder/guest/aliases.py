"""Names that NumPy had until 1.23 or 2.0: what a student's older NumPy still has is no mistake."""

from __future__ import annotations

import functools
import math
from types import ModuleType
from typing import Any

_BUILTINS: dict[str, Any] = {
    "float": float, "int": int, "bool": bool, "object": object, "str": str, "complex": complex,
    "math": math,
}  # fmt: skip
_RENAMED = {
    "float_": "float64", "complex_": "complex128", "unicode_": "str_", "string_": "bytes_",
    "cfloat": "complex128", "singlecomplex": "complex64", "longfloat": "longdouble",
    "Inf": "inf", "Infinity": "inf", "infty": "inf", "PINF": "inf", "NaN": "nan",
    "product": "prod", "cumproduct": "cumprod", "alltrue": "all", "sometrue": "any",
    "round_": "round", "row_stack": "vstack", "in1d": "isin", "trapz": "trapezoid",
    "mat": "asmatrix",
}  # fmt: skip


def restore(numpy: ModuleType) -> None:
    """Give NumPy the names back that it lacks; one that it has stays as it is."""
    names = vars(numpy)
    for name, value in _BUILTINS.items():
        names.setdefault(name, value)
    for old, new in _RENAMED.items():
        if new in names:
            names.setdefault(old, names[new])
    names.setdefault("NINF", -numpy.inf)
    names.setdefault("asfarray", functools.partial(numpy.asarray, dtype=numpy.float64))
