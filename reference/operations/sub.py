"""a - b: the second operand receives the gradient with a minus, since d(a - b) = da - db."""

from reference import ForgetsIncoming, Mistake, Operation, Run

OPERATION = Operation(
    name="sub",
    rule="SubBackward",
    words=("sub", "subtract", "subtraction", "minus", "substract"),
    forward=lambda a, b: a - b,
    gradient=(lambda g, out, a, b: g, lambda g, out, a, b: -g),
    domain=("normal", "normal"),
    run=Run(operator="sub"),
    example=((1.5, 2.5), (0.5, 2.0)),
    label="−",
    written="a − b",
    sign="−",
    checks=("sub",),
    also_tested=("broadcasting",),
    takes_numbers=True,
    by_itself=True,
    mistakes=(
        Mistake(
            "sub-plus",
            "SubBackward forgets the minus for the second input",
            "When b grows, does a − b grow or shrink?",
            (lambda g, out, a, b: g, lambda g, out, a, b: g),
        ),
        Mistake(
            "sub-swapped",
            "SubBackward swaps its two inputs",
            "Which of the two carries the minus in a − b?",
            (lambda g, out, a, b: -g, lambda g, out, a, b: g),
        ),
        Mistake(
            "sub-minus-first",
            "SubBackward gives both inputs a minus",
            "When a grows, does a − b grow or shrink?",
            (lambda g, out, a, b: -g, lambda g, out, a, b: -g),
        ),
        ForgetsIncoming(),
    ),
)
