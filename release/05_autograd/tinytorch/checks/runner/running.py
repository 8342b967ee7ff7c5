"""Run an operation on the student's objects as the contract says: by operator, method or call."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from .contract import Run
from .student import Student

Instances = dict[tuple[str, int], Any]
Json = dict[str, Any]
SPELLING = frozenset({"form", "strict", "instance"})
"""Options that say how a step is written; what is computed does not depend on them."""


def plain_operators(runs: dict[str, Run]) -> dict[str, Callable[..., Any]]:
    """Return the operations that are nothing but an operator between operands."""
    return {
        op: getattr(operator, run.operator)
        for op, run in runs.items()
        if run.operator and not run.method and not run.by_position and not run.spread
    }


def run_operation(
    op: str, args: list[Any], options: Json, student: Student, instances: Instances
) -> Any:
    """Run an operation.

    Parameters
    ----------
    options
        Those of the operation, by name, and those of :data:`SPELLING`.
    instances
        Activations and losses that the program has made already, by operation and number.
    """
    run = student.names.contract.runs[op]
    given = {key: value for key, value in options.items() if key not in SPELLING}
    args = [*args, *(index_of(given.pop(key)) for key in run.by_position if key in given)]
    if run.spread:
        args += given.pop(run.spread)
    given = {
        key: tuple(value) if isinstance(value, list) else value for key, value in given.items()
    }
    if run.made:
        made = _instance(op, run.made, options, student, instances)
        return (made.forward if options.get("form") == "forward" else made)(*args, **given)
    if run.operator and run.method:
        return _either_way(run, args, options)
    if run.operator:
        inplace = options.get("form") == "inplace"
        return getattr(operator, f"i{run.operator}" if inplace else run.operator)(*args)
    if run.method:
        return getattr(args[0], run.method)(*args[1:], **given)
    return student.find(run.function)(*args, **given)


def _instance(op: str, name: str, options: Json, student: Student, instances: Instances) -> Any:
    """Make an activation or a loss, or return the one that the program has made already."""
    make = student.find(name)
    number = options.get("instance")
    if number is None:
        return make()
    if (op, number) not in instances:
        instances[op, number] = make()
    return instances[op, number]


def _either_way(run: Run, args: list[Any], options: Json) -> Any:
    """Use operator or method: where the case does not insist, the one that works."""
    by_operator = options["form"] == "operator"
    result, error = _attempt(run, args, by_operator)
    asking = any(getattr(arg, "requires_grad", False) for arg in args)
    if options.get("strict") or (error is None and not (asking and not _is_tracked(result))):
        if error is not None:
            raise error
        return result
    other, other_error = _attempt(run, args, not by_operator)
    if other_error is None and (error is not None or _is_tracked(other)):
        return other
    if error is not None:
        raise error
    return result


def _attempt(run: Run, args: list[Any], by_operator: bool) -> tuple[Any, Exception | None]:
    try:
        if by_operator:
            return getattr(operator, run.operator)(*args), None
        return getattr(args[0], run.method)(*args[1:]), None
    except Exception as error:
        return None, error


def _is_tracked(result: Any) -> bool:
    return bool(getattr(result, "requires_grad", False))


def index_of(plain: Any) -> Any:
    """Make an index of its data: slices and tuples are lists there that begin with their kind."""
    if not isinstance(plain, list):
        return plain
    tag, *rest = plain
    if tag == "tuple":
        return tuple(index_of(part) for part in rest)
    return slice(*rest) if tag == "slice" else rest
