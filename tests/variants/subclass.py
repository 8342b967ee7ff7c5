"""A complete submission that patches nothing of the handout's Tensor: a subclass takes its place."""

import numpy as np

import tinytorch.core.activations as activations
import tinytorch.core.layers as layers
import tinytorch.core.losses as losses
import tinytorch.core.tensor as tensor_module

Plain = tensor_module.Tensor


class Function:
    def __init__(self, *tensors):
        self.saved_tensors = tensors
        self.next_functions = []
        for t in tensors:
            node = getattr(t, "_grad_fn", None)
            if node is not None:
                self.next_functions.append(node)

    def apply(self, grad_output):
        raise NotImplementedError


def wants(t):
    return isinstance(t, Plain) and t.requires_grad


class Tensor(Plain):
    def __init__(self, data, requires_grad=False):
        super().__init__(data, requires_grad)
        self.grad = None
        self._grad_fn = None

    def _other(self, other):
        return other if isinstance(other, Plain) else Tensor(np.asarray(other, self.data.dtype))

    def __add__(self, other):
        o = self._other(other)
        return attach(self.data + o.data, AddBackward, self, o)

    def __radd__(self, other):
        return self._other(other) + self

    def __sub__(self, other):
        o = self._other(other)
        return attach(self.data - o.data, SubBackward, self, o)

    def __rsub__(self, other):
        return self._other(other) - self

    def __mul__(self, other):
        o = self._other(other)
        return attach(self.data * o.data, MulBackward, self, o)

    def __rmul__(self, other):
        return self._other(other) * self

    def __truediv__(self, other):
        o = self._other(other)
        return attach(self.data / o.data, DivBackward, self, o)

    def __rtruediv__(self, other):
        return self._other(other) / self

    def __pow__(self, n):
        return attach(self.data**n, PowBackward, self, n)

    def __matmul__(self, other):
        return attach(np.matmul(self.data, other.data), MatmulBackward, self, other)

    matmul = __matmul__

    def sum(self, axis=None, keepdims=False):
        return attach(self.data.sum(axis=axis, keepdims=keepdims), SumBackward, self, axis, keepdims)

    def mean(self, axis=None, keepdims=False):
        value = self.data.mean(axis=axis, keepdims=keepdims)
        return attach(value, MeanBackward, self, axis, keepdims)

    def zero_grad(self):
        if self.grad is not None:
            self.grad = np.zeros_like(self.grad)

    def backward(self, gradient=None):
        if not self.requires_grad:
            return
        if gradient is None:
            if self.data.size != 1:
                raise ValueError("which gradient should I start from?")
            gradient = np.ones(self.data.shape)
        uses = {}
        count_uses(self, uses)
        pending = {id(self): np.array(gradient, dtype=float)}
        ready = [self]
        while ready:
            t = ready.pop()
            g = pending.pop(id(t))
            if t._grad_fn is None:
                t.grad = g if t.grad is None else t.grad + g
                continue
            for parent, part in zip(t._grad_fn.saved_tensors, t._grad_fn.apply(g)):
                if not wants(parent):
                    continue
                if part is not None:
                    part = fit(np.asarray(part), parent.data.shape)
                    have = pending.get(id(parent))
                    pending[id(parent)] = part if have is None else have + part
                uses[id(parent)] -= 1
                if uses[id(parent)] == 0 and id(parent) in pending:
                    ready.append(parent)


def count_uses(root, uses):
    """Count how often each tensor below root is used, without recursion."""
    stack, seen = [root], {id(root)}
    while stack:
        t = stack.pop()
        if t._grad_fn is None:
            continue
        for parent in t._grad_fn.saved_tensors:
            if wants(parent):
                uses[id(parent)] = uses.get(id(parent), 0) + 1
                if id(parent) not in seen:
                    seen.add(id(parent))
                    stack.append(parent)


def attach(value, rule, *args):
    out = Tensor(value)
    if any(wants(a) for a in args):
        out.requires_grad = True
        out._grad_fn = rule(*args)
    return out


def fit(g, shape):
    extra = g.ndim - len(shape)
    axes = tuple(range(extra))
    axes += tuple(i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] > 1)
    return np.array(g.sum(axis=axes, keepdims=True).reshape(shape))


class AddBackward(Function):
    def apply(self, g):
        a, b = self.saved_tensors
        return (g if wants(a) else None), (g if wants(b) else None)


class SubBackward(Function):
    def apply(self, g):
        a, b = self.saved_tensors
        return (g if wants(a) else None), (-1 * g if wants(b) else None)


class MulBackward(Function):
    def apply(self, g):
        a, b = self.saved_tensors
        return (b.data * g if wants(a) else None), (a.data * g if wants(b) else None)


class DivBackward(Function):
    def apply(self, g):
        a, b = self.saved_tensors
        ga = g / b.data
        return (ga if wants(a) else None), (-(ga * a.data) / b.data if wants(b) else None)


class MatmulBackward(Function):
    def apply(self, g):
        a, b = self.saved_tensors
        ga = np.einsum("...ij,...kj->...ik", g, b.data) if wants(a) else None
        gb = np.einsum("...ki,...kj->...ij", a.data, g) if wants(b) else None
        return ga, gb


class Reduction(Function):
    def __init__(self, t, axis=None, keepdims=False):
        super().__init__(t)
        self.axis, self.keepdims = axis, keepdims

    def spread(self, g):
        shape = list(self.saved_tensors[0].data.shape)
        axis = range(len(shape)) if self.axis is None else np.atleast_1d(self.axis)
        for i in axis:
            shape[i] = 1
        return np.reshape(g, shape) + np.zeros(self.saved_tensors[0].data.shape)


class SumBackward(Reduction):
    def apply(self, g):
        return (self.spread(g) if wants(self.saved_tensors[0]) else None,)


class MeanBackward(Reduction):
    def apply(self, g):
        t = self.saved_tensors[0]
        return (self.spread(g) * (np.size(g) / t.data.size),)


class PowBackward(Function):
    def __init__(self, t, n):
        super().__init__(t)
        self.n = n

    def apply(self, g):
        return (g * self.n * np.power(self.saved_tensors[0].data, self.n - 1.0),)


class ReLUBackward(Function):
    def apply(self, g):
        return (np.where(self.saved_tensors[0].data > 0, g, 0),)


class SigmoidBackward(Function):
    def apply(self, g):
        e = np.exp(-np.abs(self.saved_tensors[0].data))
        return (g * e / (1 + e) ** 2,)


class MSEBackward(Function):
    def apply(self, g):
        p, y = self.saved_tensors
        d = g * (p.data - y.data) * (2 / p.data.size)
        return d, None


class CrossEntropyBackward(Function):
    def apply(self, g):
        x, y = self.saved_tensors
        z = x.data - x.data.max(axis=-1, keepdims=True)
        p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
        one_hot = np.eye(x.data.shape[1])[y.data.astype(int)]
        return g * (p - one_hot) / x.data.shape[0], None


def enable_autograd(quiet=False):
    """Put the subclass where the handout looks for Tensor, and wrap activations and losses."""
    if tensor_module.Tensor is Tensor:
        return
    for module in (tensor_module, layers, activations, losses):
        module.Tensor = Tensor

    def wrap(cls, rule):
        plain = cls.forward

        def forward(self, *inputs):
            return attach(plain(self, *inputs).data, rule, *inputs)

        cls.forward = forward

    wrap(activations.ReLU, ReLUBackward)
    wrap(activations.Sigmoid, SigmoidBackward)
    wrap(losses.MSELoss, MSEBackward)
    wrap(losses.CrossEntropyLoss, CrossEntropyBackward)
    if not quiet:
        print("Tensor is now a Tensor that remembers")
