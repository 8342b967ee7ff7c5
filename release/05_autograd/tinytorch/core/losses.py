"""Losses: one number that says how far predictions are from targets."""

from __future__ import annotations

import numpy as np

from tinytorch.core.tensor import Tensor


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
        # Subtracting the largest logit of a row changes nothing in its softmax.
        shifted = logits.data - np.max(logits.data, axis=1, keepdims=True)
        log_softmax = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        classes = targets.data.astype(int)
        return Tensor(-np.mean(log_softmax[np.arange(len(classes)), classes]))

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Let loss(predictions, targets) mean loss.forward(predictions, targets)."""
        return self.forward(logits, targets)


class BinaryCrossEntropyLoss:
    """Mean over all elements of -(t log p + (1 - t) log(1 - p)).

    predictions p are probabilities, clipped to 1e-7 ... 1 - 1e-7; targets t lie
    between 0 and 1 and have the same shape; the loss has shape ().
    """

    def forward(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss of the whole batch."""
        _same_shape(predictions, targets)
        p, t = np.clip(predictions.data, 1e-7, 1 - 1e-7), targets.data
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
