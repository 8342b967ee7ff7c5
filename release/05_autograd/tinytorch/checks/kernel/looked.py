"""What the results and the nodes of a case are like, and what that shows: looked at, not inferred.

A step is an operation's name, the id of its value, its arguments and its options. An argument is
the id of a value, or a Python number in a list or tuple.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .tracking import cut_off, is_reversed, wrong_result

BUILT = "rule"
"""The step that builds a node by hand."""
FORWARD = frozenset({"observe", "enable"})
"""What changes no number, beside operations."""

Floats = NDArray[np.float64]
Step = tuple[str, int, Sequence[Any], Mapping[str, Any]]


class Seen(Protocol):
    """What was noted of one result."""

    @property
    def kept(self) -> Sequence[int | None]:
        """Of each tensor that its node keeps: which value of the program it is.

        -1 for another tensor that no operation made; None for all else.
        """

    @property
    def asking(self) -> Sequence[bool]:
        """Of each argument of the step, whether it asked for a gradient."""

    @property
    def elsewhere(self) -> bool:
        """Whether the node stands under another name than the assignment's."""

    @property
    def value(self) -> NDArray[Any] | None:
        """The result's numbers, where they are known."""


@dataclass(frozen=True)
class Looked:
    """What was seen of the results of one case: steps, each the first of its kind.

    Attributes
    ----------
    cut
        An operation whose node keeps another tensor in the place of an operand, and which operand.
    backwards
        A rule that keeps its operands in the reverse order, by its name.
    stopped
        An operation on a leaf that asks for no gradient any more.
    silent
        An operation whose result has a node and asks for nothing.
    elsewhere
        An operation whose node stands under another name than the assignment's.
    needless
        An operation that is tracked although nothing asks for a gradient.
    wrong
        An operation that gives another result than it should, before anything went backward, and
        whether its shape or its numbers are wrong.
    """

    cut: tuple[int, int] | None = None
    backwards: str = ""
    stopped: int | None = None
    silent: int | None = None
    elsewhere: int | None = None
    needless: int | None = None
    wrong: tuple[int, str] | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """What of it was seen, by name."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return frozenset(name for name, value in found.items() if value not in {None, ""})


NOTHING = Looked()


@dataclass(frozen=True)
class Wanted:
    """What the steps of a case should give.

    Attributes
    ----------
    leaves
        Inputs that ask for a gradient.
    made
        Steps that are operations, or layers made of them.
    differentiable
        Those that depend on a leaf.
    values
        What they should give, as far as that is known.
    rules
        The rule of each operation of its own.
    """

    leaves: Collection[int]
    made: Collection[int]
    differentiable: Collection[int]
    values: Mapping[int, Floats]
    rules: Mapping[str, str]


def look(
    steps: Sequence[Step], wanted: Wanted, results: Mapping[int, str], nodes: Mapping[int, Seen]
) -> Looked:
    """Compare what each step gave with what it should give."""
    found: dict[str, Any] = {}
    forward = True
    for step in steps:
        op, out, _, _ = step
        forward = forward and (out in wanted.made or op in FORWARD)
        seen = nodes.get(out)
        if seen is None:
            continue
        for kind, value in _of_step(step, seen, wanted, results.get(out, ""), forward=forward):
            found.setdefault(kind, value)
    return Looked(**found)


def _of_step(
    step: Step, seen: Seen, wanted: Wanted, state: str, *, forward: bool
) -> list[tuple[str, Any]]:
    op, out, args, options = step
    values = [arg if isinstance(arg, int) else None for arg in args]
    rule = str(options.get("name", "")) if op == BUILT else wanted.rules.get(op, "")
    found: list[tuple[str, Any]] = []
    if rule and is_reversed(values, seen.kept):
        found.append(("backwards", rule))
    if out not in wanted.made:
        return found
    if out not in wanted.differentiable:
        return [*found, ("needless", out)] if state in {"node", "leaf"} else found
    asked = zip(values, seen.asking, strict=False)
    if any(value in wanted.leaves and not asks for value, asks in asked):
        found.append(("stopped", out))
    if state == "silent":
        found.append(("silent", out))
    if seen.elsewhere:
        found.append(("elsewhere", out))
    waiting = [
        value if value in wanted.leaves or value in wanted.differentiable else None
        for value in values
    ]
    place = cut_off(waiting, seen.kept, sum(value is None for value in values))
    if place is not None and op in wanted.rules:
        found.append(("cut", (out, place)))
    if forward and seen.value is not None and out in wanted.values:
        form = wrong_result(seen.value, wanted.values[out])
        if form:
            found.append(("wrong", (out, form)))
    return found


@dataclass(frozen=True)
class Sight:
    """One thing that was seen: a code, the step that it is about, and what its words need."""

    code: str
    step: int | None = None
    operand: int = 0
    form: str = ""


def first(looked: Looked, usual: Collection[str], *, reversed_base: bool) -> Sight | None:
    """Return what explains wrong numbers, whatever else fits them.

    Parameters
    ----------
    usual
        What cases show that pass: this submission works in that way.
    reversed_base
        Whether the base class was seen to keep its operands in the reverse order.
    """
    if looked.stopped is not None and "stopped" not in usual:
        return Sight("leaf-asks-no-more", looked.stopped)
    if looked.cut is not None and "cut" not in usual:
        return Sight("operand-cut-off", looked.cut[0], operand=looked.cut[1])
    if reversed_base and looked.backwards:
        return Sight("keeps-reversed")
    return None


def beside(looked: Looked, usual: Collection[str]) -> Sight | None:
    """Return the operation that gives a wrong result, which an exception may follow from."""
    if looked.wrong is None or "wrong" in usual:
        return None
    return Sight("wrong-result", looked.wrong[0], form=looked.wrong[1])


def last(looked: Looked, usual: Collection[str], *, ran: bool) -> Sight | None:
    """Return what else was seen, where nothing that explains the numbers is known.

    Parameters
    ----------
    ran
        Whether any rule was called.
    """
    if looked.silent is not None and "silent" not in usual:
        return Sight("node-without-flag", looked.silent)
    if looked.elsewhere is not None and "elsewhere" not in usual and not ran:
        return Sight("node-elsewhere", looked.elsewhere)
    if looked.needless is not None:
        return Sight("gradient-to-constants", looked.needless)
    return None
