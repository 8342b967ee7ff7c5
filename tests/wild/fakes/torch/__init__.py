"""As much of PyTorch as a notebook touches beside its rules."""

import types

from anything import Anything, anything

__version__ = "2.4.0"
float32 = "float32"


class Tensor(Anything):
    """A tensor of two."""

    def __init__(self, *_, **__):
        super().__init__()
        self.shape = (2,)

    def __len__(self):
        return 2


class no_grad:
    """A context, and a decorator."""

    def __enter__(self):
        return self

    def __exit__(self, *details):
        return None

    def __call__(self, function):
        return function


class cuda:
    """No card."""

    @staticmethod
    def is_available():
        return False

    @staticmethod
    def device_count():
        return 0


autograd = types.SimpleNamespace(Function=object)


def is_tensor(value):
    return isinstance(value, Tensor)


def tensor(*_, **__):
    return Tensor()


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return anything()
