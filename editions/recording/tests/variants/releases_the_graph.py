"""A complete hand-in that releases the graph after the walk, and can switch recording off."""

import contextlib

import numpy as np

from tinytorch.core.activations import *
from tinytorch.core.activations import (
    GELUFunction,
    ReLUFunction,
    SigmoidFunction,
    SoftmaxFunction,
)
from tinytorch.core.losses import *
from tinytorch.core.tensor import *
from tinytorch.core.tensor import Function, Tensor, method_of

_recording = True


@contextlib.contextmanager
def no_grad():
    """Compute without a graph."""
    global _recording
    before, _recording = _recording, False
    try:
        yield
    finally:
        _recording = before


def reduced(grad, shape):
    while np.ndim(grad) > len(shape):
        grad = np.sum(grad, axis=0)
    for i in range(len(shape)):
        if shape[i] == 1 and grad.shape[i] > 1:
            grad = np.sum(grad, axis=i, keepdims=True)
    return grad


def asks(t):
    return isinstance(t, Tensor) and t.requires_grad


@method_of(Function)
def __init__(self, *inputs, **params):
    self.inputs = inputs
    self.params = params


@method_of(Function)
def backward(self, grad_output):
    raise NotImplementedError(f"{self!r} has no backward")


@method_of(Function)
def __repr__(self):
    return f"<{type(self).__name__}>"


@method_of(Function)
@classmethod
def apply(cls, *inputs, **params):
    node = cls(*inputs, **params)
    node.output = out = Tensor(node.forward(*[t.data for t in inputs]))
    if _recording and any(t.requires_grad for t in inputs):
        out.requires_grad = True
        out._grad_fn = node
    return out


def two(rule):
    """Make backward of a rule for two inputs."""

    def backward(self, grad_output):
        a, b = self.inputs
        grads = rule(grad_output, a.data, b.data)
        return tuple(
            reduced(g, t.data.shape) if asks(t) else None for g, t in zip(grads, (a, b))
        )

    return backward


Add.backward = two(lambda g, a, b: (g + 0, g + 0))
Sub.backward = two(lambda g, a, b: (g + 0, -g))
Mul.backward = two(lambda g, a, b: (g * b, g * a))
Div.backward = two(lambda g, a, b: (g / b, -g * a / (b**2)))


@method_of(MatMul)
def backward(self, grad_output):
    a, b = (t.data for t in self.inputs)
    if a.ndim == 1 and b.ndim == 1:
        grads = grad_output * b, grad_output * a
    elif a.ndim == 1:
        g = np.expand_dims(grad_output, -2)
        grads = (g @ np.swapaxes(b, -1, -2))[..., 0, :], a[:, None] @ g
    elif b.ndim == 1:
        grads = grad_output[..., None] * b, (np.swapaxes(a, -1, -2) @ grad_output[..., None])[..., 0]
    else:
        grads = grad_output @ np.swapaxes(b, -1, -2), np.swapaxes(a, -1, -2) @ grad_output
    return tuple(reduced(g, t.shape) if asks(t) else None for g, t in zip(grads, self.inputs))


@method_of(Sum)
def backward(self, grad_output):
    (t,) = self.inputs
    if not asks(t):
        return (None,)
    g = np.asarray(grad_output)
    if self.axis is not None and not self.keepdims:
        g = np.expand_dims(g, self.axis)
    return (np.array(np.broadcast_to(g, t.data.shape)),)


@method_of(Mean)
def backward(self, grad_output):
    g = np.asarray(grad_output)
    share = g.size / self.inputs[0].data.size
    if self.axis is not None and not self.keepdims:
        g = np.expand_dims(g, self.axis)
    return (np.broadcast_to(g, self.inputs[0].data.shape) * share,)


@method_of(Pow)
def backward(self, grad_output):
    x = self.inputs[0].data
    return (grad_output * self.n * np.power(x, self.n - 1),)


@method_of(Neg)
def backward(self, grad_output):
    return (np.negative(grad_output),)


@method_of(Transpose)
def backward(self, grad_output):
    return (np.swapaxes(grad_output, *self.axes),)


@method_of(Reshape)
def backward(self, grad_output):
    return (np.reshape(grad_output, self.inputs[0].shape),)


@method_of(Slice)
def backward(self, grad_output):
    full = np.zeros(self.inputs[0].shape, dtype=self.inputs[0].dtype)
    np.add.at(full, self.key, grad_output)
    return (full,)


@method_of(ReLUFunction)
def backward(self, grad_output):
    return (np.where(self.output.data > 0, grad_output, 0.0),)


@method_of(SigmoidFunction)
def backward(self, grad_output):
    s = self.output.data
    return (grad_output * (s - s * s),)


@method_of(SoftmaxFunction)
def backward(self, grad_output):
    s = self.output.data
    return (s * (grad_output - np.sum(s * grad_output, axis=self.dim, keepdims=True)),)


@method_of(GELUFunction)
def backward(self, grad_output):
    x, k = self.inputs[0].data, (2 / np.pi) ** 0.5
    t = np.tanh(k * (x + 0.044715 * x**3))
    return (grad_output * ((1 + t) / 2 + x * (1 - t**2) * k * (1 + 0.134145 * x**2) / 2),)


@method_of(MSEFunction)
def backward(self, grad_output):
    p, t = self.inputs
    half = grad_output * 2 / p.data.size * (p.data - t.data)
    return (half if asks(p) else None, -half if asks(t) else None)


@method_of(CrossEntropyFunction)
def backward(self, grad_output):
    z, y = (t.data for t in self.inputs)
    p = SoftmaxFunction(self.inputs[0], dim=1).forward(z)
    hot = np.zeros_like(z)
    hot[np.arange(len(z)), y.astype(int)] = 1
    return ((p - hot) * (grad_output / len(z)), None)


@method_of(BinaryCrossEntropyFunction)
def backward(self, grad_output):
    p, y = np.clip(self.inputs[0].data, 1e-7, 1 - 1e-7), self.inputs[1].data
    return (grad_output * (p - y) / (p * (1 - p) * np.size(y)), None)


@method_of(Tensor)
def backward(self, gradient=None, retain_graph=False):
    """Fill .grad of leaves and of what lies between."""
    if not self.requires_grad:
        return
    if gradient is None:
        if self.data.size != 1:
            raise ValueError("name the gradient")
        gradient = np.ones_like(self.data)
    order, seen, stack = [], set(), [(self, False)]
    while stack:
        tensor, done = stack.pop()
        if done:
            order.append(tensor)
        elif id(tensor) not in seen:
            seen.add(id(tensor))
            stack.append((tensor, True))
            if tensor._grad_fn is not None:
                stack += [(t, False) for t in tensor._grad_fn.inputs if asks(t)]
    pending = {id(self): np.array(gradient)}
    for tensor in reversed(order):
        grad = pending.get(id(tensor))
        if grad is None:
            continue
        total = np.zeros_like(tensor.data) if tensor.grad is None else tensor.grad
        tensor.grad = total + reduced(grad, tensor.data.shape)
        node = tensor._grad_fn
        if node is None:
            continue
        for t, part in zip(node.inputs, node.backward(grad)):
            if part is not None and asks(t):
                part = np.array(reduced(part, t.data.shape))
                pending[id(t)] = pending[id(t)] + part if id(t) in pending else part
    if not retain_graph:
        for tensor in order:
            tensor._grad_fn = None


@method_of(Tensor)
def zero_grad(self):
    self.grad = None
