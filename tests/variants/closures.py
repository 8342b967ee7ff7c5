"""Closures made in the forward pass; results hold a _backward function; the graph is freed."""

import numpy as np

from tinytorch.core.activations import ReLU, Sigmoid
from tinytorch.core.losses import CrossEntropyLoss, MSELoss
from tinytorch.core.tensor import Tensor


class Function:
    """Keeps its operands and, in subclasses, one closure for each of them."""

    def __init__(self, *operands):
        self.saved_tensors = operands
        self.next_functions = []
        self.vjps = self.differentiate(*operands)

    def differentiate(self, *operands):
        return None

    def apply(self, grad_output):
        if self.vjps is None:
            raise NotImplementedError("a subclass says how to differentiate")
        g = np.array(grad_output, dtype=np.float64)
        pairs = zip(self.saved_tensors, self.vjps)
        return tuple(np.zeros(t.shape) if not t.requires_grad else vjp(g) for t, vjp in pairs)


class AddBackward(Function):
    def differentiate(self, a, b):
        return [lambda g: g.copy(), lambda g: g.copy()]


class SubBackward(Function):
    def differentiate(self, a, b):
        return [lambda g: g.copy(), lambda g: -g]


class MulBackward(Function):
    def differentiate(self, a, b):
        x, y = a.data.copy(), b.data.copy()
        return [lambda g: g * y, lambda g: g * x]


class DivBackward(Function):
    def differentiate(self, a, b):
        x, y = a.data.copy(), b.data.copy()
        return [lambda g: g / y, lambda g: -g * x / y / y]


class MatmulBackward(Function):
    def differentiate(self, a, b):
        x, y = a.data.copy(), b.data.copy()
        return [
            lambda g: np.matmul(g, np.swapaxes(y, -1, -2)),
            lambda g: np.matmul(np.swapaxes(x, -1, -2), g),
        ]


class Reduce(Function):
    def __init__(self, t, axis=None, keepdims=False):
        self.axis = axis
        self.keepdims = keepdims
        super().__init__(t)

    def differentiate(self, t):
        kept = t.data.sum(axis=self.axis, keepdims=True)
        share = self.share(t.data.size, kept.size)
        return [lambda g: g.reshape(kept.shape) * np.full(t.shape, share)]


class SumBackward(Reduce):
    def share(self, before, after):
        return 1.0


class MeanBackward(Reduce):
    def share(self, before, after):
        return after / before


class PowBackward(Function):
    def __init__(self, t, n=1):
        self.n = n
        super().__init__(t)

    def differentiate(self, t):
        slope = self.n * t.data.astype(np.float64) ** (self.n - 1)
        return [lambda g: g * slope]


class ReLUBackward(Function):
    def differentiate(self, x):
        mask = x.data > 0
        return [lambda g: np.where(mask, g, 0.0)]


class SigmoidBackward(Function):
    def differentiate(self, x):
        t = np.tanh(x.data / 2)
        return [lambda g: g * (1 - t * t) / 4]


class MSEBackward(Function):
    def differentiate(self, p, y):
        d = 2 * (p.data - y.data) / p.data.size
        return [lambda g: g * d, lambda g: -g * d]


class CrossEntropyBackward(Function):
    def differentiate(self, x, y):
        z = np.exp(x.data - x.data.max(axis=1)[:, None])
        d = z / z.sum(axis=1)[:, None]
        for row, label in enumerate(y.data.astype(int)):
            d[row, label] -= 1
        return [lambda g: g * d / len(d), lambda g: np.zeros(y.shape)]


def back_to(shape, g):
    missing = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(missing)))
    stretched = tuple(i for i in range(g.ndim) if shape[i] == 1 != g.shape[i])
    return g.sum(axis=stretched, keepdims=True) if stretched else g


def follow(result, function, *operands):
    """Give a result the closure that sends its gradient to the operands."""
    if not any(t.requires_grad for t in operands):
        return result
    result.requires_grad = True

    def send(g, flow):
        for t, part in zip(operands, function.apply(g)):
            if t.requires_grad:
                part = back_to(t.shape, part)
                flow[id(t)] = flow[id(t)] + part if id(t) in flow else part

    result._grad_fn = function
    result._backward = send
    result._parents = [t for t in operands if t.requires_grad]
    return result


def backward(self, gradient=None):
    if not self.requires_grad:
        return
    if gradient is None:
        if self.size != 1:
            raise ValueError("only one element can do without a gradient")
        gradient = np.ones(self.shape)
    # Kahn's algorithm: a tensor is ready when everything that uses it has been served.
    users = {id(self): 0}
    stack = [self]
    while stack:
        for t in getattr(stack.pop(), "_parents", ()):
            if id(t) not in users:
                users[id(t)] = 0
                stack.append(t)
            users[id(t)] += 1
    flow = {id(self): np.array(gradient, dtype=np.float64)}
    ready = [self]
    while ready:
        t = ready.pop()
        g = flow.pop(id(t))
        if not hasattr(t, "_backward"):
            t.grad = g if t.grad is None else t.grad + g
            continue
        t._backward(g, flow)
        for parent in t._parents:
            users[id(parent)] -= 1
            if users[id(parent)] == 0:
                ready.append(parent)
        del t._backward, t._parents, t._grad_fn


def zero_grad(self):
    self.grad = None


def enable_autograd(quiet=True):
    if "backward" in vars(Tensor):
        return

    def number(other, like):
        return other if isinstance(other, Tensor) else Tensor(np.array(other, like.dtype))

    def patch(name, cls, turn=False):
        plain = getattr(Tensor, name)

        def operation(self, other):
            pair = (self, number(other, self))
            result = plain(*pair)
            pair = pair[::-1] if turn else pair
            return follow(result, cls(*pair), *pair)

        setattr(Tensor, name, operation)

    for word, cls in zip(
        ["add", "sub", "mul", "truediv"], [AddBackward, SubBackward, MulBackward, DivBackward]
    ):
        patch(f"__{word}__", cls)
        patch(f"__r{word}__", cls, turn=True)
    patch("__matmul__", MatmulBackward)
    patch("matmul", MatmulBackward)

    plain = {name: getattr(Tensor, name) for name in ("sum", "mean", "__pow__")}

    def sum(self, axis=None, keepdims=False):
        result = plain["sum"](self, axis=axis, keepdims=keepdims)
        return follow(result, SumBackward(self, axis, keepdims), self)

    def mean(self, axis=None, keepdims=False):
        result = plain["mean"](self, axis=axis, keepdims=keepdims)
        return follow(result, MeanBackward(self, axis, keepdims), self)

    def power(self, n):
        return follow(plain["__pow__"](self, n), PowBackward(self, n), self)

    Tensor.sum, Tensor.mean, Tensor.__pow__ = sum, mean, power

    for module, cls in {
        ReLU: ReLUBackward,
        Sigmoid: SigmoidBackward,
        MSELoss: MSEBackward,
        CrossEntropyLoss: CrossEntropyBackward,
    }.items():

        def forward(self, *operands, _plain=module.forward, _cls=cls):
            return follow(_plain(self, *operands), _cls(*operands), *operands)

        module.forward = forward
    Tensor.backward, Tensor.zero_grad = backward, zero_grad
    if not quiet:
        print("closures are ready")
