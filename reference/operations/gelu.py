"""GELU in its tanh form: the product rule on x/2 (1 + t), t = tanh u, u = s (x + c x^3).

Reference: Hendrycks and Gimpel (2016).
"""

from typing import Final

import numpy as np

from reference import Floats, ForgetsIncoming, Mistake, Operation, Rounding, Rules, Run

from .sigmoid import sigmoid

SCALE: Final = float(np.sqrt(2 / np.pi))
CUBIC: Final = 0.044715


def inner(x: Floats) -> Floats:
    """Evaluate the argument of the hyperbolic tangent."""
    return SCALE * (x + CUBIC * x**3)


def slope(x: Floats, t: Floats) -> Floats:
    """Evaluate the slope, given t = tanh(inner(x))."""
    du = SCALE * (1 + 3 * CUBIC * x**2)
    found: Floats = 0.5 * (1 + t + x * (1 - t**2) * du)
    return found


def stepwise(rounding: Rounding) -> Rules:
    """Round the hyperbolic tangent: near a vanishing slope that shows."""
    return (lambda g, out, x: g * slope(x, rounding(np.tanh(inner(x)))),)


def sigmoid_form(g: Floats, out: Floats, x: Floats) -> Floats:
    """Differentiate x sigmoid(1.702 x) instead."""
    s = sigmoid(1.702 * x)
    found: Floats = g * (s + 1.702 * x * s * (1 - s))
    return found


OPERATION = Operation(
    name="gelu",
    rule="GELUBackward",
    words=("gelu",),
    forward=lambda x: 0.5 * x * (1.0 + np.tanh(inner(x))),
    gradient=(lambda g, out, x: g * slope(x, np.tanh(inner(x))),),
    stepwise=stepwise,
    domain=("normal",),
    run=Run(made="GELU"),
    label="GELU",
    written="GELU",
    checks=("gelu",),
    mistakes=(
        Mistake(
            "gelu-sigmoid-form",
            "GELUBackward differentiates x·sigmoid(1.702·x)",
            "The handout's GELU is the tanh form: see activations.py.",
            (sigmoid_form,),
        ),
        ForgetsIncoming(),
    ),
)
