"""Function classes generated from a table of formulas; one loop installs everything at import."""

import functools

import numpy as np

import tinytorch.core.activations
import tinytorch.core.losses
from tinytorch.core.tensor import Tensor


class Function:
    def __init__(self, *tensors, **options):
        self.saved_tensors = tensors
        self.options = options
        self.next_functions = [t._grad_fn for t in tensors if getattr(t, "_grad_fn", None)]

    def apply(self, grad_output):
        raise NotImplementedError(type(self).__name__)


def swap(m):
    return m.swapaxes(-1, -2)


def widen(g, x, axis=None, keepdims=False):
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, x.shape).astype(x.dtype)


def softmax(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def one_hot(labels, classes):
    return (labels.astype(int)[:, None] == np.arange(classes)).astype(np.float32)


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), 1 - 1 / (1 + np.exp(-np.abs(x))))


FORMULAS = {
    "Add": (lambda g, a, b: g, lambda g, a, b: g),
    "Sub": (lambda g, a, b: g, lambda g, a, b: -g),
    "Mul": (lambda g, a, b: g * b, lambda g, a, b: g * a),
    "Div": (lambda g, a, b: g / b, lambda g, a, b: -g * a / (b * b)),
    "Matmul": (lambda g, a, b: g @ swap(b), lambda g, a, b: swap(a) @ g),
    "Sum": (widen,),
    "Mean": (lambda g, x, **o: widen(g, x, **o) * (np.size(g) / x.size),),
    "Pow": (lambda g, x, n=2: g * n * x ** (n - 1),),
    "ReLU": (lambda g, x: g * np.heaviside(x, 0),),
    "Sigmoid": (lambda g, x: g * sigmoid(x) * sigmoid(-x),),
    "MSE": (lambda g, p, y: g * 2 * (p - y) / p.size, lambda g, p, y: g * 2 * (y - p) / p.size),
    "CrossEntropy": (
        lambda g, x, y: g * (softmax(x) - one_hot(y, x.shape[1])) / len(x),
        lambda g, x, y: None,
    ),
    "Neg": (lambda g, x: -g,),
}


def rule(name, formulas):
    def apply(self, grad_output):
        values = [t.data for t in self.saved_tensors]
        return tuple(
            formula(grad_output, *values, **self.options) if t.requires_grad else None
            for formula, t in zip(formulas, self.saved_tensors)
        )

    return type(f"{name}Backward", (Function,), {"apply": apply, "__doc__": f"Rule of {name}."})


for _name, _formulas in FORMULAS.items():
    globals()[f"{_name}Backward"] = rule(_name, _formulas)


def tracked(forward, cls, names=(), reverse=False, method=True):
    """Wrap a forward-only callable: operands first, options by name."""

    @functools.wraps(forward)
    def call(self, *args, **named):
        result = forward(self, *args, **named)
        options = {**dict(zip(names, args)), **named}
        operands = [] if names else list(args)
        if method:
            operands = [self, *operands]
        operands = [
            t if isinstance(t, Tensor) else Tensor(np.array(t, dtype=self.data.dtype))
            for t in operands
        ]
        if reverse:
            operands.reverse()
        if any(t.requires_grad for t in operands):
            result.requires_grad, result._grad_fn = True, cls(*operands, **options)
        return result

    return call


def sorted_from(root):
    """Yield tensors so that each comes after everything that uses it."""
    order, state, stack = [], {}, [(root, None)]
    while stack:
        tensor, children = stack.pop()
        if children is None:
            if id(tensor) in state:
                continue
            state[id(tensor)] = tensor
            node = getattr(tensor, "_grad_fn", None)
            children = iter(node.saved_tensors if node else ())
        child = next(children, None)
        if child is None:
            order.append(tensor)
        else:
            stack.append((tensor, children))
            if child.requires_grad:
                stack.append((child, None))
    return reversed(order)


def unbroadcast(g, shape):
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    for axis, length in enumerate(shape):
        if length != g.shape[axis]:
            g = g.sum(axis=axis, keepdims=True)
    return g


def backward(self, gradient=None):
    if not self.requires_grad:
        return
    if gradient is None:
        if self.data.size != 1:
            raise ValueError(f"shape {self.shape} needs a gradient")
        gradient = np.ones(self.shape, self.data.dtype)
    flow = {id(self): gradient}
    for tensor in sorted_from(self):
        g = flow.pop(id(tensor))
        # Every tensor keeps what reached it, the results in the middle too.
        tensor.grad = g + 0 if tensor.grad is None else tensor.grad + g
        node = getattr(tensor, "_grad_fn", None)
        if node is None:
            continue
        for parent, part in zip(node.saved_tensors, node.apply(g)):
            if part is not None:
                part = unbroadcast(part, parent.shape)
                flow[id(parent)] = flow.get(id(parent), 0) + part


def zero_grad(self):
    self.grad = None


def enable_autograd(quiet=True):
    if getattr(Tensor, "backward", None) is backward:
        return
    rules = globals()
    for name, short in {"add": "Add", "sub": "Sub", "mul": "Mul", "truediv": "Div"}.items():
        cls = rules[f"{short}Backward"]
        for prefix in ("", "r"):
            attribute = f"__{prefix}{name}__"
            wrapped = tracked(getattr(Tensor, attribute), cls, reverse=bool(prefix))
            setattr(Tensor, attribute, wrapped)
    for attribute, short, names in [
        ("matmul", "Matmul", ()),
        ("__matmul__", "Matmul", ()),
        ("sum", "Sum", ("axis", "keepdims")),
        ("mean", "Mean", ("axis", "keepdims")),
        ("__pow__", "Pow", ("n",)),
        ("__neg__", "Neg", ()),
    ]:
        wrapped = tracked(getattr(Tensor, attribute), rules[f"{short}Backward"], names)
        setattr(Tensor, attribute, wrapped)
    modules = {
        tinytorch.core.activations: {"ReLU": "ReLU", "Sigmoid": "Sigmoid"},
        tinytorch.core.losses: {"MSELoss": "MSE", "CrossEntropyLoss": "CrossEntropy"},
    }
    for module, classes in modules.items():
        for name, short in classes.items():
            cls = getattr(module, name)
            plain = cls.forward

            def forward(self, x, *rest, _plain=plain, _rule=rules[f"{short}Backward"]):
                result = _plain(self, x, *rest)
                if any(t.requires_grad for t in (x, *rest)):
                    result.requires_grad, result._grad_fn = True, _rule(x, *rest)
                return result

            cls.forward = forward
    Tensor.backward, Tensor.zero_grad = backward, zero_grad


enable_autograd()
enable_autograd()
