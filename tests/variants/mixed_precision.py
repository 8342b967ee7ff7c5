"""Style: mixed precision. Outputs cached in float32, gradients in the type of the data,
algebra of my own for most rules; the graph is freed behind the walk."""

import math

import numpy as np

from tinytorch.core import activations, losses
from tinytorch.core.tensor import Tensor, operand_data

NOTHING = np.empty(0, dtype=np.float32)  # "no gradient"


def low(x):
    """Keep an activation cheaply."""
    return np.asarray(x).astype(np.float32)


def unbroadcast(gradient, shape):
    gradient = np.asarray(gradient)
    if gradient.shape == shape:
        return gradient
    extra = gradient.ndim - len(shape)
    repeated = tuple(
        axis for axis in range(gradient.ndim)
        if axis < extra or (shape[axis - extra] == 1 and gradient.shape[axis] > 1)
    )
    return gradient.sum(axis=repeated, keepdims=True).reshape(shape)


class Function:
    def __init__(self, *tensors):
        self.saved_tensors = tensors
        self.next_functions = tuple(getattr(t, "_grad_fn", None) for t in tensors)

    def apply(self, grad_output):
        raise NotImplementedError("this operation has no gradient rule")

    def entries(self, *formulas):
        """Evaluate the formula of each input that wants it, in the shape of that input."""
        return tuple(
            unbroadcast(formula(), t.shape).astype(t.dtype) if t.requires_grad else NOTHING
            for t, formula in zip(self.saved_tensors, formulas, strict=True)
        )


class AddBackward(Function):
    def apply(self, g):
        return self.entries(lambda: g, lambda: g)


class SubBackward(Function):
    def apply(self, g):
        return self.entries(lambda: g, lambda: np.negative(g))


class MulBackward(Function):
    def apply(self, g):
        a, b = (t.data for t in self.saved_tensors)
        return self.entries(lambda: g * b, lambda: g * a)


class DivBackward(Function):
    def __init__(self, a, b):
        super().__init__(a, b)
        self.out = a.data / b.data

    def apply(self, g):
        b = self.saved_tensors[1].data
        return self.entries(lambda: g / b, lambda: -(g * self.out / b))


class MatmulBackward(Function):
    def apply(self, g):
        a, b = (t.data for t in self.saved_tensors)
        return self.entries(
            lambda: np.einsum("...mn,...kn->...mk", g, b),
            lambda: np.einsum("...mk,...mn->...kn", a, g),
        )


class SumBackward(Function):
    def __init__(self, t, axis=None, keepdims=False):
        super().__init__(t)
        axes = range(t.ndim) if axis is None else np.atleast_1d(axis).astype(int)
        axes = {int(a) % t.ndim for a in axes}
        self.kept = tuple(1 if i in axes else n for i, n in enumerate(t.shape))
        self.n = math.prod(t.shape[i] for i in axes)

    def apply(self, g):
        (t,) = self.saved_tensors
        return self.entries(lambda: np.ones_like(t.data) * np.reshape(g, self.kept))


class MeanBackward(SumBackward):
    def apply(self, g):
        return super().apply(np.asarray(g) * (1 / self.n))


class PowBackward(Function):
    def __init__(self, t, n=2):
        super().__init__(t)
        self.n = float(n)
        self.out = np.power(t.data, operand_data(n, t.dtype))

    def slope(self):
        x, n = self.saved_tensors[0].data, self.n
        if n == 0:
            return np.zeros_like(x)
        zero = x == 0
        quotient = n * self.out / np.where(zero, np.ones_like(x), x)
        if not zero.any():
            return quotient
        with np.errstate(divide="ignore"):
            at_zero = n * np.power(np.zeros((), dtype=x.dtype), n - 1)
        return np.where(zero, at_zero, quotient)

    def apply(self, g):
        return self.entries(lambda: g * self.slope())


class ReLUBackward(Function):
    def apply(self, g):
        (x,) = self.saved_tensors
        return self.entries(lambda: g * np.heaviside(x.data, np.zeros((), x.dtype)))


class SigmoidBackward(Function):
    def __init__(self, x, output):
        super().__init__(x)
        self.output = low(output)

    def apply(self, g):
        s = self.output
        return self.entries(lambda: g * (s - s * s))


class MSEBackward(Function):
    def apply(self, g):
        p, t = (t.data for t in self.saved_tensors)
        n = p.size
        return self.entries(lambda: 2 * (p - t) * (g / n), lambda: 2 * (t - p) * (g / n))


class CrossEntropyBackward(Function):
    def __init__(self, logits, targets):
        super().__init__(logits, targets)
        e = np.exp(logits.data - logits.data.max(axis=1, keepdims=True))
        self.softmax = low(e / e.sum(axis=1, keepdims=True))

    def apply(self, g):
        targets = self.saved_tensors[1]
        rows, columns = self.softmax.shape
        onehot = np.zeros((rows, columns), dtype=np.float32)
        onehot[np.arange(rows), targets.data.astype(int)] = 1
        return self.entries(
            lambda: g * (self.softmax - onehot) * (1 / rows), lambda: np.zeros(targets.shape)
        )


class SoftmaxBackward(Function):
    def __init__(self, x, dim=-1):
        super().__init__(x)
        self.dim = dim
        e = np.exp(x.data - x.data.max(axis=dim, keepdims=True))
        self.softmax = low(e / e.sum(axis=dim, keepdims=True))

    def apply(self, g):
        s = np.moveaxis(self.softmax, self.dim, -1)
        incoming = np.moveaxis(np.asarray(g), self.dim, -1)
        delta = np.eye(s.shape[-1], dtype=s.dtype)
        jacobian = np.einsum("...i,ij->...ij", s, delta) - np.einsum("...i,...j->...ij", s, s)
        back = np.einsum("...i,...ij->...j", incoming, jacobian)
        return self.entries(lambda: np.moveaxis(back, -1, self.dim))


class GELUBackward(Function):
    """z = x * q with q = (1 + tanh u) / 2 = sigmoid(2u), so dz = q + 2 x q (1 - q) u'."""

    def apply(self, g):
        x = self.saved_tensors[0].data
        c = math.sqrt(2 / math.pi)
        e = np.exp(-2 * c * np.abs(x) * (1 + 0.044715 * x * x))  # exp(-|2u|)
        q = np.where(x >= 0, 1 / (1 + e), e / (1 + e))
        qq = e / (1 + e) ** 2  # q (1 - q), without cancellation
        return self.entries(lambda: g * (q + 2 * c * (x + 3 * 0.044715 * x * x * x) * qq))


class BCEBackward(Function):
    def apply(self, g):
        p, t = (t.data for t in self.saved_tensors)
        n, p = p.size, np.clip(p, 1e-7, 1 - 1e-7)
        return self.entries(
            lambda: ((1 - t) / (1 - p) - t / p) * (g / n),
            lambda: (np.log(1 - p) - np.log(p)) * (g / n),
        )


class NegBackward(Function):
    def apply(self, g):
        return self.entries(lambda: g * -1)


def _order(output):
    """Sort by depth-first search with an explicit stack; output comes first."""
    seen, finished, stack = {id(output)}, [], [(output, None)]
    while stack:
        tensor, pending = stack.pop()
        if pending is None:
            node = tensor._grad_fn
            if node is not None and node.saved_tensors is None:
                raise RuntimeError("this graph was freed by an earlier backward")
            pending = list(node.saved_tensors) if node is not None else []
        while pending:
            child = pending.pop()
            if child.requires_grad and id(child) not in seen:
                seen.add(id(child))
                stack += [(tensor, pending), (child, None)]
                break
        else:
            finished.append(tensor)
    return finished[::-1]


def backward(self, gradient=None):
    if not self.requires_grad:
        return
    if gradient is None and self.size > 1:
        raise ValueError(f"backward on shape {self.shape} needs the argument gradient")
    seed = np.ones(self.shape) if gradient is None else gradient
    arrived = {id(self): np.array(seed, dtype=self.dtype)}
    for tensor in _order(self):
        total = arrived.pop(id(tensor))
        node = tensor._grad_fn
        if node is None:
            before = 0 if tensor.grad is None else tensor.grad
            tensor.grad = np.array(before + total, dtype=tensor.dtype)
            continue
        for operand, part in zip(node.saved_tensors, node.apply(total), strict=True):
            if operand.requires_grad:
                key = id(operand)
                arrived[key] = arrived[key] + part if key in arrived else part
        node.saved_tensors = None  # free what the rule had kept
        node.next_functions = ()


def zero_grad(self):
    self.grad = np.zeros(self.shape, dtype=self.dtype)


def _as_tensor(other, like):
    if isinstance(other, Tensor):
        return other
    if np.ndim(other) == 0:
        return Tensor(float(other))
    return Tensor(operand_data(other, like.dtype))


_MISSING = object()
Tensor._grad_fn = None


def _install(owner, name, make_node):
    """Replace a method by one that also records make_node(result, self, *arguments)."""
    originals = owner.__dict__.get("_mixed_originals", _MISSING)
    if originals is _MISSING:
        originals = owner._mixed_originals = {}
    original = originals.setdefault(name, getattr(owner, name))

    def method(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        operands, build = make_node(self, *args, **kwargs)
        if any(t.requires_grad for t in operands):
            result._grad_fn = build(result)
            result.requires_grad = True
        return result

    method.__name__ = name
    method.__doc__ = original.__doc__
    setattr(owner, name, method)


def enable_autograd():
    def binary(rule, swap=False):
        def make(self, other):
            pair = (self, _as_tensor(other, self))
            pair = pair[::-1] if swap else pair
            return pair, lambda result: rule(*pair)
        return make

    def unary(rule):
        def make(self, *args, **kwargs):
            return (self,), lambda result: rule(self, *args, **kwargs)
        return make

    def activation(rule):
        def make(self, x, **options):
            return (x,), lambda result: rule(x, **options)
        return make

    def sigmoid(self, x):
        return (x,), lambda result: SigmoidBackward(x, result.data)

    def softmax(self, x, dim=-1):
        return (x,), lambda result: SoftmaxBackward(x, dim)

    def loss(rule):
        def make(self, predictions, targets):
            return (predictions, targets), lambda result: rule(predictions, targets)
        return make

    def cross_entropy(self, logits, targets):
        return (logits,), lambda result: CrossEntropyBackward(logits, targets)

    for name, rule in {
        "add": AddBackward, "sub": SubBackward, "mul": MulBackward, "truediv": DivBackward,
    }.items():
        _install(Tensor, f"__{name}__", binary(rule))
        _install(Tensor, f"__r{name}__", binary(rule, swap=True))
    for name in ("matmul", "__matmul__"):
        _install(Tensor, name, binary(MatmulBackward))
    for name, rule in {
        "sum": SumBackward, "mean": MeanBackward, "__pow__": PowBackward, "__neg__": NegBackward,
    }.items():
        _install(Tensor, name, unary(rule))
    _install(activations.ReLU, "forward", activation(ReLUBackward))
    _install(activations.GELU, "forward", activation(GELUBackward))
    _install(activations.Sigmoid, "forward", sigmoid)
    _install(activations.Softmax, "forward", softmax)
    _install(losses.MSELoss, "forward", loss(MSEBackward))
    _install(losses.BinaryCrossEntropyLoss, "forward", loss(BCEBackward))
    _install(losses.CrossEntropyLoss, "forward", cross_entropy)
    Tensor.backward = backward
    Tensor.zero_grad = zero_grad
