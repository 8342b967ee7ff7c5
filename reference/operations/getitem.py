"""x[key]: out[i] = x[key[i]] has dx[j] = the sum of g[i] over the i with key[i] = j."""

from typing import Any

import numpy as np

from reference import Floats, Mistake, Operation, Run


def spread(g: Floats, out: Floats, a: Floats, index: Any) -> Floats:
    """Add up what arrives at each element; ``da[index] += g`` would keep one of several."""
    da = np.zeros_like(a)
    np.add.at(da, index, g)
    return da


def spread_once(g: Floats, out: Floats, a: Floats, index: Any) -> Floats:
    """Keep one of several."""
    da = np.zeros_like(a)
    da[index] = g
    return da


OPERATION = Operation(
    name="getitem",
    rule="SliceBackward",
    spellings=("GetitemBackward", "IndexBackward"),
    words=("slice", "getitem", "index"),
    forward=lambda a, *, index: a[index],
    gradient=(spread,),
    domain=("normal",),
    run=Run(operator="getitem", by_position=("index",)),
    example_options={"index": ["slice", 0, 1, None]},
    label="indexing",
    written="x[key]",
    checks=("slice",),
    mistakes=(
        Mistake(
            "slice-once",
            "SliceBackward keeps only one of several contributions",
            "What does grad[key] = … do when key names a place twice?",
            (spread_once,),
        ),
    ),
)
