"""Style: close to PyTorch's engine. Nodes keep only the arrays they need, leaves end in an
AccumulateGrad node, a node runs when all its contributions are there, then it is freed."""

from __future__ import annotations

import math
import weakref
from collections import deque
from functools import wraps

import numpy as np
from tinytorch.core.activations import GELU, ReLU, Sigmoid, Softmax
from tinytorch.core.losses import BinaryCrossEntropyLoss, CrossEntropyLoss, MSELoss
from tinytorch.core.tensor import Tensor, operand_data

_GRAD_MODE = [True]


# --------------------------------------------------------------------------- graph


class Function:
    """A node: backward rule, what the rule needs, and the edges to the nodes of the inputs.

    next_functions has one entry per input: its node, the AccumulateGrad of a leaf, or None.
    """

    def __init__(self, *tensors):
        self.saved_tensors = tensors
        self.needs = tuple(t.requires_grad for t in tensors)
        self.shapes = tuple(t.shape for t in tensors)
        self.next_functions = tuple(_edge(t) for t in tensors)
        self.freed = False
        self.save(*tensors)

    def save(self, *tensors):
        """Overridden by the rules: replaces saved_tensors by the arrays that they need."""

    def keep(self, *arrays):
        self.saved_tensors = arrays

    def apply(self, grad_output):
        raise NotImplementedError(f"{type(self).__name__} has no rule")

    def free(self):
        self.saved_tensors = self.next_functions = ()
        self.freed = True


class AccumulateGrad(Function):
    """The end of the graph: adds what arrives to the `.grad` of one leaf."""

    def __init__(self, leaf):
        self.leaf = leaf
        self.saved_tensors = self.next_functions = ()
        self.freed = False

    def apply(self, grad_output):
        arrived = np.array(grad_output, dtype=self.leaf.dtype)  # a copy
        old = self.leaf.grad
        self.leaf.grad = arrived if old is None else np.asarray(np.add(old, arrived))
        return ()

    def free(self):
        pass


def _edge(t):
    if not t.requires_grad:
        return None
    node = getattr(t, "_grad_fn", None)
    if node is not None:
        return node
    ref = getattr(t, "_accumulator", None)  # weak: the leaf does not own its accumulator
    accumulator = None if ref is None else ref()
    if accumulator is None:
        accumulator = AccumulateGrad(t)
        t._accumulator = weakref.ref(accumulator)
    return accumulator


def unbroadcast(gradient, shape):
    gradient = np.asarray(gradient)
    if gradient.shape == shape:
        return gradient
    extra = gradient.ndim - len(shape)
    axes = tuple(
        i for i, n in enumerate(gradient.shape) if i < extra or (n != 1 and shape[i - extra] == 1)
    )
    return np.add.reduce(gradient, axis=axes, keepdims=True).reshape(shape)


# --------------------------------------------------------------------------- rules


class _Binary(Function):
    def gradients(self, g):
        raise NotImplementedError

    def to_a(self, g):
        raise NotImplementedError

    def to_b(self, g):
        raise NotImplementedError

    def apply(self, grad_output):
        g = np.asarray(grad_output)
        return (
            unbroadcast(self.to_a(g), self.shapes[0]) if self.needs[0] else None,
            unbroadcast(self.to_b(g), self.shapes[1]) if self.needs[1] else None,
        )


class AddBackward(_Binary):
    def save(self, a, b):
        self.keep()

    def to_a(self, g):
        return g

    to_b = to_a


class SubBackward(AddBackward):
    def to_b(self, g):
        return np.negative(g)


class MulBackward(_Binary):
    def save(self, a, b):
        self.keep(a.data if self.needs[1] else None, b.data if self.needs[0] else None)

    def to_a(self, g):
        return g * self.saved_tensors[1]

    def to_b(self, g):
        return g * self.saved_tensors[0]


class DivBackward(_Binary):
    def save(self, a, b):
        self.keep(a.data if self.needs[1] else None, b.data)

    def to_a(self, g):
        return g / self.saved_tensors[1]

    def to_b(self, g):
        a, b = self.saved_tensors
        return -g * (a / b) / b


class MatmulBackward(Function):
    def save(self, a, b):
        self.keep(a.data if self.needs[1] else None, b.data if self.needs[0] else None)

    def apply(self, grad_output):
        a, b = self.saved_tensors
        sa, sb = self.shapes
        # Vectors become a row or a column; the gradient gets the axis that they lost.
        wide_a = (1, *sa) if len(sa) == 1 else sa
        wide_b = (*sb, 1) if len(sb) == 1 else sb
        g = np.asarray(grad_output)
        batch = np.broadcast_shapes(wide_a[:-2], wide_b[:-2])
        g = g.reshape(*batch, wide_a[-2], wide_b[-1])
        to_a = to_b = None
        if self.needs[0]:
            to_a = np.matmul(g, np.swapaxes(b.reshape(wide_b), -1, -2))
            to_a = unbroadcast(to_a, wide_a).reshape(sa)
        if self.needs[1]:
            to_b = np.matmul(np.swapaxes(a.reshape(wide_a), -1, -2), g)
            to_b = unbroadcast(to_b, wide_b).reshape(sb)
        return to_a, to_b


MatMulBackward = MatmulBackward


class SumBackward(Function):
    def __init__(self, t, axis=None, keepdims=False):
        super().__init__(t)
        self.keep()
        if axis is None:
            axes = set(range(t.ndim))
        else:
            axes = {a % t.ndim if t.ndim else a for a in (axis if isinstance(axis, tuple) else (axis,))}
        # the shape of the result as if keepdims were True
        self.kept = tuple(1 if i in axes else n for i, n in enumerate(t.shape))
        self.count = math.prod(t.shape[i] for i in axes if i < t.ndim and i >= 0)

    def apply(self, grad_output):
        if not self.needs[0]:
            return (None,)
        return (np.broadcast_to(np.asarray(grad_output).reshape(self.kept), self.shapes[0]),)


class MeanBackward(SumBackward):
    def apply(self, grad_output):
        return super().apply(np.asarray(grad_output) / max(self.count, 1))


class _Unary(Function):
    def save(self, x):
        self.keep(x.data)

    def to_x(self, g):
        raise NotImplementedError

    def apply(self, grad_output):
        return (np.asarray(self.to_x(np.asarray(grad_output))) if self.needs[0] else None,)


class PowBackward(_Unary):
    def __init__(self, t, n=2):
        super().__init__(t)
        self.n = float(n)

    def to_x(self, g):
        (t,) = self.saved_tensors
        if self.n == 0.0:
            return np.zeros_like(t)
        return g * (self.n * np.power(t, self.n - 1.0))


class ReLUBackward(_Unary):
    def save(self, x):
        self.keep(x.data > 0)  # one byte per element

    def to_x(self, g):
        return g * self.saved_tensors[0]


class SigmoidBackward(_Unary):
    def __init__(self, x, output=None):
        super().__init__(x)
        if output is None:
            e = np.exp(-np.abs(x.data))
            output = np.where(x.data >= 0, 1 / (1 + e), e / (1 + e))
        self.keep(np.asarray(output))

    def to_x(self, g):
        (s,) = self.saved_tensors
        return g * s * (1 - s)


class MSEBackward(_Binary):
    def save(self, p, t):
        self.keep(p.data - t.data)

    def to_a(self, g):
        (d,) = self.saved_tensors
        return g * (2.0 / max(d.size, 1)) * d

    def to_b(self, g):
        return -self.to_a(g)


class CrossEntropyBackward(Function):
    def save(self, logits, targets):
        e = np.exp(logits.data - np.max(logits.data, axis=1, keepdims=True))
        p = e / np.sum(e, axis=1, keepdims=True)
        p[np.arange(len(p)), targets.data.astype(int)] -= 1
        self.keep(p)

    def apply(self, grad_output):
        (d,) = self.saved_tensors
        return (np.asarray(grad_output) / len(d) * d if self.needs[0] else None), None


CEBackward = CrossEntropyBackward


class NegBackward(_Unary):
    def save(self, x):
        self.keep()

    def to_x(self, g):
        return -g


class TransposeBackward(_Unary):
    def __init__(self, t, dim0=None, dim1=None):
        super().__init__(t)
        self.keep()
        self.axes = (-2, -1) if dim0 is None else (dim0, dim1)

    def to_x(self, g):
        return np.swapaxes(g, *self.axes)


class ReshapeBackward(_Unary):
    def __init__(self, t, *shape):
        super().__init__(t)
        self.keep()

    def to_x(self, g):
        return g.reshape(self.shapes[0])


class SliceBackward(_Unary):
    def __init__(self, t, key=...):
        super().__init__(t)
        self.keep()
        self.key = key

    def to_x(self, g):
        full = np.zeros(self.shapes[0], dtype=g.dtype)
        np.add.at(full, self.key, g)
        return full


class SoftmaxBackward(_Unary):
    def __init__(self, x, dim=-1, output=None):
        super().__init__(x)
        if output is None:
            e = np.exp(x.data - np.max(x.data, axis=dim, keepdims=True))
            output = e / np.sum(e, axis=dim, keepdims=True)
        self.keep(output)
        self.dim = dim

    def to_x(self, g):
        (s,) = self.saved_tensors
        gs = g * s
        return gs - s * np.add.reduce(gs, axis=self.dim, keepdims=True)


class GELUBackward(_Unary):
    def to_x(self, g):
        (x,) = self.saved_tensors
        k = math.sqrt(2 / math.pi)
        th = np.tanh(k * (x + 0.044715 * x * x * x))
        return g * (0.5 * (1 + th) + 0.5 * x * (1 - th * th) * (k * (1 + 0.134145 * x * x)))


GeLUBackward = GELUBackward


class BCEBackward(_Binary):
    def save(self, p, t):
        self.keep(np.clip(p.data, 1e-7, 1 - 1e-7), t.data)

    def to_a(self, g):
        p, t = self.saved_tensors
        return g / max(p.size, 1) * ((p - t) / (p * (1 - p)))

    def to_b(self, g):
        p, _ = self.saved_tensors
        return g / max(p.size, 1) * (np.log(1 - p) - np.log(p))


class CheckpointBackward(Function):
    def __init__(self, function, *inputs):
        super().__init__(*inputs)
        self.keep(*(t.data for t in inputs))
        self.function = function

    def apply(self, grad_output):
        copies = [Tensor(d, requires_grad=n) for d, n in zip(self.saved_tensors, self.needs, strict=True)]
        mode, _GRAD_MODE[0] = _GRAD_MODE[0], True
        try:
            result = self.function(*copies)
        finally:
            _GRAD_MODE[0] = mode
        # keep: the function may reach into a graph outside that somebody else still walks
        _run(result, np.asarray(grad_output), keep_graph=True)
        return tuple(c.grad for c in copies)


def checkpoint(function, *inputs):
    mode, _GRAD_MODE[0] = _GRAD_MODE[0], False
    try:
        inside = function(*inputs)
    finally:
        _GRAD_MODE[0] = mode
    result = Tensor(inside.data)
    if inside.requires_grad:
        result.requires_grad = True
        if mode:
            result._grad_fn = CheckpointBackward(function, *inputs)
    return result


# --------------------------------------------------------------------------- engine


def _run(output, gradient, keep_graph=False):
    root = _edge(output)
    # 1. count how many edges lead to every node
    indegree = {root: 0}
    todo = [root]
    while todo:
        node = todo.pop()
        if node.freed:
            raise RuntimeError("this graph was freed by an earlier backward: build it anew")
        for child in node.next_functions:
            if child is None:
                continue
            if child not in indegree:
                indegree[child] = 0
                todo.append(child)
            indegree[child] += 1
    # 2. run every node whose contributions are complete
    buffers = {root: gradient}
    ready = deque([root])
    while ready:
        node = ready.popleft()
        arrived = buffers.pop(node, None)
        children = node.next_functions
        grads = (None,) * len(children) if arrived is None else node.apply(arrived)
        if not keep_graph:
            node.free()
        for child, grad in zip(children, grads, strict=False):
            if child is None:
                continue
            if grad is not None:
                buffers[child] = grad if child not in buffers else buffers[child] + grad
            indegree[child] -= 1
            if indegree[child] == 0:
                ready.append(child)


def backward(self, gradient=None):
    if not self.requires_grad:
        return
    if gradient is None:
        if self.size != 1:
            raise ValueError("grad can be implicitly created only for scalar outputs")
        gradient = np.ones(self.shape, dtype=self.dtype)
    gradient = np.asarray(gradient, dtype=self.dtype)
    if gradient.shape != self.shape:
        raise ValueError(f"gradient of shape {gradient.shape} for a tensor of shape {self.shape}")
    _run(self, gradient)


def zero_grad(self):
    self.grad = None


def _attach(result, node_class, operands, *options, **named):
    """Set both halves of the tracking: the flag and the node."""
    if any(t.requires_grad for t in operands):
        result.requires_grad = True
        if _GRAD_MODE[0]:
            result._grad_fn = node_class(*operands, *options, **named)
    return result


def _tracked_binary(plain, node_class, reflected):
    @wraps(plain)
    def method(self, other):
        result = plain(self, other)
        if not isinstance(other, Tensor):
            other = Tensor(operand_data(other, self.dtype))
        return _attach(result, node_class, (other, self) if reflected else (self, other))

    return method


def _tracked_unary(plain, node_class):
    @wraps(plain)
    def method(self, *options, **named):
        return _attach(plain(self, *options, **named), node_class, (self,), *options, **named)

    return method


BINARY = {
    "__add__": AddBackward,
    "__radd__": AddBackward,
    "__sub__": SubBackward,
    "__rsub__": SubBackward,
    "__mul__": MulBackward,
    "__rmul__": MulBackward,
    "__truediv__": DivBackward,
    "__rtruediv__": DivBackward,
    "matmul": MatmulBackward,
    "__matmul__": MatmulBackward,
}
UNARY = {
    "sum": SumBackward,
    "mean": MeanBackward,
    "__pow__": PowBackward,
    "__neg__": NegBackward,
    "transpose": TransposeBackward,
    "reshape": ReshapeBackward,
    "__getitem__": SliceBackward,
}


def enable_autograd(quiet=False):
    if getattr(Tensor, "_autograd_on", False):
        return
    Tensor._autograd_on = True
    Tensor._grad_fn = None
    Tensor.backward, Tensor.zero_grad = backward, zero_grad
    for name, node_class in BINARY.items():
        reflected = name.startswith("__r")
        setattr(Tensor, name, _tracked_binary(getattr(Tensor, name), node_class, reflected))
    for name, node_class in UNARY.items():
        setattr(Tensor, name, _tracked_unary(getattr(Tensor, name), node_class))

    relu, sigmoid, gelu, softmax = ReLU.forward, Sigmoid.forward, GELU.forward, Softmax.forward
    mse, ce, bce = MSELoss.forward, CrossEntropyLoss.forward, BinaryCrossEntropyLoss.forward

    def relu_forward(self, x):
        return _attach(relu(self, x), ReLUBackward, (x,))

    def sigmoid_forward(self, x):
        result = sigmoid(self, x)
        return _attach(result, SigmoidBackward, (x,), output=result.data)

    def gelu_forward(self, x):
        return _attach(gelu(self, x), GELUBackward, (x,))

    def softmax_forward(self, x, dim=-1):
        result = softmax(self, x, dim)
        return _attach(result, SoftmaxBackward, (x,), dim, output=result.data)

    def mse_forward(self, predictions, targets):
        return _attach(mse(self, predictions, targets), MSEBackward, (predictions, targets))

    def ce_forward(self, logits, targets):
        result = ce(self, logits, targets)
        return _attach(result, CrossEntropyBackward, (logits, targets))

    def bce_forward(self, predictions, targets):
        return _attach(bce(self, predictions, targets), BCEBackward, (predictions, targets))

    ReLU.forward, Sigmoid.forward = relu_forward, sigmoid_forward
    GELU.forward, Softmax.forward = gelu_forward, softmax_forward
    MSELoss.forward, CrossEntropyLoss.forward = mse_forward, ce_forward
    BinaryCrossEntropyLoss.forward = bce_forward
    if not quiet:
        print("autograd: on")
