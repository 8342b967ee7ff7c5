"""What each call of a rule receives and hands on in a public case, where all is right: numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.cases import Case
from autograder.grading.oracle import Machine, TensorState
from autograder.model import Record
from autograder.operations import operations
from reference import Tape, Variable, unbroadcast

Floats = NDArray[np.float64]
MOST_OPERATIONS = 12
"""In a longer case nobody looks at each call, and its numbers would fill the handout."""


class Call(Record, frozen=True):
    """One call of a rule.

    Attributes
    ----------
    rule
        The class, as the assignment calls it.
    result
        What the operation gives.
    incoming
        Gradient of the result, of its shape; float64.
    entries
        For each operand its gradient, of its shape; None where it asks for none.
    unsummed
        The same before the axes that broadcasting added or stretched are summed, where that is
        another shape: a rule may leave the sum to the engine.
    """

    rule: str
    result: Floats
    incoming: Floats
    entries: tuple[Floats | None, ...]
    unsummed: tuple[Floats | None, ...]


class Calls(Record, frozen=True):
    """The operations of a case.

    Attributes
    ----------
    operations, differentiable
        Steps that are operations; those whose results must carry a node.
    expected
        Their calls by step, where the case is small and runs backward once; else none.
    """

    operations: tuple[int, ...]
    differentiable: tuple[int, ...]
    expected: dict[int, Call]


def calls_of(case: Case, inputs: dict[int, NDArray[Any]]) -> Calls:
    """Run a case on the reference, and note what goes through each operation."""
    tape = Tape(operations())
    machine = Machine(tape)
    machine.run(case.program, {key: array.copy() for key, array in inputs.items()})
    made = {
        step.out: value.variable
        for step in case.program.steps
        if isinstance(value := machine.values.get(step.out), TensorState)
        and value.variable.op is not None
    }
    gradients = _gradients(case, tape, machine) if len(made) <= MOST_OPERATIONS else {}
    return Calls(
        operations=tuple(made),
        differentiable=tuple(out for out, variable in made.items() if variable.differentiable),
        expected={
            out: _call(variable, gradients[variable])
            for out, variable in made.items()
            if variable in gradients and str(variable.op) in operations()
        },
    )


def _gradients(case: Case, tape: Tape, machine: Machine) -> dict[Variable, Floats]:
    backwards = [step for step in case.program.steps if step.op == "backward"]
    if len(backwards) != 1:
        return {}
    args: list[Any] = [
        arg[0] if isinstance(arg, tuple) else machine.values[arg] for arg in backwards[0].args
    ]
    return tape.gradients(args[0].variable, *args[1:])


def _call(variable: Variable, incoming: Floats) -> Call:
    values = [parent.value for parent in variable.parents]
    entries: list[Floats | None] = []
    unsummed: list[Floats | None] = []
    for parent, vjp in zip(variable.parents, operations().rules[str(variable.op)], strict=True):
        if vjp is None or not parent.differentiable:
            entries.append(None)
            unsummed.append(None)
            continue
        product = np.asarray(vjp(incoming, variable.value, *values, **variable.options))
        entries.append(unbroadcast(product, parent.value.shape))
        unsummed.append(product if product.shape != parent.value.shape else None)
    return Call(
        rule=operations().rule_of[str(variable.op)],
        result=variable.value,
        incoming=incoming,
        entries=tuple(entries),
        unsummed=tuple(unsummed),
    )
