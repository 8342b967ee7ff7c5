"""A complete hand-in: every rule sums its own broadcast axes, and backward() is recursive."""

import numpy as np

from tinytorch.core.activations import (
    GELUFunction,
    ReLUFunction,
    SigmoidFunction,
    SoftmaxFunction,
)
from tinytorch.core.losses import (
    BinaryCrossEntropyFunction,
    CrossEntropyFunction,
    MSEFunction,
)
from tinytorch.core.tensor import (
    Add,
    Div,
    Function,
    MatMul,
    Mean,
    Mul,
    Neg,
    Pow,
    Reshape,
    Slice,
    Sub,
    Sum,
    Tensor,
    Transpose,
    method_of,
)


def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1 and grad.shape[axis] != 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def needs(tensor):
    return isinstance(tensor, Tensor) and tensor.requires_grad


@method_of(Function)
def __init__(self, *tensors):
    self.inputs = tensors


@method_of(Function)
def backward(self, grad_output):
    raise NotImplementedError("each operation has its own")


@method_of(Function)
@classmethod
def apply(cls, *tensors, **options):
    node = cls(*tensors, **options)
    node.output = node.forward(*[t.data for t in tensors])
    result = Tensor(node.output)
    if any(needs(t) for t in tensors):
        result.requires_grad = True
        result._grad_fn = node
    return result


@method_of(Add)
def backward(self, grad_output):
    a, b = self.inputs
    grad_a = unbroadcast(grad_output, a.shape) if needs(a) else None
    grad_b = unbroadcast(grad_output, b.shape) if needs(b) else None
    return grad_a, grad_b


@method_of(Mul)
def backward(self, grad_output):
    a, b = self.inputs
    grad_a = unbroadcast(grad_output * b.data, a.shape) if needs(a) else None
    grad_b = unbroadcast(grad_output * a.data, b.shape) if needs(b) else None
    return grad_a, grad_b


@method_of(Sub)
def backward(self, grad_output):
    a, b = self.inputs
    grad_a = unbroadcast(grad_output, a.shape) if needs(a) else None
    grad_b = unbroadcast(-grad_output, b.shape) if needs(b) else None
    return grad_a, grad_b


@method_of(Div)
def backward(self, grad_output):
    a, b = self.inputs
    grad_a = grad_b = None
    if needs(a):
        grad_a = unbroadcast(grad_output / b.data, a.shape)
    if needs(b):
        grad_b = unbroadcast(-grad_output * a.data / b.data**2, b.shape)
    return grad_a, grad_b


@method_of(MatMul)
def backward(self, grad_output):
    a, b = self.inputs
    grad_a = grad_b = None
    left = a.data[None, :] if a.data.ndim == 1 else a.data
    right = b.data[:, None] if b.data.ndim == 1 else b.data
    g = grad_output
    if b.data.ndim == 1:
        g = np.expand_dims(g, -1)
    if a.data.ndim == 1:
        g = np.expand_dims(g, -2)
    if needs(a):
        grad_a = np.matmul(g, np.swapaxes(right, -1, -2))
        grad_a = unbroadcast(grad_a, left.shape).reshape(a.shape)
    if needs(b):
        grad_b = np.matmul(np.swapaxes(left, -1, -2), g)
        grad_b = unbroadcast(grad_b, right.shape).reshape(b.shape)
    return grad_a, grad_b


def spread(grad, shape, axis, keepdims):
    if axis is not None and not keepdims:
        axes = axis if isinstance(axis, tuple) else (axis,)
        for position in sorted(a % len(shape) for a in axes):
            grad = np.expand_dims(grad, position)
    return np.broadcast_to(grad, shape)


@method_of(Sum)
def backward(self, grad_output):
    (x,) = self.inputs
    if not needs(x):
        return (None,)
    return (spread(grad_output, x.shape, self.axis, self.keepdims),)


@method_of(Mean)
def backward(self, grad_output):
    (x,) = self.inputs
    count = x.data.size // np.size(grad_output)
    return (spread(grad_output, x.shape, self.axis, self.keepdims) / count,)


@method_of(Pow)
def backward(self, grad_output):
    (x,) = self.inputs
    return (grad_output * self.n * x.data ** (self.n - 1),)


@method_of(ReLUFunction)
def backward(self, grad_output):
    (x,) = self.inputs
    return (grad_output * (x.data > 0),)


@method_of(SigmoidFunction)
def backward(self, grad_output):
    s = self.output
    return (grad_output * s * (1 - s),)


@method_of(MSEFunction)
def backward(self, grad_output):
    prediction, target = self.inputs
    scale = 2.0 / prediction.data.size
    return (grad_output * scale * (prediction.data - target.data), None)


@method_of(CrossEntropyFunction)
def backward(self, grad_output):
    logits, targets = self.inputs
    exps = np.exp(logits.data - logits.data.max(axis=1, keepdims=True))
    probabilities = exps / exps.sum(axis=1, keepdims=True)
    rows = np.arange(len(probabilities))
    probabilities[rows, targets.data.astype(int)] -= 1
    return (grad_output * probabilities / len(probabilities), None)


@method_of(Neg)
def backward(self, grad_output):
    return (-grad_output,)


@method_of(Transpose)
def backward(self, grad_output):
    return (np.swapaxes(grad_output, *self.axes),)


@method_of(Reshape)
def backward(self, grad_output):
    (x,) = self.inputs
    return (grad_output.reshape(x.shape),)


@method_of(SoftmaxFunction)
def backward(self, grad_output):
    s = self.output
    inner = (grad_output * s).sum(axis=self.dim, keepdims=True)
    return (s * (grad_output - inner),)


@method_of(GELUFunction)
def backward(self, grad_output):
    (tensor,) = self.inputs
    x = tensor.data
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    slope = 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)
    return (grad_output * slope,)


@method_of(BinaryCrossEntropyFunction)
def backward(self, grad_output):
    prediction, target = self.inputs
    p = np.clip(prediction.data, 1e-7, 1 - 1e-7)
    y = target.data
    return (grad_output * (p - y) / (p * (1 - p)) / p.size, None)


@method_of(Slice)
def backward(self, grad_output):
    (x,) = self.inputs
    grad = np.zeros_like(x.data)
    np.add.at(grad, self.key, grad_output)
    return (grad,)


@method_of(Tensor)
def backward(self, gradient=None):
    if not self.requires_grad:
        return
    if gradient is None:
        if self.data.size != 1:
            raise ValueError("a gradient is needed for more than one element")
        gradient = np.ones_like(self.data)
    if self.grad is None:
        self.grad = np.zeros_like(self.data)
    self.grad = self.grad + gradient
    grad_fn = getattr(self, "_grad_fn", None)
    if grad_fn is None:
        return
    for tensor, grad in zip(grad_fn.inputs, grad_fn.backward(gradient)):
        if needs(tensor) and grad is not None:
            tensor.backward(grad)


@method_of(Tensor)
def zero_grad(self):
    self.grad = None
