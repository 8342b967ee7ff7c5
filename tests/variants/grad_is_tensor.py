"""Style: gradients are Tensors. `x.grad` is a Tensor, rules return Tensors or arrays as it
comes, backward is recursive, every gradient has the type of its tensor (float32 stays float32)."""

import sys
import warnings

import numpy as np
import tinytorch.core.activations as act
import tinytorch.core.losses as los
from tinytorch.core.activations import GELU, ReLU, Sigmoid, Softmax
from tinytorch.core.losses import BinaryCrossEntropyLoss, CrossEntropyLoss, MSELoss
from tinytorch.core.tensor import Tensor, operand_data


class Function:
    def __init__(self, *tensors):
        self.saved_tensors = tensors
        self.next_functions = []
        for t in tensors:
            if hasattr(t, "_grad_fn") and t._grad_fn is not None:
                self.next_functions.append(t._grad_fn)

    def apply(self, grad_output):
        raise NotImplementedError("Function.apply")


def wants(t):
    return t.requires_grad


# broadcasting is undone in backward(), the elementwise rules need not know about it


class AddBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_a = None
        grad_b = None
        if wants(a):
            grad_a = grad_output
        if wants(b):
            grad_b = grad_output
        return grad_a, grad_b


class SubBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_a = None
        grad_b = None
        if wants(a):
            grad_a = Tensor(grad_output)
        if wants(b):
            grad_b = Tensor(-1 * grad_output)
        return grad_a, grad_b


class MulBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_a = None
        grad_b = None
        if wants(a):
            grad_a = Tensor(grad_output * b.data)
        if wants(b):
            grad_b = Tensor(grad_output * a.data)
        return grad_a, grad_b


class DivBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        grad_a = np.array([])
        grad_b = np.array([])
        if wants(a):
            grad_a = grad_output / b.data
        if wants(b):
            grad_b = Tensor(-grad_output * a.data / b.data**2)
        return grad_a, grad_b


class MatmulBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        A, B, G = a.data, b.data, grad_output
        grad_a = None
        grad_b = None
        if A.ndim == 1 and B.ndim == 1:
            if wants(a):
                grad_a = Tensor(G * B)
            if wants(b):
                grad_b = Tensor(G * A)
        elif A.ndim == 1:
            # (k) @ (..., k, n) -> (..., n)
            if wants(a):
                grad_a = Tensor(np.einsum("...n,...kn->...k", G, B))
            if wants(b):
                grad_b = Tensor(np.einsum("k,...n->...kn", A, G))
        elif B.ndim == 1:
            # (..., m, k) @ (k) -> (..., m)
            if wants(a):
                grad_a = Tensor(np.einsum("...m,k->...mk", G, B))
            if wants(b):
                grad_b = Tensor(np.einsum("...m,...mk->...k", G, A))
        else:
            if wants(a):
                grad_a = Tensor(np.matmul(G, np.swapaxes(B, -2, -1)))
            if wants(b):
                grad_b = Tensor(np.matmul(np.swapaxes(A, -2, -1), G))
        return grad_a, grad_b


class SumBackward(Function):
    def __init__(self, t, axis=None, keepdims=False):
        super().__init__(t)
        # the shape that the sum has with keepdims=True
        self.shape_with_ones = np.empty(t.shape, dtype=bool).any(axis=axis, keepdims=True).shape

    def apply(self, grad_output):
        (t,) = self.saved_tensors
        if not wants(t):
            return (None,)
        g = np.reshape(grad_output, self.shape_with_ones)
        return (Tensor(np.ones(t.shape, dtype=t.dtype) * g),)


class MeanBackward(Function):
    def __init__(self, t, axis=None, keepdims=False):
        super().__init__(t)
        self.total = SumBackward(t, axis, keepdims)

    def apply(self, grad_output):
        (t,) = self.saved_tensors
        if t.size == 0:
            return self.total.apply(grad_output)
        n = t.size // np.size(grad_output)
        return self.total.apply(grad_output / n)


class PowBackward(Function):
    def __init__(self, t, n=2):
        super().__init__(t)
        self.n = n

    def apply(self, grad_output):
        (t,) = self.saved_tensors
        if not wants(t):
            return (None,)
        n = float(self.n)
        if n == 0:
            return (Tensor(np.zeros(t.shape, dtype=t.dtype)),)
        if n == 1:
            return (grad_output,)
        return (Tensor(grad_output * n * np.power(t.data, operand_data(n - 1, t.dtype))),)


class ReLUBackward(Function):
    def apply(self, grad_output):
        (x,) = self.saved_tensors
        return (Tensor(grad_output * (x.data > 0)) if wants(x) else None,)


class SigmoidBackward(Function):
    def apply(self, grad_output):
        (x,) = self.saved_tensors
        if not wants(x):
            return (None,)
        # tanh never overflows
        s = 0.5 * (1 + np.tanh(0.5 * x.data))
        return (Tensor(grad_output * s * (1 - s)),)


class MSEBackward(Function):
    def apply(self, grad_output):
        p, t = self.saved_tensors
        g = 2 * grad_output * (p.data - t.data) / p.size
        return (Tensor(g) if wants(p) else None, Tensor(-g) if wants(t) else None)


class CrossEntropyBackward(Function):
    def apply(self, grad_output):
        z, targets = self.saved_tensors
        if not wants(z):
            return (None, None)
        n, c = z.shape
        shifted = z.data - z.data.max(axis=1, keepdims=True)
        softmax = np.exp(shifted)
        softmax = softmax / softmax.sum(axis=1, keepdims=True)
        onehot = np.eye(c, dtype=z.dtype)[targets.data.astype(int)]
        return (Tensor(grad_output * (softmax - onehot) / n), None)


class NegBackward(Function):
    def apply(self, grad_output):
        return (Tensor(-grad_output) if wants(self.saved_tensors[0]) else None,)


class TransposeBackward(Function):
    def __init__(self, t, dim0=None, dim1=None):
        super().__init__(t)
        if dim0 is None:
            dim0, dim1 = t.ndim - 2, t.ndim - 1
        self.dim0, self.dim1 = dim0, dim1

    def apply(self, grad_output):
        if not wants(self.saved_tensors[0]):
            return (None,)
        return (Tensor(np.swapaxes(grad_output, self.dim1, self.dim0)),)


class ReshapeBackward(Function):
    def __init__(self, t, *shape):
        super().__init__(t)
        self.old_shape = t.shape

    def apply(self, grad_output):
        if not wants(self.saved_tensors[0]):
            return (None,)
        return (Tensor(np.reshape(grad_output, self.old_shape)),)


class SliceBackward(Function):
    def __init__(self, t, key=...):
        super().__init__(t)
        self.key = key

    def apply(self, grad_output):
        (t,) = self.saved_tensors
        if not wants(t):
            return (None,)
        # number every element, look which numbers were read, and count with weights
        numbers = np.arange(t.size).reshape(t.shape)[self.key]
        flat = np.bincount(
            np.ravel(numbers), weights=np.ravel(grad_output), minlength=t.size
        )
        return (Tensor(flat.reshape(t.shape).astype(t.dtype)),)


class SoftmaxBackward(Function):
    def __init__(self, x, dim=-1):
        super().__init__(x)
        self.dim = dim

    def apply(self, grad_output):
        (x,) = self.saved_tensors
        if not wants(x):
            return (None,)
        e = np.exp(x.data - x.data.max(axis=self.dim, keepdims=True))
        s = e / e.sum(axis=self.dim, keepdims=True)
        return (Tensor(s * (grad_output - (grad_output * s).sum(axis=self.dim, keepdims=True))),)


class GELUBackward(Function):
    def apply(self, grad_output):
        (t,) = self.saved_tensors
        if not wants(t):
            return (None,)
        x = t.data
        k = float(np.sqrt(2 / np.pi))
        th = np.tanh(k * (x + 0.044715 * x**3))
        du = k * (1 + 3 * 0.044715 * x**2)
        return (Tensor(grad_output * (0.5 * (1 + th) + 0.5 * x * (1 - th**2) * du)),)


class BCEBackward(Function):
    def apply(self, grad_output):
        p_tensor, t_tensor = self.saved_tensors
        p, t = np.clip(p_tensor.data, 1e-7, 1 - 1e-7), t_tensor.data
        grad_p = grad_t = None
        if wants(p_tensor):
            grad_p = Tensor(grad_output * (p - t) / (p * (1 - p)) / p.size)
        if wants(t_tensor):
            grad_t = Tensor(grad_output * np.log((1 - p) / p) / p.size)
        return grad_p, grad_t


class CheckpointBackward(Function):
    def __init__(self, function, *inputs):
        super().__init__(*inputs)
        self.function = function

    def apply(self, grad_output):
        inner = []
        for t in self.saved_tensors:
            inner.append(Tensor(t.data, requires_grad=t.requires_grad))
        with keep_nodes(True):
            result = self.function(*inner)
        result.backward(grad_output)
        return tuple(t.grad for t in inner)


class keep_nodes:
    """with keep_nodes(False): results know that they want a gradient, but make no nodes."""

    on = True

    def __init__(self, on):
        self.want = on

    def __enter__(self):
        self.before = keep_nodes.on
        keep_nodes.on = self.want

    def __exit__(self, *error):
        keep_nodes.on = self.before


def checkpoint(function, *inputs):
    with keep_nodes(False):
        inside = function(*inputs)
    result = Tensor(inside.data, requires_grad=inside.requires_grad)
    if inside.requires_grad and keep_nodes.on:
        result._grad_fn = CheckpointBackward(function, *inputs)
    return result


# ---- backward


def fit(grad, t):
    """Make of whatever a rule returned a fresh array of the shape and type of t."""
    g = np.array(grad, dtype=t.dtype)
    if g.shape != t.shape:
        g = g.sum(axis=tuple(range(g.ndim - t.ndim)))
        g = np.asarray(g)
        ones = tuple(i for i in range(t.ndim) if t.shape[i] == 1)
        g = g.sum(axis=ones, keepdims=True) if ones else g
    return np.asarray(g, dtype=t.dtype)


class Walk:
    """One backward pass: how many uses of a tensor are still to come, and what has arrived."""

    def __init__(self):
        self.uses = {}
        self.pending = {}

    def count(self, t):
        node = getattr(t, "_grad_fn", None)
        if node is None:
            return
        for parent in node.saved_tensors:
            if parent.requires_grad:
                if id(parent) in self.uses:
                    self.uses[id(parent)] += 1
                else:
                    self.uses[id(parent)] = 1
                    self.count(parent)

    def go(self, t):
        g = self.pending.pop(id(t), None)
        node = getattr(t, "_grad_fn", None)
        if g is not None:
            # also results get a .grad, it is nice to look at
            old = 0 if t.grad is None else t.grad.data
            t.grad = Tensor(np.array(old + g, dtype=t.dtype))
        if node is None:
            return
        parents = node.saved_tensors
        grads = [None] * len(parents) if g is None else node.apply(g)
        for parent, grad in zip(parents, grads):
            if not parent.requires_grad:
                continue
            if grad is not None:
                grad = fit(grad, parent)
                if id(parent) in self.pending:
                    grad = self.pending[id(parent)] + grad
                self.pending[id(parent)] = np.asarray(grad)
            self.uses[id(parent)] -= 1
            if self.uses[id(parent)] == 0:
                self.go(parent)


def backward(self, gradient=None):
    if not self.requires_grad:
        return None
    if gradient is None:
        if self.size > 1:
            raise ValueError("backward() without a gradient works only for one element")
        gradient = np.ones(self.shape)
    walk = Walk()
    walk.pending[id(self)] = np.array(gradient, dtype=self.dtype).reshape(self.shape)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20000))  # long chains
    try:
        walk.count(self)
        walk.go(self)
    finally:
        sys.setrecursionlimit(limit)


def zero_grad(self):
    self.grad = Tensor(np.zeros(self.shape, dtype=self.dtype))


# ---- switching on

ORIGINAL = {}


def plain(owner, name):
    """The method as it was in the library, also when it has been replaced since."""
    if (owner, name) not in ORIGINAL:
        found = getattr(owner, name)
        while hasattr(found, "untracked"):
            found = found.untracked
        ORIGINAL[owner, name] = found
    return ORIGINAL[owner, name]


def note(result, rule, *args, **options):
    operands = [a for a in args if isinstance(a, Tensor)]
    if any(wants(t) for t in operands):
        result.requires_grad = True
        if keep_nodes.on:
            result._grad_fn = rule(*args, **options)
    return result


def tensor_of(value, like):
    return value if isinstance(value, Tensor) else Tensor(operand_data(value, like.dtype))


def enable_autograd():
    print("=" * 60)
    print(" AUTOGRAD IS ON ".center(60, "="))
    print("=" * 60)
    if hasattr(Tensor, "backward"):
        warnings.warn("autograd was on already, installing it again", stacklevel=2)

    def put(owner, name, new):
        new.untracked = plain(owner, name)
        setattr(owner, name, new)

    def make(name, rule):
        def left(self, other):
            result = plain(Tensor, name)(self, other)
            return note(result, rule, self, tensor_of(other, self))

        return left

    def make_right(name, rule):
        def right(self, other):
            result = plain(Tensor, name)(self, other)
            return note(result, rule, tensor_of(other, self), self)

        return right

    put(Tensor, "__add__", make("__add__", AddBackward))
    put(Tensor, "__radd__", make_right("__radd__", AddBackward))
    put(Tensor, "__sub__", make("__sub__", SubBackward))
    put(Tensor, "__rsub__", make_right("__rsub__", SubBackward))
    put(Tensor, "__mul__", make("__mul__", MulBackward))
    put(Tensor, "__rmul__", make_right("__rmul__", MulBackward))
    put(Tensor, "__truediv__", make("__truediv__", DivBackward))
    put(Tensor, "__rtruediv__", make_right("__rtruediv__", DivBackward))
    put(Tensor, "matmul", make("matmul", MatmulBackward))
    put(Tensor, "__matmul__", make("__matmul__", MatmulBackward))

    def tracked_sum(self, axis=None, keepdims=False):
        result = plain(Tensor, "sum")(self, axis, keepdims)
        return note(result, SumBackward, self, axis=axis, keepdims=keepdims)

    def tracked_mean(self, axis=None, keepdims=False):
        result = plain(Tensor, "mean")(self, axis, keepdims)
        return note(result, MeanBackward, self, axis=axis, keepdims=keepdims)

    def tracked_pow(self, n):
        return note(plain(Tensor, "__pow__")(self, n), PowBackward, self, n)

    def tracked_neg(self):
        return note(plain(Tensor, "__neg__")(self), NegBackward, self)

    def tracked_transpose(self, dim0=None, dim1=None):
        result = plain(Tensor, "transpose")(self, dim0, dim1)
        return note(result, TransposeBackward, self, dim0, dim1)

    def tracked_reshape(self, *shape):
        return note(plain(Tensor, "reshape")(self, *shape), ReshapeBackward, self, *shape)

    def tracked_getitem(self, key):
        result = plain(Tensor, "__getitem__")(self, key)
        return note(result, SliceBackward, self, key=key)

    put(Tensor, "sum", tracked_sum)
    put(Tensor, "mean", tracked_mean)
    put(Tensor, "__pow__", tracked_pow)
    put(Tensor, "__neg__", tracked_neg)
    put(Tensor, "transpose", tracked_transpose)
    put(Tensor, "reshape", tracked_reshape)
    put(Tensor, "__getitem__", tracked_getitem)

    def relu(self, x):
        return note(plain(ReLU, "forward")(self, x), ReLUBackward, x)

    def sigmoid(self, x):
        return note(plain(Sigmoid, "forward")(self, x), SigmoidBackward, x)

    def gelu(self, x):
        return note(plain(GELU, "forward")(self, x), GELUBackward, x)

    def softmax(self, x, dim=-1):
        return note(plain(Softmax, "forward")(self, x, dim), SoftmaxBackward, x, dim=dim)

    def mse(self, predictions, targets):
        result = plain(MSELoss, "forward")(self, predictions, targets)
        return note(result, MSEBackward, predictions, targets)

    def cross_entropy(self, logits, targets):
        result = plain(CrossEntropyLoss, "forward")(self, logits, targets)
        return note(result, CrossEntropyBackward, logits, targets)

    def bce(self, predictions, targets):
        result = plain(BinaryCrossEntropyLoss, "forward")(self, predictions, targets)
        return note(result, BCEBackward, predictions, targets)

    put(act.ReLU, "forward", relu)
    put(act.Sigmoid, "forward", sigmoid)
    put(act.GELU, "forward", gelu)
    put(act.Softmax, "forward", softmax)
    put(los.MSELoss, "forward", mse)
    put(los.CrossEntropyLoss, "forward", cross_entropy)
    put(los.BinaryCrossEntropyLoss, "forward", bce)
    Tensor.backward = backward
    Tensor.zero_grad = zero_grad


enable_autograd()
enable_autograd()
