"""Whether a declared rule is the derivative of its function, by finite differences.

Everything is graded by the declared rules, so that a wrong one would call right submissions wrong.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.cases.inputs import draw_inputs
from autograder.cases.program import Input, Program
from autograder.grading.oracle import SPELLING, index_of
from autograder.operations import OPERATIONS
from reference import Operation

Floats = NDArray[np.float64]
STEP = 3e-4
CLOSE = 1e-6


def wrong_rules_of(operation: Operation) -> Iterator[str]:
    """Yield what is wrong with each rule, seen on inputs of the operation's domain.

    Central differences of five points, see Fornberg, Mathematics of Computation 51 (1988).
    """
    file = f"{OPERATIONS / operation.name}.py"
    options = {key: index_of(value) for key, value in operation.example_options.items()
               if key not in SPELLING}  # fmt: skip
    operands = _draw(operation)
    try:
        out = np.asarray(operation.forward(*operands, **options), dtype=np.float64)
    except Exception as error:
        yield f"{file}: forward of {operation.name}: {type(error).__name__}: {error}"
        return
    options = {**_defaults(operation), **options}
    g = np.linspace(0.5, 1.5, out.size).reshape(out.shape)
    for place, rule in enumerate(operation.gradient):
        if rule is None:
            continue
        try:
            found = np.asarray(rule(g, out, *operands, **options), dtype=np.float64)
        except Exception as error:
            yield f"{file}: gradient of {operation.name}: {type(error).__name__}: {error}"
            continue
        wanted = _differences(operation, operands, options, place, g)
        if found.shape != wanted.shape or not np.allclose(found, wanted, rtol=CLOSE, atol=CLOSE):
            which = f"gradient of {operation.name} for operand {place + 1}"
            yield f"{file}: {which} is not the derivative of forward"


def _draw(operation: Operation) -> list[NDArray[Any]]:
    """Return operands of the example's shapes, drawn as the domain says."""
    shapes = [np.shape(np.array(operand)) for operand in operation.example]
    inputs = tuple(
        Input(id=place, role="array", shape=shape, draw=draw, classes=2,
              dtype="int64" if draw == "labels" else "float64")
        for place, (shape, draw) in enumerate(zip(shapes, operation.domain, strict=True))
    )  # fmt: skip
    drawn = draw_inputs(Program(inputs=inputs, steps=(), engine=False), operation.name, b"")
    return [np.asarray(drawn[place]) for place in range(len(shapes))]


def _defaults(operation: Operation) -> dict[str, Any]:
    parameters = inspect.signature(operation.forward).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}


def _differences(
    operation: Operation, operands: list[Any], options: dict[str, Any], place: int, g: Floats
) -> Floats:
    gradient = np.zeros(operands[place].shape)
    for index in np.ndindex(gradient.shape):
        for steps, weight in ((1, 2 / 3), (2, -1 / 12)):
            for sign in (1, -1):
                moved = operands[place].copy()
                moved[index] += sign * steps * STEP
                trial = [*operands[:place], moved, *operands[place + 1 :]]
                value = np.sum(g * operation.forward(*trial, **options))
                gradient[index] += sign * weight * value / STEP
    return gradient
