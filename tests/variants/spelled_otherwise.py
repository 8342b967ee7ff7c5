"""Other spellings, extra constructor arguments, empty arrays for no gradient, gradients as lists."""

import numpy
from tinytorch.core import activations as act
from tinytorch.core import losses
from tinytorch.core.tensor import Tensor

NOTHING = numpy.array([])
_switched_on = []


class Function(object):
    def __init__(self, *operands):
        self.saved_tensors = list(operands)
        self.next_functions = [getattr(o, "_grad_fn", None) for o in operands]

    def apply(self, grad_output):
        raise NotImplementedError("Function.apply")


def asks(operand):
    return getattr(operand, "requires_grad", False)


class AddBackward(Function):
    def apply(self, grad_output):
        x, y = self.saved_tensors
        return [grad_output if asks(x) else NOTHING, grad_output if asks(y) else NOTHING]


class SubBackward(Function):
    def apply(self, grad_output):
        x, y = self.saved_tensors
        return [
            grad_output if asks(x) else NOTHING,
            numpy.negative(grad_output) if asks(y) else NOTHING,
        ]


class MulBackward(Function):
    def apply(self, grad_output):
        x, y = self.saved_tensors
        return [
            numpy.multiply(grad_output, y.data) if asks(x) else NOTHING,
            numpy.multiply(grad_output, x.data) if asks(y) else NOTHING,
        ]


class DivBackward(Function):
    def apply(self, grad_output):
        x, y = self.saved_tensors
        over = numpy.divide(grad_output, y.data)
        return [over if asks(x) else NOTHING, -over * (x.data / y.data) if asks(y) else NOTHING]


class MatMulBackward(Function):
    def apply(self, grad_output):
        x, y = self.saved_tensors

        def turn(m):
            return numpy.moveaxis(m, -1, -2)

        return [
            grad_output @ turn(y.data) if asks(x) else NOTHING,
            turn(x.data) @ grad_output if asks(y) else NOTHING,
        ]


class SumBackward(Function):
    def __init__(self, t, axis=None, keepdims=False, scale=1.0):
        Function.__init__(self, t)
        self.axis, self.keepdims, self.scale = axis, keepdims, scale

    def apply(self, grad_output):
        t = self.saved_tensors[0]
        if not asks(t):
            return [NOTHING]
        kept = numpy.sum(t.data, axis=self.axis, keepdims=True).shape
        return [numpy.ones_like(t.data) * numpy.reshape(grad_output, kept) * self.scale]


class MeanBackward(SumBackward):
    def __init__(self, t, axis=None, keepdims=False):
        kept = numpy.sum(t.data, axis=axis, keepdims=True).size
        SumBackward.__init__(self, t, axis, keepdims, kept / t.data.size)


class PowBackward(Function):
    def __init__(self, t, exponent):
        Function.__init__(self, t)
        self.slope = exponent * t.data ** float(exponent - 1)

    def apply(self, grad_output):
        return [grad_output * self.slope]


class ReLUBackward(Function):
    def __init__(self, t, output):
        Function.__init__(self, t)
        self.mask = numpy.sign(output.data)

    def apply(self, grad_output):
        return [grad_output * self.mask]


class SigmoidBackward(Function):
    def __init__(self, t, output):
        Function.__init__(self, t)
        self.s = output.data

    def apply(self, grad_output):
        return [grad_output * (self.s - self.s * self.s)]


class MSEBackward(Function):
    def __init__(self, prediction, target):
        Function.__init__(self, prediction)
        self.difference = prediction.data - target.data

    def apply(self, grad_output):
        return [2.0 * grad_output * self.difference / self.difference.size]


class CEBackward(Function):
    def __init__(self, logits, labels):
        Function.__init__(self, logits)
        self.labels = labels.data.astype("int64")

    def apply(self, grad_output):
        x = self.saved_tensors[0].data
        log_total = numpy.log(numpy.exp(x - x.max(1, keepdims=True)).sum(1, keepdims=True))
        p = numpy.exp(x - x.max(1, keepdims=True) - log_total)
        p[numpy.arange(x.shape[0]), self.labels] -= 1.0
        return [p * (grad_output / x.shape[0])]


def shrink(g, like):
    """Sum what broadcasting repeated."""
    while g.ndim > like.ndim:
        g = numpy.add.reduce(g, 0)
    for i in range(g.ndim):
        if g.shape[i] > like.shape[i]:
            g = numpy.add.reduce(g, i, keepdims=True)
    return g


def _backward(self, gradient=None):
    if not self.requires_grad:
        return None
    if gradient is None:
        if self.data.size > 1:
            raise ValueError("not a scalar: give me a gradient")
        gradient = numpy.full(self.data.shape, 1.0)
    remaining = {}

    def count(t):
        todo = [t]
        while todo:
            node = getattr(todo.pop(), "_grad_fn", None)
            for o in node.saved_tensors if node else ():
                if asks(o):
                    remaining[id(o)] = remaining.get(id(o), 0) + 1
                    if remaining[id(o)] == 1:
                        todo.append(o)

    def visit(t):
        node = getattr(t, "_grad_fn", None)
        g = waiting[id(t)]
        if not node:
            t.grad = g.copy() if t.grad is None else numpy.add(t.grad, g)
            return
        for o, part in zip(node.saved_tensors, node.apply(g)):
            if not asks(o):
                continue
            part = shrink(part, o.data)
            waiting[id(o)] = waiting[id(o)] + part if id(o) in waiting else part
            remaining[id(o)] -= 1
            if remaining[id(o)] == 0:
                visit(o)

    waiting = {id(self): numpy.asarray(gradient)}
    count(self)
    visit(self)


def _zero(self):
    self.grad = None


def enable_autograd():
    """Takes no options at all."""
    if _switched_on:
        print("autograd was on already")
        return
    _switched_on.append(True)

    def remember(result, rule, *operands, **more):
        if any(asks(o) for o in operands):
            result.requires_grad = True
            result._grad_fn = rule(*operands, **more)
        return result

    def lift(number, like):
        return number if isinstance(number, Tensor) else Tensor(like.data.dtype.type(number))

    def make(forward, rule):
        def operation(self, other):
            other = lift(other, self)
            return remember(forward(self, other), rule, self, other)

        return operation

    def turned(operation):
        return lambda self, other: operation(lift(other, self), self)

    plain_init = Tensor.__init__

    def init(self, *args, **named):
        plain_init(self, *args, **named)
        self._grad_fn = None

    Tensor.__init__ = init
    for name, rule in (
        ("add", AddBackward),
        ("sub", SubBackward),
        ("mul", MulBackward),
        ("truediv", DivBackward),
    ):
        operation = make(getattr(Tensor, "__%s__" % name), rule)
        setattr(Tensor, "__%s__" % name, operation)
        setattr(Tensor, "__r%s__" % name, turned(operation))
    Tensor.matmul = Tensor.__matmul__ = make(Tensor.matmul, MatMulBackward)
    plain_sum, plain_mean, plain_pow = Tensor.sum, Tensor.mean, Tensor.__pow__
    Tensor.sum = lambda self, axis=None, keepdims=False: remember(
        plain_sum(self, axis, keepdims), SumBackward, self, axis=axis, keepdims=keepdims
    )
    Tensor.mean = lambda self, axis=None, keepdims=False: remember(
        plain_mean(self, axis, keepdims), MeanBackward, self, axis=axis, keepdims=keepdims
    )
    Tensor.__pow__ = lambda self, n: remember(plain_pow(self, n), PowBackward, self, exponent=n)

    def activation(cls, rule):
        plain = cls.forward

        def forward(self, x):
            out = plain(self, x)
            return remember(out, rule, x, output=out)

        cls.forward = forward

    def loss(cls, rule):
        plain = cls.forward

        def forward(self, prediction, target):
            value = plain(self, prediction, target)
            if asks(prediction):
                value.requires_grad = True
                value._grad_fn = rule(prediction, target)
            return value

        cls.forward = forward

    activation(act.ReLU, ReLUBackward)
    activation(act.Sigmoid, SigmoidBackward)
    loss(losses.MSELoss, MSEBackward)
    loss(losses.CrossEntropyLoss, CEBackward)
    Tensor.backward = _backward
    Tensor.zero_grad = _zero
    print("autograd is on")
