"""Judge each call of a rule by itself: it must hand on the incoming gradient times its slope.

The calls are the submission's own account of a case, so a verdict here finds words and no points.
A call is compared with the vector-Jacobian product of the reference, taken at the incoming gradient
that the call received. So one wrong rule does not make the rules after it look wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from autograder.cases.names import OPERATION_OF
from autograder.cases.program import Program, Step
from autograder.grading.diagnosis.facts import Fact, of_shape, of_values
from autograder.grading.diagnosis.predict import Inputs
from autograder.grading.oracle import Machine, TensorState
from autograder.model import Record
from autograder.sandbox.frames import Applied, StepResult
from reference import Tape, Variable, unbroadcast
from reference.rules import RULES

Floats = NDArray[np.float64]
Fault = Literal["value", "shape", "missing", "form", "raised"]

CLOSE = 1e-4
"""A rule may compute in single precision, with a few roundings; finite differences are worse."""
SAME_OPERAND = 1e-3
_RULES = {rule.lower(): rule for rule in OPERATION_OF}


class Edge(Record, frozen=True):
    """What one call handed to one operand.

    Attributes
    ----------
    rule
        The class, as the assignment calls it.
    step
        The step of the program that it belongs to, where that is known.
    operand
        Position of the operand.
    fault
        What is wrong; None where all is well.
    fact
        More about it, where more can be seen.
    """

    rule: str
    step: int | None
    operand: int
    fault: Fault | None = None
    fact: Fact | None = None


class Judged(Record, frozen=True):
    """A traced case.

    Attributes
    ----------
    edges
        In the order of the calls, from the result backwards.
    broken
        The first step whose result carries no node, and what it is instead.
    tensors, changing
        Rules that returned tensors, and rules that wrote into what came in.
    helped
        Rules that called other rules.
    """

    edges: tuple[Edge, ...]
    broken: tuple[Step, StepResult] | None
    tensors: tuple[str, ...]
    changing: tuple[str, ...]
    helped: frozenset[str]

    @property
    def first_wrong(self) -> Edge | None:
        """The first wrong edge, from the result backwards."""
        return next((edge for edge in self.edges if edge.fault), None)

    def without(self, rules: frozenset[str]) -> Judged:
        """Return the same without what some rules handed on.

        In a submission that shares the work between rules and engine in its own way, a rule's
        product may look wrong by itself and be right in the end.
        """
        edges = tuple(edge for edge in self.edges if edge.rule not in rules)
        return msgspec.structs.replace(self, edges=edges)

    def cleared(self, rule: str) -> bool:
        """Whether the rule was called and every call of it was right."""
        own = [edge for edge in self.edges if edge.rule == rule]
        return bool(own) and not any(edge.fault for edge in own)


class _Listing(Tape):
    """Tells what was computed on it."""

    def results(self) -> Iterator[Variable]:
        """Yield what was computed, the latest first."""
        yield from (variable for variable in reversed(self._record) if variable.op is not None)


def judge_trace(
    program: Program,
    inputs: Inputs,
    applications: Sequence[Applied],
    results: dict[int, StepResult],
) -> Judged:
    """Compare every call of a rule in a case with the reference."""
    tape = _Listing()
    machine = Machine(tape)
    machine.run(program, {key: array.copy() for key, array in inputs.items()})
    steps = {
        step.out: value.variable
        for step in program.steps
        if isinstance(value := machine.values.get(step.out), TensorState)
    }
    judge = _Judge(tape, steps)
    for application in applications:
        judge.take(application)
    return Judged(
        edges=tuple(judge.edges),
        broken=_broken(program, steps, results),
        tensors=tuple(judge.tensors),
        changing=tuple(judge.changing),
        helped=frozenset(judge.helped),
    )


class _Judge:
    def __init__(self, tape: _Listing, steps: dict[int, Variable]) -> None:
        self._tape = tape
        self._steps = steps
        self._step_of = {id(variable): step for step, variable in steps.items()}
        self._inner: set[str] = set()
        self.helped: set[str] = set()
        self.edges: list[Edge] = []
        self.tensors: list[str] = []
        self.changing: list[str] = []

    def take(self, applied: Applied) -> None:
        """Judge one call. A call within a call comes first, and takes the blame for both."""
        rule = _RULES.get(applied.rule)
        if rule is None:
            return
        self._note_helpers(rule, applied)
        if applied.form == "tensors":
            self.tensors.append(rule)
        if applied.changed:
            self.changing.append(rule)
        variable = self._variable(OPERATION_OF[rule], applied)
        incoming = None if variable is None else _fitting(applied.incoming, variable.value.shape)
        if variable is not None and incoming is not None:
            self.edges += self._edges(rule, variable, incoming, applied)

    def _note_helpers(self, rule: str, applied: Applied) -> None:
        """Note which rules ran within another one: either may be to blame for what came out."""
        if applied.depth:
            self._inner.add(rule)
            return
        if self._inner - {rule}:
            self.helped.add(rule)
        self._inner = set()

    def _variable(self, op: str, applied: Applied) -> Variable | None:
        """Return the operation that a call belongs to, if its rule was built from the operands.

        A rule that was built from something else is the engine's doing, or that of another rule
        before, and its calls say nothing about itself.
        """
        saved = [_floats(operand) for operand in applied.operands]
        mapped = self._steps.get(-1 if applied.step is None else applied.step)
        if mapped is not None and mapped.op == op:
            return mapped if _is_built_from(mapped, saved) else None
        for variable in self._tape.results():
            if variable.op == op and _is_built_from(variable, saved):
                return variable
        return None

    def _edges(
        self, rule: str, variable: Variable, incoming: Floats, applied: Applied
    ) -> Iterator[Edge]:
        step = self._step_of.get(id(variable))
        values = [parent.value for parent in variable.parents]
        for position, vjp in enumerate(RULES[str(variable.op)]):
            parent = variable.parents[position]
            if vjp is None or not parent.differentiable:
                continue
            if applied.form in {"bare", "other", "raised"}:
                fault: Fault = "raised" if applied.form == "raised" else "form"
                yield Edge(rule=rule, step=step, operand=position, fault=fault)
                return
            product = np.asarray(vjp(incoming, variable.value, *values, **variable.options))
            wanted = unbroadcast(product, parent.value.shape)
            entry = applied.entries[position] if position < len(applied.entries) else None
            if entry is None and not all(applied.asking[position : position + 1]):
                continue  # the engine has given it an operand that asks for nothing
            given = [incoming, *(np.asarray(value, dtype=np.float64) for value in values)]
            others = [value.shape for place, value in enumerate(values) if place != position]
            wrong, fact = _compare(entry, wanted, given, others)
            yield Edge(rule=rule, step=step, operand=position, fault=wrong, fact=fact)


def _broken(
    program: Program, steps: dict[int, Variable], results: dict[int, StepResult]
) -> tuple[Step, StepResult] | None:
    """Return the first operation whose result should carry a node and does not.

    An engine that keeps its nodes elsewhere gives results that look like leaves, so a result that
    asks for nothing tells more.
    """
    found: dict[StepResult, Step] = {}
    for step in program.steps:
        variable, state = steps.get(step.out), results.get(step.out)
        if variable is None or state is None or variable.op is None:
            continue
        if state == "nothing" or variable.differentiable:
            found.setdefault(state, step)
    for state in ("nothing", "constant", "leaf"):
        if state in found:
            return found[state], state
    return None


def _compare(
    entry: NDArray[np.generic] | None,
    wanted: Floats,
    given: Sequence[Floats],
    others: Sequence[tuple[int, ...]],
) -> tuple[Fault | None, Fact | None]:
    """Compare an entry with the product, however far the rule itself has summed broadcast axes."""
    if entry is None or not _is_number_array(entry):
        return "missing", None
    actual = np.asarray(entry, dtype=np.float64)
    if actual.shape != wanted.shape:
        try:
            actual = unbroadcast(actual, wanted.shape)
        except ValueError:
            return "shape", of_shape(np.shape(entry), wanted.shape, others)
    if _agrees(actual, wanted):
        return None, None
    return "value", of_values(actual, wanted, given) if np.isfinite(actual).all() else None


def _agrees(actual: Floats, wanted: Floats) -> bool:
    scale = float(np.max(np.abs(wanted), initial=0.0))
    comparable = actual.shape == wanted.shape and np.isfinite(scale)
    return comparable and bool(np.allclose(actual, wanted, rtol=CLOSE, atol=CLOSE * scale * 0.1))


def _is_built_from(variable: Variable, saved: Sequence[Floats | None]) -> bool:
    """Tell whether saved operands are those of an operation, or its result in place of the first.

    A rule that saves no arrays at all may be built from anything.
    """
    if not saved or len(saved) < sum(vjp is not None for vjp in RULES[str(variable.op)]):
        return False
    pairs = list(zip(variable.parents, saved, strict=False))
    operands = all(array is None or _alike(array, parent.value) for parent, array in pairs)
    return operands or (saved[0] is not None and _alike(saved[0], variable.value))


def _alike(array: Floats, value: NDArray[Any]) -> bool:
    return array.shape == value.shape and np.allclose(
        array, value, rtol=SAME_OPERAND, atol=SAME_OPERAND
    )


def _fitting(array: NDArray[np.generic] | None, shape: tuple[int, ...]) -> Floats | None:
    """Return an incoming gradient that a rule could work with: finite, of the result's shape."""
    floats = _floats(array)
    if floats is None or not np.isfinite(floats).all():
        return None
    if floats.size == 1 and floats.size == int(np.prod(shape)):
        return floats.reshape(shape)
    return floats if floats.shape == shape else None


def _floats(array: NDArray[np.generic] | None) -> Floats | None:
    return np.asarray(array, dtype=np.float64) if _is_number_array(array) else None


def _is_number_array(array: NDArray[np.generic] | None) -> bool:
    return array is not None and array.dtype.kind in "fiu"
