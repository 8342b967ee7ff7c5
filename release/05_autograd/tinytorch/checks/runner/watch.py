"""Stand in the place of every rule's ``apply`` while one case runs, and know whose call it is."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any, Self

# Taken now: student code may put something else in its place.
from numpy import ndarray

from .student import Student

Apply = Callable[..., Any]


class Watch:
    """Puts :meth:`around` in the place of each ``apply`` for as long as it is entered.

    Classes of the submission's namespace are found at once, all others and what somebody put on an
    instance when a step's result carries such a node.
    """

    def __init__(self, student: Student) -> None:
        self._student = student
        self._names = student.names
        self._undo: list[Callable[[], None]] = []
        self._wrapped: set[int] = set()
        self._kept: list[Any] = []
        self.node_of: dict[int, int] = {}
        """The step whose result carries a node, by the node's id."""

    def around(self, apply: Apply) -> Apply:
        """Return what is called instead of ``apply(rule, gradient)``."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        for value in list(self._names.classes()):
            if not self._is_of_tensors(value):
                self._wrap_class(value)
        return self

    def __exit__(self, *details: object) -> None:
        for undo in reversed(self._undo):
            undo()

    def note_node(self, step: int, value: Any) -> str:
        """Note the node of what a step gave, and say what it is.

        Returns
        -------
        str
            ``nothing``, an ``array``, a ``constant``, a ``leaf``, a result with its ``node``, one
            that has a node and asks for nothing, ``silent``, or ``other``.
        """
        if value is None:
            return "nothing"
        if isinstance(value, ndarray):
            return "array"
        node = self.node_in(value)
        if node is None:
            if not hasattr(value, "requires_grad"):
                return "other"
            return "leaf" if value.requires_grad else "constant"
        self._kept.append(node)  # so that no other object gets its id
        self.node_of[id(node)] = step
        self._wrap_class(type(node))
        self._wrap_instance(node)
        return "node" if getattr(value, "requires_grad", True) else "silent"

    def node_in(self, value: Any) -> Any:
        """Return a rule itself, the node of a result, or None."""
        method = getattr(value, self._names.contract["apply"], None)
        if callable(method) and not self._is_of_tensors(type(value)):
            return value
        return self._names.node_of(value) if hasattr(value, "requires_grad") else None

    def _is_of_tensors(self, owner: type) -> bool:
        """Tell whether a class is Tensor's, where tensors and rules have a method of one name."""
        contract = self._names.contract
        shared = contract["apply"] == contract["backward"]
        return shared and issubclass(owner, self._student.tensor_class())

    def _wrap_class(self, rule: type) -> None:
        """Wrap the apply that a class defines itself; one it inherits is wrapped where it is."""
        name = self._names.method_to_watch(rule)
        for owner in rule.__mro__[:-1]:
            apply = vars(owner).get(name)
            if isinstance(apply, types.FunctionType) and id(owner) not in self._wrapped:
                self._wrapped.add(id(owner))
                try:
                    setattr(owner, name, self.around(apply))
                except (AttributeError, TypeError):
                    continue
                self._undo.append(functools.partial(setattr, owner, name, apply))

    def _wrap_instance(self, node: Any) -> None:
        """Wrap an apply that somebody put on the instance."""
        name = self._names.contract["apply"]
        apply = vars(node).get(name) if hasattr(node, "__dict__") else None
        if callable(apply) and id(node) not in self._wrapped:
            self._wrapped.add(id(node))
            watched = functools.partial(self.around(lambda _self, *given: apply(*given)), node)
            setattr(node, name, watched)
            self._undo.append(functools.partial(setattr, node, name, apply))
