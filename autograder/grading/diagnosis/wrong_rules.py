"""Likely mistakes of gradient rules: the small wrong formulas that the course declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.grading.diagnosis.misconception import Misconception, lenient
from reference import Floats, ForgetsIncoming, Mistake, Operation, Operations, Rule


def wrong_rules(operations: Operations) -> Iterator[Misconception]:
    """Yield the mistakes of single rules, and then those that forget the incoming gradient."""
    for operation in operations.values():
        for declared in operation.mistakes:
            if isinstance(declared, Mistake):
                yield _wrong(operation, declared)
    for operation in operations.values():
        if any(isinstance(declared, ForgetsIncoming) for declared in operation.mistakes):
            yield _forgets(operation)


def _wrong(operation: Operation, mistake: Mistake) -> Misconception:
    """Replace the first rules of an operation; the others stay right."""
    rest = operation.gradient[len(mistake.rules) :]
    return Misconception(
        mistake.id, mistake.sentence, mistake.hint,
        {operation.name: (*mistake.rules, *rest)}, lenient,
        about=operation.rule, operations=frozenset({operation.name}),
    )  # fmt: skip


def _forgets(operation: Operation) -> Misconception:
    """Forget the incoming gradient: the right rules, called with ones."""
    return Misconception(
        f"{operation.name}-drops-gradient",
        f"{operation.rule} forgets the incoming gradient G",
        "The chain rule has two factors: the rule's own slope, and what comes in.",
        {operation.name: tuple(rule and _with_ones(rule) for rule in operation.gradient)},
        about=operation.rule,
        operations=frozenset({operation.name}),
    )


def _with_ones(rule: Rule) -> Rule:
    def called(g: Floats, *rest: Any, **options: Any) -> Any:
        return rule(np.ones_like(g), *rest, **options)

    return called
