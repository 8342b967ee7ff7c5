"""Run one recorded case against the submission: the only code of ours that meets its tensors."""

from __future__ import annotations

import operator
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .student import MissingName, Student, apply_rule, as_array, describe_error, pinned_name, plain

if TYPE_CHECKING:
    from .wire import Packer

Values = dict[int, Any]
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
}
CALLABLE_CLASSES = {
    "relu": "ReLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "gelu": "GELU",
    "softmax": "Softmax",
    "mse": "MSELoss",
    "cross_entropy": "CrossEntropyLoss",
    "bce": "BinaryCrossEntropyLoss",
}


@dataclass
class Context:
    """What the steps of one case share."""

    student: Student
    packer: Packer
    bodies: list[dict[str, Any]]
    observed: dict[str, Any] = field(default_factory=dict)


def run(
    program: dict[str, Any],
    inputs: dict[int, np.ndarray[Any, Any]],
    student: Student,
    packer: Packer,
    describe: Callable[[BaseException], dict[str, Any]] = describe_error,
    note_value: Callable[[int, Any], None] | None = None,
) -> dict[str, Any]:
    """Run a program; return its observations, and the failure that ended it, if any.

    Parameters
    ----------
    inputs
        Drawn arrays keyed by input id.
    packer
        Receives the observed arrays.
    describe
        Turns whatever student code raised into plain data.
    note_value
        Is told what each step gave.
    """
    context = Context(student, packer, program["bodies"])
    op = "start"
    usual_limit = sys.getrecursionlimit()
    try:
        if program["frames"]:
            sys.setrecursionlimit(_depth() + program["frames"])
        if program["engine"]:
            student.enable()
        values = {
            declared["id"]: _make_input(declared, inputs[declared["id"]], student)
            for declared in program["inputs"]
        }
        for step in program["steps"]:
            op = step[0]  # named in the failure below
            values[step[1]] = _run_step(step, values, context)
            if note_value is not None:
                note_value(step[1], values[step[1]])
    except BaseException as error:  # whatever student code raises ends this case only
        return {
            "observed": context.observed,
            "failure": {"op": op, **describe(error)},
        }
    finally:
        sys.setrecursionlimit(usual_limit)
        tracemalloc.stop()
    return {"observed": context.observed, "failure": None}


def _depth() -> int:
    """Count the frames below this call."""
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    return depth


def _make_input(declared: dict[str, Any], array: np.ndarray[Any, Any], student: Student) -> Any:
    if declared["role"] == "array":
        return array
    return student.tensor(array, requires_grad=declared["role"] == "leaf")


def _run_step(step: list[Any], values: Values, context: Context) -> Any:
    op, _, arguments, options = step
    args = [values[arg] if type(arg) is int else arg[0] for arg in arguments]
    operation = BINARY.get(op)
    if operation is not None and not options:  # first: long chains are made of these
        return operation(*args)
    if op == "observe":
        found = np.concatenate(args) if options["what"] == "less" else _read(args[0], options)
        context.observed[options["name"]] = _describe(found, context.packer)
        return None
    if op in BINARY:
        return _binary(op, args, options)
    if op in CALLABLE_CLASSES:
        return _call(context.student.find(CALLABLE_CLASSES[op])(), args, dict(options))
    if op == "checkpoint":
        return _checkpoint(context.bodies[options["body"]], args, values, context)
    return OPERATIONS[op](context.student, args, options)


def _call(instance: Any, args: list[Any], options: dict[str, Any]) -> Any:
    """Call an activation or a loss, or its ``forward``, as the program says."""
    form = options.pop("form", "call")
    return instance.forward(*args, **options) if form == "forward" else instance(*args, **options)


def _checkpoint(body: dict[str, Any], args: list[Any], values: Values, context: Context) -> Any:
    """Call the submission's checkpoint with a function made of a body's steps."""

    def function(*inputs: Any) -> Any:
        inner = {**values, **dict(zip(body["parameters"], inputs, strict=True))}
        for step in body["steps"]:
            inner[step[1]] = _run_step(step, inner, context)
        return inner[body["result"]]

    checkpoint = context.student.namespace.get("checkpoint")
    if checkpoint is None:
        raise MissingName("checkpoint is not defined")
    return checkpoint(function, *args)


def _binary(op: str, args: list[Any], options: dict[str, Any]) -> Any:
    left, right = args
    if options.get("form") == "inplace":
        left += right
        return left
    return BINARY[op](left, right)


def _read(value: Any, options: dict[str, Any]) -> Any:
    what = options["what"]
    if what == "grad":
        return as_array(value.grad)
    if what == "entry":
        return as_array(value[options["index"]])
    if what == "saved":
        return as_array(value.saved_tensors[options["index"]])
    if isinstance(value, str):
        return value
    return as_array(value)


def _describe(value: Any, packer: Packer) -> dict[str, Any]:
    if value is None:
        return {"kind": "none"}
    if isinstance(value, str):
        return {"kind": "text", "text": plain(value)}
    return {"kind": "array", "array": packer.add(value)}


def _matmul(_student: Student, args: list[Any], options: dict[str, Any]) -> Any:
    left, right = args
    return left @ right if options["form"] == "operator" else left.matmul(right)


def _linear(student: Student, args: list[Any], _options: dict[str, Any]) -> Any:
    """Put the given parameters into a Linear layer and call it."""
    x, weight, *bias = args
    layer = student.find("Linear")(*weight.shape, bias=bool(bias))
    layer.weight = weight
    if bias:
        layer.bias = bias[0]
    return layer(x)


def _rule(student: Student, args: list[Any], options: dict[str, Any]) -> Any:
    return student.rule_class(options["name"])(*args)


def _backward(_student: Student, args: list[Any], _options: dict[str, Any]) -> None:
    output, *gradient = args
    output.backward(*gradient)


def _backward_error(_student: Student, args: list[Any], _options: dict[str, Any]) -> str:
    backward = args[0].backward
    try:
        backward()
    except Exception as error:
        return pinned_name(error)
    return "nothing"


def _apply_error(_student: Student, args: list[Any], _options: dict[str, Any]) -> str:
    rule, gradient = args
    try:
        rule.apply(gradient)
    except Exception as error:
        return pinned_name(error)
    return "nothing"


def _overwrite(_student: Student, args: list[Any], options: dict[str, Any]) -> None:
    """Write over a gradient that the caller was given, where it can be written to."""
    value, number = args
    given = value.grad if options["what"] == "grad" else value[options["index"]]
    buffer = given if isinstance(given, np.ndarray) else getattr(given, "data", None)
    if isinstance(buffer, np.ndarray) and buffer.flags.writeable:
        buffer[...] = number


def _descend(_student: Student, args: list[Any], _options: dict[str, Any]) -> None:
    parameter, rate = args
    parameter.data = parameter.data - rate * as_array(parameter.grad)


def _enable(student: Student, _args: list[Any], options: dict[str, Any]) -> None:
    for _ in range(options["times"]):
        student.enable()


def _measured(_student: Student, _args: list[Any], _options: dict[str, Any]) -> Any:
    """Return the peak since ``measure`` in bytes."""
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return np.array([float(peak)])


def _getitem(_student: Student, args: list[Any], options: dict[str, Any]) -> Any:
    return args[0][_index(options["index"])]


def _index(plain: Any) -> Any:
    if not isinstance(plain, list):
        return plain
    tag, *rest = plain
    if tag == "tuple":
        return tuple(_index(part) for part in rest)
    return slice(*rest) if tag == "slice" else rest


def _reduce(name: str) -> Callable[[Student, list[Any], dict[str, Any]], Any]:
    def reduce(_student: Student, args: list[Any], options: dict[str, Any]) -> Any:
        axis = options.get("axis")
        if isinstance(axis, list):
            options = {**options, "axis": tuple(axis)}
        return getattr(args[0], name)(**options)

    return reduce


def _transpose(_student: Student, args: list[Any], options: dict[str, Any]) -> Any:
    return args[0].transpose(*options.values())


OPERATIONS: dict[str, Callable[[Student, list[Any], dict[str, Any]], Any]] = {
    "neg": lambda _student, args, _options: -args[0],
    "pow": lambda _student, args, options: args[0] ** options["exponent"],
    "matmul": _matmul,
    "sum": _reduce("sum"),
    "mean": _reduce("mean"),
    "reshape": lambda _student, args, options: args[0].reshape(*options["shape"]),
    "transpose": _transpose,
    "getitem": _getitem,
    "linear": _linear,
    "rule": _rule,
    "apply": lambda _student, args, _options: apply_rule(*args),
    "apply_error": _apply_error,
    "enable": _enable,
    "measure": lambda _student, _args, _options: tracemalloc.start(),
    "measured": _measured,
    "backward": _backward,
    "backward_error": _backward_error,
    "zero_grad": lambda _student, args, _options: args[0].zero_grad(),
    "overwrite": _overwrite,
    "descend": _descend,
}
