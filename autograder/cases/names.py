"""Which operations a program uses, and which checks test an operation's rule."""

from __future__ import annotations

from autograder.cases.program import Program
from autograder.operations import operations


def own_checks(op: str) -> tuple[str, ...]:
    """Return the checks whose cases test an operation's rule: what a slip in it costs, once."""
    return operations()[op].checks if op in operations() else ()


def owners(check: str) -> frozenset[str]:
    """Return the operation of whose own checks this is one."""
    return frozenset(op for op, declared in operations().items() if check in declared.checks)


def tested_by(check: str) -> frozenset[str]:
    """Return the operations whose rules a check tests."""
    others = {op for op, declared in operations().items() if check in declared.also_tested}
    return owners(check) | others


def operations_of(program: Program) -> frozenset[str]:
    """Return the operations that a program uses, in layers and in functions passed on as well."""
    steps = [*program.steps, *(step for body in program.bodies for step in body.steps)]
    found = {step.op for step in steps}
    operation_of = operations().operation_of
    found |= {
        operation_of.get(str(step.options["name"]), "") for step in steps if step.op == "rule"
    }
    return frozenset(found | ({"matmul", "add"} if "linear" in found else set()))
