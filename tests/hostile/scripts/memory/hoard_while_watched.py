"""Makes each watched call of a rule as large and as many as it can."""
# base: solution
# after
import numpy as np


def apply(self, gradient):
    self.saved_tensors = tuple(np.ones((300, 300)) for _ in range(50))
    for _ in range(1000):
        AddBackward(*self.saved_tensors[:2]).apply(np.ones((300, 300)))
    return tuple(np.ones((400, 400)) for _ in range(50))


MulBackward.apply = apply
