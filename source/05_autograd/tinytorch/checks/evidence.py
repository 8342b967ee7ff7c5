"""What a failing case shows when it runs once more with each call of a rule noted.

The same things are looked at as in grading: whether each operation is tracked, what form each rule
returned, and whether each call handed on what it should, at the gradient that it received.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import data
from .kernel.calls import Fault, agrees, judge_entry
from .kernel.looked import NOTHING, Looked, Wanted, look
from .kernel.tracking import first_broken

Json = dict[str, Any]

MOST_OTHER_CASES = 12


@dataclass(frozen=True)
class Wrong:
    """The first call that handed on something wrong: its rule, and which of its operands."""

    rule: str
    step: int
    operand: int
    fault: Fault


@dataclass(frozen=True)
class Evidence:
    """What is known of the first failing case of a check, beside its numbers.

    Attributes
    ----------
    broken
        The first operation whose result should carry a node and does not, and what it is.
    form
        The first rule that returned no tuple, and what it returned.
    changing
        A rule that wrote into the gradient that it was given.
    wrong
        The first wrong call.
    calls
        How many calls of rules there were.
    all_right
        Whether every call could be judged, and was right.
    helped
        Whether a rule called another one: then either may be wrong.
    contradicted
        Mistakes that would have changed a case which passes.
    cleared
        Rules of which every call was right.
    looked, usual
        What the results and nodes are like, and what is so in cases that pass.
    reversed_base
        Whether Function keeps its operands in the reverse order.
    """

    broken: tuple[int, str] | None = None
    form: tuple[str, str] | None = None
    changing: str = ""
    wrong: Wrong | None = None
    calls: int = 0
    all_right: bool = False
    helped: bool = False
    contradicted: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()
    looked: Looked = NOTHING
    usual: frozenset[str] = frozenset()
    reversed_base: bool = False


NONE = Evidence()


@dataclass(frozen=True)
class Seen:
    """What was noted of one result, see ``kernel.looked``."""

    kept: list[int | None]
    asking: list[bool]
    elsewhere: bool
    value: np.ndarray | None


def look_at(case: Json, results: dict[str, str], nodes: dict[str, Json]) -> Looked:
    """Say what the results and nodes of a case are like."""
    program = case["program"]
    wanted = Wanted(
        leaves={one["id"] for one in program["inputs"] if one["role"] == "leaf"},
        made=set(case["operations"]),
        differentiable=set(case["differentiable"]),
        values={int(step): data.array(call["result"]) for step, call in case["calls"].items()},
        rules={op: rule for op, (rule, _) in data.operations().items()},
    )
    states = {int(step): state for step, state in results.items()}
    return look(
        program["steps"], wanted, states, {int(key): Seen(**node) for key, node in nodes.items()}
    )


def of_calls(
    case: Json, applications: list[Json], results: dict[str, str], nodes: dict[str, Json]
) -> Evidence:
    """Return what the noted calls of a case show."""
    # Where enable_autograd() is called again, what a rule received says nothing about the rule.
    again = any(step[0] == "enable" for step in case["program"]["steps"])
    judged = [not again and _judge(case, application) for application in applications]
    forms = (
        (_spelled(found["rule"]), found["form"])
        for found in applications
        if found["form"] not in {"tuple", "tensors", "raised"}
    )
    changing = (_spelled(found["rule"]) for found in applications if found.get("changed"))
    return Evidence(
        broken=first_broken(
            case["operations"],
            case["differentiable"],
            {int(step): state for step, state in results.items()},
        ),
        form=next(forms, None),
        changing=next(changing, ""),
        wrong=next((found for found in judged if isinstance(found, Wrong)), None),
        calls=len(applications),
        all_right=bool(judged) and all(found is True for found in judged),
        helped=any(application["depth"] for application in applications),
        cleared=frozenset(_cleared(applications, judged)),
        looked=look_at(case, results, nodes),
    )


def _cleared(applications: list[Json], judged: list[Wrong | bool]) -> Iterator[str]:
    """Yield the rules of which every call could be judged, and was right."""
    rules = [_spelled(application["rule"]) for application in applications]
    for rule in set(rules):
        if all(found is True for name, found in zip(rules, judged, strict=True) if name == rule):
            yield rule


def _spelled(rule: str) -> str:
    """Return a rule's name as the notebook spells it; the lookup ignores case."""
    return next((name for name, _ in data.operations().values() if name.lower() == rule), rule)


def _judge(case: Json, application: Json) -> Wrong | bool:
    """Return True for a right call, the fault of a wrong one, and False where nobody can tell.

    A call is judged only if what came in is right, or a single number, to which all that goes out
    is in proportion; and if it is a call of the operation's own rule
    with operands that ask for what is due: else another one, or the engine, is to blame.
    """
    step = application["step"]
    call = case["calls"].get(str(step))
    if call is None or _spelled(application["rule"]) != call["rule"]:
        return False
    if application["form"] not in {"tuple", "tensors"} or application["depth"]:
        return False
    incoming = data.array(call["incoming"])
    came = application["incoming"]
    if came is None:
        return False
    factor = 1.0 if agrees(came, incoming) else _factor(came, incoming)
    if factor is None:
        return False
    operands = [array for array in application["operands"] if array is not None]
    given = [factor * incoming, *(np.asarray(array, dtype=np.float64) for array in operands)]
    shapes = [np.shape(array) for array in application["operands"]]
    for operand, wanted in enumerate(_wanted(call, application["entries"])):
        if wanted is None:
            continue
        others = [shape for place, shape in enumerate(shapes) if place != operand]
        entries = application["entries"]
        entry = entries[operand] if operand < len(entries) else None
        if entry is None and not all(application["asking"][operand : operand + 1]):
            return False
        fault = judge_entry(entry, factor * data.array(wanted), given, others)
        if fault is not None:
            return Wrong(call["rule"], int(step), operand, fault)
    return True


def _factor(came: np.ndarray, incoming: np.ndarray) -> float | None:
    """Return how many times the right gradient a single number is that came instead."""
    if came.size != 1 or incoming.size != 1 or not incoming.item():
        return None
    return float(came.item()) / float(incoming.item())


def _wanted(call: Json, entries: list[Any]) -> Iterator[Json | None]:
    """Yield what each entry should be; a rule may leave the sum over broadcast axes to others."""
    for operand, (summed, whole) in enumerate(zip(call["entries"], call["unsummed"], strict=True)):
        entry = entries[operand] if operand < len(entries) else None
        left = entry is not None and whole is not None and list(entry.shape) == whole["shape"]
        yield whole if left else summed


def contradicted(check: Json, mistakes: list[str], passes: Callable[[Json], bool]) -> Iterator[str]:
    """Yield the mistakes that would have changed a case of another check, which passes.

    Parameters
    ----------
    passes
        Runs a case.
    """
    known: dict[str, bool] = {}
    others = [
        case
        for other in data.checks()
        if other["id"] != check["id"]
        for case in other["cases"]
    ]
    for mistake in mistakes:
        for case in [case for case in others if mistake in case["mistakes"]][:MOST_OTHER_CASES]:
            if case["id"] not in known:
                known[case["id"]] = passes(case)
            if known[case["id"]]:
                yield mistake
                break
