"""-x: d(-x) = -dx."""

from reference import Mistake, Operation, Run

OPERATION = Operation(
    name="neg",
    rule="NegBackward",
    words=("neg", "negate", "negation", "negative"),
    forward=lambda a: -a,
    gradient=(lambda g, out, a: -g,),
    domain=("normal",),
    run=Run(operator="neg"),
    label="unary −",
    written="-x",
    checks=("neg",),
    by_itself=True,
    mistakes=(
        Mistake(
            "neg-plus",
            "NegBackward forgets the minus",
            "When x grows, does −x grow or shrink?",
            (lambda g, out, a: g,),
            code=("(-grad_output if", "(grad_output if"),
        ),
    ),
)
