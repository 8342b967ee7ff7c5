"""x.sum(): every summand receives the gradient of its sum."""

from typing import Any

import numpy as np

from reference import Floats, ForgetsIncoming, KeptOnClass, Mistake, Operation, Run


def spread(g: Floats, out: Floats, a: Floats, axis: Any, keepdims: bool) -> Floats:
    """Spread a gradient over the axes that were summed."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, a.shape)


def spread_first(g: Floats, a: Floats, axis: Any, keepdims: bool) -> Floats:
    """Put the summed axis back in front, wherever it was."""
    return np.broadcast_to(g if keepdims or axis is None else np.expand_dims(g, 0), a.shape)


OPERATION = Operation(
    name="sum",
    rule="SumBackward",
    words=("sum", "summation", "reducesum"),
    forward=lambda a, *, axis=None, keepdims=False: np.sum(a, axis=axis, keepdims=keepdims),
    gradient=(spread,),
    domain=("normal",),
    run=Run(method="sum"),
    constructor={"axis": None, "keepdims": False},
    label="sum",
    written="x.sum()",
    checks=("sum", "sum-axes"),
    mistakes=(
        Mistake(
            "sum-ignores-axis",
            "SumBackward spreads along axis 0, whatever axis is",
            "Which axis is missing in G? Put it back there before you spread.",
            (lambda g, out, a, axis, keepdims: spread_first(g, a, axis, keepdims),),
        ),
        Mistake(
            "sum-scalar",
            "SumBackward hands G on without spreading it",
            "Each element of t took part. Which shape has t, and which one has G?",
            (lambda g, out, a, axis, keepdims: g,),
        ),
        Mistake(
            "sum-forgets-expand",
            "SumBackward does not put the summed axis back into G",
            "With keepdims=False an axis is missing in G. Where was it?",
            (lambda g, out, a, axis, keepdims: np.broadcast_to(g, a.shape),),
        ),
        ForgetsIncoming(),
        KeptOnClass("sum-axis-on-class", "options", "the axis"),
    ),
)
