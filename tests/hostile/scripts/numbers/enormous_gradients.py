"""Hands back gradients of gigabytes that are made of one number, and shapes of a hundred axes."""
# slow
# base: solution
# after
import numpy as np

_ready = Tensor.backward


def _swollen(self, *args):
    _ready(self, *args)
    self.grad = np.broadcast_to(1.0, (1 << 16, 1 << 16))


MulBackward.apply = lambda self, gradient: (np.broadcast_to(1.0, (1 << 32,)), np.ones((1,) * 32))
Tensor.backward = _swollen
