"""Softmax: ds = s (dx - <s, dx>), a symmetric Jacobian."""

import numpy as np

from reference import Floats, ForgetsIncoming, Mistake, Operation, Run


def log_softmax(x: Floats, *, dim: int = -1) -> Floats:
    """Evaluate log(softmax(x)); subtracting the maximum keeps every exponential in [0, 1]."""
    shifted: Floats = x - np.max(x, axis=dim, keepdims=True)
    total: Floats = np.sum(np.exp(shifted), axis=dim, keepdims=True)
    return shifted - np.log(total)


def softmax(x: Floats, *, dim: int = -1) -> Floats:
    """Make the exponentials along an axis add up to one."""
    return np.exp(log_softmax(x, dim=dim))


OPERATION = Operation(
    name="softmax",
    rule="SoftmaxBackward",
    words=("softmax",),
    forward=softmax,
    gradient=(lambda g, out, x, dim: out * (g - np.sum(g * out, axis=dim, keepdims=True)),),
    domain=("normal",),
    run=Run(made="Softmax"),
    label="Softmax",
    written="Softmax",
    checks=("softmax",),
    mistakes=(
        Mistake(
            "softmax-elementwise",
            "SoftmaxBackward uses s·(1 − s), as if element-wise",
            "When one input grows, what happens to the other outputs of its row?",
            (lambda g, out, x, dim: g * out * (1 - out),),
        ),
        Mistake(
            "softmax-of-everything",
            "SoftmaxBackward sums over everything",
            "One row does not depend on another row.",
            (lambda g, out, x, dim: out * (g - np.sum(g * out)),),
        ),
        Mistake(
            "softmax-squared",
            "SoftmaxBackward uses s·s, as if element-wise",
            "When one input grows, what happens to the other outputs of its row?",
            (lambda g, out, x, dim: g * out * out,),
        ),
        ForgetsIncoming(),
    ),
)
