"""Layers: the parts of a network that hold parameters.

Their forward is written with Tensor operations. Once you have replaced the
operations by tracked ones, gradients flow through the layers by themselves.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from tinytorch.core.tensor import Tensor


class Module(Protocol):
    """Anything that maps a Tensor to a Tensor: a layer, an activation."""

    def __call__(self, x: Tensor, /) -> Tensor:
        """Compute the output for x."""


class Layer:
    """Base class for a layer of your own: write `forward`, and `parameters` if it has any.

    Nothing in this package asks whether a layer inherits from it.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Compute the output for x."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def __call__(self, x: Tensor) -> Tensor:
        """Let layer(x) mean layer.forward(x)."""
        return self.forward(x)

    def parameters(self) -> list[Tensor]:
        """List the tensors that training changes: none."""
        return []


class Linear:
    """y = x W + b.

    x (..., in_features), weight W (in_features, out_features),
    bias b (out_features,) or None, y (..., out_features).
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        # The scale keeps the size of y near the size of x.
        scale = float(np.sqrt(1 / in_features))
        weight = scale * np.random.randn(in_features, out_features)
        self.weight = Tensor(weight.astype(np.float32), requires_grad=True)
        self.bias = (
            Tensor(np.zeros(out_features, dtype=np.float32), requires_grad=True) if bias else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Compute x W + b."""
        y = x.matmul(self.weight)
        return y if self.bias is None else y + self.bias

    def __call__(self, x: Tensor) -> Tensor:
        """Let model(x) mean model.forward(x)."""
        return self.forward(x)

    def parameters(self) -> list[Tensor]:
        """List the tensors that training changes."""
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class Dropout:
    """Set each element to 0 with probability p while training, and scale the others up.

    The others are divided by 1 - p, so that the mean stays what it was. Outside
    training x passes unchanged.
    """

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"p is a probability, between 0 and 1, got {p}")
        self.p = p

    def forward(self, x: Tensor, training: bool = True) -> Tensor:
        """Drop elements of x, or return x itself if not training."""
        if not training or self.p == 0:
            return x
        kept = np.random.random(x.shape) >= self.p
        scale = 1 / (1 - self.p) if self.p < 1 else 0.0
        return x * Tensor((kept * scale).astype(x.dtype))

    def __call__(self, x: Tensor, training: bool = True) -> Tensor:
        """Let dropout(x) mean dropout.forward(x)."""
        return self.forward(x, training)

    def parameters(self) -> list[Tensor]:
        """List the tensors that training changes: none."""
        return []


class Sequential:
    """Layers and activations applied one after the other."""

    def __init__(self, *layers: Module) -> None:
        self.layers = list(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Apply one layer after the other."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __call__(self, x: Tensor) -> Tensor:
        """Let model(x) mean model.forward(x)."""
        return self.forward(x)

    def parameters(self) -> list[Tensor]:
        """List the parameters of all layers, in order; activations have none."""
        found = []
        for layer in self.layers:
            if hasattr(layer, "parameters"):
                found += layer.parameters()
        return found
