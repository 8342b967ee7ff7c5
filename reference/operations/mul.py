"""a * b: each operand receives the gradient times the other one, since d(ab) = b da + a db."""

from reference import ForgetsIncoming, Mistake, Operation, Run

OPERATION = Operation(
    name="mul",
    rule="MulBackward",
    words=("mul", "mult", "multiply", "multiplication", "times"),
    forward=lambda a, b: a * b,
    gradient=(lambda g, out, a, b: g * b, lambda g, out, a, b: g * a),
    domain=("normal", "normal"),
    run=Run(operator="mul"),
    example=((1.5, 2.5), (0.5, 2.0)),
    label="*",
    written="a * b",
    sign="·",
    checks=("mul",),
    also_tested=("broadcasting",),
    takes_numbers=True,
    by_itself=True,
    mistakes=(
        Mistake(
            "mul-own-operand",
            "MulBackward multiplies by each input itself: G·a for a, G·b for b",
            "Hold b still and move a by a little: what decides how far a·b moves?",
            (lambda g, out, a, b: g * a, lambda g, out, a, b: g * b),
        ),
        Mistake(
            "mul-own-operand-once",
            "MulBackward uses b itself for the gradient of b",
            "The rule for b is the mirror image of the rule for a.",
            (lambda g, out, a, b: g * b, lambda g, out, a, b: g * b),
        ),
        Mistake(
            "mul-own-first",
            "MulBackward uses a itself for the gradient of a",
            "The rule for a is the mirror image of the rule for b.",
            (lambda g, out, a, b: g * a, lambda g, out, a, b: g * a),
        ),
        Mistake(
            "mul-no-incoming",
            "MulBackward forgets the incoming gradient G for a",
            "The chain rule has two factors: the rule's own slope, and what comes in.",
            (lambda g, out, a, b: b,),
        ),
        Mistake(
            "mul-hands-on",
            "MulBackward hands G on to both inputs as it is",
            "That is the rule of a + b. How far does a·b move when a moves a little and b is 5?",
            (lambda g, out, a, b: g, lambda g, out, a, b: g),
        ),
        Mistake(
            "mul-product",
            "MulBackward multiplies by the whole product a·b",
            "That is the result. The slope is how fast the result changes when one input moves.",
            (lambda g, out, a, b: g * a * b, lambda g, out, a, b: g * a * b),
        ),
        ForgetsIncoming(),
    ),
)
