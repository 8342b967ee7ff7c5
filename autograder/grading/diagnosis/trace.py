"""Judge each call of a rule by itself: it must hand on the incoming gradient times its slope.

The calls are the submission's own account of a case, so a verdict here finds words and no points.
A call is compared with the vector-Jacobian product of the reference, taken at the incoming gradient
that the call received. So one wrong rule does not make the rules after it look wrong.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from autograder.cases.inputs import Inputs
from autograder.cases.program import Program, Step
from autograder.grading.diagnosis.looked import look
from autograder.grading.oracle import Machine, TensorState
from autograder.kernel.calls import Fault as Wrong
from autograder.kernel.calls import agrees, is_number_array, judge_entry
from autograder.kernel.facts import Fact
from autograder.kernel.looked import NOTHING, Looked
from autograder.kernel.tracking import first_broken
from autograder.model import Record
from autograder.operations import operations
from autograder.sandbox.frames import Applied, Node, StepResult
from reference import Tape, Variable, unbroadcast

Floats = NDArray[np.float64]
SAME_OPERAND = 1e-3
MOST_CALLS = 400
"""More than the deepest chain makes that is traced; who sends more has invented them."""
MOST_SECONDS = 0.2
"""Processor time for the calls of one case: honest ones take a few milliseconds."""


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
        What is wrong: ``value``, ``shape``, ``missing``, ``form`` or ``raised``; None where all is
        well.
    fact
        More about it, where more can be seen.
    form
        What came back, where it was no tuple.
    """

    rule: str
    step: int | None
    operand: int
    fault: str | None = None
    fact: Fact | None = None
    form: str = ""


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
    whole
        Whether every call could be judged: by a rule that we know, built from its operands.
    calls
        How many calls there were.
    called, known
        The rules that were called, and whether we know every class that was.
    miscounted
        Rules that returned another number of entries than there are operands, and ``few`` or
        ``many``.
    recorded
        Steps whose results remember the rule of another operation, and which.
    start
        Whether the rule of the result received ``ones``, or something ``else``, where backward()
        was given a gradient; empty where it received that.
    tracked, untracked
        Steps whose results should carry a node: those that do, and those that ask for nothing or
        know no node.
    asking
        Of each operation, which of its operands should ask for a gradient.
    looked
        What the results are like.
    """

    edges: tuple[Edge, ...]
    broken: tuple[Step, str] | None
    tensors: tuple[str, ...]
    changing: tuple[str, ...]
    helped: frozenset[str]
    whole: bool = True
    calls: int = 0
    called: frozenset[str] = frozenset()
    known: bool = False
    miscounted: tuple[tuple[str, str], ...] = ()
    recorded: tuple[tuple[Step, str], ...] = ()
    start: str = ""
    tracked: tuple[Step, ...] = ()
    untracked: tuple[Step, ...] = ()
    asking: dict[int, tuple[bool, ...]] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record
    looked: Looked = NOTHING

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

    def never_ran(self, rule: str) -> bool:
        """Whether rules ran, all of which we know, and none of them was this one."""
        return self.known and bool(self.called) and rule not in self.called


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
    nodes: Mapping[int, Node] = MappingProxyType({}),
) -> Judged:
    """Compare every call of a rule in a case with the reference."""
    tape = _Listing(operations())
    machine = Machine(tape)
    machine.run(program, {key: array.copy() for key, array in inputs.items()})
    steps = {
        step.out: value.variable
        for step in program.steps
        if isinstance(value := machine.values.get(step.out), TensorState)
    }
    judge = _Judge(tape, steps)
    judge.seed = _seed(program, machine, steps)
    enough = time.process_time() + MOST_SECONDS
    for application in applications[:MOST_CALLS]:
        if time.process_time() > enough:
            judge.whole = False
            break
        judge.take(application)
    return Judged(
        edges=tuple(judge.edges),
        broken=_broken(program, steps, results),
        tensors=tuple(judge.tensors),
        changing=tuple(judge.changing),
        helped=frozenset(judge.helped),
        whole=judge.whole and len(applications) <= MOST_CALLS,
        calls=len(applications),
        called=frozenset(judge.called),
        known=judge.known and len(applications) <= MOST_CALLS,
        miscounted=tuple(judge.miscounted),
        recorded=tuple(
            (step, rule)
            for step in program.steps
            for rule in [judge.recorded.get(step.out)]
            if rule is not None
        ),
        start=judge.start,
        tracked=_in_state(program, steps, results, {"node"}),
        untracked=_in_state(program, steps, results, {"constant", "leaf"}),
        asking={
            step.out: tuple(
                isinstance(value := machine.values.get(arg), TensorState)
                and value.variable.differentiable
                if isinstance(arg, int)
                else False
                for arg in step.args
            )
            for step in program.steps
        },
        looked=look(program, steps, results, nodes),
    )


class _Judge:
    def __init__(self, tape: _Listing, steps: dict[int, Variable]) -> None:
        self._tape = tape
        self._steps = steps
        self._rules = {rule.lower(): rule for rule in tape.operations.operation_of}
        self._step_of = {id(variable): step for step, variable in steps.items()}
        self._inner: set[str] = set()
        self.helped: set[str] = set()
        self.edges: list[Edge] = []
        self.tensors: list[str] = []
        self.changing: list[str] = []
        self.whole = self.known = True
        self.called: set[str] = set()
        self.miscounted: list[tuple[str, str]] = []
        self.recorded: dict[int, str] = {}
        self.seed: tuple[Variable, Floats] | None = None
        self.start = ""

    def take(self, applied: Applied) -> None:
        """Judge one call. A call within a call comes first, and takes the blame for both."""
        rule = self._rules.get(applied.rule)
        if rule is None:
            self.whole = self.known = False
            if not applied.depth:
                self._inner = set()  # they ran within this one, and helped nobody else
            return
        self._note_helpers(rule, applied)
        self._note_origin(rule, applied)
        if applied.form == "tensors":
            self.tensors.append(rule)
        if applied.changed:
            self.changing.append(rule)
        if applied.form not in {"tuple", "tensors"}:  # it shows, whatever the rule was built from
            fault = "raised" if applied.form == "raised" else "form"
            step, form = applied.step, "" if fault == "raised" else applied.form
            self.edges.append(Edge(rule=rule, step=step, operand=0, fault=fault, form=form))
            return
        variable = self._variable(self._tape.operations.operation_of[rule], applied)
        incoming = None if variable is None else _fitting(applied.incoming, variable.value.shape)
        if variable is None or incoming is None:
            self.whole = False
        else:
            if not applied.depth:
                self._note_start(variable, incoming)
            self.edges += self._edges(rule, variable, incoming, applied)

    def _note_origin(self, rule: str, applied: Applied) -> None:
        """Note whose rule was called, and whether it returned an entry for each operand.

        What a rule keeps beside its operands, or leaves out where one is a number, is no fault.
        """
        self.called.add(rule)
        own = self._tape.operations.operation_of[rule]
        kept, rules = len(applied.operands), self._tape.operations.rules[own]
        due = sum(vjp is not None for vjp in rules)
        if 0 <= applied.count < min(due, kept):
            self.miscounted.append((rule, "few"))
        elif applied.count > max(len(rules), kept):
            self.miscounted.append((rule, "many"))
        made = None if applied.step is None else self._steps.get(applied.step)
        if applied.step is not None and made is not None and made.op not in {None, own}:
            self.recorded[applied.step] = rule

    def _note_start(self, variable: Variable, incoming: Floats) -> None:
        """Note what the rule of the result received, where backward() was given a gradient."""
        if self.seed is None or variable is not self.seed[0] or self.start:
            return
        if not agrees(incoming, self.seed[1]):
            self.start = "ones" if np.all(incoming == 1) else "else"

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
        for position, vjp in enumerate(self._tape.operations.rules[str(variable.op)]):
            parent = variable.parents[position]
            if vjp is None or not parent.differentiable:
                continue
            product = np.asarray(vjp(incoming, variable.value, *values, **variable.options))
            wanted = unbroadcast(product, parent.value.shape)
            entry = applied.entries[position] if position < len(applied.entries) else None
            if entry is None and not all(applied.asking[position : position + 1]):
                continue  # the engine has given it an operand that asks for nothing
            given = [incoming, *(np.asarray(value, dtype=np.float64) for value in values)]
            others = [value.shape for place, value in enumerate(values) if place != position]
            wrong = _compare(entry, wanted, given, others)
            yield Edge(
                rule=rule,
                step=step,
                operand=position,
                fault=None if wrong is None else wrong.kind,
                fact=None if wrong is None else wrong.fact,
            )


def _seed(
    program: Program, machine: Machine, steps: dict[int, Variable]
) -> tuple[Variable, Floats] | None:
    """Return the result from which a program goes backward once, and the gradient it gives."""
    starts = [step for step in program.steps if step.op == "backward"]
    if len(starts) != 1 or len(starts[0].args) < 2:
        return None
    output, given = starts[0].args
    variable = steps.get(output) if isinstance(output, int) else None
    gradient = machine.values.get(given) if isinstance(given, int) else None
    if variable is None or not isinstance(gradient, np.ndarray):
        return None
    floats = np.asarray(gradient, dtype=np.float64)
    return (variable, floats) if floats.shape == variable.value.shape else None


def _broken(
    program: Program, steps: dict[int, Variable], results: dict[int, StepResult]
) -> tuple[Step, str] | None:
    """Return the first operation whose result should carry a node and does not."""
    made = {
        step.out: step
        for step in program.steps
        if (variable := steps.get(step.out)) is not None and variable.op is not None
    }
    differentiable = {out for out in made if steps[out].differentiable}
    found = first_broken(list(made), differentiable, results)
    return None if found is None else (made[found[0]], found[1])


def _in_state(
    program: Program,
    steps: dict[int, Variable],
    results: dict[int, StepResult],
    states: set[StepResult],
) -> tuple[Step, ...]:
    """Return the operations whose results should carry a node and are in one of some states."""
    return tuple(
        step
        for step in program.steps
        if (variable := steps.get(step.out)) is not None
        and variable.op is not None
        and variable.differentiable
        and results.get(step.out) in states
    )


def _compare(
    entry: NDArray[np.generic] | None,
    wanted: Floats,
    given: Sequence[Floats],
    others: Sequence[tuple[int, ...]],
) -> Wrong | None:
    """Compare an entry with the product, however far the rule itself has summed broadcast axes."""
    summed = entry
    if entry is not None and is_number_array(entry) and entry.shape != wanted.shape:
        with contextlib.suppress(ValueError):
            summed = unbroadcast(np.asarray(entry, dtype=np.float64), wanted.shape)
    return judge_entry(summed, wanted, given, others)


def _is_built_from(variable: Variable, saved: Sequence[Floats | None]) -> bool:
    """Tell whether saved operands are those of an operation, or its result in place of the first.

    A rule that saves no arrays at all may be built from anything.
    """
    if not saved or len(saved) < sum(
        vjp is not None for vjp in operations().rules[str(variable.op)]
    ):
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
    return np.asarray(array, dtype=np.float64) if is_number_array(array) else None
