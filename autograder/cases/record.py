"""Record a case: plain Python over symbolic tensors becomes a :class:`Program`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TypeAlias

from autograder.cases.program import Argument, Body, Draw, DType, Input, Program, Role, Step
from autograder.errors import CaseError
from autograder.operations import operations

Number: TypeAlias = "int | float"


class Observable:
    """Something of a value that can be observed: its gradient, its data, one saved operand."""

    def __init__(self, value: Value, what: str, index: int = 0) -> None:
        self.value = value
        self.what = what
        self.index = index


class Value:
    """A symbolic tensor, array, rule or module. Arithmetic on it is recorded."""

    __array_ufunc__ = None

    def __init__(self, recorder: Recorder, id_: int) -> None:
        self._recorder = recorder
        self.id = id_

    @property
    def grad(self) -> Observable:
        """The gradient that the tensor holds at this point of the program."""
        return Observable(self, "grad")

    @property
    def data(self) -> Observable:
        """The tensor's value at this point of the program."""
        return Observable(self, "data")

    def __getattr__(self, name: str) -> Callable[..., Value]:
        """Record a method of a tensor that an operation declares: ``x.sum(axis=0)``."""
        if name.startswith("_"):
            raise AttributeError(name)
        op = next((op for op, one in operations().items() if one.run.method == name), "")
        if not op:
            raise CaseError(f"no operation of the course is a method {name}() of a tensor")
        return lambda *args, **options: self._recorder.operation(
            op, self, *args, form="method", **options
        )

    def _write(self, operator: str, *args: object, form: str = "operator") -> Value:
        op = operations().written_with(operator)
        if not op:
            raise CaseError(f"no operation of the course is written by Python's {operator}()")
        return self._recorder.operation(op, *args, form=form)

    def __add__(self, other: Value | Number) -> Value:
        return self._write("add", self, other)

    def __radd__(self, other: Number) -> Value:
        return self._write("add", other, self)

    def __iadd__(self, other: Value | Number) -> Value:  # x += y rebinds x here
        return self._write("add", self, other, form="inplace")

    def __sub__(self, other: Value | Number) -> Value:
        return self._write("sub", self, other)

    def __rsub__(self, other: Number) -> Value:
        return self._write("sub", other, self)

    def __mul__(self, other: Value | Number) -> Value:
        return self._write("mul", self, other)

    def __rmul__(self, other: Number) -> Value:
        return self._write("mul", other, self)

    def __truediv__(self, other: Value | Number) -> Value:
        return self._write("truediv", self, other)

    def __rtruediv__(self, other: Number) -> Value:
        return self._write("truediv", other, self)

    def __pow__(self, exponent: Number) -> Value:
        return self._write("pow", self, exponent)

    def __neg__(self) -> Value:
        return self._write("neg", self)

    def __matmul__(self, other: Value) -> Value:
        return self._write("matmul", self, other)

    def __getitem__(self, index: object) -> Value:
        return self._write("getitem", self, _plain_index(index))


class Rule(Value):
    """An instance of one of the submission's Function classes."""

    def apply(self, gradient: Value) -> Value:
        """Record ``rule.apply(gradient)``."""
        return self._recorder.step("apply", self, gradient)

    def saved(self, index: int) -> Observable:
        """Return the operand that the rule keeps at ``index`` of ``saved_tensors``."""
        return Observable(self, "saved", index)


def entry(applied: Value, index: int) -> Observable:
    """Return one entry of the tuple that ``apply`` returned."""
    return Observable(applied, "entry", index)


def form(applied: Value, index: int) -> Observable:
    """Return the form of one entry: none or an array, and its shape. Any numbers will do."""
    return Observable(applied, "form", index)


class Recorder:
    """What a case function receives as ``t``."""

    def __init__(self) -> None:
        self._inputs: list[Input] = []
        self._steps: list[Step] = []
        self._engine = False
        self._cpu_seconds = 0.0
        self._frames = 0
        self._bodies: list[Body] = []
        self._next = 0
        self._names = 0

    def limit_processor_time(self, seconds: float) -> None:
        """Give the case a budget: it is about cost, and noise of the machine must not matter."""
        self._cpu_seconds = seconds

    def limit_nesting(self, frames: int) -> None:
        """Let Python calls nest no deeper than this, beside what the grader itself takes."""
        self._frames = frames

    # Inputs.

    def leaf(
        self,
        *shape: int,
        draw: Draw = "normal",
        scale: float = 1.0,
        dtype: DType = "float64",
        name: str = "",
    ) -> Value:
        """Draw a tensor that asks for a gradient."""
        return self._input("leaf", shape, draw=draw, scale=scale, dtype=dtype, name=name)

    def constant(
        self,
        *shape: int,
        draw: Draw = "normal",
        scale: float = 1.0,
        dtype: DType = "float64",
        name: str = "",
    ) -> Value:
        """Draw a tensor that asks for none."""
        return self._input("constant", shape, draw=draw, scale=scale, dtype=dtype, name=name)

    def array(
        self, *shape: int, scale: float = 1.0, dtype: DType = "float64", name: str = ""
    ) -> Value:
        """Draw a bare ndarray: an incoming gradient."""
        return self._input("array", shape, scale=scale, dtype=dtype, name=name)

    def labels(self, count: int, classes: int, name: str = "") -> Value:
        """Draw class indices as a tensor; every case sees at least two classes."""
        return self._input(
            "labels", (count,), draw="labels", dtype="int64", classes=classes, name=name
        )

    # Operations that are not methods of a tensor.

    def __getattr__(self, name: str) -> Callable[..., Value]:
        """Record a call of an operation that a course declares: ``t.NAME(x, dim=0)``.

        With ``instance=1``, calls of one number are of one object. An operation that is written in
        two ways takes ``form``, "operator" or "method", and must then be written so; ``x @ y`` and
        ``x.matmul(y)`` in a case may be either where only one of them is tracked.
        """
        if name.startswith("_"):
            raise AttributeError(name)
        return functools.partial(self._call, name)

    def _call(self, name: str, *args: object, form: str = "", **options: object) -> Value:
        strict = {"strict": True} if form else {}
        return self.operation(name, *args, form=form, **options, **strict)

    def operation(self, op: str, *args: object, form: str = "", **options: object) -> Value:
        """Record an operation; options may be given by position, and defaults are left out.

        Parameters
        ----------
        form
            How it is written, where that is not how it always is.
        """
        if op not in operations():
            raise CaseError(f"no operation {op!r}: the course has {', '.join(operations())}")
        declared, defaults = operations()[op], operations().options(op)
        count = len(declared.gradient)
        operands, rest = args[:count], args[count:]
        if declared.run.spread:
            options[declared.run.spread] = rest
        else:
            options |= dict(zip(defaults, rest, strict=False))
        two_ways = declared.run.operator and declared.run.method
        written = {"form": form} if form in {"inplace", "forward"} or (form and two_ways) else {}
        kept = {name: value for name, value in options.items()
                if value != defaults.get(name, 0)}  # fmt: skip
        return self.step(op, *operands, **written, **kept)

    def linear(self, x: Value, weight: Value, bias: Value | None = None) -> Value:
        """Record a ``Linear`` layer around the given parameters, applied to ``x``."""
        return self.step("linear", x, weight, *([] if bias is None else [bias]))

    def rule(self, name: str, *operands: Value) -> Rule:
        """Record the construction of a rule from its operands."""
        created = self.step("rule", *operands, name=name)
        return Rule(self, created.id)

    def forward(self, name: str, *operands: Value, **options: object) -> Value:
        """Record ``CLASS().forward(*operands, **options)`` instead of a call of the instance."""
        return self.operation(name, *operands, form="forward", **options)

    def checkpoint(self, function: Callable[..., Value], *inputs: Value) -> Value:
        """Record ``checkpoint(function, *inputs)``; the function is recorded by itself.

        It may use values from outside, as a layer uses its parameters.
        """
        outside, self._steps = self._steps, []
        parameters = [Value(self, self._take_id()) for _ in inputs]
        result = function(*parameters)
        body, self._steps = self._steps, outside
        self._bodies.append(
            Body(
                parameters=tuple(parameter.id for parameter in parameters),
                steps=tuple(body),
                result=result.id,
            )
        )
        return self.step("checkpoint", *inputs, body=len(self._bodies) - 1)

    def measure_memory(self, action: Callable[[], None]) -> Value:
        """Record an action and the peak of the memory that it takes, in bytes, as an array."""
        self.step("measure")
        action()
        return self.step("measured")

    def observe_less(self, value: Value, other: Value, factor: float) -> None:
        """Observe two measurements; the first must be below factor times the other."""
        self._names += 1
        self.step("observe", value, other, name=f"{self._names}:less", what="less", factor=factor)

    def named(self, key: str, *given: Value, of: str = "") -> Value:
        """Record the question whether a part of the contract has the name that is pinned.

        Parameters
        ----------
        given
            A rule or a tensor that has the part; for ``constructor`` what to build a rule of.
        of
            The rule's class, for ``apply`` and ``constructor``.
        """
        return self.step("named", *given, key=key, of=of)

    # The engine.

    def enable(self, times: int = 1) -> None:
        """Record more calls of ``enable_autograd()``."""
        self.step("enable", times=times)

    def backward(self, output: Value, gradient: Value | None = None) -> None:
        """Record ``output.backward()`` or ``output.backward(gradient)``."""
        self.step("backward", output, *([] if gradient is None else [gradient]))

    def backward_error(self, output: Value) -> Value:
        """Record ``output.backward()`` that may raise; the value names what it raised."""
        return self.step("backward_error", output)

    def apply_error(self, rule: Rule, gradient: Value) -> Value:
        """Record ``rule.apply(gradient)`` that is expected to raise."""
        return self.step("apply_error", rule, gradient)

    def zero_grad(self, *tensors: Value) -> None:
        """Record ``x.zero_grad()`` for each tensor."""
        for tensor in tensors:
            self.step("zero_grad", tensor)

    def overwrite(self, observable: Observable, number: float) -> None:
        """Record that the caller writes ``number`` all over a gradient that it was given."""
        if observable.what not in {"grad", "entry"}:
            raise CaseError("only a gradient can be overwritten")
        self.step(
            "overwrite", observable.value, number, what=observable.what, index=observable.index
        )

    def descend(self, parameters: Sequence[Value], rate: float) -> None:
        """Record one step of gradient descent, then ``zero_grad`` of each parameter."""
        for parameter in parameters:
            self.step("descend", parameter, rate)
            self.step("zero_grad", parameter)

    def observe(self, *observed: Observable | Value) -> None:
        """Let values leave the sandbox: gradients, data, a bare array, or an error's name."""
        for item in observed:
            target = item if isinstance(item, Observable) else Observable(item, "value")
            self._names += 1
            self.step(
                "observe",
                target.value,
                name=f"{self._names}:{target.what}",
                what=target.what,
                index=target.index,
            )

    # The recording itself.

    def step(self, op: str, *args: object, **options: object) -> Value:
        """Append an instruction and return the value that it defines."""
        if op not in RULE_OPS:
            self._engine = True
        arguments: list[Argument] = []
        for arg in args:
            if isinstance(arg, Value):
                if arg._recorder is not self:
                    raise CaseError("a case used a value of another case")
                arguments.append(arg.id)
            elif isinstance(arg, int | float):
                arguments.append((arg,))
            else:
                raise CaseError(f"{op} of {arg!r}: an operand is a value of the case or a number")
        value = Value(self, self._take_id())
        self._steps.append(Step(op=op, out=value.id, args=tuple(arguments), options=options))
        return value

    def program(self) -> Program:
        """Return what was recorded.

        Raises
        ------
        CaseError
            When nothing is observed: such a case could not fail.
        """
        program = Program(
            inputs=tuple(self._inputs),
            steps=tuple(self._steps),
            engine=self._engine,
            cpu_seconds=self._cpu_seconds,
            frames=self._frames,
            bodies=tuple(self._bodies),
        )
        if not program.observations:
            raise CaseError("the case observes nothing, so it could not fail")
        return program

    def _input(
        self,
        role: Role,
        shape: tuple[int, ...],
        draw: Draw = "normal",
        scale: float = 1.0,
        dtype: DType = "float64",
        classes: int = 0,
        name: str = "",
    ) -> Value:
        value = Value(self, self._take_id())
        self._inputs.append(
            Input(
                id=value.id,
                role=role,
                shape=shape,
                draw=draw,
                scale=scale,
                dtype=dtype,
                classes=classes,
                name=name,
            )
        )
        return value

    def _take_id(self) -> int:
        self._next += 1
        return self._next - 1


RULE_OPS = frozenset({"rule", "named", "apply", "apply_error", "observe", "overwrite"})
"""What a case may do without ``enable_autograd()``: Checkpoint 1's cases do nothing else."""


def _plain_index(index: object) -> object:
    """Write an index as JSON: ints stay, slices and arrays become tagged lists."""
    if isinstance(index, tuple):
        return ["tuple", *map(_plain_index, index)]
    if isinstance(index, slice):
        return ["slice", index.start, index.stop, index.step]
    if isinstance(index, list):
        return ["array", *index]
    if isinstance(index, int):
        return index
    raise CaseError(f"an index of type {type(index).__name__} cannot be recorded")
