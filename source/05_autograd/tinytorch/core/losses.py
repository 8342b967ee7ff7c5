"""Losses: one number that says how far predictions are from targets."""

from __future__ import annotations

import numpy as np

from tinytorch.core.tensor import Tensor

# Probabilities stay this far from 0 and 1 before their logarithm is taken.
EPSILON = 1e-7


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Logarithm of softmax along the axis `dim`: x - log(sum(exp(x))).

    The result has the shape of x. exp cannot overflow, and no logarithm of 0 is
    taken, as could happen in log(softmax(x)).
    """
    # Subtracting the largest element changes nothing in the softmax.
    shifted = x.data - np.max(x.data, axis=dim, keepdims=True)
    return Tensor(shifted - np.log(np.sum(np.exp(shifted), axis=dim, keepdims=True)))


class MSELoss:
    """Mean over all elements of (prediction - target)^2.

    predictions and targets have the same shape; the loss has shape ().
    """

    def forward(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss of the whole batch."""
        _same_shape(predictions, targets)
        return Tensor(np.mean((predictions.data - targets.data) ** 2))

    def __call__(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Let loss(predictions, targets) mean loss.forward(predictions, targets)."""
        return self.forward(predictions, targets)


class CrossEntropyLoss:
    """Mean over the batch of -log softmax(logits)[target class].

    logits (N, C), any numbers; targets (N,), the index of the right class of
    every row; the loss has shape (). A Tensor holds floats, so the indices
    2.0, 0.0 are read as 2, 0.
    """

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss of the whole batch."""
        if logits.ndim != 2 or targets.shape != logits.shape[:1]:
            raise ValueError(
                f"cross-entropy needs logits (N, C) and targets (N,), "
                f"got {logits.shape} and {targets.shape}"
            )
        classes = targets.data.astype(int)
        log_probabilities = log_softmax(logits, dim=1).data
        return Tensor(-np.mean(log_probabilities[np.arange(len(classes)), classes]))

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Let loss(predictions, targets) mean loss.forward(predictions, targets)."""
        return self.forward(logits, targets)


class BinaryCrossEntropyLoss:
    """Mean over all elements of -(t log p + (1 - t) log(1 - p)).

    predictions p are probabilities, clipped to 1e-7 ... 1 - 1e-7 (EPSILON); targets t lie
    between 0 and 1 and have the same shape; the loss has shape ().
    """

    def forward(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss of the whole batch."""
        _same_shape(predictions, targets)
        p, t = np.clip(predictions.data, EPSILON, 1 - EPSILON), targets.data
        return Tensor(-np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)))

    def __call__(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Let loss(predictions, targets) mean loss.forward(predictions, targets)."""
        return self.forward(predictions, targets)


def _same_shape(predictions: Tensor, targets: Tensor) -> None:
    if predictions.shape != targets.shape:
        raise ValueError(
            f"predictions of shape {predictions.shape} and targets of shape "
            f"{targets.shape} must have the same shape"
        )
