"""Activations: functions that a network applies between its layers.

Each takes a Tensor of any shape and returns a new one of the same shape.
"""

from __future__ import annotations

import numpy as np

from tinytorch.core.tensor import Tensor


class ReLU:
    """max(x, 0) for every element."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to every element of x."""
        return Tensor(np.maximum(x.data, 0))

    def __call__(self, x: Tensor) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x)


class Sigmoid:
    """1 / (1 + exp(-x)) for every element, between 0 and 1."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to every element of x."""
        # exp of a negative number only, so that it cannot overflow:
        # 1 / (1 + e) for x >= 0 and e / (1 + e) for x < 0, with e = exp(-|x|).
        e = np.exp(-np.abs(x.data))
        return Tensor(np.where(x.data >= 0, 1 / (1 + e), e / (1 + e)))

    def __call__(self, x: Tensor) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x)


class Tanh:
    """tanh(x) for every element, between -1 and 1."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to every element of x."""
        return Tensor(np.tanh(x.data))

    def __call__(self, x: Tensor) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x)


class GELU:
    """0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) for every element."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to every element of x."""
        inner = float(np.sqrt(2 / np.pi)) * (x.data + 0.044715 * x.data**3)
        return Tensor(0.5 * x.data * (1 + np.tanh(inner)))

    def __call__(self, x: Tensor) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x)


class Softmax:
    """exp(x) / sum(exp(x)) along the axis `dim`: positive numbers with sum 1."""

    def forward(self, x: Tensor, dim: int = -1) -> Tensor:
        """Apply along the axis dim of x."""
        # Subtracting the largest element changes nothing in the quotient.
        e = np.exp(x.data - np.max(x.data, axis=dim, keepdims=True))
        return Tensor(e / np.sum(e, axis=dim, keepdims=True))

    def __call__(self, x: Tensor, dim: int = -1) -> Tensor:
        """Let f(x) mean f.forward(x)."""
        return self.forward(x, dim)
