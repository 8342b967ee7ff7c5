"""Style: object oriented.

Abstract base classes, mixins for the kinds of rules, a Context for each node,
an Engine that visits the nodes, properties, and a context manager that builds
the graph. Gradients that are stored in `.grad` are Tensors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Generic, Optional, Protocol, TypeVar, Union

import numpy as np

from tinytorch.core.activations import GELU, ReLU, Sigmoid, Softmax
from tinytorch.core.losses import BinaryCrossEntropyLoss, CrossEntropyLoss, MSELoss
from tinytorch.core.tensor import Tensor, operand_data

Array = np.ndarray
Gradient = Optional[Array]
AxisLike = Union[int, tuple[int, ...], None]
R = TypeVar("R")


# ---------------------------------------------------------------- nodes


@dataclass
class Context:
    """What one node remembers: its tensors, and whatever a rule wants to keep."""

    tensors: tuple[Tensor, ...]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def arrays(self) -> tuple[Array, ...]:
        return tuple(t.data for t in self.tensors)

    @property
    def needs(self) -> tuple[bool, ...]:
        return tuple(t.requires_grad for t in self.tensors)

    def __getitem__(self, name: str) -> Any:
        return self.options[name]


class NodeVisitor(ABC, Generic[R]):
    """Something that looks at nodes one by one."""

    @abstractmethod
    def visit_function(self, node: Function, owner: Tensor) -> R: ...

    @abstractmethod
    def visit_leaf(self, owner: Tensor) -> R: ...


class Node(ABC):
    """A vertex of the graph."""

    @abstractmethod
    def accept(self, visitor: NodeVisitor[R], owner: Tensor) -> R: ...


class Function(Node):
    """One operation in the computation graph."""

    def __init__(self, *tensors: Tensor, **options: Any) -> None:
        self.ctx = Context(tensors, options)

    @property
    def saved_tensors(self) -> tuple[Tensor, ...]:
        return self.ctx.tensors

    @property
    def next_functions(self) -> list[Function]:
        found = (getattr(t, "_grad_fn", None) for t in self.ctx.tensors)
        return [node for node in found if node is not None]

    def apply(self, grad_output: Array) -> tuple[Gradient, ...]:
        raise NotImplementedError(f"{type(self).__name__} has no rule")

    def accept(self, visitor: NodeVisitor[R], owner: Tensor) -> R:
        return visitor.visit_function(self, owner)


class Leaf(Node):
    """Stands for every tensor that the user made."""

    _instance: ClassVar[Optional[Leaf]] = None

    def __new__(cls) -> Leaf:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def accept(self, visitor: NodeVisitor[R], owner: Tensor) -> R:
        return visitor.visit_leaf(owner)


def node_of(tensor: Tensor) -> Node:
    return getattr(tensor, "_grad_fn", None) or Leaf()


# ---------------------------------------------------------------- kinds of rules


class Broadcasting:
    """Mixin: knows how to sum over repeated axes."""

    @staticmethod
    def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
        front = gradient.ndim - len(shape)
        if front:
            gradient = np.asarray(gradient.sum(axis=tuple(range(front))))
        ones = tuple(i for i, n in enumerate(shape) if n == 1 and gradient.shape[i] != 1)
        return np.asarray(gradient.sum(axis=ones, keepdims=True)) if ones else gradient


class UnaryRule(Function, ABC):
    """Mixin for rules with one operand and a local slope."""

    @abstractmethod
    def pull(self, g: Array, x: Array) -> Array: ...

    def apply(self, grad_output: Array) -> tuple[Gradient, ...]:
        (x,), (needed,) = self.ctx.arrays, self.ctx.needs
        return (np.asarray(self.pull(np.asarray(grad_output), x)),) if needed else (None,)


class BinaryRule(Broadcasting, Function, ABC):
    """Mixin for rules with two operands."""

    @abstractmethod
    def pull_left(self, g: Array, a: Array, b: Array) -> Array: ...

    @abstractmethod
    def pull_right(self, g: Array, a: Array, b: Array) -> Array: ...

    def apply(self, grad_output: Array) -> tuple[Gradient, ...]:
        a, b = self.ctx.arrays
        g = np.asarray(grad_output)
        left, right = self.ctx.needs
        return (
            self.unbroadcast(np.asarray(self.pull_left(g, a, b)), a.shape) if left else None,
            self.unbroadcast(np.asarray(self.pull_right(g, a, b)), b.shape) if right else None,
        )


class ReductionRule(UnaryRule, ABC):
    """Mixin for rules that fold axes away."""

    def __init__(self, t: Tensor, axis: AxisLike = None, keepdims: bool = False) -> None:
        super().__init__(t, axis=axis, keepdims=keepdims)

    @property
    def axes(self) -> tuple[int, ...]:
        axis, ndim = self.ctx["axis"], self.ctx.tensors[0].ndim
        if axis is None:
            return tuple(range(ndim))
        given = axis if isinstance(axis, tuple) else (axis,)
        return tuple(a + ndim if a < 0 else a for a in given)

    @property
    def count(self) -> int:
        shape = self.ctx.tensors[0].shape
        return int(np.prod([shape[a] for a in self.axes], dtype=int))

    @abstractmethod
    def share(self, g: Array) -> Array: ...

    def pull(self, g: Array, x: Array) -> Array:
        if not self.ctx["keepdims"]:
            g = np.expand_dims(g, self.axes)
        return np.broadcast_to(self.share(g), x.shape).copy()


# ---------------------------------------------------------------- rules


class AddBackward(BinaryRule):
    def pull_left(self, g: Array, a: Array, b: Array) -> Array:
        return g.copy()

    def pull_right(self, g: Array, a: Array, b: Array) -> Array:
        return g.copy()


class SubBackward(AddBackward):
    def pull_right(self, g: Array, a: Array, b: Array) -> Array:
        return -g


class MulBackward(BinaryRule):
    def pull_left(self, g: Array, a: Array, b: Array) -> Array:
        return g * b

    def pull_right(self, g: Array, a: Array, b: Array) -> Array:
        return g * a


class DivBackward(BinaryRule):
    def pull_left(self, g: Array, a: Array, b: Array) -> Array:
        return g / b

    def pull_right(self, g: Array, a: Array, b: Array) -> Array:
        return -(g / b) * (a / b)


class MatMulBackward(BinaryRule):
    """Matrices, batches and vectors: a vector is given the missing axis first."""

    @staticmethod
    def _full(g: Array, a: Array, b: Array) -> tuple[Array, Array, Array]:
        if b.ndim == 1:
            g, b = np.expand_dims(g, -1), b[:, None]
        if a.ndim == 1:
            g, a = np.expand_dims(g, -2), a[None, :]
        return g, a, b

    def pull_left(self, g: Array, a: Array, b: Array) -> Array:
        vector = a.ndim == 1
        g, a, b = self._full(g, a, b)
        result = g @ np.swapaxes(b, -1, -2)
        return result[..., 0, :] if vector else result

    def pull_right(self, g: Array, a: Array, b: Array) -> Array:
        vector = b.ndim == 1
        g, a, b = self._full(g, a, b)
        result = np.swapaxes(a, -1, -2) @ g
        return result[..., 0] if vector else result


class SumBackward(ReductionRule):
    def share(self, g: Array) -> Array:
        return g


class MeanBackward(ReductionRule):
    def share(self, g: Array) -> Array:
        return g / self.count


class PowBackward(UnaryRule):
    def __init__(self, t: Tensor, n: float = 2) -> None:
        super().__init__(t, n=float(n))

    def pull(self, g: Array, x: Array) -> Array:
        n = self.ctx["n"]
        return g * 0 if n == 0 else g * (n * x ** (n - 1))


class ReLUBackward(UnaryRule):
    def pull(self, g: Array, x: Array) -> Array:
        return np.where(x > 0, g, np.zeros_like(g))


class SigmoidBackward(UnaryRule):
    def __init__(self, x: Tensor, output: Optional[Tensor] = None) -> None:
        super().__init__(x)
        if output is None:
            output = _originals[Sigmoid, "forward"](Sigmoid(), x)
        self.ctx.options["output"] = output.data

    def pull(self, g: Array, x: Array) -> Array:
        s = self.ctx["output"]
        return g * s * (1 - s)


class LossRule(BinaryRule, ABC):
    """Mixin for losses: mean over elements, the incoming gradient is one number."""


class MSEBackward(LossRule):
    def pull_left(self, g: Array, a: Array, b: Array) -> Array:
        return g * (2 / a.size) * (a - b)

    def pull_right(self, g: Array, a: Array, b: Array) -> Array:
        return -self.pull_left(g, a, b)


class CEBackward(LossRule):
    def pull_left(self, g: Array, a: Array, b: Array) -> Array:
        e = np.exp(a - a.max(axis=1, keepdims=True))
        result = e / e.sum(axis=1, keepdims=True)
        result[np.arange(len(b)), b.astype(int)] -= 1
        return g * (result / len(b))

    def pull_right(self, g: Array, a: Array, b: Array) -> Array:
        return np.zeros_like(b)

    def apply(self, grad_output: Array) -> tuple[Gradient, ...]:
        return super().apply(grad_output)[0], None


class BCEBackward(LossRule):
    @staticmethod
    def clipped(p: Array) -> Array:
        return np.clip(p, 1e-7, 1 - 1e-7)

    def pull_left(self, g: Array, a: Array, b: Array) -> Array:
        p = self.clipped(a)
        return g / a.size * (p - b) / (p * (1 - p))

    def pull_right(self, g: Array, a: Array, b: Array) -> Array:
        p = self.clipped(a)
        return g / a.size * (np.log(1 - p) - np.log(p))


class NegBackward(UnaryRule):
    def pull(self, g: Array, x: Array) -> Array:
        return -g


class TransposeBackward(UnaryRule):
    def __init__(self, t: Tensor, dim0: Optional[int] = None, dim1: Optional[int] = None) -> None:
        super().__init__(t, dims=(-2, -1) if dim0 is None else (dim0, dim1))

    def pull(self, g: Array, x: Array) -> Array:
        return np.swapaxes(g, *self.ctx["dims"])


class ReshapeBackward(UnaryRule):
    def __init__(self, t: Tensor, *shape: Any) -> None:
        super().__init__(t)

    def pull(self, g: Array, x: Array) -> Array:
        return g.reshape(x.shape)


class SliceBackward(UnaryRule):
    def __init__(self, t: Tensor, key: Any = ...) -> None:
        super().__init__(t, key=key)

    def pull(self, g: Array, x: Array) -> Array:
        result = np.zeros(x.shape, dtype=g.dtype)
        np.add.at(result, self.ctx["key"], g)
        return result


class SoftmaxBackward(UnaryRule):
    def __init__(self, x: Tensor, dim: int = -1) -> None:
        super().__init__(x, dim=dim)

    def pull(self, g: Array, x: Array) -> Array:
        dim = self.ctx["dim"]
        e = np.exp(x - x.max(axis=dim, keepdims=True))
        s = e / e.sum(axis=dim, keepdims=True)
        return s * (g - (g * s).sum(axis=dim, keepdims=True))


class GeLUBackward(UnaryRule):
    def pull(self, g: Array, x: Array) -> Array:
        c = float(np.sqrt(2 / np.pi))
        th = np.tanh(c * (x + 0.044715 * x**3))
        return g * (0.5 * (1 + th) + 0.5 * x * (1 - th**2) * c * (1 + 3 * 0.044715 * x**2))


class CheckpointBackward(Function):
    def __init__(self, *inputs: Tensor, function: Callable[..., Tensor]) -> None:
        super().__init__(*inputs, function=function)

    def apply(self, grad_output: Array) -> tuple[Gradient, ...]:
        copies = [Tensor(t.data, requires_grad=t.requires_grad) for t in self.ctx.tensors]
        with Recorder.switched(True):
            output = self.ctx["function"](*copies)
        Engine(output).run(np.asarray(grad_output))
        return tuple(None if c.grad is None else c.grad.data for c in copies)


MatmulBackward = MatMulBackward
CrossEntropyBackward = CEBackward
GELUBackward = GeLUBackward


# ---------------------------------------------------------------- building the graph


class Recorder:
    """Context manager around one operation: attaches the node when the operation is done.

    Switched off, it marks results as wanting a gradient but keeps no node.
    """

    active: ClassVar[bool] = True

    def __init__(self, *operands: Tensor) -> None:
        self.operands = operands
        self.result: Optional[Tensor] = None
        self.factory: Optional[Callable[[], Function]] = None

    @classmethod
    @contextmanager
    def switched(cls, on: bool) -> Iterator[None]:
        before, cls.active = cls.active, on
        try:
            yield
        finally:
            cls.active = before

    def __enter__(self) -> Recorder:
        return self

    def emit(self, result: Tensor, factory: Callable[[], Function]) -> None:
        self.result, self.factory = result, factory

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if kind is not None or self.result is None or self.factory is None:
            return
        if any(t.requires_grad for t in self.operands):
            self.result.requires_grad = True
            if type(self).active:
                self.result._grad_fn = self.factory()


def checkpoint(function: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
    with Recorder.switched(False):
        inner = function(*inputs)
    output = Tensor(inner.data)
    with Recorder(inner) as recorder:
        recorder.emit(output, lambda: CheckpointBackward(*inputs, function=function))
    return output


# ---------------------------------------------------------------- the walk


class Scheduler(NodeVisitor[tuple[Tensor, ...]]):
    """Visitor that tells which tensors come next."""

    def visit_function(self, node: Function, owner: Tensor) -> tuple[Tensor, ...]:
        return tuple(t for t in node.saved_tensors if t.requires_grad)

    def visit_leaf(self, owner: Tensor) -> tuple[Tensor, ...]:
        return ()

    def order(self, root: Tensor) -> list[Tensor]:
        done: list[Tensor] = []
        seen = {id(root)}
        stack = [(root, iter(node_of(root).accept(self, root)))]
        while stack:
            tensor, children = stack[-1]
            for child in children:
                if id(child) not in seen:
                    seen.add(id(child))
                    stack.append((child, iter(node_of(child).accept(self, child))))
                    break
            else:
                done.append(tensor)
                stack.pop()
        done.reverse()
        return done


class Engine(NodeVisitor[None]):
    """Visitor that carries gradients from a result to its leaves."""

    def __init__(self, root: Tensor) -> None:
        self.root = root
        self.pending: dict[int, Array] = {}

    def deliver(self, tensor: Tensor, gradient: Array) -> None:
        key = id(tensor)
        if key in self.pending:
            self.pending[key] = self.pending[key] + gradient
        else:
            self.pending[key] = np.array(gradient)

    def visit_function(self, node: Function, owner: Tensor) -> None:
        gradient = self.pending.pop(id(owner), None)
        if gradient is None:
            return
        for tensor, part in zip(node.saved_tensors, node.apply(gradient), strict=True):
            if part is not None and tensor.requires_grad:
                self.deliver(tensor, part)

    def visit_leaf(self, owner: Tensor) -> None:
        gradient = self.pending.pop(id(owner), None)
        if gradient is not None:
            owner._gradient_store.add(np.asarray(gradient))

    def run(self, gradient: Optional[Array] = None) -> None:
        root = self.root
        if not root.requires_grad:
            return
        if gradient is None:
            if root.size != 1:
                raise ValueError(f"a tensor of shape {root.shape} needs an explicit gradient")
            gradient = np.ones(root.shape, dtype=root.dtype)
        gradient = np.asarray(gradient)
        if gradient.shape != root.shape:
            raise ValueError(f"gradient of shape {gradient.shape} for a tensor of {root.shape}")
        self.deliver(root, gradient)
        for tensor in Scheduler().order(root):
            node_of(tensor).accept(self, tensor)


class GradientStore:
    """Owns the gradient of one tensor."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Optional[Tensor] = None

    def add(self, gradient: Array) -> None:
        old = 0 if self.value is None else self.value.data
        self.value = Tensor(np.array(old + gradient))


class GradientProperties:
    """The methods and properties that Tensor receives."""

    @property
    def _gradient_store(self) -> GradientStore:
        return self.__dict__.setdefault("_store", GradientStore())

    @property
    def grad(self) -> Optional[Tensor]:
        return self._gradient_store.value

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None and not isinstance(value, Tensor):
            value = Tensor(np.array(value))
        self._gradient_store.value = value

    @property
    def is_leaf(self) -> bool:
        return self._grad_fn is None

    def backward(self, gradient: Optional[Array] = None) -> None:
        Engine(self).run(gradient)

    def zero_grad(self) -> None:
        self.grad = None


# ---------------------------------------------------------------- switching on


class Wrapper(Protocol):
    def __call__(self, original: Callable[..., Tensor]) -> Callable[..., Tensor]: ...


class Installer:
    """Replaces methods, always starting from the originals."""

    ATTRIBUTE: ClassVar[str] = "_oo_original"

    @classmethod
    def original(cls, owner: type, name: str) -> Callable[..., Any]:
        method = vars(owner)[name]
        return getattr(method, cls.ATTRIBUTE, method)

    @classmethod
    def replace(cls, owner: type, name: str, wrapper: Wrapper) -> None:
        original = cls.original(owner, name)
        method = wrapper(original)
        method.__name__, method.__doc__ = name, original.__doc__
        setattr(method, cls.ATTRIBUTE, original)
        setattr(owner, name, method)

    @staticmethod
    def binary(rule: type[Function], reflected: bool = False) -> Wrapper:
        def wrapper(original: Callable[..., Tensor]) -> Callable[..., Tensor]:
            def method(self: Tensor, other: Any) -> Tensor:
                if not isinstance(other, Tensor):
                    other = Tensor(operand_data(other, self.dtype))
                a, b = (other, self) if reflected else (self, other)
                with Recorder(a, b) as recorder:
                    recorder.emit(original(self, other), lambda: rule(a, b))
                return recorder.result

            return method

        return wrapper

    @staticmethod
    def unary(rule: type[Function]) -> Wrapper:
        def wrapper(original: Callable[..., Tensor]) -> Callable[..., Tensor]:
            def method(self: Tensor, *args: Any, **options: Any) -> Tensor:
                with Recorder(self) as recorder:
                    result = original(self, *args, **options)
                    recorder.emit(result, lambda: rule(self, *args, **options))
                return recorder.result

            return method

        return wrapper

    @staticmethod
    def activation(rule: type[Function], keep_output: bool = False) -> Wrapper:
        def wrapper(original: Callable[..., Tensor]) -> Callable[..., Tensor]:
            def forward(self: Any, x: Tensor, *args: Any, **options: Any) -> Tensor:
                with Recorder(x) as recorder:
                    result = original(self, x, *args, **options)
                    extra = (Tensor(result.data),) if keep_output else ()
                    recorder.emit(result, lambda: rule(x, *extra, *args, **options))
                return recorder.result

            return forward

        return wrapper

    @staticmethod
    def loss(rule: type[Function]) -> Wrapper:
        def wrapper(original: Callable[..., Tensor]) -> Callable[..., Tensor]:
            def compute(self: Any, first: Tensor, targets: Tensor) -> Tensor:
                with Recorder(first, targets) as recorder:
                    recorder.emit(original(self, first, targets), lambda: rule(first, targets))
                return recorder.result

            if rule is CEBackward:

                def forward(self: Any, logits: Tensor, targets: Tensor) -> Tensor:
                    return compute(self, logits, targets)
            else:

                def forward(self: Any, predictions: Tensor, targets: Tensor) -> Tensor:
                    return compute(self, predictions, targets)

            return forward

        return wrapper

    @staticmethod
    def constructor(original: Callable[..., None]) -> Callable[..., None]:
        def __init__(self: Tensor, data: Any, requires_grad: bool = False) -> None:
            original(self, data, requires_grad)
            self._grad_fn = None

        return __init__


_originals = {(Sigmoid, "forward"): Installer.original(Sigmoid, "forward")}


def enable_autograd(quiet: bool = True) -> None:
    Tensor._grad_fn = None  # for tensors that exist already
    for name, member in vars(GradientProperties).items():
        if not name.startswith("__"):
            setattr(Tensor, name, member)
    Installer.replace(Tensor, "__init__", Installer.constructor)

    arithmetic = {
        "add": AddBackward,
        "sub": SubBackward,
        "mul": MulBackward,
        "truediv": DivBackward,
    }
    for name, rule in arithmetic.items():
        Installer.replace(Tensor, f"__{name}__", Installer.binary(rule))
        Installer.replace(Tensor, f"__r{name}__", Installer.binary(rule, reflected=True))
    for name in ("matmul", "__matmul__"):
        Installer.replace(Tensor, name, Installer.binary(MatMulBackward))
    methods = {
        "sum": SumBackward,
        "mean": MeanBackward,
        "__pow__": PowBackward,
        "__neg__": NegBackward,
        "transpose": TransposeBackward,
        "reshape": ReshapeBackward,
        "__getitem__": SliceBackward,
    }
    for name, rule in methods.items():
        Installer.replace(Tensor, name, Installer.unary(rule))
    Installer.replace(ReLU, "forward", Installer.activation(ReLUBackward))
    Installer.replace(Sigmoid, "forward", Installer.activation(SigmoidBackward, keep_output=True))
    Installer.replace(GELU, "forward", Installer.activation(GeLUBackward))
    Installer.replace(Softmax, "forward", Installer.activation(SoftmaxBackward))
    Installer.replace(MSELoss, "forward", Installer.loss(MSEBackward))
    Installer.replace(CrossEntropyLoss, "forward", Installer.loss(CEBackward))
    Installer.replace(BinaryCrossEntropyLoss, "forward", Installer.loss(BCEBackward))
    if not quiet:
        print("autograd enabled")
