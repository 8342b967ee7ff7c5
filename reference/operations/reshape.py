"""x.reshape(): the same elements, shaped back."""

import numpy as np

from reference import Mistake, Operation, Run

OPERATION = Operation(
    name="reshape",
    rule="ReshapeBackward",
    words=("reshape", "view"),
    forward=lambda a, *, shape: np.reshape(a, shape),
    gradient=(lambda g, out, a, shape: g.reshape(a.shape),),
    domain=("normal",),
    run=Run(method="reshape", spread="shape"),
    example_options={"shape": [4]},
    label="reshape",
    written="x.reshape()",
    checks=("reshape",),
    mistakes=(
        Mistake(
            "reshape-not-back",
            "ReshapeBackward leaves G in the shape of the result",
            "Which shape does x have, and which one does G have?",
            (lambda g, out, a, shape: g,),
            code=("np.reshape(grad_output, t.shape)", "grad_output"),
        ),
    ),
)
