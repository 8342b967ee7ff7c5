"""Style: one global tape. Every tracked operation appends its node; backward reads the tape
from the end to the beginning. All gradients are float64 arrays."""

import weakref

import numpy as np
from tinytorch.core.activations import GELU, ReLU, Sigmoid, Softmax
from tinytorch.core.losses import BinaryCrossEntropyLoss, CrossEntropyLoss, MSELoss
from tinytorch.core.tensor import Tensor, operand_data

TAPE = []  # weak references to nodes, oldest first; a node lives as long as its result
_state = {"count": 0, "limit": 1024, "recording": True}


def f64(x):
    return np.asarray(x, dtype=np.float64)


class Function:
    """One entry of the tape."""

    def __init__(self, *tensors):
        self.saved_tensors = list(tensors)
        self.next_functions = [
            t._grad_fn for t in tensors if getattr(t, "_grad_fn", None) is not None
        ]

    def apply(self, grad_output):
        raise NotImplementedError("this node has no rule")

    # every rule is: a list of one closure per input, called only where needed
    def _answer(self, *rules):
        return [
            f64(rule()) if t.requires_grad else np.zeros(t.shape)
            for t, rule in zip(self.saved_tensors, rules)
        ]

    def _arrays(self):
        return [f64(t.data) for t in self.saved_tensors]


class AddBackward(Function):
    def apply(self, grad_output):
        g = f64(grad_output)
        return self._answer(lambda: g, lambda: g)


class SubBackward(Function):
    def apply(self, grad_output):
        g = f64(grad_output)
        return self._answer(lambda: g, lambda: -g)


class MulBackward(Function):
    def apply(self, grad_output):
        g = f64(grad_output)
        a, b = self._arrays()
        return self._answer(lambda: g * b, lambda: g * a)


class DivBackward(Function):
    def apply(self, grad_output):
        g = f64(grad_output)
        a, b = self._arrays()
        return self._answer(lambda: g / b, lambda: -(g * a) / (b * b))


class MatmulBackward(Function):
    def apply(self, grad_output):
        g = f64(grad_output)
        a, b = self._arrays()
        if b.ndim == 1:
            g, b2 = g[..., None], b[:, None]
        else:
            b2 = b
        if a.ndim == 1:
            g, a2 = g[..., None, :], a[None, :]
        else:
            a2 = a

        def to_a():
            r = g @ b2.swapaxes(-1, -2)
            return r[..., 0, :] if a.ndim == 1 else r

        def to_b():
            r = a2.swapaxes(-1, -2) @ g
            return r[..., 0] if b.ndim == 1 else r

        return self._answer(to_a, to_b)


class SumBackward(Function):
    def __init__(self, t, axis=None, keepdims=False):
        super().__init__(t)
        self.axis, self.keepdims = axis, keepdims

    def share(self, g):
        return 1.0

    def apply(self, grad_output):
        g = f64(grad_output)
        shape = self.saved_tensors[0].shape

        def spread():
            h = g * self.share(g)
            if self.axis is not None and not self.keepdims:
                h = np.expand_dims(h, self.axis)
            return np.broadcast_to(h, shape)

        return self._answer(spread)


class MeanBackward(SumBackward):
    def share(self, g):
        return g.size / max(1, self.saved_tensors[0].size)


class PowBackward(Function):
    def __init__(self, t, n=2):
        super().__init__(t)
        self.n = float(n)

    def apply(self, grad_output):
        g, n = f64(grad_output), self.n
        (t,) = self._arrays()
        return self._answer(lambda: g * n * t ** (n - 1) if n != 0 else np.zeros(t.shape))


class ReLUBackward(Function):
    def apply(self, grad_output):
        (x,) = self._arrays()
        return self._answer(lambda: np.where(x > 0, grad_output, 0.0))


class SigmoidBackward(Function):
    def apply(self, grad_output):
        (x,) = self._arrays()
        e = np.exp(-np.abs(x))
        return self._answer(lambda: f64(grad_output) * e / (1 + e) ** 2)


class MSEBackward(Function):
    def apply(self, grad_output):
        p, t = self._arrays()
        d = f64(grad_output) * 2.0 * (p - t) / p.size
        return self._answer(lambda: d, lambda: -d)


class CrossEntropyBackward(Function):
    def apply(self, grad_output):
        z, t = self._arrays()
        e = np.exp(z - z.max(axis=1, keepdims=True))
        s = e / e.sum(axis=1, keepdims=True)
        s[np.arange(len(z)), t.astype(int)] -= 1.0
        return self._answer(lambda: s * f64(grad_output) / len(z), lambda: np.zeros(t.shape))


class NegBackward(Function):
    def apply(self, grad_output):
        return self._answer(lambda: -f64(grad_output))


class TransposeBackward(Function):
    def __init__(self, t, dim0=None, dim1=None):
        super().__init__(t)
        self.dims = (-2, -1) if dim0 is None and dim1 is None else (dim0, dim1)

    def apply(self, grad_output):
        return self._answer(lambda: f64(grad_output).swapaxes(*self.dims))


class ReshapeBackward(Function):
    def __init__(self, t, *shape):
        super().__init__(t)

    def apply(self, grad_output):
        return self._answer(lambda: f64(grad_output).reshape(self.saved_tensors[0].shape))


class SliceBackward(Function):
    def __init__(self, t, key=...):
        super().__init__(t)
        self.key = key

    def apply(self, grad_output):
        out = np.zeros(self.saved_tensors[0].shape)
        np.add.at(out, self.key, f64(grad_output))
        return self._answer(lambda: out)


class SoftmaxBackward(Function):
    def __init__(self, x, dim=-1):
        super().__init__(x)
        self.dim = dim

    def apply(self, grad_output):
        g = f64(grad_output)
        (x,) = self._arrays()
        e = np.exp(x - x.max(axis=self.dim, keepdims=True))
        s = e / e.sum(axis=self.dim, keepdims=True)
        return self._answer(lambda: s * (g - (g * s).sum(axis=self.dim, keepdims=True)))


class GELUBackward(Function):
    def apply(self, grad_output):
        (x,) = self._arrays()
        c = np.sqrt(2 / np.pi)
        th = np.tanh(c * (x + 0.044715 * x**3))
        slope = 0.5 * (1 + th) + 0.5 * x * (1 - th * th) * c * (1 + 3 * 0.044715 * x * x)
        return self._answer(lambda: f64(grad_output) * slope)


class BCEBackward(Function):
    def apply(self, grad_output):
        g = f64(grad_output)
        # clipped in the type of the data, as in the forward computation
        p = f64(np.clip(self.saved_tensors[0].data, 1e-7, 1 - 1e-7))
        t = f64(self.saved_tensors[1].data)
        return self._answer(
            lambda: g / p.size * (p - t) / (p * (1 - p)),
            lambda: g / p.size * (np.log(1 - p) - np.log(p)),
        )


class CheckpointBackward(Function):
    def __init__(self, function, *inputs):
        super().__init__(*inputs)
        self.function = function

    def apply(self, grad_output):
        copies = [Tensor(t.data, requires_grad=t.requires_grad) for t in self.saved_tensors]
        before, _state["recording"] = _state["recording"], True
        try:
            self.function(*copies).backward(grad_output)
        finally:
            _state["recording"] = before
        return [np.zeros(c.shape) if c.grad is None else c.grad for c in copies]


def record(result, node):
    """Put node on the tape as the origin of result."""
    result.requires_grad = True
    if not _state["recording"]:
        return result
    result._grad_fn = node
    node.number = _state["count"]
    _state["count"] += 1
    TAPE.append(weakref.ref(node))
    if len(TAPE) > _state["limit"]:  # forget the nodes that nobody can reach any more
        TAPE[:] = [r for r in TAPE if r() is not None]
        _state["limit"] = 2 * len(TAPE) + 1024
    return result


def checkpoint(function, *inputs):
    """Run function off the tape; one entry that runs it again stands for it."""
    before, _state["recording"] = _state["recording"], False
    try:
        inner = function(*inputs)
    finally:
        _state["recording"] = before
    result = Tensor(inner.data)
    if inner.requires_grad:
        record(result, CheckpointBackward(function, *inputs))
    return result


def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for i, n in enumerate(shape):
        if n == 1 and g.shape[i] != 1:
            g = g.sum(axis=i, keepdims=True)
    return g


def backward(self, gradient=None):
    if not self.requires_grad:
        return
    if gradient is None:
        if self.size != 1:
            raise ValueError(f"backward() of a tensor of shape {self.shape} needs a gradient")
        gradient = np.ones(self.shape)
    arrived = {}  # node number -> gradient of its result
    leaves = {}  # id -> (leaf, gradient)

    def deliver(t, g):
        g = unbroadcast(f64(g), t.shape)
        node = getattr(t, "_grad_fn", None)
        if node is not None:
            n = node.number
            arrived[n] = arrived[n] + g if n in arrived else g
        elif id(t) in leaves:
            leaves[id(t)] = (t, leaves[id(t)][1] + g)
        else:
            leaves[id(t)] = (t, g)

    deliver(self, np.broadcast_to(f64(gradient), self.shape))
    for reference in reversed(list(TAPE)) if arrived else ():
        node = reference()
        if node is None or node.number not in arrived:
            continue
        for t, g in zip(node.saved_tensors, node.apply(arrived.pop(node.number))):
            if t.requires_grad:
                deliver(t, g)
        if not arrived:
            break
    for t, g in leaves.values():
        t.grad = np.array(g) if t.grad is None else np.asarray(t.grad + g)


def zero_grad(self):
    self.grad = None


def enable_autograd(quiet=True):
    """Put the recording methods in place."""

    def original(owner, name):
        method = getattr(owner, name)
        return getattr(method, "off_tape", method)

    def install(owner, name, method):
        method.off_tape = original(owner, name)
        method.__name__ = name
        setattr(owner, name, method)

    def binary(name, rule, swapped=False):
        plain = original(Tensor, name)

        def method(self, other):
            result = plain(self, other)
            if not isinstance(other, Tensor):
                other = Tensor(operand_data(other, self.dtype))
            if self.requires_grad or other.requires_grad:
                record(result, rule(other, self) if swapped else rule(self, other))
            return result

        install(Tensor, name, method)

    def unary(name, rule):
        plain = original(Tensor, name)

        def method(self, *args, **kwargs):
            result = plain(self, *args, **kwargs)
            if self.requires_grad:
                record(result, rule(self, *args, **kwargs))
            return result

        install(Tensor, name, method)

    def layer(owner, rule):
        plain = original(owner, "forward")

        def forward(self, *args, **kwargs):
            result = plain(self, *args, **kwargs)
            node = rule(*args, **kwargs)
            if any(t.requires_grad for t in node.saved_tensors):
                record(result, node)
            return result

        install(owner, "forward", forward)

    for word, rule in (
        ("add", AddBackward),
        ("sub", SubBackward),
        ("mul", MulBackward),
        ("truediv", DivBackward),
    ):
        binary(f"__{word}__", rule)
        binary(f"__r{word}__", rule, swapped=True)
    binary("matmul", MatmulBackward)
    binary("__matmul__", MatmulBackward)
    for name, rule in (
        ("sum", SumBackward),
        ("mean", MeanBackward),
        ("__pow__", PowBackward),
        ("__neg__", NegBackward),
        ("transpose", TransposeBackward),
        ("reshape", ReshapeBackward),
        ("__getitem__", SliceBackward),
    ):
        unary(name, rule)

    # the rules of these take their operands by position
    def by_position(rule, *names):
        def build(*args, **kwargs):
            return rule(*args, *(kwargs.pop(n) for n in names[len(args) :] if n in kwargs), **kwargs)

        return build

    for owner, rule in ((ReLU, ReLUBackward), (Sigmoid, SigmoidBackward), (GELU, GELUBackward)):
        layer(owner, by_position(rule, "x"))
    layer(Softmax, SoftmaxBackward)
    for owner, rule in (
        (MSELoss, MSEBackward),
        (CrossEntropyLoss, CrossEntropyBackward),
        (BinaryCrossEntropyLoss, BCEBackward),
    ):
        layer(owner, by_position(rule, "predictions" if rule is not CrossEntropyBackward else "logits", "targets"))
    Tensor._grad_fn = None
    Tensor.backward = backward
    Tensor.zero_grad = zero_grad
    if not quiet:
        print("the tape is running")
