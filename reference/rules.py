"""The calculus: for each operation, one vector-Jacobian product an argument.

A rule is called as `vjp(g, out, *operands, **options)`: `g` is the gradient of some scalar with
respect to the result `out`, and the answer is the gradient of that scalar with respect to one
operand. The answer has the shape of that operand *as it was broadcast*; summing it back to the
operand's own shape is the business of the backward pass.

Slopes are written in terms of `out` where textbooks do so. Near saturation 1 - out loses digits;
a tape that rounds shows how many, and so how far two right implementations may differ.

An argument without a rule (None) is an index: it stays an integer and takes no gradient.
"""
# ruff: noqa: ARG001, ARG005 - all rules are called alike, though few need all that they are given.

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from .forward import BCE_CLIP, FORWARD, GELU_CUBIC, GELU_SCALE, Floats, Integers, gelu_inner

Rule = Callable[..., Any]
Index = Any  # whatever NumPy takes between brackets

RULES: Final[dict[str, tuple[Rule | None, ...]]] = {}


def rule(op: str, *vjps: Rule | None) -> None:
    """Enter the vector-Jacobian products of an operation, one an argument, into the table."""
    RULES[op] = vjps


def pow_rule(g: Floats, out: Floats, a: Floats, exponent: float) -> Floats:
    """d(a^n) = n a^(n-1) da; n = 0 apart, where 0 * 0^(-1) would be NaN at a = 0."""
    return g * exponent * a ** (float(exponent) - 1.0) if exponent else np.zeros_like(g)


def as_matrices(g: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    """Read a vector as one column on the right, one row on the left, as NumPy's matmul does."""
    if b.ndim == 1:
        g, b = g[..., np.newaxis], b[:, np.newaxis]
    if a.ndim == 1:
        g, a = np.expand_dims(g, -2), a[np.newaxis, :]
    return g, a, b


def matmul_left(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """C = A B has <G, dA B> = <G B^T, dA>; see section 2.2.2 of Giles (2008), NA-08/01, Oxford."""
    g_matrix, _, b_matrix = as_matrices(g, a, b)
    da: Floats = g_matrix @ np.swapaxes(b_matrix, -1, -2)
    return da[..., 0, :] if a.ndim == 1 else da


def matmul_right(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """C = A B has <G, A dB> = <A^T G, dB>; the same source as `matmul_left`."""
    g_matrix, a_matrix, _ = as_matrices(g, a, b)
    db: Floats = np.swapaxes(a_matrix, -1, -2) @ g_matrix
    return db[..., 0] if b.ndim == 1 else db


def sum_rule(
    g: Floats, out: Floats, a: Floats, axis: int | tuple[int, ...] | None, keepdims: bool
) -> Floats:
    """d(sum a) = sum da: every summand receives the gradient of its sum."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, a.shape)


def mean_rule(
    g: Floats, out: Floats, a: Floats, axis: int | tuple[int, ...] | None, keepdims: bool
) -> Floats:
    """d(mean a) = sum da / n, with n = a.size / out.size elements in each mean."""
    return sum_rule(g, out, a, axis, keepdims) * out.size / max(a.size, 1)


def getitem_rule(g: Floats, out: Floats, a: Floats, index: Index) -> Floats:
    """out[i] = a[index[i]] has da[j] = sum of g[i] over the i with index[i] = j."""
    da = np.zeros_like(a)
    np.add.at(da, index, g)  # `da[index] += g` would keep only one of repeated indices
    return da


def gelu_slope(x: Floats, t: Floats) -> Floats:
    """Product rule on x/2 (1 + t), t = tanh u, u = s (x + c x^3); Hendrycks and Gimpel (2016)."""
    du = GELU_SCALE * (1 + 3 * GELU_CUBIC * x**2)
    slope: Floats = 0.5 * (1 + t + x * (1 - t**2) * du)
    return slope


def gelu_rule(g: Floats, out: Floats, x: Floats) -> Floats:
    """Element by element, gelu has the slope of `gelu_slope`."""
    return g * gelu_slope(x, np.tanh(gelu_inner(x)))


def cross_entropy_slope(p: Floats, classes: Integers) -> Floats:
    """From mean_i(log sum_j exp z_ij - z_i,c(i)) follows dz = (p - onehot(c)) / N, p softmax."""
    slope = p.copy()
    slope[np.arange(len(classes)), classes] -= 1
    return slope / len(classes)


def cross_entropy_logits(g: Floats, out: Floats, logits: Floats, classes: Integers) -> Floats:
    """Scale the slope by the gradient of the loss, which is one number."""
    return g * cross_entropy_slope(FORWARD["softmax"](logits, dim=1), classes)


def bce_prediction(g: Floats, out: Floats, p: Floats, t: Floats) -> Floats:
    """-t log q - (1-t) log(1-q) has slope (q-t) / (q (1-q)); q = clip(p), dq = [p inside] dp."""
    q = np.clip(p, BCE_CLIP, 1 - BCE_CLIP)
    inside = p == q  # the ends of the interval included
    dp: Floats = g * inside * (q - t) / (q * (1 - q)) / np.broadcast(p, t).size
    return dp


def bce_target(g: Floats, out: Floats, p: Floats, t: Floats) -> Floats:
    """-t log q - (1-t) log(1-q) is linear in t, with slope log(1-q) - log q."""
    q = np.clip(p, BCE_CLIP, 1 - BCE_CLIP)
    both = np.broadcast(p, t)
    return np.broadcast_to(g * (np.log1p(-q) - np.log(q)) / both.size, both.shape)


rule("add", lambda g, out, a, b: g, lambda g, out, a, b: g)  # d(a + b) = da + db
rule("sub", lambda g, out, a, b: g, lambda g, out, a, b: -g)  # d(a - b) = da - db
rule("mul", lambda g, out, a, b: g * b, lambda g, out, a, b: g * a)  # d(ab) = b da + a db
rule("div", lambda g, out, a, b: g / b, lambda g, out, a, b: -g * a / b**2)  # da / b - a db / b^2
rule("neg", lambda g, out, a: -g)  # d(-a) = -da
rule("pow", pow_rule)
rule("matmul", matmul_left, matmul_right)

rule("sum", sum_rule)
rule("mean", mean_rule)

rule("reshape", lambda g, out, a, shape: g.reshape(a.shape))  # the same elements, shaped back
rule("transpose", lambda g, out, a, **dims: FORWARD["transpose"](g, **dims))  # a swap undoes itself
rule("getitem", getitem_rule)

rule("relu", lambda g, out, x: np.where(x > 0, g, 0.0))  # d relu(x) = [x > 0] dx, and 0 at the kink
rule("sigmoid", lambda g, out, x: g * out * (1 - out))  # d s(x) = s (1 - s) dx
rule("tanh", lambda g, out, x: g * (1 - out**2))  # d tanh(x) = (1 - tanh^2) dx
rule("gelu", gelu_rule)
# ds = s (dx - <s, dx>), a symmetric Jacobian
rule("softmax", lambda g, out, x, dim: out * (g - np.sum(g * out, axis=dim, keepdims=True)))

rule(
    "mse",  # d mean((p - t)^2) = 2 mean((p - t) (dp - dt))
    lambda g, out, p, t: g * 2 * (p - t) / np.broadcast(p, t).size,
    lambda g, out, p, t: g * 2 * (t - p) / np.broadcast(p, t).size,
)
rule("cross_entropy", cross_entropy_logits, None)
rule("bce", bce_prediction, bce_target)
