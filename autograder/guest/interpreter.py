"""Run one recorded case against the submission: the only code of ours that meets its tensors."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

# Taken now: student code may put something else in their place.
from numpy import array as make_array
from numpy import concatenate, ndarray

from .running import Instances, plain_operators, run_operation
from .student import (
    ContractError,
    Student,
    apply_rule,
    as_array,
    describe_error,
    pinned_name,
    plain,
)

if TYPE_CHECKING:
    from .wire import Packer

Values = dict[int, Any]
COLLECT_AT = gc.get_threshold()


@dataclass
class Context:
    """What the steps of one case share."""

    student: Student
    packer: Packer
    bodies: list[dict[str, Any]]
    plain: dict[str, Callable[..., Any]]
    observed: dict[str, Any] = field(default_factory=dict)
    instances: Instances = field(default_factory=dict)


def run(
    program: dict[str, Any],
    inputs: dict[int, np.ndarray[Any, Any]],
    student: Student,
    packer: Packer,
    describe: Callable[[BaseException], dict[str, Any]] = describe_error,
    note_value: Callable[[int, Any, list[Any]], None] | None = None,
    note_input: Callable[[int, Any], None] | None = None,
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
        Is told what each step gave, and from what.
    note_input
        Is told what each input is.
    """
    operators = plain_operators(student.names.contract.runs)
    context = Context(student, packer, program["bodies"], operators)
    op = "start"
    usual_limit = sys.getrecursionlimit()
    try:
        if program["frames"]:
            sys.setrecursionlimit(_depth() + program["frames"])
        if program["engine"]:
            student.start_engine()
        values = {
            declared["id"]: _make_input(declared, inputs[declared["id"]], student)
            for declared in program["inputs"]
        }
        if note_input is not None:
            for declared_id, value in values.items():
                note_input(declared_id, value)
        for step in program["steps"]:
            op = step[0]  # named in the failure below
            values[step[1]] = _run_step(step, values, context)
            if note_value is not None:
                args = [values[arg] if type(arg) is int else arg[0] for arg in step[2]]
                note_value(step[1], values[step[1]], args)
    except BaseException as error:  # whatever student code raises ends this case only
        told = error
        raised_again = op == "enable" and student.engine_error is not None
        if program["engine"] and (student.lacks_engine or raised_again):
            op, told = "start", student.engine_error or error
        return {
            "observed": context.observed,
            "failure": {"op": op, **describe(told)},
        }
    finally:
        sys.setrecursionlimit(usual_limit)
        _stop_measuring()
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
    operation = context.plain.get(op)
    if operation is not None and not options:  # first: long chains are made of these
        return operation(*args)
    if op == "observe":
        less = options["what"] == "less"
        found = concatenate(args) if less else _read(args[0], options, context.student)
        context.observed[options["name"]] = _describe(found, context.packer)
        return None
    if op == "checkpoint":
        return _checkpoint(context.bodies[options["body"]], args, values, context)
    return _operate(op, args, options, context.student, context.instances)


def _operate(
    op: str, args: list[Any], options: dict[str, Any], student: Student, instances: Instances
) -> Any:
    engine = OPERATIONS.get(op)
    if engine is not None:
        return engine(student, args, options)
    return run_operation(op, args, options, student, instances)


def _checkpoint(body: dict[str, Any], args: list[Any], values: Values, context: Context) -> Any:
    """Call the submission's checkpoint with a function made of a body's steps."""

    def function(*inputs: Any) -> Any:
        inner = {**values, **dict(zip(body["parameters"], inputs, strict=True))}
        for step in body["steps"]:
            inner[step[1]] = _run_step(step, inner, context)
        return inner[body["result"]]

    return context.student.names.function("checkpoint")(function, *args)


def _read(value: Any, options: dict[str, Any], student: Student) -> Any:
    what = options["what"]
    if what == "grad":
        return as_array(student.part(value, "grad"))
    if what in {"entry", "form"}:
        return as_array(_one_of(value, options["index"], "few"))
    if what == "saved":
        return as_array(_one_of(student.names.saved(value), options["index"], "saved-few"))
    if isinstance(value, str):
        return value
    return as_array(value)


def _one_of(values: Any, index: int, form: str) -> Any:
    """Return one of what a rule returned or keeps; fewer than the operands break the contract."""
    if isinstance(values, tuple | list) and index >= len(values):
        raise ContractError(f"there are {len(values)} where {index + 1} or more are due", form)
    return values[index]


def _describe(value: Any, packer: Packer) -> dict[str, Any]:
    if value is None:
        return {"kind": "none"}
    if isinstance(value, str):
        return {"kind": "text", "text": plain(value)}
    return {"kind": "array", "array": packer.add(value)}


def _linear(student: Student, args: list[Any], _options: dict[str, Any]) -> Any:
    """Put the given parameters into a Linear layer and call it."""
    x, weight, *bias = args
    layer = student.find("Linear")(*weight.shape, bias=bool(bias))
    layer.weight = weight
    if bias:
        layer.bias = bias[0]
    return layer(x)


def _rule(student: Student, args: list[Any], options: dict[str, Any]) -> Any:
    return student.names.build(options["name"], args, _computing(student))[0]


def _named(student: Student, args: list[Any], options: dict[str, Any]) -> str:
    """Say what the submission calls a part of the contract."""
    return student.names.called(options["key"], options["of"], args, _computing(student))


def _computing(student: Student) -> Callable[[str], Any]:
    """Return a function that computes the operation of a rule, on operands from the contract."""

    def compute(key: str) -> Any:
        student.start_engine()
        operation = student.names.contract.operations[key]
        arrays = [make_array(operand) for operand in operation.operands]
        tensors = [student.tensor(array, array.dtype.kind == "f") for array in arrays]
        return _operate(operation.op, tensors, dict(operation.options), student, {})

    return compute


def _backward(student: Student, args: list[Any], _options: dict[str, Any]) -> None:
    output, *gradient = args
    student.part(output, "backward")(*gradient)


def _backward_error(student: Student, args: list[Any], _options: dict[str, Any]) -> str:
    backward = student.part(args[0], "backward")
    try:
        backward()
    except Exception as error:
        return pinned_name(error)
    return "nothing"


def _apply_error(student: Student, args: list[Any], _options: dict[str, Any]) -> str:
    rule, gradient = args
    method = getattr(rule, student.names.method(rule))
    try:
        method(gradient)
    except Exception as error:
        return pinned_name(error)
    return "nothing"


def _overwrite(_student: Student, args: list[Any], options: dict[str, Any]) -> None:
    """Write over a gradient that the caller was given, where it can be written to."""
    value, number = args
    given = value.grad if options["what"] == "grad" else value[options["index"]]
    buffer = given if isinstance(given, ndarray) else getattr(given, "data", None)
    if isinstance(buffer, ndarray) and buffer.flags.writeable:
        buffer[...] = number


def _descend(_student: Student, args: list[Any], _options: dict[str, Any]) -> None:
    parameter, rate = args
    parameter.data = parameter.data - rate * as_array(parameter.grad)


def _enable(student: Student, _args: list[Any], options: dict[str, Any]) -> None:
    for _ in range(options["times"]):
        student.enable()


def _measure(_student: Student, _args: list[Any], _options: dict[str, Any]) -> None:
    """Start to measure memory; a cycle of references that nobody holds is no memory in use."""
    gc.collect()
    gc.freeze()  # so that frequent collections have little to look at
    gc.set_threshold(20, 1, 1)
    tracemalloc.start()


def _measured(_student: Student, _args: list[Any], _options: dict[str, Any]) -> Any:
    """Return the peak since ``measure`` in bytes."""
    _, peak = tracemalloc.get_traced_memory()
    _stop_measuring()
    return make_array([float(peak)])


def _stop_measuring() -> None:
    if tracemalloc.is_tracing():
        tracemalloc.stop()
        gc.set_threshold(*COLLECT_AT)  # what is frozen stays so: most of it is the worker's


OPERATIONS: dict[str, Callable[[Student, list[Any], dict[str, Any]], Any]] = {
    "linear": _linear,
    "rule": _rule,
    "named": _named,
    "apply": lambda student, args, _options: apply_rule(student, *args),
    "apply_error": _apply_error,
    "enable": _enable,
    "measure": _measure,
    "measured": _measured,
    "backward": _backward,
    "backward_error": _backward_error,
    "zero_grad": lambda student, args, _options: student.part(args[0], "zero_grad")(),
    "overwrite": _overwrite,
    "descend": _descend,
}
