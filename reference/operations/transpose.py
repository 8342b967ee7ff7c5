"""x.transpose(): a swap of two axes undoes itself."""

import numpy as np

from reference import Floats, Mistake, Operation, Run


def transpose(a: Floats, *, dim0: int | None = None, dim1: int | None = None) -> Floats:
    """Swap two axes; without axes the last two, which leaves a vector as it is.

    Raises
    ------
    ValueError
        If only one axis is given, or an axis does not exist.
    """
    if dim0 is not None and dim1 is not None:
        return np.swapaxes(a, dim0, dim1)
    if dim0 is not None or dim1 is not None:
        raise ValueError(f"dim0={dim0} and dim1={dim1}: give both axes or neither")
    return a if a.ndim < 2 else np.swapaxes(a, -1, -2)


OPERATION = Operation(
    name="transpose",
    rule="TransposeBackward",
    words=("transpose",),
    forward=transpose,
    gradient=(lambda g, out, a, **dims: transpose(g, **dims),),
    domain=("normal",),
    run=Run(method="transpose", by_position=("dim0", "dim1")),
    label="transpose",
    written="x.transpose()",
    checks=("transpose",),
    mistakes=(
        Mistake(
            "transpose-not-back",
            "TransposeBackward leaves G as it is",
            "A swap undoes itself.",
            (lambda g, out, a, **dims: g,),
            code=("np.swapaxes(grad_output, *self.axes)", "grad_output"),
        ),
    ),
)
