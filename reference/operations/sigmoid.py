"""Sigmoid: ds(x) = s (1 - s) dx.

The slope is written in terms of the result, as textbooks do. Near saturation 1 - s loses digits; a
tape that rounds shows how many, and so how far two right implementations may differ.
"""

import numpy as np

from reference import Floats, ForgetsIncoming, KeptOnClass, Mistake, Operation, Run


def sigmoid(x: Floats) -> Floats:
    """Evaluate 1 / (1 + exp(-x)) without ever exponentiating a positive number."""
    decay = np.exp(-np.abs(x))
    numerator: Floats = np.where(x >= 0, 1.0, decay)
    return numerator / (1.0 + decay)


OPERATION = Operation(
    name="sigmoid",
    rule="SigmoidBackward",
    words=("sigmoid",),
    forward=sigmoid,
    gradient=(lambda g, out, x: g * out * (1 - out),),
    domain=("normal",),
    run=Run(made="Sigmoid"),
    label="Sigmoid",
    written="Sigmoid",
    checks=("sigmoid",),
    mistakes=(
        Mistake(
            "sigmoid-without-complement",
            "SigmoidBackward forgets the factor (1 − s)",
            "At x = 0 the slope is 1/4: what do you get there?",
            (lambda g, out, x: g * out,),
        ),
        Mistake(
            "sigmoid-twice",
            "SigmoidBackward applies the sigmoid twice",
            "Is s computed from x, or from something that already is a sigmoid?",
            (lambda g, out, x: g * sigmoid(out) * (1 - sigmoid(out)),),
        ),
        Mistake(
            "sigmoid-of-output",
            "SigmoidBackward uses sigmoid(1 − x) for 1 − s",
            "1 minus the result is not the result of 1 minus the input.",
            (lambda g, out, x: g * out * sigmoid(1 - x),),
        ),
        Mistake(
            "sigmoid-of-input",
            "SigmoidBackward uses x in place of s",
            "The slope is written with the result of the sigmoid.",
            (lambda g, out, x: g * x * (1 - x),),
        ),
        Mistake(
            "sigmoid-slope-of-tanh",
            "SigmoidBackward uses 1 − s², which is the slope of tanh",
            "At x = 0 the slope is 1/4: what do you get there?",
            (lambda g, out, x: g * (1 - out**2),),
        ),
        ForgetsIncoming(),
        KeptOnClass("sigmoid-output-on-class", "output", "its output"),
    ),
)
