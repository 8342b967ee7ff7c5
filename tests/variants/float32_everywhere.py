"""Style: float32 everywhere.

All gradients, masks and one-hots are float32, whatever the data are. Plain
rules, a recursive backward that hands on every contribution separately.
Required parts only.
"""

import numpy as np

from tinytorch.core.activations import ReLU, Sigmoid
from tinytorch.core.losses import CrossEntropyLoss, MSELoss
from tinytorch.core.tensor import Tensor, operand_data


def f32(x):
    return np.asarray(x).astype(np.float32)


class Function:
    def __init__(self, *tensors):
        self.saved_tensors = tensors
        self.next_functions = []
        for t in tensors:
            if getattr(t, "_grad_fn", None) is not None:
                self.next_functions.append(t._grad_fn)

    def apply(self, grad_output):
        raise NotImplementedError()


class AddBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_output = f32(grad_output)
        grad_a = grad_b = None
        if a.requires_grad:
            grad_a = grad_output
        if b.requires_grad:
            grad_b = grad_output
        return grad_a, grad_b


class MulBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_output = f32(grad_output)
        grad_a = grad_b = None
        if a.requires_grad:
            grad_a = f32(grad_output * b.data.astype(np.float32))
        if b.requires_grad:
            grad_b = f32(grad_output * a.data.astype(np.float32))
        return grad_a, grad_b


class SubBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_output = f32(grad_output)
        grad_a = grad_b = None
        if a.requires_grad:
            grad_a = grad_output
        if b.requires_grad:
            grad_b = f32(-grad_output)
        return grad_a, grad_b


class DivBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_output = f32(grad_output)
        grad_a = grad_b = None
        if a.requires_grad:
            grad_a = f32(grad_output / b.data)
        if b.requires_grad:
            grad_b = f32(-grad_output * a.data / (b.data**2))
        return grad_a, grad_b


class MatmulBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_output = f32(grad_output)
        grad_a = grad_b = None
        if a.requires_grad:
            grad_a = f32(np.matmul(grad_output, np.swapaxes(f32(b.data), -1, -2)))
        if b.requires_grad:
            grad_b = f32(np.matmul(np.swapaxes(f32(a.data), -1, -2), grad_output))
        return grad_a, grad_b


def spread(grad_output, shape, axis, keepdims):
    """Undo a reduction: put the lost axes back, then repeat."""
    grad = f32(grad_output)
    if axis is not None and not keepdims:
        axes = axis if isinstance(axis, tuple) else (axis,)
        for ax in sorted(ax % len(shape) for ax in axes):
            grad = np.expand_dims(grad, ax)
    return f32(grad * np.ones(shape, dtype=np.float32))


class SumBackward(Function):
    def __init__(self, t, axis=None, keepdims=False):
        super().__init__(t)
        self.axis = axis
        self.keepdims = keepdims

    def apply(self, grad_output):
        (t,) = self.saved_tensors
        if not t.requires_grad:
            return (None,)
        return (spread(grad_output, t.shape, self.axis, self.keepdims),)


class MeanBackward(Function):
    def __init__(self, t, axis=None, keepdims=False):
        super().__init__(t)
        self.axis = axis
        self.keepdims = keepdims

    def apply(self, grad_output):
        (t,) = self.saved_tensors
        if not t.requires_grad:
            return (None,)
        count = np.float32(t.size / np.size(grad_output))
        return (f32(spread(grad_output, t.shape, self.axis, self.keepdims) / count),)


class PowBackward(Function):
    def __init__(self, t, n=2):
        super().__init__(t)
        self.n = n

    def apply(self, grad_output):
        (t,) = self.saved_tensors
        if not t.requires_grad:
            return (None,)
        if self.n == 0:
            return (np.zeros(t.shape, dtype=np.float32),)
        n = float(self.n)
        return (f32(f32(grad_output) * f32(n * np.power(t.data, n - 1.0))),)


class ReLUBackward(Function):
    def apply(self, grad_output):
        (x,) = self.saved_tensors
        if not x.requires_grad:
            return (None,)
        mask = (x.data > 0).astype(np.float32)
        return (f32(f32(grad_output) * mask),)


class SigmoidBackward(Function):
    def __init__(self, x, output=None):
        super().__init__(x)
        if output is None:
            output = 0.5 * (1.0 + np.tanh(0.5 * x.data))
        self.output = f32(output)

    def apply(self, grad_output):
        (x,) = self.saved_tensors
        if not x.requires_grad:
            return (None,)
        s = self.output
        return (f32(f32(grad_output) * s * (np.float32(1) - s)),)


class MSEBackward(Function):
    def apply(self, grad_output):
        p, t = self.saved_tensors
        difference = f32(p.data - t.data)
        grad = f32(f32(grad_output) * np.float32(2.0) * difference / np.float32(p.size))
        grad_p = grad if p.requires_grad else None
        grad_t = f32(-grad) if t.requires_grad else None
        return grad_p, grad_t


class CrossEntropyBackward(Function):
    def apply(self, grad_output):
        logits, targets = self.saved_tensors
        if not logits.requires_grad:
            return None, None
        e = np.exp(f32(logits.data - logits.data.max(axis=1, keepdims=True)))
        softmax = f32(e / e.sum(axis=1, keepdims=True))
        onehot = np.eye(logits.shape[1], dtype=np.float32)[targets.data.astype(int)]
        n = np.float32(logits.shape[0])
        return f32(f32(grad_output) * (softmax - onehot) / n), None


def unbroadcast(gradient, shape):
    gradient = f32(gradient)
    while gradient.ndim > len(shape):
        gradient = f32(gradient.sum(axis=0))
    for ax, length in enumerate(shape):
        if length == 1 and gradient.shape[ax] != 1:
            gradient = f32(gradient.sum(axis=ax, keepdims=True))
    return gradient


def track(result, rule, *arguments, **options):
    if any(isinstance(a, Tensor) and a.requires_grad for a in arguments):
        result.requires_grad = True
        result._grad_fn = rule(*arguments, **options)
    return result


def backward(self, gradient=None):
    if not self.requires_grad:
        return
    if gradient is None:
        if self.size != 1:
            raise ValueError("backward() needs a gradient for a tensor of several elements")
        gradient = np.ones(self.shape, dtype=np.float32)
    gradient = unbroadcast(gradient, self.shape)

    # .grad is kept on results too; what is handed on is this contribution alone
    if self.grad is None:
        self.grad = np.zeros(self.shape, dtype=np.float32)
    self.grad = f32(self.grad + gradient)

    node = getattr(self, "_grad_fn", None)
    if node is not None:
        for tensor, grad in zip(node.saved_tensors, node.apply(gradient)):
            if grad is not None and tensor.requires_grad:
                tensor.backward(grad)


def zero_grad(self):
    self.grad = None


def enable_autograd(quiet=False):
    if getattr(Tensor, "_autograd_enabled", False):
        if not quiet:
            print("autograd was on already")
        return

    add, radd = Tensor.__add__, Tensor.__radd__
    sub, rsub = Tensor.__sub__, Tensor.__rsub__
    mul, rmul = Tensor.__mul__, Tensor.__rmul__
    div, rdiv = Tensor.__truediv__, Tensor.__rtruediv__
    mm, at = Tensor.matmul, Tensor.__matmul__
    pow_, sum_, mean_ = Tensor.__pow__, Tensor.sum, Tensor.mean
    relu, sigmoid = ReLU.forward, Sigmoid.forward
    mse, ce = MSELoss.forward, CrossEntropyLoss.forward

    def wrap(other, like):
        return other if isinstance(other, Tensor) else Tensor(operand_data(other, like.dtype))

    def left(original, rule):
        def method(self, other):
            return track(original(self, other), rule, self, wrap(other, self))

        return method

    def right(original, rule):
        def method(self, other):
            return track(original(self, other), rule, wrap(other, self), self)

        return method

    Tensor.__add__, Tensor.__radd__ = left(add, AddBackward), right(radd, AddBackward)
    Tensor.__sub__, Tensor.__rsub__ = left(sub, SubBackward), right(rsub, SubBackward)
    Tensor.__mul__, Tensor.__rmul__ = left(mul, MulBackward), right(rmul, MulBackward)
    Tensor.__truediv__, Tensor.__rtruediv__ = left(div, DivBackward), right(rdiv, DivBackward)
    Tensor.matmul, Tensor.__matmul__ = left(mm, MatmulBackward), left(at, MatmulBackward)

    def tracked_pow(self, n):
        return track(pow_(self, n), PowBackward, self, n)

    def tracked_sum(self, axis=None, keepdims=False):
        return track(sum_(self, axis, keepdims), SumBackward, self, axis, keepdims)

    def tracked_mean(self, axis=None, keepdims=False):
        return track(mean_(self, axis, keepdims), MeanBackward, self, axis, keepdims)

    def tracked_relu(self, x):
        return track(relu(self, x), ReLUBackward, x)

    def tracked_sigmoid(self, x):
        out = sigmoid(self, x)
        return track(out, SigmoidBackward, x, out.data)

    def tracked_mse(self, predictions, targets):
        return track(mse(self, predictions, targets), MSEBackward, predictions, targets)

    def tracked_ce(self, logits, targets):
        out = ce(self, logits, targets)
        if logits.requires_grad:
            track(out, CrossEntropyBackward, logits, targets)
        return out

    Tensor.__pow__, Tensor.sum, Tensor.mean = tracked_pow, tracked_sum, tracked_mean
    ReLU.forward, Sigmoid.forward = tracked_relu, tracked_sigmoid
    MSELoss.forward, CrossEntropyLoss.forward = tracked_mse, tracked_ce
    Tensor.backward, Tensor.zero_grad = backward, zero_grad
    Tensor._autograd_enabled = True
    if not quiet:
        print("autograd is on")
