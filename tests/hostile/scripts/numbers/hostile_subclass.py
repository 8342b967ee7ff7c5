"""Hands back ndarray subclasses whose every method lies, loops or raises."""
import sys

import numpy as np


class Hostile(np.ndarray):
    def __array_finalize__(self, other):
        raise RuntimeError("finalized")

    def __array_ufunc__(self, *args, **options):
        return self

    def __array_function__(self, *args, **options):
        return self

    def __getattribute__(self, name):
        if name in ("dtype", "shape", "size", "tobytes", "data"):
            raise MemoryError(name)
        return super().__getattribute__(name)


class Lying:
    dtype, shape, size, itemsize, nbytes, ndim = np.dtype("f8"), (4, 1 << 30), 1 << 32, 8, 1 << 35, 2
    data = property(lambda self: self)
    grad = property(lambda self: Lying())
    __array_interface__ = {"shape": (1 << 32,), "typestr": "<f8", "data": (0, False), "version": 3}
    __array_priority__ = 1e9

    def __array__(self, *args, **options):
        return np.broadcast_to(1.0, (4, 1 << 30))

    def __buffer__(self, flags):
        return memoryview(b"")


class Tensor:
    def __new__(cls, *args, **options):
        return Lying()


sys.modules["tinytorch.core.tensor"].Tensor = Tensor
