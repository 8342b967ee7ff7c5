"""Hands back objects whose data is another such object without end, and sequences without end."""
# slow
import itertools
import sys


class Endless:
    requires_grad = True

    def __init__(self, *args, **options):
        pass

    @property
    def data(self):
        return Endless()

    grad = saved_tensors = data

    def __len__(self):
        return 1 << 60

    def __getitem__(self, index):
        return Endless()

    def __iter__(self):
        return itertools.repeat(1.0)

    def backward(self, *args):
        pass

    __add__ = __mul__ = __sub__ = __truediv__ = __matmul__ = __radd__ = __rmul__ = lambda self, other: self


class AddBackward:
    def __init__(self, *args):
        self.saved_tensors = args

    def apply(self, gradient):
        return [Endless(), Endless()]


Tensor = Endless
enable_autograd = lambda quiet=False: None
sys.modules["tinytorch.core.tensor"].Tensor = Endless
