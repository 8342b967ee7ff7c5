"""Reverse-mode differentiation in NumPy float64, small enough to be checked by reading.

`rules` is the calculus, `forward` the functions it differentiates, `broadcasting` the transpose of
NumPy's broadcasting, and `tape` the backward pass that ties them together.
"""

from .broadcasting import unbroadcast
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
    "ImpossibleOperation",
    "NonScalarOutput",
    "Tape",
    "TapeError",
    "UnknownOperation",
    "Variable",
    "WrongGradientShape",
    "WrongOperands",
    "WrongOptions",
    "WrongRounding",
    "unbroadcast",
]
