"""The functions that the rules differentiate, by name.

Operands are positional and options keyword-only, so a signature tells one from the other; an
option's default is written here and nowhere else.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

GELU_SCALE: Final = float(np.sqrt(2 / np.pi))
GELU_CUBIC: Final = 0.044715
BCE_CLIP: Final = 1e-7


def transpose(a: Floats, *, dim0: int | None = None, dim1: int | None = None) -> Floats:
    """Swap two axes; without axes the last two, which leaves a vector as it is.

    Parameters
    ----------
    a : ndarray of float64, of any shape
    dim0, dim1 : int, optional
        The axes to swap: both or neither.

    Returns
    -------
    ndarray of float64
        A view of `a`.

    Raises
    ------
    ValueError
        If only one axis is given, or an axis does not exist.
    """
    if dim0 is not None and dim1 is not None:
        return np.swapaxes(a, dim0, dim1)
    if dim0 is not None or dim1 is not None:
        raise ValueError(f"dim0={dim0} and dim1={dim1}: give both axes or neither")
    return a if a.ndim < 2 else np.swapaxes(a, -1, -2)


def power(a: Floats, *, exponent: float) -> Floats:
    """Raise every element to one constant power.

    Parameters
    ----------
    a : ndarray of float64, of any shape
    exponent : float
        A constant: no gradient flows to it.

    Returns
    -------
    ndarray of float64, of the shape of `a`

    Raises
    ------
    ValueError
        If the exponent is not a single number.
    """
    if np.ndim(exponent) != 0:
        raise ValueError(f"exponent has shape {np.shape(exponent)}: only one constant is allowed")
    return np.asarray(np.power(a, float(exponent)))


def sigmoid(x: Floats) -> Floats:
    """Evaluate 1 / (1 + exp(-x)) without ever exponentiating a positive number.

    Parameters
    ----------
    x : ndarray of float64, of any shape

    Returns
    -------
    ndarray of float64, of the shape of `x`, in [0, 1]
    """
    decay = np.exp(-np.abs(x))
    numerator: Floats = np.where(x >= 0, 1.0, decay)
    return numerator / (1.0 + decay)


def gelu_inner(x: Floats) -> Floats:
    """Evaluate the argument of the hyperbolic tangent in `gelu`.

    Parameters
    ----------
    x : ndarray of float64, of any shape

    Returns
    -------
    ndarray of float64, of the shape of `x`
    """
    return GELU_SCALE * (x + GELU_CUBIC * x**3)


def log_softmax(x: Floats, *, dim: int = -1) -> Floats:
    """Evaluate log(softmax(x)); subtracting the maximum keeps every exponential in [0, 1].

    Parameters
    ----------
    x : ndarray of float64, of one dimension at least
    dim : int
        The axis along which the exponentials add up to one.

    Returns
    -------
    ndarray of float64, of the shape of `x`
    """
    shifted: Floats = x - np.max(x, axis=dim, keepdims=True)
    total: Floats = np.sum(np.exp(shifted), axis=dim, keepdims=True)
    return shifted - np.log(total)


def cross_entropy(logits: Floats, classes: Integers) -> Floats:
    """Average the negative log-probability of the right class over the batch.

    Parameters
    ----------
    logits : ndarray of float64, shape (N, C)
    classes : ndarray of integers in [0, C), shape (N,)

    Returns
    -------
    ndarray of float64, shape ()

    Raises
    ------
    ValueError
        If the shapes do not fit, or `classes` holds anything but class indices.
    """
    if logits.ndim != 2 or classes.shape != logits.shape[:1]:
        raise ValueError(f"logits {logits.shape} and classes {classes.shape}: want (N, C) and (N,)")
    if classes.dtype.kind != "i":
        raise ValueError(f"classes are {classes.dtype}: want integers, given by constant()")
    # NumPy would read -1 as the last class.
    if np.any((classes < 0) | (classes >= logits.shape[1])):
        raise ValueError(f"a class lies outside 0..{logits.shape[1] - 1}")
    log_probability = log_softmax(logits, dim=1)[np.arange(len(classes)), classes]
    return np.asarray(-np.mean(log_probability))


def bce(prediction: Floats, target: Floats) -> Floats:
    """Average the binary cross-entropy over all elements of predictions kept off 0 and 1.

    Parameters
    ----------
    prediction, target : ndarray of float64, of shapes that broadcast together

    Returns
    -------
    ndarray of float64, shape ()
    """
    p = np.clip(prediction, BCE_CLIP, 1 - BCE_CLIP)
    return np.asarray(-np.mean(target * np.log(p) + (1 - target) * np.log1p(-p)))


FORWARD: Final[dict[str, Callable[..., Any]]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "pow": power,
    "matmul": lambda a, b: a @ b,
    "sum": lambda a, *, axis=None, keepdims=False: np.sum(a, axis=axis, keepdims=keepdims),
    "mean": lambda a, *, axis=None, keepdims=False: np.mean(a, axis=axis, keepdims=keepdims),
    "reshape": lambda a, *, shape: np.reshape(a, shape),
    "transpose": transpose,
    "getitem": lambda a, *, index: a[index],
    "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": sigmoid,
    "tanh": lambda x: np.tanh(x),  # noqa: PLW0108 - a ufunc has no signature to inspect
    "gelu": lambda x: 0.5 * x * (1.0 + np.tanh(gelu_inner(x))),
    "softmax": lambda x, *, dim=-1: np.exp(log_softmax(x, dim=dim)),
    "mse": lambda prediction, target: np.mean((prediction - target) ** 2),
    "cross_entropy": cross_entropy,
    "bce": bce,
}
