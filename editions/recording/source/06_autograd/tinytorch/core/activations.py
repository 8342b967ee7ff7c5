"""Activations: functions that a network applies between its layers.

The class `ReLU` is what a network holds; `ReLUFunction` is the operation that it applies,
with a forward on arrays, and with the backward that you write in module 06.
"""

from __future__ import annotations

import numpy as np

from tinytorch.core.tensor import Function, Tensor


class ReLUFunction(Function):
    """z = max(x, 0) for every element."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Keep what is positive."""
        return np.maximum(x, 0)


class SigmoidFunction(Function):
    """s = 1 / (1 + exp(-x)) for every element, between 0 and 1."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Compute it with the exp of a negative number only, which cannot overflow."""
        e = np.exp(-np.abs(x))
        return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


class GELUFunction(Function):
    """z = 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) for every element."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Compute the tanh form."""
        inner = float(np.sqrt(2 / np.pi)) * (x + 0.044715 * x**3)
        return 0.5 * x * (1 + np.tanh(inner))


class SoftmaxFunction(Function):
    """s = exp(x) / sum(exp(x)) along the axis dim: positive numbers with sum 1."""

    def __init__(self, x: Tensor, dim: int = -1) -> None:
        super().__init__(x)
        self.dim = dim

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Subtract the largest element first: that changes nothing in the quotient."""
        e = np.exp(x - np.max(x, axis=self.dim, keepdims=True))
        return e / np.sum(e, axis=self.dim, keepdims=True)


class ReLU:
    """max(x, 0) for every element."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to every element of x."""
        return ReLUFunction.apply(x)

    def __call__(self, x: Tensor) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x)


class Sigmoid:
    """1 / (1 + exp(-x)) for every element."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to every element of x."""
        return SigmoidFunction.apply(x)

    def __call__(self, x: Tensor) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x)


class Tanh:
    """tanh(x) for every element. It has no gradient in this course."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to every element of x."""
        return Tensor(np.tanh(x.data))

    def __call__(self, x: Tensor) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x)


class GELU:
    """A smooth relative of ReLU, in its tanh form."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to every element of x."""
        return GELUFunction.apply(x)

    def __call__(self, x: Tensor) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x)


class Softmax:
    """exp(x) / sum(exp(x)) along the axis `dim`."""

    def forward(self, x: Tensor, dim: int = -1) -> Tensor:
        """Apply along the axis dim of x."""
        return SoftmaxFunction.apply(x, dim=dim)

    def __call__(self, x: Tensor, dim: int = -1) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x, dim)
