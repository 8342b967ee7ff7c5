"""Put a placebo in the place of some rules: what is wrong with them then matters to nobody else.

A placebo hands on a linear map of the incoming gradient in the operands' own shapes, made of
shapes and ranks alone (``linear.py``). Whether the rest of the submission is right shows with it as
well as it does with a right rule: the trusted side does the same with the reference's rules.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Self

from numpy import generic, ndarray

from . import linear
from .completion import stand_in
from .student import Student, as_array
from .watch import Apply, Watch
from .wire import Json

MISSING = object()
Shape = tuple[tuple[int, ...], bool]
"""An operand's shape, and whether it asks for a gradient."""


class Placebo(Watch):
    """Replaces rules of a submission for as long as it is entered.

    Parameters
    ----------
    program
        The case that is about to run.
    spec
        ``operands``: the operations whose rules are replaced, and how many operands each has;
        ``rules``: the operation of every class of the assignment, by the class's name; and the
        case's ``nonce``.
    """

    def __init__(self, student: Student, program: Json, spec: Json) -> None:
        super().__init__(student)
        self._rules: dict[str, str] = {name.lower(): op for name, op in spec["rules"].items()}
        self._missing = [
            name
            for name, op in spec["rules"].items()
            if op in spec["operands"] and not self._names.contract.applied_by
        ]
        self._operands: dict[str, int] = spec["operands"]
        self._nonce: int = spec["nonce"]
        self._steps = {step[1]: step for step in program["steps"]}
        self._values: dict[int, Any] = {}
        self._built: dict[int, list[Shape]] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        self._student.start_engine()
        for name in self._missing:
            if name not in self._student.namespace:
                self._stand_in(name)
        for value in list(self._names.classes()):
            if self._named(value) in self._operands:
                self._watch_construction(value)
        return self

    def note_value(self, step: int, value: Any, _args: Sequence[Any] = ()) -> None:
        """Note what an input or a step is, and which step a node belongs to."""
        self._values[step] = value
        try:
            self.note_node(step, value)
        except Exception:  # attributes of the submission may do anything
            return

    def around(self, apply: Apply) -> Apply:
        """Return what answers for the rules that are replaced, and calls ``apply`` for others."""

        @functools.wraps(apply)
        def substituted(rule: Any, *given: Any, **options: Any) -> Any:
            op = self._operation(rule)
            if op not in self._operands:
                return apply(rule, *given, **options)
            return self._entries(rule, op, (*given, *options.values())[0])

        return substituted

    def _stand_in(self, name: str) -> None:
        """Let a rule that is not defined be there for as long as this is entered."""
        namespace = self._student.namespace
        known = {
            self._names.usual(value) for value in namespace.values() if isinstance(value, type)
        }
        if name.lower() not in known:
            namespace[name] = rule = stand_in(name, namespace)
            self._wrap_class(rule)
            self._undo.append(functools.partial(namespace.pop, name, None))

    def _operation(self, rule: Any) -> str:
        """Return what a rule stands for: by the name of its class, else by the step it served."""
        named = self._named(type(rule))
        step = self._steps.get(self.node_of.get(id(rule), -1))
        return named or (step[0] if step is not None else "")

    def _named(self, rule: type) -> str:
        return self._rules.get(self._names.usual(rule), "")

    def _entries(self, rule: Any, op: str, gradient: Any) -> tuple[Any, ...]:
        incoming = as_array(gradient)
        entries: list[Any] = []
        rank = 0
        for shape, asks in self._shapes(rule, self._operands[op]):
            if not asks:
                entries.append(None)
                continue
            made = linear.entry(incoming, op, rank, shape, self._nonce)
            entries.append(self._like(gradient, incoming, made))
            rank += 1
        return tuple(entries)

    def _shapes(self, rule: Any, count: int) -> list[Shape]:
        """Return the shape of each operand, and whether it asks for a gradient.

        A rule is built from its operands, so that is where they are known best; else it keeps them;
        else they are the step's.
        """
        if id(rule) in self._built:
            return self._built[id(rule)][:count]
        operands = list(self._names.operands_of(rule) or ())
        if not all(hasattr(operand, "requires_grad") for operand in operands[:count] or [None]):
            step = self._steps.get(self.node_of.get(id(rule), -1))
            given = step[2] if step is not None else ()
            operands = [self._values.get(arg) if type(arg) is int else None for arg in given]
        return [_shape(operand) for operand in operands[:count]]

    def _like(self, gradient: Any, incoming: Any, made: Any) -> Any:
        """Return an entry in the precision, and of the kind, of the gradient that came in."""
        if incoming.dtype.kind == "f":
            made = made.astype(incoming.dtype)
        if isinstance(gradient, ndarray | generic | float | int):
            return made
        return self._student.tensor(made, requires_grad=False)

    def _watch_construction(self, rule: type) -> None:
        """Note what a rule is built from; one that cannot be built keeps that all the same."""
        own = vars(rule).get("__init__", MISSING)
        build: Any = rule.__init__  # type: ignore[misc] # looked up as a call would

        def construct(node: Any, *operands: Any, **options: Any) -> None:
            self._kept.append(node)  # so that no other object gets its id
            listed = operands[0] if operands and isinstance(operands[0], list | tuple) else operands
            self._built[id(node)] = [_shape(operand) for operand in listed]
            try:
                build(node, *operands, **options)
                whole = bool(self._names.operands_of(node))  # else it never called Function's own
            except Exception:
                whole = False
            if not whole:
                tensors = [value for value in operands if hasattr(value, "requires_grad")]
                setattr(node, self._names.contract["saved_tensors"], tuple(tensors))
                node.next_functions = [
                    value._grad_fn for value in tensors if getattr(value, "_grad_fn", None)
                ]

        rule.__init__ = construct  # type: ignore[misc] # undone below
        if own is MISSING:
            self._undo.append(functools.partial(delattr, rule, "__init__"))
        else:
            self._undo.append(functools.partial(setattr, rule, "__init__", own))


def _shape(operand: Any) -> Shape:
    if not hasattr(operand, "requires_grad"):
        return (), False
    array = as_array(operand)
    return ((), False) if array is None else (array.shape, bool(operand.requires_grad))
