"""Reverse-mode differentiation in NumPy float64, small enough to be checked by reading.

`operations/` holds the calculus, one file an operation, and `operation` says what such a file must
declare; `broadcasting` is the transpose of NumPy's broadcasting, and `tape` the backward pass that
ties them together. The files of `operations/` belong to a course: each course has its own.
"""

from .broadcasting import unbroadcast
from .operation import (
    Floats,
    ForgetsIncoming,
    Integers,
    KeptOnClass,
    Mistake,
    Operation,
    Rounding,
    Rule,
    Rules,
    Run,
    Text,
)
from .table import Operations, Undeclared, read_operations
from .tape import (
    ImpossibleOperation,
    NonScalarOutput,
    Tape,
    TapeError,
    UnknownOperation,
    Variable,
    WrongGradientShape,
    WrongOperands,
    WrongOptions,
    WrongRounding,
)

__all__ = [
    "Floats",
    "ForgetsIncoming",
    "ImpossibleOperation",
    "Integers",
    "KeptOnClass",
    "Mistake",
    "NonScalarOutput",
    "Operation",
    "Operations",
    "Rounding",
    "Rule",
    "Rules",
    "Run",
    "Tape",
    "TapeError",
    "Text",
    "Undeclared",
    "UnknownOperation",
    "Variable",
    "WrongGradientShape",
    "WrongOperands",
    "WrongOptions",
    "WrongRounding",
    "read_operations",
    "unbroadcast",
]
