"""What the failing cases have in common that no passing case has: an option of an operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.cases.program import Program
from autograder.grading.verdicts import Verdict
from autograder.operations import operations

SEVERAL = 2

Option = tuple[str, str]
"""An operation, and an option as it is written in a call: ``keepdims=True``, or ``axis``."""


def only_with(place: int, verdicts: Sequence[Verdict]) -> Option | None:
    """Return the option of an operation with which all cases fail, and without which none does."""
    for op, option in _options(verdicts[place].case.program):
        having = [verdict for verdict in verdicts if (op, option) in _options_of(verdict)]
        others = [
            verdict
            for verdict in verdicts
            if verdict not in having and any(step.op == op for step in verdict.case.program.steps)
        ]
        failing = len(having) >= SEVERAL and all(one.status == "failed" for one in having)
        if failing and len(others) >= SEVERAL and all(one.status == "passed" for one in others):
            return op, option
    return None


def _options_of(verdict: Verdict) -> set[Option]:
    return set(_options(verdict.case.program))


def _options(program: Program) -> Iterator[Option]:
    """Yield the options of operations that are not what they are by default."""
    for step in program.steps:
        if step.op not in operations():
            continue
        for name, parameter in operations().signature(step.op).parameters.items():
            value = step.options.get(name, parameter.default)
            if parameter.default is parameter.empty or value == parameter.default:
                continue
            yield step.op, f"{name}=True" if value is True else name
