"""Wrong engines: the reference's tape and machine with one habit changed."""
# ruff: noqa: D102 - the signatures and docstrings are those of the classes they replace.

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograder.cases.program import Step
from autograder.grading.oracle import Machine, TensorState
from reference import Floats, Operations, Tape, Variable

Gradients = dict[Variable, Floats]
MAX_DEPTH = 12


class FirstPath(Tape):
    """Counts the first contribution only."""

    def _add(self, gradients: Gradients, to: Variable, contribution: Floats) -> None:
        gradients.setdefault(to, np.array(contribution))


class LastPath(Tape):
    """Counts the last contribution only."""

    def _add(self, gradients: Gradients, to: Variable, contribution: Floats) -> None:
        gradients[to] = np.array(contribution)


class OneStep(Tape):
    """Serves the operands of the result, and nothing before them."""

    def _walk(self, output: Variable, start: Floats) -> Gradients:
        gradients = {output: start}
        for parent, contribution in self._contributions(output, start):
            self._add(gradients, parent, contribution)
        return gradients


class PassesTheSeed(Tape):
    """Hands the gradient that backward() started with to every rule."""

    def _walk(self, output: Variable, start: Floats) -> Gradients:
        gradients = {output: start}
        for variable in reversed(self._record):
            if variable in gradients:
                for parent, contribution in self._contributions(variable, start):
                    self._add(gradients, parent, contribution)
        return gradients


def serves_one(position: int) -> type[Tape]:
    """Return a tape that hands on the entry of one operand, the first or the last, only."""

    class ServesOne(Tape):
        def _contributions(self, result: Variable, g: Floats) -> Iterator[tuple[Variable, Floats]]:
            asking = [place for place, parent in enumerate(result.parents) if parent.differentiable]
            found = list(super()._contributions(result, g))
            if found and (position or asking[0] == 0):
                yield found[position]

    return ServesOne


class LosesOptions(Tape):
    """Builds some rules without the options of their operation."""

    def __init__(self, operations: Operations, **options: Any) -> None:
        super().__init__(operations, **options)
        self.losing: set[Variable] = set()

    def _contributions(self, result: Variable, g: Floats) -> Iterator[tuple[Variable, Floats]]:
        if result in self.losing and result.op is not None:
            parameters = self.operations.signature(result.op).parameters.values()
            usual = {
                parameter.name: parameter.default
                for parameter in parameters
                if parameter.default is not parameter.empty
            }
            result = replace(result, options={**result.options, **usual})
        yield from super()._contributions(result, g)


class LosesNamedOptions(Machine):
    """Loses what an operation is called with by name; what has a position arrives."""

    part = "tracking"

    def _step(self, step: Step, args: list[Any]) -> Any:
        value = super()._step(step, args)
        declared = self.tape.operations.get(step.op)
        if declared is None or not isinstance(self.tape, LosesOptions):
            return value
        run = declared.run
        named = bool(run.method) or step.options.get("form") == "forward"
        if named and not run.by_position and not run.spread:
            self.tape.losing.add(value.variable)
        return value


class RunsTwice(Tape):
    """Lists a variable once for each path to it, and serves it each time with the sum so far."""

    def _walk(self, output: Variable, start: Floats) -> Gradients:
        arrived: Gradients = {output: start}
        stored: Gradients = {}
        for variable in reversed(list(_every_path(output, 0))):
            stored[variable] = stored.get(variable, 0.0) + arrived[variable]
            for parent, contribution in self._contributions(variable, arrived[variable]):
                arrived[parent] = arrived.get(parent, 0.0) + np.array(contribution)
        return stored


def _every_path(variable: Variable, depth: int) -> Iterator[Variable]:
    """Yield the ancestors of a variable after their own ancestors, once for each path."""
    if depth > MAX_DEPTH:
        raise ValueError("too deep to be tried")
    for parent in variable.parents:
        if parent.differentiable:
            yield from _every_path(parent, depth + 1)
    yield variable


class SumSoFar(Tape):
    """Recurses for each contribution and passes on the sum so far."""

    def _walk(self, output: Variable, start: Floats) -> Gradients:
        gradients: Gradients = {}
        self._visit(output, start, gradients)
        return gradients

    def _visit(self, variable: Variable, arrived: Floats, gradients: Gradients) -> None:
        kept = gradients.get(variable)
        gradients[variable] = arrived if kept is None else kept + arrived
        for parent, contribution in list(self._contributions(variable, gradients[variable])):
            self._visit(parent, np.array(contribution), gradients)


def state_of_the_latest(op: str, kept: str) -> type[Tape]:
    """Return a tape on which all results of an operation share what the latest one keeps.

    Parameters
    ----------
    kept
        What is kept on the class: "options", "output" or "input".
    """

    class Shared(Tape):
        def _contributions(self, result: Variable, g: Floats) -> Iterator[tuple[Variable, Floats]]:
            if result.op != op:
                yield from super()._contributions(result, g)
                return
            latest = next(found for found in reversed(self._record) if found.op == op)
            if kept == "input":
                for _, product in super()._contributions(latest, g):
                    yield result.parents[0], product
            elif kept == "output":
                yield from super()._contributions(replace(result, value=latest.value), g)
            else:
                yield from super()._contributions(replace(result, options=latest.options), g)

    return Shared


class Overwrites(Machine):
    """A second backward call replaces ``.grad``."""

    def _do_backward(self, args: list[Any], options: dict[str, Any]) -> None:
        before = [(leaf, leaf.grad) for leaf in self.leaves]
        for leaf in self.leaves:
            leaf.grad = None
        super()._do_backward(args, options)
        for leaf, grad in before:
            leaf.grad = grad if leaf.grad is None else leaf.grad


class AddsItself(Machine):
    """A second gradient is forgotten, and the one that is there is added to itself."""

    def _do_backward(self, args: list[Any], options: dict[str, Any]) -> None:
        before = [(leaf, leaf.grad) for leaf in self.leaves]
        super()._do_backward(args, options)
        for leaf, grad in before:
            if grad is not None and leaf.grad is not grad:
                leaf.grad = grad + grad


class NeverForgets(Machine):
    """zero_grad does nothing."""

    def _do_zero_grad(self, args: list[Any], options: dict[str, Any]) -> None:
        pass


class SeedsOnes(Machine):
    """backward() without a gradient starts with ones, whatever the shape."""

    def _do_backward_error(self, args: list[Any], options: dict[str, Any]) -> str:
        output = args[0]
        super()._do_backward([output, np.ones(output.variable.value.shape)], options)
        return "nothing"


class KeepsCallersArray(Machine):
    """A gradient equal to the caller's array is that array."""

    def _do_backward(self, args: list[Any], options: dict[str, Any]) -> None:
        super()._do_backward(args, options)
        for leaf in self.leaves:
            if leaf.grad is not None and len(args) > 1 and np.array_equal(leaf.grad, args[1]):
                leaf.grad = args[1]


class SharesOneArray(Machine):
    """Leaves whose gradients are equal share one array."""

    def _do_backward(self, args: list[Any], options: dict[str, Any]) -> None:
        super()._do_backward(args, options)
        first: Floats | None = None
        for leaf in self.leaves:
            if leaf.grad is None:
                continue
            if first is not None and np.array_equal(leaf.grad, first):
                leaf.grad = first
            first = leaf.grad if first is None else first


def untracked(concerns: Callable[[Step], bool]) -> type[Machine]:
    """Return a machine on which the results of some steps carry no node."""

    class Untracked(Machine):
        concerned = staticmethod(lambda step, _asking: concerns(step))

        def _step(self, step: Step, args: list[Any]) -> Any:
            value = super()._step(step, args)
            if isinstance(value, TensorState) and concerns(step):
                return TensorState(self.tape.constant(value.variable.value))
            return value

    return Untracked


def untracked_unless(asks: Callable[[Sequence[bool]], bool]) -> type[Machine]:
    """Return a machine that tracks an operation only if certain operands ask for a gradient."""

    class Untracked(Machine):
        concerned = staticmethod(lambda _step, asking: not asks(asking))

        def _step(self, step: Step, args: list[Any]) -> Any:
            value = super()._step(step, args)
            asking = [isinstance(arg, TensorState) and arg.variable.differentiable for arg in args]
            if not isinstance(value, TensorState) or step.op not in self.tape.operations:
                return value
            if not value.variable.differentiable or asks(asking):
                return value
            return TensorState(self.tape.constant(value.variable.value))

    return Untracked


class UntrackedInPlace(Machine):
    """``y += x`` changes the data of y, and x is forgotten."""

    part = "tracking"

    def _step(self, step: Step, args: list[Any]) -> Any:
        if step.options.get("form") == "inplace" and isinstance(args[1], TensorState):
            args = [args[0], TensorState(self.tape.constant(args[1].variable.value))]
        return super()._step(step, args)


def one_minus(subtraction: str) -> type[Machine]:
    """Return a machine on which number − x is computed as 1 − x."""

    class OneMinus(Machine):
        part = "tracking"

        def _step(self, step: Step, args: list[Any]) -> Any:
            if step.op == subtraction and not isinstance(args[0], TensorState):
                args = [1.0, *args[1:]]
            return super()._step(step, args)

    return OneMinus


class TooManyPaths(Exception):  # noqa: N818 # says what was met
    """More paths than anybody could tell apart."""


class Paths(Tape):
    """Keeps what each path from a result to a leaf contributes, one array a path, all calls."""

    MOST = 6

    def __init__(self, operations: Operations) -> None:
        super().__init__(operations)
        self.of: dict[Variable, list[Floats]] = {}

    def gradients(self, output: Variable, gradient: ArrayLike | None = None) -> Gradients:
        found = super().gradients(output, gradient)
        if found:
            self._visit(output, found[output])
        return found

    def _visit(self, variable: Variable, arrived: Floats) -> None:
        if variable.op is None:
            paths = self.of.setdefault(variable, [])
            paths.append(arrived)
            if len(paths) > self.MOST:
                raise TooManyPaths
        for parent, contribution in self._contributions(variable, arrived):
            self._visit(parent, np.array(contribution))
