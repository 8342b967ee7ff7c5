"""Wrong engines: the reference's tape and machine with one habit changed."""
# ruff: noqa: ARG002, D102 - the signatures and docstrings are those of the classes they replace.

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograder.grading.oracle import Machine
from reference import Tape, Variable
from reference.forward import Floats

Gradients = dict[Variable, Floats]


class _Walks(Tape):
    """A tape whose walk combines contributions as ``_combine`` says."""

    def gradients(self, output: Variable, gradient: ArrayLike | None = None) -> Gradients:
        found = super().gradients(output, gradient)  # raises what it should, and starts
        gradients: Gradients = {output: found[output]} if found else {}
        for variable in reversed(self._record):
            if variable in gradients:
                for parent, contribution in self._contributions(variable, gradients[variable]):
                    kept = gradients.get(parent)
                    gradients[parent] = (
                        np.array(contribution)
                        if kept is None
                        else self._combine(kept, np.array(contribution))
                    )
        return gradients

    def _combine(self, kept: Floats, contribution: Floats) -> Floats:
        return kept + contribution


class FirstPath(_Walks):
    """Counts the first contribution only."""

    def _combine(self, kept: Floats, contribution: Floats) -> Floats:
        return kept


class LastPath(_Walks):
    """Counts the last contribution only."""

    def _combine(self, kept: Floats, contribution: Floats) -> Floats:
        return contribution


class SumSoFar(Tape):
    """Recurses for each contribution and passes on the sum so far."""

    def gradients(self, output: Variable, gradient: ArrayLike | None = None) -> Gradients:
        found = super().gradients(output, gradient)
        gradients: Gradients = {}
        if found:
            self._visit(output, found[output], gradients)
        return gradients

    def _visit(self, variable: Variable, arrived: Floats, gradients: Gradients) -> None:
        kept = gradients.get(variable)
        gradients[variable] = arrived if kept is None else kept + arrived
        for parent, contribution in list(self._contributions(variable, gradients[variable])):
            self._visit(parent, np.array(contribution), gradients)


class Overwrites(Machine):
    """A second backward call replaces ``.grad``."""

    def _do_backward(self, args: list[Any], options: dict[str, Any]) -> None:
        before = [(leaf, leaf.grad) for leaf in self.leaves]
        for leaf in self.leaves:
            leaf.grad = None
        super()._do_backward(args, options)
        for leaf, grad in before:
            leaf.grad = grad if leaf.grad is None else leaf.grad


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
