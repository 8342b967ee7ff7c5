"""A hidden case in full, for the instructor only: program, inputs, both results, what differs."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from autograder.cases.program import Argument, Input, Program, Step
from autograder.model import Record

MAX_ELEMENTS = 400
MAX_STEPS = 120


class Observation(Record, frozen=True):
    """One observed value, expected and actual, as text; ``verdict`` is empty where they agree."""

    name: str
    expected: str
    actual: str
    verdict: str = ""


class Inspected(Record, frozen=True):
    """A failing case with all that is known about it."""

    case: str
    sentence: str
    ended: str
    listing: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]
    observations: tuple[Observation, ...]
    drawing: Markup = Markup()


def array_text(value: object) -> str:
    """Write an array with dtype and shape, in the middle of a large one dots."""
    if not isinstance(value, np.ndarray):
        return "None" if value is None else str(value)
    body = np.array2string(value, precision=8, threshold=MAX_ELEMENTS, max_line_width=96)
    return f"{value.dtype.name} {value.shape}\n{body}"


def listing(program: Program) -> tuple[str, ...]:
    """Write a program as one line for each input and step, with every shape and literal."""
    lines = [_input_line(declared) for declared in program.inputs]
    lines += _step_lines(program.steps)
    for number, body in enumerate(program.bodies):
        parameters = ", ".join(f"v{parameter}" for parameter in body.parameters)
        lines.append(f"function {number}({parameters}):")
        lines += [f"    {line}" for line in _step_lines(body.steps)]
        lines.append(f"    return v{body.result}")
    if program.cpu_seconds:
        lines.append(f"limit: {program.cpu_seconds} s of processor time")
    if program.frames:
        lines.append(f"limit: {program.frames} nested calls")
    return tuple(lines)


def _input_line(declared: Input) -> str:
    more = "" if declared.scale == 1 else f", scale {declared.scale:g}"
    return (
        f"v{declared.id} = {declared.role}{list(declared.shape)}  "
        f"# {declared.dtype}, drawn {declared.draw}{more}"
    )


def _step_lines(steps: tuple[Step, ...]) -> list[str]:
    lines = [_step_line(step) for step in steps]
    if len(lines) <= MAX_STEPS:
        return lines
    half = MAX_STEPS // 2
    return [*lines[:half], f"… {len(lines) - 2 * half} more steps …", *lines[-half:]]


def _step_line(step: Step) -> str:
    arguments = [_argument(arg) for arg in step.args]
    arguments += [f"{key}={value!r}" for key, value in step.options.items()]
    return f"v{step.out} = {step.op}({', '.join(arguments)})"


def _argument(arg: Argument) -> str:
    return f"v{arg}" if isinstance(arg, int) else repr(arg[0])
