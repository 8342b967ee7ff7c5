"""CrossEntropyLoss: from mean_i(log sum_j exp z_ij - z_i,c(i)) follows dz = (p - onehot(c)) / N."""

from collections.abc import Callable
from typing import Any

import numpy as np

from reference import (
    Floats,
    ForgetsIncoming,
    Integers,
    Mistake,
    Operation,
    Rounding,
    Rule,
    Rules,
    Run,
)

from .softmax import log_softmax, softmax


def cross_entropy(logits: Floats, classes: Integers) -> Floats:
    """Average the negative log-probability of the right class over the batch.

    Raises
    ------
    ValueError
        If the shapes do not fit, or `classes` holds anything but class indices.
    """
    if logits.ndim != 2 or classes.shape != logits.shape[:1]:
        raise ValueError(f"logits {logits.shape} and classes {classes.shape}: want (N, C) and (N,)")
    if classes.dtype.kind != "i":
        raise ValueError(f"classes are {classes.dtype}: want integers, given by constant()")
    # NumPy would read -1 as the last class.
    if np.any((classes < 0) | (classes >= logits.shape[1])):
        raise ValueError(f"a class lies outside 0..{logits.shape[1] - 1}")
    log_probability = log_softmax(logits, dim=1)[np.arange(len(classes)), classes]
    return np.asarray(-np.mean(log_probability))


def slope(p: Floats, classes: Integers) -> Floats:
    """Evaluate (p - onehot(c)) / N, given p = softmax(z)."""
    found = p.copy()
    found[np.arange(len(classes)), classes] -= 1
    return found / len(classes)


def stepwise(rounding: Rounding) -> Rules:
    """Round the softmax: where a prediction is sure, that shows in its difference from 1."""
    return (lambda g, out, z, classes: g * slope(rounding(softmax(z, dim=1)), classes), None)


def instead(change: Callable[[Floats, Floats], Floats]) -> Rule:
    """Make something else of softmax and one-hot than their difference over N."""

    def rule(g: Floats, out: Floats, logits: Floats, classes: Any) -> Floats:
        return np.asarray(g * change(softmax(logits, dim=1), np.eye(logits.shape[1])[classes]))

    return rule


OPERATION = Operation(
    name="cross_entropy",
    rule="CrossEntropyBackward",
    spellings=("CEBackward", "CrossEntropyLossBackward"),
    words=("crossentropy", "crossentropyloss"),
    forward=cross_entropy,
    gradient=(lambda g, out, z, classes: g * slope(softmax(z, dim=1), classes), None),
    stepwise=stepwise,
    domain=("normal", "labels"),
    run=Run(made="CrossEntropyLoss"),
    example=(((1.5, 2.5), (0.5, 2.0)), (0, 1)),
    label="CrossEntropyLoss",
    written="CrossEntropyLoss",
    checks=("cross-entropy",),
    mistakes=(
        Mistake(
            "ce-no-mean",
            "CrossEntropyBackward forgets the mean over the batch",
            "The loss is the mean over the N rows.",
            (instead(lambda s, y: s - y),),
        ),
        Mistake(
            "ce-all-elements",
            "CrossEntropyBackward divides by all elements, not by the rows",
            "The loss is the mean over the N rows.",
            (instead(lambda s, y: (s - y) / s.size),),
        ),
        Mistake(
            "ce-no-one-hot",
            "CrossEntropyBackward forgets the one-hot",
            "Each row of the gradient sums to 0. Do yours?",
            (instead(lambda s, y: s / len(s)),),
        ),
        Mistake(
            "ce-log-probabilities",
            "CrossEntropyBackward uses log-probabilities, not the softmax",
            "The logarithm is gone after differentiating: which array is between 0 and 1?",
            (instead(lambda s, y: (np.log(s) - y) / len(s)),),
        ),
        Mistake(
            "ce-whole-columns",
            "CrossEntropyBackward subtracts 1 in whole columns, not once in each row",
            "`[:, c]` is every row of those columns. Which row belongs to which class?",
            (instead(lambda s, y: (s - y.any(axis=0)) / len(s)),),
        ),
        Mistake(
            "ce-sign",
            "CrossEntropyBackward has one-hot − softmax, the other way round",
            "Raise the score of the right class: does the loss grow or shrink?",
            (instead(lambda s, y: (y - s) / len(s)),),
        ),
        ForgetsIncoming(),
    ),
)
