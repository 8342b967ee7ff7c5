"""Tensor: a NumPy array with the operations that a neural network needs.

Forward only. `requires_grad` and `grad` are stored here, but nothing in this
file computes a gradient: that is your work in module 05.

Every operation works on `.data` with NumPy and calls no other operation of
Tensor. `a + b` and `2 + b` are two methods, and so are `a @ b` and
`a.matmul(b)`: to track an operation, you have to replace its own method.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, Union

import numpy as np
import numpy.typing as npt

Axis: TypeAlias = int | tuple[int, ...] | None
Index: TypeAlias = int | slice | np.ndarray | tuple[int | slice | np.ndarray, ...]
Operand: TypeAlias = Union["Tensor", npt.ArrayLike]


def to_data(value: Operand) -> np.ndarray:
    """Return the array for a new Tensor.

    float64 arrays and np.float64 scalars stay float64. Everything else (lists,
    Python numbers, integers, booleans, float32) becomes float32.
    An array that has the right type already is kept, not copied.
    """
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, np.ndarray | np.generic) and value.dtype == np.float64:
        return np.asarray(value)
    return np.asarray(value, dtype=np.float32)


def operand_data(value: Operand, dtype: np.dtype) -> np.ndarray:
    """Return the array for `value` in an operation with a tensor of `dtype`.

    A number, a 0-d array or a list takes `dtype`, so that a float64 tensor
    times 0.1 uses all the digits of 0.1. A Tensor or a larger array keeps the
    type that `Tensor(value)` has. `Tensor(operand_data(2.0, x.dtype))` turns
    the 2.0 of `x * 2.0` into a tensor.
    """
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, np.ndarray) and value.ndim > 0:
        return to_data(value)
    return np.asarray(value, dtype=dtype)


def _elementwise(
    verb: str, function: Callable[..., np.ndarray], a: np.ndarray, b: np.ndarray
) -> Tensor:
    """Compute function(a, b) with broadcasting, or raise a ValueError that names both shapes."""
    try:
        result = function(a, b)
    except ValueError:
        raise ValueError(
            f"cannot {verb} tensors of shapes {a.shape} and {b.shape}: counted from "
            f"the right, two sizes must be equal or one of them must be 1"
        ) from None
    return Tensor(result)


def _matrix_product(a: np.ndarray, b: np.ndarray) -> Tensor:
    """Multiply (..., m, k) by (..., k, n), or raise a ValueError that names both shapes."""
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError(f"matmul needs at least one axis, got shapes {a.shape} and {b.shape}")
    columns, rows = a.shape[-1], b.shape[-2] if b.ndim > 1 else b.shape[0]
    if columns != rows:
        raise ValueError(
            f"cannot multiply matrices of shapes {a.shape} and {b.shape}: "
            f"{columns} columns on the left, {rows} rows on the right"
        )
    return Tensor(np.matmul(a, b))


class Tensor:
    """An array of numbers, with room for a gradient.

    data           ndarray, float32 or float64
    requires_grad  whether somebody wants the gradient for this tensor
    grad           None until a gradient has been computed
    """

    # Makes `ndarray * tensor` call Tensor.__rmul__, not NumPy's own product.
    __array_priority__ = 1000

    def __init__(self, data: Operand, requires_grad: bool = False) -> None:
        self.data: np.ndarray = to_data(data)
        self.requires_grad = requires_grad
        self.grad: np.ndarray | None = None

    # What the tensor is

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of every axis."""
        return self.data.shape

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.data.size

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def dtype(self) -> np.dtype:
        """Type of the numbers: float32 or float64."""
        return self.data.dtype

    def item(self) -> float:
        """Return the number in a tensor of one element."""
        if self.size != 1:
            raise ValueError(f"item() needs one element, this tensor has shape {self.shape}")
        return float(self.data.item())

    def numpy(self) -> np.ndarray:
        """Return the array inside (not a copy)."""
        return self.data

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if copy:
            return np.array(self.data, dtype=dtype)
        return np.asarray(self.data, dtype=dtype)

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        flag = ", requires_grad=True" if self.requires_grad else ""
        return f"Tensor({self.data}, shape={self.shape}{flag})"

    # Arithmetic, element by element, with broadcasting.
    # `__add__` computes tensor + other, `__radd__` computes other + tensor.

    def __add__(self, other: Operand) -> Tensor:
        return _elementwise("add", np.add, self.data, operand_data(other, self.dtype))

    def __radd__(self, other: Operand) -> Tensor:
        return _elementwise("add", np.add, operand_data(other, self.dtype), self.data)

    def __sub__(self, other: Operand) -> Tensor:
        return _elementwise("subtract", np.subtract, self.data, operand_data(other, self.dtype))

    def __rsub__(self, other: Operand) -> Tensor:
        return _elementwise("subtract", np.subtract, operand_data(other, self.dtype), self.data)

    def __mul__(self, other: Operand) -> Tensor:
        return _elementwise("multiply", np.multiply, self.data, operand_data(other, self.dtype))

    def __rmul__(self, other: Operand) -> Tensor:
        return _elementwise("multiply", np.multiply, operand_data(other, self.dtype), self.data)

    def __truediv__(self, other: Operand) -> Tensor:
        return _elementwise("divide", np.divide, self.data, operand_data(other, self.dtype))

    def __rtruediv__(self, other: Operand) -> Tensor:
        return _elementwise("divide", np.divide, operand_data(other, self.dtype), self.data)

    def __neg__(self) -> Tensor:
        return Tensor(np.negative(self.data))

    def __pow__(self, n: float) -> Tensor:
        """Raise every element to the constant power n."""
        if isinstance(n, Tensor) or np.ndim(n) != 0:
            raise TypeError("x ** n needs one constant number n")
        return Tensor(np.power(self.data, operand_data(n, self.dtype)))

    # Matrix product: (..., m, k) times (..., k, n) gives (..., m, n).

    def matmul(self, other: Operand) -> Tensor:
        """Multiply as matrices; leading axes are batches, and they broadcast."""
        return _matrix_product(self.data, operand_data(other, self.dtype))

    def __matmul__(self, other: Operand) -> Tensor:
        return _matrix_product(self.data, operand_data(other, self.dtype))

    # Reductions. `axis` is one axis, a tuple of axes, or None for all of them;
    # with keepdims=True a reduced axis stays, with length 1.

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Add up over `axis`."""
        return Tensor(np.sum(self.data, axis=axis, keepdims=keepdims))

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Average over `axis`."""
        return Tensor(np.mean(self.data, axis=axis, keepdims=keepdims))

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Take the largest element over `axis`."""
        return Tensor(np.max(self.data, axis=axis, keepdims=keepdims))

    # The same elements in another arrangement

    def reshape(self, *shape: int | tuple[int, ...]) -> Tensor:
        """Arrange the elements anew: x.reshape(2, 3), x.reshape((2, 3)) or x.reshape(-1)."""
        new = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        try:
            return Tensor(np.reshape(self.data, new))
        except ValueError:
            raise ValueError(
                f"cannot reshape {self.size} elements of shape {self.shape} into {new}"
            ) from None

    def transpose(self, dim0: int | None = None, dim1: int | None = None) -> Tensor:
        """Swap two axes; without arguments the last two."""
        if dim0 is None and dim1 is None:
            dim0, dim1 = -2, -1
        if dim0 is None or dim1 is None:
            raise ValueError("transpose needs two axes or none")
        low, high = -self.ndim, self.ndim - 1
        if not (low <= dim0 <= high and low <= dim1 <= high):
            raise ValueError(f"cannot swap axes {dim0} and {dim1} of shape {self.shape}")
        return Tensor(np.swapaxes(self.data, dim0, dim1))

    def __getitem__(self, key: Index) -> Tensor:
        """Pick the elements at `key`: an index, a slice, or a tuple of them, as in NumPy."""
        return Tensor(self.data[key])
