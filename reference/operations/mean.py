"""x.mean(): d(mean x) = sum dx / n, with n = x.size / out.size elements in each mean."""

from typing import Any

import numpy as np

from reference import Floats, ForgetsIncoming, KeptOnClass, Mistake, Operation, Run

from .sum import spread, spread_first


def share(g: Floats, out: Floats, a: Floats, axis: Any, keepdims: bool) -> Floats:
    """Give each element its share."""
    return spread(g, out, a, axis, keepdims) * out.size / max(a.size, 1)


OPERATION = Operation(
    name="mean",
    rule="MeanBackward",
    words=("mean", "average", "avg"),
    forward=lambda a, *, axis=None, keepdims=False: np.mean(a, axis=axis, keepdims=keepdims),
    gradient=(share,),
    domain=("normal",),
    run=Run(method="mean"),
    label="mean",
    written="x.mean()",
    checks=("mean",),
    mistakes=(
        Mistake(
            "mean-forgets-expand",
            "MeanBackward does not put the averaged axis back into G",
            "With keepdims=False an axis is missing in G. Where was it?",
            (lambda g, out, a, axis, keepdims: np.broadcast_to(g, a.shape) * out.size / a.size,),
        ),
        Mistake(
            "mean-not-divided",
            "MeanBackward does not divide",
            "One element moves the mean by a share only.",
            (spread,),
        ),
        Mistake(
            "mean-whole-size",
            "MeanBackward divides by all elements, whatever axis is",
            "How many elements were averaged together in one mean?",
            (lambda g, out, a, axis, keepdims: spread(g, out, a, axis, keepdims) / a.size,),
        ),
        Mistake(
            "mean-result-size",
            "MeanBackward divides by the elements of the result",
            "How many elements were averaged together in one mean?",
            (lambda g, out, a, axis, keepdims: spread(g, out, a, axis, keepdims) / out.size,),
        ),
        Mistake(
            "mean-of-sum-axis",
            "MeanBackward spreads along axis 0, whatever axis is",
            "Which axis is missing in G? Put it back there before you spread.",
            (
                lambda g, out, a, axis, keepdims: (
                    spread_first(g, a, axis, keepdims) * out.size / a.size
                ),
            ),
        ),
        Mistake(
            "mean-rows",
            "MeanBackward divides by the number of rows",
            "How many elements were averaged together in one mean?",
            (lambda g, out, a, axis, keepdims: spread(g, out, a, axis, keepdims) / max(len(a), 1),),
        ),
        Mistake(
            "mean-axis-zero-is-false",
            "MeanBackward takes axis=0 for no axis at all",
            "`if axis` is false for None and for 0: which of the two is meant?",
            (
                lambda g, out, a, axis, keepdims: (
                    spread(g, out, a, axis, keepdims) / (a.shape[axis] if axis else a.size)
                ),
            ),
        ),
        ForgetsIncoming(),
        KeptOnClass("mean-axis-on-class", "options", "the axis"),
    ),
)
