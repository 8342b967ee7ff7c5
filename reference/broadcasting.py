"""The transpose of broadcasting: what was copied on the way forward is summed on the way back."""

import numpy as np
from numpy.typing import NDArray


def unbroadcast(gradient: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Sum a gradient over the axes along which an operand was stretched.

    Parameters
    ----------
    gradient : ndarray of float64
        Gradient in the shape to which the operand was broadcast.
    shape : tuple of int
        Shape of the operand before broadcasting.

    Returns
    -------
    ndarray of float64, of shape `shape`
        `gradient` itself where nothing was stretched, a new array otherwise.

    Raises
    ------
    ValueError
        If an array of shape `shape` does not broadcast to `gradient.shape`.
    """
    if gradient.shape == shape:
        return gradient
    if np.broadcast_shapes(gradient.shape, shape) != gradient.shape:
        raise ValueError(f"shape {shape} does not broadcast to the gradient's {gradient.shape}")
    aligned = (1,) * (gradient.ndim - len(shape)) + shape
    stretched = tuple(axis for axis, n in enumerate(aligned) if n != gradient.shape[axis])
    total: NDArray[np.float64] = np.sum(gradient, axis=stretched, keepdims=True)
    return total.reshape(shape)
