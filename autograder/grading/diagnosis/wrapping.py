"""Whether each call of the function that turns tracking on wraps the operations once more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.grading.diagnosis.trace import Edge

SEVERAL = 2
MOST = 0.8
ROUNDING = 1e-4


def wrapped_again(wrong: Sequence[Edge]) -> bool:
    """Tell whether rule after rule hands on a power of two, and more from case to case."""
    factors = [edge.fact.factor for edge in wrong if edge.fact and edge.fact.factor]
    doubled = [factor for factor in factors if factor > 1 and np.log2(factor) % 1 < ROUNDING]
    if len({edge.rule for edge in wrong}) < SEVERAL or len(doubled) < MOST * len(wrong):
        return False
    return max(doubled) != min(doubled)
