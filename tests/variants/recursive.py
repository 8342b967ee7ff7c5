"""A complete submission: every rule sums its own broadcast axes, and backward() is recursive."""

import numpy as np

from tinytorch.core.activations import GELU, ReLU, Sigmoid, Softmax
from tinytorch.core.losses import BinaryCrossEntropyLoss, CrossEntropyLoss, MSELoss
from tinytorch.core.tensor import Tensor


def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1 and grad.shape[axis] != 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def needs(tensor):
    return isinstance(tensor, Tensor) and tensor.requires_grad


class Function:
    def __init__(self, *tensors):
        self.saved_tensors = tensors
        self.next_functions = [
            t._grad_fn for t in tensors if needs(t) and getattr(t, "_grad_fn", None) is not None
        ]

    def apply(self, grad_output):
        raise NotImplementedError("a rule must be given by a subclass")


class AddBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_a = unbroadcast(grad_output, a.shape) if needs(a) else None
        grad_b = unbroadcast(grad_output, b.shape) if needs(b) else None
        return grad_a, grad_b


class MulBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_a = unbroadcast(grad_output * b.data, a.shape) if needs(a) else None
        grad_b = unbroadcast(grad_output * a.data, b.shape) if needs(b) else None
        return grad_a, grad_b


class SubBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_a = unbroadcast(grad_output, a.shape) if needs(a) else None
        grad_b = unbroadcast(-grad_output, b.shape) if needs(b) else None
        return grad_a, grad_b


class DivBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_a = grad_b = None
        if needs(a):
            grad_a = unbroadcast(grad_output / b.data, a.shape)
        if needs(b):
            grad_b = unbroadcast(-grad_output * a.data / b.data**2, b.shape)
        return grad_a, grad_b


class MatmulBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
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


class SumBackward(Function):
    def __init__(self, tensor, axis=None, keepdims=False):
        super().__init__(tensor)
        self.axis = axis
        self.keepdims = keepdims

    def apply(self, grad_output):
        (x,) = self.saved_tensors
        if not needs(x):
            return (None,)
        return (spread(grad_output, x.shape, self.axis, self.keepdims),)


class MeanBackward(Function):
    def __init__(self, tensor, axis=None, keepdims=False):
        super().__init__(tensor)
        self.axis = axis
        self.keepdims = keepdims

    def apply(self, grad_output):
        (x,) = self.saved_tensors
        count = x.data.size // np.size(grad_output)
        return (spread(grad_output, x.shape, self.axis, self.keepdims) / count,)


class PowBackward(Function):
    def __init__(self, tensor, exponent):
        super().__init__(tensor)
        self.exponent = exponent

    def apply(self, grad_output):
        (x,) = self.saved_tensors
        return (grad_output * self.exponent * x.data ** (self.exponent - 1),)


class ReLUBackward(Function):
    def apply(self, grad_output):
        (x,) = self.saved_tensors
        return (grad_output * (x.data > 0),)


class SigmoidBackward(Function):
    def __init__(self, tensor, output):
        super().__init__(tensor)
        self.output = output

    def apply(self, grad_output):
        s = self.output.data
        return (grad_output * s * (1 - s),)


class MSEBackward(Function):
    def apply(self, grad_output):
        prediction, target = self.saved_tensors
        scale = 2.0 / prediction.data.size
        return (grad_output * scale * (prediction.data - target.data), None)


class CrossEntropyBackward(Function):
    def apply(self, grad_output):
        logits, targets = self.saved_tensors
        exps = np.exp(logits.data - logits.data.max(axis=1, keepdims=True))
        probabilities = exps / exps.sum(axis=1, keepdims=True)
        rows = np.arange(len(probabilities))
        probabilities[rows, targets.data.astype(int)] -= 1
        return (grad_output * probabilities / len(probabilities), None)


class NegBackward(Function):
    def apply(self, grad_output):
        return (-grad_output,)


class TransposeBackward(Function):
    def __init__(self, tensor, dim0=None, dim1=None):
        super().__init__(tensor)
        self.dims = (-2, -1) if dim0 is None else (dim0, dim1)

    def apply(self, grad_output):
        return (np.swapaxes(grad_output, *self.dims),)


class ReshapeBackward(Function):
    def apply(self, grad_output):
        (x,) = self.saved_tensors
        return (grad_output.reshape(x.shape),)


class SoftmaxBackward(Function):
    def __init__(self, tensor, output, dim=-1):
        super().__init__(tensor)
        self.output = output
        self.dim = dim

    def apply(self, grad_output):
        s = self.output.data
        inner = (grad_output * s).sum(axis=self.dim, keepdims=True)
        return (s * (grad_output - inner),)


class GELUBackward(Function):
    def apply(self, grad_output):
        (tensor,) = self.saved_tensors
        x = tensor.data
        c = np.sqrt(2 / np.pi)
        t = np.tanh(c * (x + 0.044715 * x**3))
        slope = 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)
        return (grad_output * slope,)


class BCEBackward(Function):
    def apply(self, grad_output):
        prediction, target = self.saved_tensors
        p = np.clip(prediction.data, 1e-7, 1 - 1e-7)
        y = target.data
        return (grad_output * (p - y) / (p * (1 - p)) / p.size, None)


class SliceBackward(Function):
    def __init__(self, tensor, key):
        super().__init__(tensor)
        self.key = key

    def apply(self, grad_output):
        (x,) = self.saved_tensors
        grad = np.zeros_like(x.data)
        np.add.at(grad, self.key, grad_output)
        return (grad,)


def _enable():
    if getattr(Tensor, "_autograd_enabled", False):
        return

    def lift(value, like):
        if isinstance(value, Tensor):
            return value
        return Tensor(np.asarray(value, dtype=like.data.dtype))

    def result_of(result, function, *inputs):
        if any(needs(t) for t in inputs):
            result.requires_grad = True
            result._grad_fn = function(*inputs)
        return result

    def binary(name, function, swap=False):
        original = getattr(Tensor, name)

        def tracked(self, other):
            other = lift(other, self)
            pair = (other, self) if swap else (self, other)
            return result_of(original(self, other), function, *pair)

        setattr(Tensor, name, tracked)

    for name, function in [
        ("add", AddBackward),
        ("sub", SubBackward),
        ("mul", MulBackward),
        ("truediv", DivBackward),
    ]:
        binary(f"__{name}__", function)
        binary(f"__r{name}__", function, swap=True)
    binary("matmul", MatmulBackward)
    binary("__matmul__", MatmulBackward)

    def reduction(name, function):
        original = getattr(Tensor, name)

        def tracked(self, axis=None, keepdims=False):
            def build(x):
                return function(x, axis, keepdims)

            return result_of(original(self, axis=axis, keepdims=keepdims), build, self)

        setattr(Tensor, name, tracked)

    reduction("sum", SumBackward)
    reduction("mean", MeanBackward)

    original_pow = Tensor.__pow__

    def tracked_pow(self, exponent):
        return result_of(original_pow(self, exponent), lambda x: PowBackward(x, exponent), self)

    Tensor.__pow__ = tracked_pow

    original_neg = Tensor.__neg__
    Tensor.__neg__ = lambda self: result_of(original_neg(self), NegBackward, self)

    original_transpose = Tensor.transpose

    def tracked_transpose(self, dim0=None, dim1=None):
        result = original_transpose(self, dim0, dim1)
        return result_of(result, lambda x: TransposeBackward(x, dim0, dim1), self)

    Tensor.transpose = tracked_transpose

    original_reshape = Tensor.reshape
    Tensor.reshape = lambda self, *shape: result_of(
        original_reshape(self, *shape), ReshapeBackward, self
    )

    original_getitem = Tensor.__getitem__

    def tracked_getitem(self, key):
        return result_of(original_getitem(self, key), lambda x: SliceBackward(x, key), self)

    Tensor.__getitem__ = tracked_getitem

    def activation(cls, build):
        original = cls.forward

        def tracked(self, x, *args, **options):
            result = original(self, x, *args, **options)
            return result_of(result, lambda t: build(t, result, *args, **options), x)

        cls.forward = tracked

    activation(ReLU, lambda x, out: ReLUBackward(x))
    activation(Sigmoid, SigmoidBackward)
    activation(GELU, lambda x, out: GELUBackward(x))
    activation(Softmax, SoftmaxBackward)

    def loss(cls, function):
        original = cls.forward

        def tracked(self, prediction, target):
            result = original(self, prediction, target)
            return result_of(result, lambda p: function(p, target), prediction)

        cls.forward = tracked

    loss(MSELoss, MSEBackward)
    loss(CrossEntropyLoss, CrossEntropyBackward)
    loss(BinaryCrossEntropyLoss, BCEBackward)

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
        for tensor, grad in zip(grad_fn.saved_tensors, grad_fn.apply(gradient)):
            if needs(tensor) and grad is not None:
                tensor.backward(grad)

    def zero_grad(self):
        self.grad = None

    Tensor.backward = backward
    Tensor.zero_grad = zero_grad
    Tensor._autograd_enabled = True


def enable_autograd(quiet=False):
    """Track operations on tensors from now on."""
    _enable()
    if not quiet:
        print("autograd is on")
