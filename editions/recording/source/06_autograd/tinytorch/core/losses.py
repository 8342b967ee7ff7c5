"""Losses: one number that says how far predictions are from targets.

The class `MSELoss` is what a training loop calls; `MSEFunction` is the operation that it applies.
"""

from __future__ import annotations

import numpy as np

from tinytorch.core.tensor import Function, Tensor

# Probabilities stay this far from 0 and 1 before their logarithm is taken.
EPSILON = 1e-7


def log_softmax(x: np.ndarray, dim: int = -1) -> np.ndarray:
    """Logarithm of softmax along the axis `dim`: x - log(sum(exp(x))), without overflow."""
    shifted = x - np.max(x, axis=dim, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=dim, keepdims=True))


class MSEFunction(Function):
    """L = mean of (prediction - target)^2 over all elements."""

    def forward(self, predictions: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Compute the loss of the whole batch."""
        _same_shape(predictions, targets)
        return np.mean((predictions - targets) ** 2)


class CrossEntropyFunction(Function):
    """L = mean over the batch of -log softmax(logits)[target class].

    logits (N, C); targets (N,), the index of the right class of every row, as floats.
    """

    def forward(self, logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Compute the loss of the whole batch."""
        if logits.ndim != 2 or targets.shape != logits.shape[:1]:
            raise ValueError(
                f"cross-entropy needs logits (N, C) and targets (N,), "
                f"got {logits.shape} and {targets.shape}"
            )
        classes = targets.astype(int)
        return -np.mean(log_softmax(logits, dim=1)[np.arange(len(classes)), classes])


class BinaryCrossEntropyFunction(Function):
    """L = mean of -(t log p + (1 - t) log(1 - p)), with p clipped by EPSILON."""

    def forward(self, predictions: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Compute the loss of the whole batch."""
        _same_shape(predictions, targets)
        p = np.clip(predictions, EPSILON, 1 - EPSILON)
        return -np.mean(targets * np.log(p) + (1 - targets) * np.log(1 - p))


class MSELoss:
    """Mean squared error; predictions and targets have the same shape."""

    def forward(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss, of shape ()."""
        return MSEFunction.apply(predictions, targets)

    def __call__(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Let loss(predictions, targets) mean loss.forward(predictions, targets)."""
        return self.forward(predictions, targets)


class CrossEntropyLoss:
    """Cross-entropy of logits (N, C) and class indices (N,)."""

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss, of shape ()."""
        return CrossEntropyFunction.apply(logits, targets)

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Let loss(logits, targets) mean loss.forward(logits, targets)."""
        return self.forward(logits, targets)


class BinaryCrossEntropyLoss:
    """Cross-entropy of probabilities and targets between 0 and 1."""

    def forward(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss, of shape ()."""
        return BinaryCrossEntropyFunction.apply(predictions, targets)

    def __call__(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Let loss(predictions, targets) mean loss.forward(predictions, targets)."""
        return self.forward(predictions, targets)


def _same_shape(predictions: np.ndarray, targets: np.ndarray) -> None:
    if predictions.shape != targets.shape:
        raise ValueError(
            f"predictions of shape {predictions.shape} and targets of shape "
            f"{targets.shape} must have the same shape"
        )
