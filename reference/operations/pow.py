"""x ** n for a constant n: d(x^n) = n x^(n-1) dx."""

import numpy as np

from reference import Floats, ForgetsIncoming, KeptOnClass, Mistake, Operation, Run


def power(a: Floats, *, exponent: float) -> Floats:
    """Raise every element to one constant power, to which no gradient flows.

    Raises
    ------
    ValueError
        If the exponent is not a single number.
    """
    if np.ndim(exponent) != 0:
        raise ValueError(f"exponent has shape {np.shape(exponent)}: only one constant is allowed")
    return np.asarray(np.power(a, float(exponent)))


def power_rule(g: Floats, out: Floats, a: Floats, exponent: float) -> Floats:
    """N = 0 apart, where 0 * 0^(-1) would be NaN at a = 0."""
    return g * exponent * a ** (float(exponent) - 1.0) if exponent else np.zeros_like(g)


OPERATION = Operation(
    name="pow",
    rule="PowBackward",
    spellings=("PowerBackward",),
    words=("pow", "power"),
    forward=power,
    gradient=(power_rule,),
    domain=("positive",),
    run=Run(operator="pow", by_position=("exponent",)),
    example_options={"exponent": 2},
    label="**",
    written="x ** n",
    sign="**",
    checks=("pow",),
    mistakes=(
        Mistake(
            "pow-no-n",
            "PowBackward forgets the factor n",
            "Try n = 2 by hand: the slope of x² at 3 is 6.",
            (lambda g, out, a, exponent: g * a ** (exponent - 1.0),),
        ),
        Mistake(
            "pow-no-n-but-at-zero",
            "PowBackward forgets the factor n",
            "Try n = 2 by hand: the slope of x² at 3 is 6.",
            (lambda g, out, a, exponent: g * a ** (exponent - 1.0) if exponent else 0 * g,),
        ),
        Mistake(
            "pow-exponent",
            "PowBackward keeps the exponent n instead of n − 1",
            "Try n = 2 by hand: the slope of x² at 3 is 6.",
            (lambda g, out, a, exponent: g * exponent * a**exponent,),
        ),
        Mistake(
            "pow-without-brackets",
            "PowBackward subtracts 1 from its result instead of from the exponent",
            "`x ** n - 1` is `(x ** n) - 1`.",
            (
                lambda g, out, a, exponent: (
                    g * exponent * a**exponent - 1 if exponent else np.zeros_like(g)
                ),
            ),
        ),
        Mistake(
            "pow-whole-exponent",
            "PowBackward cuts the exponent to a whole number",
            "What is n for a square root?",
            (lambda g, out, a, exponent: g * int(exponent) * a ** (int(exponent) - 1.0),),
        ),
        ForgetsIncoming(),
        KeptOnClass("pow-exponent-on-class", "options", "the exponent"),
    ),
)
