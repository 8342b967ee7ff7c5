"""Tensor, and the operations that it is made of.

An operation is a class: `Add`, `Mul`, `Sum` and so on, each with a `forward` that
computes with arrays. Every operator of Tensor applies one of them:

    a + b    calls    Add.apply(a, b)    which calls    Add(a, b).forward(a.data, b.data)

So all operations pass through `Function.apply`. Here it computes and forgets. In
module 06 you let it remember, and give every class its `backward`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, Union

import numpy as np
import numpy.typing as npt

Axis: TypeAlias = int | tuple[int, ...] | None
Index: TypeAlias = int | slice | np.ndarray | tuple[int | slice | np.ndarray, ...]
Operand: TypeAlias = Union["Tensor", npt.ArrayLike]


def to_data(value: Operand) -> np.ndarray:
    """Return the array of a new Tensor: float64 arrays stay so, all else becomes float32."""
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, np.ndarray | np.generic) and value.dtype == np.float64:
        return np.asarray(value)
    return np.asarray(value, dtype=np.float32)


def operand_data(value: Operand, dtype: np.dtype) -> np.ndarray:
    """Return the array of an operand: a number or a list takes the type of its partner."""
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, np.ndarray) and value.ndim > 0:
        return to_data(value)
    return np.asarray(value, dtype=dtype)


def as_tensor(value: Operand, partner: Tensor) -> Tensor:
    """Return an operand as a Tensor, so that an operation has tensors only."""
    return value if isinstance(value, Tensor) else Tensor(operand_data(value, partner.dtype))


class Function:
    """One operation on given inputs: a node of the graph, once you have completed it.

    forward takes and returns arrays. Options, such as the axis of a sum, are kept in
    the node, which is made anew each time the operation is applied.
    """

    def __init__(self, *inputs: Tensor) -> None:
        """Make the node. What it was made from is not kept yet."""

    def forward(self, *arrays: np.ndarray) -> np.ndarray:
        """Compute the result."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    @classmethod
    def apply(cls, *inputs: Tensor, **options: Any) -> Tensor:
        """Compute the operation on tensors. The node is not kept yet."""
        node = cls(*inputs, **options)
        return Tensor(node.forward(*(tensor.data for tensor in inputs)))


def method_of(owner: type) -> Callable[[Any], Any]:
    """Put the function below into a class, under its own name.

    @method_of(Mul)
    def backward(self, grad_output): ...
    """

    def attach(function: Any) -> Any:
        name = getattr(function, "__func__", function).__name__
        setattr(owner, name, function)
        return function

    return attach


# Element by element, with broadcasting


def _elementwise(
    verb: str, function: Callable[..., np.ndarray], a: np.ndarray, b: np.ndarray
) -> np.ndarray:
    try:
        return function(a, b)
    except ValueError:
        raise ValueError(
            f"cannot {verb} tensors of shapes {a.shape} and {b.shape}: counted from "
            f"the right, two sizes must be equal or one of them must be 1"
        ) from None


class Add(Function):
    """z = a + b."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Add."""
        return _elementwise("add", np.add, a, b)


class Sub(Function):
    """z = a - b."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Subtract."""
        return _elementwise("subtract", np.subtract, a, b)


class Mul(Function):
    """z = a * b, element by element."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Multiply."""
        return _elementwise("multiply", np.multiply, a, b)


class Div(Function):
    """z = a / b, element by element."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Divide."""
        return _elementwise("divide", np.divide, a, b)


class Neg(Function):
    """z = -t."""

    def forward(self, t: np.ndarray) -> np.ndarray:
        """Turn the sign."""
        return np.negative(t)


class Pow(Function):
    """z = t ** n for a constant number n."""

    def __init__(self, t: Tensor, n: float = 2) -> None:
        super().__init__(t)
        self.n = n

    def forward(self, t: np.ndarray) -> np.ndarray:
        """Raise to the power n."""
        return np.power(t, operand_data(self.n, t.dtype))


# Matrices


class MatMul(Function):
    """Z = A @ B: (..., m, k) times (..., k, n) gives (..., m, n); leading axes broadcast."""

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Multiply as matrices."""
        if a.ndim == 0 or b.ndim == 0:
            raise ValueError(f"matmul needs at least one axis, got shapes {a.shape} and {b.shape}")
        columns, rows = a.shape[-1], b.shape[-2] if b.ndim > 1 else b.shape[0]
        if columns != rows:
            raise ValueError(
                f"cannot multiply matrices of shapes {a.shape} and {b.shape}: "
                f"{columns} columns on the left, {rows} rows on the right"
            )
        return np.matmul(a, b)


# Reductions: `axis` is one axis, a tuple of axes, or None for all of them


class Sum(Function):
    """s = t.sum(axis, keepdims)."""

    def __init__(self, t: Tensor, axis: Axis = None, keepdims: bool = False) -> None:
        super().__init__(t)
        self.axis, self.keepdims = axis, keepdims

    def forward(self, t: np.ndarray) -> np.ndarray:
        """Add up over the axes."""
        return np.sum(t, axis=self.axis, keepdims=self.keepdims)


class Mean(Function):
    """m = t.mean(axis, keepdims)."""

    def __init__(self, t: Tensor, axis: Axis = None, keepdims: bool = False) -> None:
        super().__init__(t)
        self.axis, self.keepdims = axis, keepdims

    def forward(self, t: np.ndarray) -> np.ndarray:
        """Average over the axes."""
        return np.mean(t, axis=self.axis, keepdims=self.keepdims)


# The same elements in another arrangement


class Reshape(Function):
    """z = t.reshape(shape)."""

    def __init__(self, t: Tensor, shape: tuple[int, ...] = (-1,)) -> None:
        super().__init__(t)
        self.shape = shape

    def forward(self, t: np.ndarray) -> np.ndarray:
        """Arrange the elements anew."""
        try:
            return np.reshape(t, self.shape)
        except ValueError:
            raise ValueError(
                f"cannot reshape {t.size} elements of shape {t.shape} into {self.shape}"
            ) from None


class Transpose(Function):
    """z = t.transpose(dim0, dim1); without axes the last two."""

    def __init__(self, t: Tensor, dim0: int | None = None, dim1: int | None = None) -> None:
        super().__init__(t)
        if dim0 is None and dim1 is None:
            dim0, dim1 = -2, -1
        if dim0 is None or dim1 is None:
            raise ValueError("transpose needs two axes or none")
        self.axes = (dim0, dim1)

    def forward(self, t: np.ndarray) -> np.ndarray:
        """Swap the two axes."""
        if not all(-t.ndim <= axis < t.ndim for axis in self.axes):
            raise ValueError(f"cannot swap axes {self.axes} of shape {t.shape}")
        return np.swapaxes(t, *self.axes)


class Slice(Function):
    """z = t[key]."""

    def __init__(self, t: Tensor, key: Index = ...) -> None:  # type: ignore[assignment]
        super().__init__(t)
        self.key = key

    def forward(self, t: np.ndarray) -> np.ndarray:
        """Pick the elements at the key, as NumPy does."""
        return t[self.key]


class Tensor:
    """An array of numbers, with room for a gradient.

    data           ndarray, float32 or float64
    requires_grad  whether somebody wants the gradient for this tensor
    grad           None until a gradient has been computed
    _grad_fn       the operation that made this tensor; None as long as nobody records it
    """

    # Makes `ndarray * tensor` call Tensor.__rmul__, not NumPy's own product.
    __array_priority__ = 1000

    def __init__(self, data: Operand, requires_grad: bool = False) -> None:
        self.data: np.ndarray = to_data(data)
        self.requires_grad = requires_grad
        self.grad: np.ndarray | None = None
        self._grad_fn: Function | None = None

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
        return np.array(self.data, dtype=dtype) if copy else np.asarray(self.data, dtype=dtype)

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        flag = ", requires_grad=True" if self.requires_grad else ""
        return f"Tensor({self.data}, shape={self.shape}{flag})"

    # Every operator applies an operation. In `2 - x` the first input is the 2.

    def __add__(self, other: Operand) -> Tensor:
        return Add.apply(self, as_tensor(other, self))

    def __radd__(self, other: Operand) -> Tensor:
        return Add.apply(as_tensor(other, self), self)

    def __sub__(self, other: Operand) -> Tensor:
        return Sub.apply(self, as_tensor(other, self))

    def __rsub__(self, other: Operand) -> Tensor:
        return Sub.apply(as_tensor(other, self), self)

    def __mul__(self, other: Operand) -> Tensor:
        return Mul.apply(self, as_tensor(other, self))

    def __rmul__(self, other: Operand) -> Tensor:
        return Mul.apply(as_tensor(other, self), self)

    def __truediv__(self, other: Operand) -> Tensor:
        return Div.apply(self, as_tensor(other, self))

    def __rtruediv__(self, other: Operand) -> Tensor:
        return Div.apply(as_tensor(other, self), self)

    def __neg__(self) -> Tensor:
        return Neg.apply(self)

    def __pow__(self, n: float) -> Tensor:
        """Raise every element to the constant power n."""
        if isinstance(n, Tensor) or np.ndim(n) != 0:
            raise TypeError("x ** n needs one constant number n")
        return Pow.apply(self, n=n)

    def matmul(self, other: Operand) -> Tensor:
        """Multiply as matrices."""
        return MatMul.apply(self, as_tensor(other, self))

    def __matmul__(self, other: Operand) -> Tensor:
        return MatMul.apply(self, as_tensor(other, self))

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Add up over `axis`."""
        return Sum.apply(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Average over `axis`."""
        return Mean.apply(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Take the largest element over `axis`. It has no gradient in this course."""
        return Tensor(np.max(self.data, axis=axis, keepdims=keepdims))

    def reshape(self, *shape: int | tuple[int, ...]) -> Tensor:
        """Arrange the elements anew: x.reshape(2, 3), x.reshape((2, 3)) or x.reshape(-1)."""
        new = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        return Reshape.apply(self, shape=new)

    def transpose(self, dim0: int | None = None, dim1: int | None = None) -> Tensor:
        """Swap two axes; without arguments the last two."""
        return Transpose.apply(self, dim0=dim0, dim1=dim1)

    def __getitem__(self, key: Index) -> Tensor:
        """Pick the elements at `key`: an index, a slice, or a tuple of them, as in NumPy."""
        return Slice.apply(self, key=key)
