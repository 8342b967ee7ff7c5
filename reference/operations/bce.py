"""BinaryCrossEntropyLoss: -t log q - (1-t) log(1-q) with q = clip(p), dq = [p inside] dp.

It has slope (q-t) / (q (1-q)) in q, and is linear in t with slope log(1-q) - log q.
"""

from typing import Final

import numpy as np

from reference import Floats, ForgetsIncoming, Mistake, Operation, Run

CLIP: Final = 1e-7


def bce(prediction: Floats, target: Floats) -> Floats:
    """Average the binary cross-entropy over all elements of predictions kept off 0 and 1."""
    p = np.clip(prediction, CLIP, 1 - CLIP)
    return np.asarray(-np.mean(target * np.log(p) + (1 - target) * np.log1p(-p)))


def for_prediction(g: Floats, out: Floats, p: Floats, t: Floats) -> Floats:
    """Let the gradient through where p was not clipped, the ends of the interval included."""
    q = np.clip(p, CLIP, 1 - CLIP)
    inside = p == q
    dp: Floats = g * inside * (q - t) / (q * (1 - q)) / np.broadcast(p, t).size
    return dp


def for_target(g: Floats, out: Floats, p: Floats, t: Floats) -> Floats:
    """Give every target its share."""
    q = np.clip(p, CLIP, 1 - CLIP)
    both = np.broadcast(p, t)
    return np.broadcast_to(g * (np.log1p(-q) - np.log(q)) / both.size, both.shape)


OPERATION = Operation(
    name="bce",
    rule="BCEBackward",
    spellings=("BinaryCrossEntropyBackward", "BinaryCrossEntropyLossBackward"),
    words=("bce", "bceloss"),
    forward=bce,
    gradient=(for_prediction, for_target),
    domain=("probability", "binary"),
    run=Run(made="BinaryCrossEntropyLoss"),
    example=((0.5, 0.25), (1.0, 0.0)),
    label="BinaryCrossEntropyLoss",
    written="BinaryCrossEntropyLoss",
    checks=("bce",),
    mistakes=(
        Mistake(
            "bce-sign",
            "BCEBackward has the other sign",
            "If p is too large for its target, does the loss grow or shrink when p grows?",
            (lambda g, out, p, t: g * (t - p) / (p * (1 - p)) / p.size,),
        ),
        Mistake(
            "bce-no-mean",
            "BCEBackward forgets the division by N",
            "One prediction moves the mean by a share only.",
            (lambda g, out, p, t: g * (p - t) / (p * (1 - p)),),
        ),
        ForgetsIncoming(),
    ),
)
