"""a + b: both operands receive the gradient, since d(a + b) = da + db."""

from reference import ForgetsIncoming, Mistake, Operation, Run

OPERATION = Operation(
    name="add",
    rule="AddBackward",
    words=("add", "addition", "plus"),
    forward=lambda a, b: a + b,
    gradient=(lambda g, out, a, b: g, lambda g, out, a, b: g),
    domain=("normal", "normal"),
    run=Run(operator="add"),
    example=((1.5, 2.5), (0.5, 2.0)),
    label="+",
    written="a + b",
    sign="+",
    checks=("add",),
    also_tested=("broadcasting",),
    takes_numbers=True,
    by_itself=True,
    mistakes=(
        Mistake(
            "add-minus",
            "AddBackward gives the second input a minus",
            "When b grows, does a + b grow or shrink?",
            (lambda g, out, a, b: g, lambda g, out, a, b: -g),
        ),
        ForgetsIncoming(),
    ),
)
