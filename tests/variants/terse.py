"""Style: terse. Lambdas, comprehensions, walrus, one-letter names; Kahn's algorithm on a dict."""
from collections import Counter
from inspect import signature
import numpy as np
from tinytorch.core.activations import GELU, ReLU, Sigmoid, Softmax
from tinytorch.core.losses import BinaryCrossEntropyLoss, CrossEntropyLoss, MSELoss
from tinytorch.core.tensor import Tensor as T, operand_data

R, J = {}, np.asarray  # R: (owner, method) -> rule
T._grad_fn = None


class Function:
    d = ()  # one lambda for each operand: (G, *data, *options) -> its gradient

    def __init_subclass__(c, *, on=T, m="", d=()):
        R.update({(on, k): c for k in m.split()})
        c.d = d if isinstance(d, tuple) else (d,)
        if d: c.apply = lambda s, G: [
            f(G, *(v.data for v in s.saved_tensors), *s.o, **s.k) if u.requires_grad else np.zeros(u.shape)
            for f, u in zip(s.d, s.saved_tensors, strict=True)]

    def __init__(s, *t, **k):
        n = len(s.d) or len(t)
        s.saved_tensors, s.o, s.k = t[:n], t[n:], k
        s.next_functions = [f for u in t[:n] if (f := u._grad_fn)]

    def apply(s, grad_output): raise NotImplementedError


X = lambda a: np.swapaxes(a, -1, -2)
U = lambda g, s: (g := J(g)).sum(tuple(i for i, n in enumerate((1,) * (g.ndim - len(s)) + s) if n == 1), keepdims=True).reshape(s)
E = lambda G, t, a: np.broadcast_to(np.reshape(G, np.sum(t, axis=a, keepdims=True).shape), t.shape)
H = lambda G, a, b: (G := G[..., None] if b.ndim < 2 else G) if a.ndim > 1 else (G[..., None] if b.ndim < 2 else G)[..., None, :]
P = lambda x, d=-1: (e := np.exp(x - x.max(axis=d, keepdims=True))) / e.sum(axis=d, keepdims=True)
C = lambda p: np.clip(p, 1e-7, 1 - 1e-7)
I = lambda s, k: (z := np.zeros(s[0].shape, s[1].dtype), np.add.at(z, k, s[1]))[0]


def L(G, x, q=(2 / np.pi) ** .5):
    h = np.tanh(q * (x + .044715 * x**3))
    return G * .5 * (1 + h + x * (1 - h * h) * q * (1 + .134145 * x * x))


class AddBackward(Function, m="__add__ __radd__", d=(lambda G, a, b: G,) * 2): ...
class SubBackward(Function, m="__sub__ __rsub__", d=(lambda G, a, b: G, lambda G, a, b: -G)): ...
class MulBackward(Function, m="__mul__ __rmul__", d=(lambda G, a, b: G * b, lambda G, a, b: G * a)): ...
class DivBackward(Function, m="__truediv__ __rtruediv__", d=(lambda G, a, b: G / b, lambda G, a, b: -G * a / b / b)): ...
class MatmulBackward(Function, m="matmul __matmul__", d=(
    lambda G, a, b: H(J(G), a, b) @ (X(b) if b.ndim > 1 else b[None]),
    lambda G, a, b: (X(a if a.ndim > 1 else a[None]) @ H(J(G), a, b))[(..., 0) if b.ndim < 2 else ...])): ...
class SumBackward(Function, m="sum", d=lambda G, t, axis=None, keepdims=False: E(G, t, axis)): ...
class MeanBackward(Function, m="mean", d=lambda G, t, axis=None, keepdims=False: E(G, t, axis) * (np.size(G) / t.size)): ...
class PowBackward(Function, m="__pow__", d=lambda G, t, n=2: G * (float(n) * t ** float(n - 1) if n else 0 * t)): ...
class ReLUBackward(Function, on=ReLU, m="forward", d=lambda G, x: G * (x > 0)): ...
class SigmoidBackward(Function, on=Sigmoid, m="forward", d=lambda G, x: G * (e := np.exp(-abs(x))) / (1 + e) ** 2): ...
class MSEBackward(Function, on=MSELoss, m="forward", d=(
    lambda G, p, t: G * 2 * (p - t) / p.size, lambda G, p, t: G * 2 * (t - p) / p.size)): ...
class CrossEntropyBackward(Function, on=CrossEntropyLoss, m="forward", d=(
    lambda G, z, t: G * (P(z) - (t[:, None].astype(int) == np.arange(z.shape[1]))) / len(z), lambda G, z, t: 0 * t)): ...
class NegBackward(Function, m="__neg__", d=lambda G, t: -G): ...
class TransposeBackward(Function, m="transpose", d=lambda G, t, dim0=None, dim1=None: np.swapaxes(G, *(-1, -2) if dim0 is None else (dim0, dim1))): ...
class ReshapeBackward(Function, m="reshape", d=lambda G, t, *s: np.reshape(G, t.shape)): ...
class SliceBackward(Function, m="__getitem__", d=lambda G, t, key=...: I((t, J(G)), key)): ...
class SoftmaxBackward(Function, on=Softmax, m="forward", d=lambda G, x, dim=-1: (s := P(x, dim)) * (G - (G * s).sum(axis=dim, keepdims=True))): ...
class GELUBackward(Function, on=GELU, m="forward", d=L): ...
class BCEBackward(Function, on=BinaryCrossEntropyLoss, m="forward", d=(
    lambda G, p, t: G * ((p := C(p)) - t) / (p * (1 - p)) / p.size,
    lambda G, p, t: G * (np.log1p(-(p := C(p))) - np.log(p)) / p.size)): ...


class K(Function):
    def apply(s, G):
        v = [T(u.data, u.requires_grad) for u in s.saved_tensors]
        s.f(*v).backward(G)
        return [np.zeros(u.shape) if u.grad is None else u.grad for u in v]


def checkpoint(f, *x):
    z = T((y := f(*x)).data, y.requires_grad)
    if y.requires_grad: z._grad_fn = K(*x); z._grad_fn.f = f
    return z


def backward(s, gradient=None):
    if not s.requires_grad: return
    if gradient is None and s.size != 1: raise ValueError(f"which combination of {s.size} elements?")
    g, D, n, q = {s: np.ones(s.shape, s.dtype) if gradient is None else J(gradient)}, {}, Counter(), [s]
    while q:  # D: the graph, tensor -> inputs; n: uses not yet done
        if (t := q.pop()) not in D:
            D[t] = [u for u in (t._grad_fn.saved_tensors if t._grad_fn else ()) if u.requires_grad]
            n.update(D[t]); q += D[t]
    q = [s]
    while q:  # Kahn
        G = g.pop(t := q.pop())
        if not t._grad_fn: t.grad = np.array(G if t.grad is None else t.grad + G); continue
        for u, h in zip(t._grad_fn.saved_tensors, t._grad_fn.apply(G)):
            if u.requires_grad:
                g[u] = J(g.get(u, 0) + U(h, u.shape)); n[u] -= 1
                if not n[u]: q += u,


def zero_grad(s): s.grad = None


def W(o, m, c, f):
    S = signature(f)
    def w(*a, **k):
        (b := S.bind(*a, **k)).apply_defaults()
        v = [*b.arguments.values()][o is not T:]
        if len(c.d) > 1:
            v[1] = v[1] if isinstance(v[1], T) else T(operand_data(v[1], v[0].dtype))
            if m[:3] == "__r": v.reverse()
        z = f(*a, **k)
        if any(u.requires_grad for u in v[:len(c.d)]): z.requires_grad, z._grad_fn = True, c(*v)
        return z
    w.f = f
    return w


def enable_autograd(*, quiet=True):
    for (o, m), c in R.items(): setattr(o, m, W(o, m, c, getattr(f := vars(o)[m], "f", f)))
    T.backward, T.zero_grad = backward, zero_grad
