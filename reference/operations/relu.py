"""ReLU: d relu(x) = [x > 0] dx, and 0 at the kink."""

import numpy as np

from reference import ForgetsIncoming, KeptOnClass, Mistake, Operation, Run

OPERATION = Operation(
    name="relu",
    rule="ReLUBackward",
    words=("relu",),
    forward=lambda x: np.maximum(x, 0.0),
    gradient=(lambda g, out, x: np.where(x > 0, g, 0.0),),
    domain=("normal",),
    run=Run(made="ReLU"),
    label="ReLU",
    written="ReLU",
    checks=("relu",),
    mistakes=(
        Mistake(
            "relu-mask-of-gradient",
            "ReLUBackward looks at the sign of G instead of x",
            "Which array says whether a number was cut off in forward?",
            (lambda g, out, x: g * (g > 0),),
        ),
        Mistake(
            "relu-at-zero",
            "ReLUBackward lets G through at x = 0 as well",
            "At exactly 0 we agreed on the slope 0.",
            (lambda g, out, x: g * (x >= 0),),
        ),
        Mistake(
            "relu-input",
            "ReLUBackward multiplies by the output instead of its slope",
            "How steep is max(x, 0) at x = 3? And at x = 5?",
            (lambda g, out, x: g * out,),
        ),
        Mistake(
            "relu-no-mask",
            "ReLUBackward lets all of G through",
            "What happens to the result when a negative x moves a little?",
            (lambda g, out, x: g,),
        ),
        ForgetsIncoming(),
        KeptOnClass("relu-mask-on-class", "input", "its mask"),
    ),
)
