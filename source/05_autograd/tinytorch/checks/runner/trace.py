"""Watch the rules of a submission at work while one case runs.

What is noted is the submission's own account: it serves to find words, never points.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

# Taken now: student code may put something else in their place.
from numpy import array_equal, generic, ndarray

from .student import Student, as_array, form_of, plain
from .watch import Apply, Watch

if TYPE_CHECKING:
    from .wire import Packer

Json = dict[str, Any]

MAX_APPLICATIONS = 150
MAX_ELEMENTS = 20_000
"""In all arrays of one case together."""
MAX_VALUES = 4_000
"""In all results of one case together."""
MAX_ENTRIES = 4
MAX_COUNT = 99
MAX_DIMENSIONS = 8


class Trace(Watch):
    """Wraps ``apply`` of every rule for as long as it is entered.

    Parameters
    ----------
    packer
        Receives copies of the arrays that are noted.
    """

    def __init__(self, student: Student, packer: Packer) -> None:
        super().__init__(student)
        self._packer = packer
        self._depth = 0
        self._room = MAX_ELEMENTS
        self.applications: list[Json] = []
        self.results: dict[str, str] = {}
        self.nodes: dict[str, Json] = {}
        self._value_room = MAX_VALUES
        self._known: dict[int, int] = {}

    def note_input(self, declared: int, value: Any) -> None:
        """Note an input, so that a node which keeps it shows that it does."""
        self._known[id(value)] = declared

    def note_value(self, step: int, value: Any, args: Sequence[Any] = ()) -> None:
        """Note what a step gave: nothing, a constant, a leaf, or a result with its node."""
        try:
            self.results[str(step)] = self.note_node(step, value)
            if hasattr(value, "requires_grad") or self.node_in(value) is not None:
                self.nodes[str(step)] = self._look_at(value, args)
                self._known[id(value)] = step
        except Exception:  # attributes of the submission may do anything
            return

    def _look_at(self, value: Any, args: Sequence[Any]) -> Json:
        """Say what a node keeps, and what it was made from."""
        node = self.node_in(value)
        saved = () if node is None else self._names.operands_of(node)
        usual = getattr(value, self._names.contract.names["_grad_fn"].name, None)
        return {
            "kept": [self._whose(operand) for operand in tuple(saved)[:MAX_ENTRIES]],
            "asking": _asking(args),
            "elsewhere": node is not None and node is not value and usual is not node,
            "value": self._value(value),
        }

    def _whose(self, operand: Any) -> int | None:
        """Return which value of the program a saved tensor is; -1 for a stranger without node."""
        if not _is_tensor(operand):
            return None
        known = self._known.get(id(operand))
        if known is not None:
            return known
        return -1 if self._names.node_of(operand) is None else None

    def _value(self, value: Any) -> Json | None:
        """Pack a copy of a result's numbers, while there is room."""
        array = as_array(value) if _is_tensor(value) else None
        if array is None or array.size > self._value_room or array.ndim > MAX_DIMENSIONS:
            return None
        self._value_room -= array.size
        return self._packer.add(array)

    def around(self, apply: Apply) -> Apply:
        """Return ``apply`` with an eye on what comes and goes."""

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
            saved = self._names.operands_of(rule)
            return {
                "rule": plain(self._names.usual(type(rule)), 60),
                "step": self.node_of.get(id(rule)),
                "depth": self._depth,
                "operands": self._arrays(saved),
                "asking": _asking(saved),
                "incoming": self._array(given[0] if given else None),
            }
        except Exception:
            return None

    def _after(self, application: Json | None, ended: str, entries: Any) -> None:
        if application is None:
            return
        form, noted, count = ended, [], -1
        if ended == "returned":
            try:
                form = "tuple" if isinstance(entries, tuple | list) else form_of(entries)
                noted = self._arrays(entries if form == "tuple" else (entries,))
                count = min(len(entries), MAX_COUNT) if form == "tuple" else -1
                if form == "tuple" and any(_is_tensor(entry) for entry in entries):
                    form = "tensors"
            except Exception:
                form, noted = "other", []
        self.applications.append({**application, "form": form, "entries": noted, "count": count})

    def _compare(
        self, application: Json | None, before: np.ndarray[Any, Any] | None, given: tuple[Any, ...]
    ) -> None:
        """Note whether the rule has changed the array that came in."""
        if application is not None and before is not None:
            self.applications[-1]["changed"] = not array_equal(before, given[0], equal_nan=True)

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
    if type(first) is not ndarray or first.dtype.kind != "f" or first.size > MAX_ELEMENTS:
        return None
    return first.copy()


def _is_tensor(entry: Any) -> bool:
    return not isinstance(entry, ndarray | generic) and hasattr(entry, "requires_grad")
