"""What a case's program is about."""

from __future__ import annotations

from autograder.cases.program import Program, Step
from autograder.cases.registry import Case
from autograder.grading.compare import Mismatch
from autograder.operations import operations


def rules_of(case: Case) -> list[str]:
    """Return the classes that a case builds, in order."""
    return [str(step.options["name"]) for step in case.program.steps if step.op == "rule"]


def tested_rule(case: Case) -> str:
    """Return the rule that a case builds by itself, or nothing where it builds none or several.

    The base class is no rule.
    """
    built = set(rules_of(case))
    return built.pop() if len(built) == 1 and built <= operations().operation_of.keys() else ""


def has_number(step: Step) -> bool:
    """Tell whether one of an operation's operands is a Python number."""
    return any(isinstance(arg, tuple) for arg in step.args)


def observed_value(case: Case, mismatch: Mismatch) -> int:
    """Return the id of the value whose observation differs."""
    return next(
        step.args[0]
        for step in case.program.observations
        if step.options["name"] == mismatch.name and isinstance(step.args[0], int)
    )


def gives_a_gradient(program: Program) -> bool:
    """Tell whether a program calls backward() with a gradient."""
    return any(step.op == "backward" and len(step.args) > 1 for step in program.steps)


def goes_backward(program: Program) -> bool:
    """Tell whether a program calls backward()."""
    return any(step.op == "backward" for step in program.steps)


def enables_again(program: Program) -> bool:
    """Tell whether a program calls enable_autograd() itself."""
    return any(step.op == "enable" for step in program.steps)
