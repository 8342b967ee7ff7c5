"""a / b: d(a / b) = da / b - a db / b^2."""

from reference import ForgetsIncoming, Mistake, Operation, Run

OPERATION = Operation(
    name="div",
    rule="DivBackward",
    spellings=("TrueDivBackward",),
    words=("div", "divide", "division", "truediv"),
    forward=lambda a, b: a / b,
    gradient=(lambda g, out, a, b: g / b, lambda g, out, a, b: -g * a / b**2),
    domain=("normal", "normal"),
    run=Run(operator="truediv"),
    example=((1.5, 2.5), (0.5, 2.0)),
    label="/",
    written="a / b",
    sign="/",
    checks=("div",),
    also_tested=("broadcasting",),
    takes_numbers=True,
    by_itself=True,
    mistakes=(
        Mistake(
            "div-no-minus",
            "DivBackward forgets the minus for b",
            "When the denominator grows, does the quotient grow or shrink?",
            (lambda g, out, a, b: g / b, lambda g, out, a, b: g * a / b**2),
        ),
        Mistake(
            "div-no-square",
            "DivBackward forgets the square for b",
            "Write 1/b as a power of b. What does the power rule do to the exponent?",
            (lambda g, out, a, b: g / b, lambda g, out, a, b: -g * a / b),
        ),
        Mistake(
            "div-no-minus-no-square",
            "DivBackward uses a/b instead of −a/b² for b",
            "Write 1/b as a power of b, and take the power rule: a sign and an exponent change.",
            (lambda g, out, a, b: g / b, lambda g, out, a, b: g * a / b),
        ),
        Mistake(
            "div-wrong-operand",
            "DivBackward divides by a instead of b in its first entry",
            "In a/b, which number stands below the line?",
            (lambda g, out, a, b: g / a,),
        ),
        Mistake(
            "div-forgets-numerator",
            "DivBackward forgets the factor a for b",
            "Does the result depend on b more strongly when a is large?",
            (lambda g, out, a, b: g / b, lambda g, out, a, b: -g / b**2),
        ),
        Mistake(
            "div-operands-swapped",
            "DivBackward takes a for b and b for a",
            "In which order does saved_tensors keep them, and in which order are they taken out?",
            (lambda g, out, a, b: g / a, lambda g, out, a, b: -g * b / a**2),
        ),
        Mistake(
            "div-without-brackets",
            "DivBackward divides by b and then multiplies by b again",
            "Python goes through `a / b * c` from left to right: where are the brackets?",
            (lambda g, out, a, b: g / b, lambda g, out, a, b: -g * a / b * b),
        ),
        ForgetsIncoming(),
    ),
)
