"""Watch the rules of a submission at work while one case runs.

What is noted is the submission's own account: it serves to find words, never points.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from .student import Student, as_array, plain, usual_name
from .wire import Json, Packer

MAX_APPLICATIONS = 150
MAX_ELEMENTS = 20_000
"""In all arrays of one case together."""
MAX_ENTRIES = 4
MAX_DIMENSIONS = 8

Apply = Callable[..., Any]


class Trace:
    """Wraps ``apply`` of every rule for as long as it is entered.

    Parameters
    ----------
    packer
        Receives copies of the arrays that are noted.
    """

    def __init__(self, student: Student, packer: Packer) -> None:
        self._student = student
        self._packer = packer
        self._undo: list[Callable[[], None]] = []
        self._wrapped: set[int] = set()
        self._node_of: dict[int, int] = {}
        self._kept: list[Any] = []
        self._depth = 0
        self._room = MAX_ELEMENTS
        self.applications: list[Json] = []
        self.results: dict[str, str] = {}

    def __enter__(self) -> Trace:
        for value in list(self._student.namespace.values()):
            if isinstance(value, type):
                self._wrap_class(value)
        return self

    def __exit__(self, *details: object) -> None:
        for undo in reversed(self._undo):
            undo()

    def note_value(self, step: int, value: Any) -> None:
        """Note what a step gave: nothing, a constant, a leaf, or a result with its node."""
        try:
            self.results[str(step)] = self._state(step, value)
        except Exception:  # attributes of the submission may do anything
            return

    def _state(self, step: int, value: Any) -> str:
        if value is None:
            return "nothing"
        node = value if callable(getattr(value, "apply", None)) else None
        if node is None:
            if not hasattr(value, "requires_grad"):
                return "other"
            node = getattr(value, "_grad_fn", None)
            if node is None:
                return "leaf" if value.requires_grad else "constant"
        self._kept.append(node)  # so that no other object gets its id
        self._node_of[id(node)] = step
        self._wrap_class(type(node))
        self._wrap_instance(node)
        return "node"

    def _wrap_class(self, rule: type) -> None:
        """Wrap the apply that a class defines itself; one it inherits is wrapped where it is."""
        for owner in rule.__mro__[:-1]:
            apply = vars(owner).get("apply")
            if isinstance(apply, types.FunctionType) and id(owner) not in self._wrapped:
                self._wrapped.add(id(owner))
                try:
                    owner.apply = self._watching(apply)  # type: ignore[attr-defined] # it is there
                except (AttributeError, TypeError):
                    continue
                self._undo.append(functools.partial(setattr, owner, "apply", apply))

    def _wrap_instance(self, node: Any) -> None:
        """Wrap an apply that somebody put on the instance."""
        apply = vars(node).get("apply") if hasattr(node, "__dict__") else None
        if callable(apply) and id(node) not in self._wrapped:
            self._wrapped.add(id(node))
            node.apply = functools.partial(
                self._watching(lambda _self, *given: apply(*given)), node
            )
            self._undo.append(functools.partial(setattr, node, "apply", apply))

    def _watching(self, apply: Apply) -> Apply:
        @functools.wraps(apply)
        def watched(rule: Any, *given: Any, **options: Any) -> Any:
            before = _copy(given)
            application = self._before(rule, given)
            self._depth += 1
            try:
                entries = apply(rule, *given, **options)
            except BaseException:
                self._after(application, "raised", None)
                raise
            finally:
                self._depth -= 1
            self._after(application, "returned", entries)
            self._compare(application, before, given)
            return entries

        return watched

    def _before(self, rule: Any, given: tuple[Any, ...]) -> Json | None:
        if len(self.applications) >= MAX_APPLICATIONS:
            return None
        try:
            return {
                "rule": plain(usual_name(type(rule).__name__), 60),
                "step": self._node_of.get(id(rule)),
                "depth": self._depth,
                "operands": self._arrays(getattr(rule, "saved_tensors", ())),
                "asking": _asking(getattr(rule, "saved_tensors", ())),
                "incoming": self._array(given[0] if given else None),
            }
        except Exception:
            return None

    def _after(self, application: Json | None, ended: str, entries: Any) -> None:
        if application is None:
            return
        form, noted = ended, []
        if ended == "returned":
            try:
                form = "tuple" if isinstance(entries, tuple | list) else "bare"
                noted = self._arrays(entries if form == "tuple" else (entries,))
                if form == "tuple" and any(_is_tensor(entry) for entry in entries):
                    form = "tensors"
            except Exception:
                form, noted = "other", []
        self.applications.append({**application, "form": form, "entries": noted})

    def _compare(
        self, application: Json | None, before: np.ndarray[Any, Any] | None, given: tuple[Any, ...]
    ) -> None:
        """Note whether the rule has changed the array that came in."""
        if application is not None and before is not None:
            self.applications[-1]["changed"] = not np.array_equal(before, given[0], equal_nan=True)

    def _arrays(self, values: Any) -> list[Json | None]:
        return [self._array(value) for value in tuple(values)[:MAX_ENTRIES]]

    def _array(self, value: Any) -> Json | None:
        """Pack a copy of what holds numbers; None for all else, and for what is too large."""
        if value is None or isinstance(value, str | bytes | type):
            return None
        try:
            array = as_array(value)
        except Exception:
            return None
        if array is None or array.size > self._room or array.ndim > MAX_DIMENSIONS:
            return None
        self._room -= array.size
        return self._packer.add(array)


def _asking(operands: Any) -> list[bool]:
    """Say of each saved operand whether it asks for a gradient; what is no tensor does."""
    return [
        bool(getattr(operand, "requires_grad", True)) for operand in tuple(operands)[:MAX_ENTRIES]
    ]


def _copy(given: tuple[Any, ...]) -> np.ndarray[Any, Any] | None:
    """Return a copy of an incoming gradient that is a plain array of floats."""
    first = given[0] if given else None
    if type(first) is not np.ndarray or first.dtype.kind != "f" or first.size > MAX_ELEMENTS:
        return None
    return first.copy()


def _is_tensor(entry: Any) -> bool:
    return not isinstance(entry, np.ndarray | np.generic) and hasattr(entry, "requires_grad")
