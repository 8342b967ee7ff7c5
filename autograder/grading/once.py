"""Charge a slip in one gradient rule once: to the checks of that rule, and to no other.

A case that fails is run again with placebos for the rules in it that are known to be broken. When
all is right then, only those rules are at fault. What such cases lose is charged to the rules: each
pays for its own checks and for other cases together, up to the points of its own checks. The rest
is excused.

So a score never falls when a mistake is mended. What a placebo shows does not depend on the rule
that it replaces, so mending a rule excuses nothing less elsewhere; and a rule that is left out
loses all of its own points, which is the most that a rule at fault ever pays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from autograder.cases.names import operations_of, own_checks, owners, tested_by
from autograder.config import Config
from autograder.grading.verdicts import Verdict
from autograder.operations import operations

Operations = frozenset[str]
Retry = Callable[[Mapping[int, Operations]], frozenset[int]]
"""Runs the cases at some places again, each with placebos for some operations; returns the places
at which all is right then."""


def excuse(config: Config, verdicts: Sequence[Verdict], retry: Retry) -> tuple[Verdict, ...]:
    """Return the verdicts, with what is excused.

    Parameters
    ----------
    retry
        Runs cases again.
    """
    blamed = _find_blamed(verdicts, retry)
    return _charge(config, verdicts, blamed) if blamed else tuple(verdicts)


def _find_blamed(verdicts: Sequence[Verdict], retry: Retry) -> dict[int, Operations]:
    """Return, for each failing case in which rules alone are at fault, which ones.

    Cases that build a rule by hand speak of that rule alone, so they come first. Once their rules
    are out of the way, so do the own cases of rules that are reached through tensors.
    """
    blamed: dict[int, Operations] = {}
    tried: dict[int, Operations] = {}
    for through_tensors in (False, True):
        broken = _broken(verdicts, blamed, through_tensors)
        wanted = {
            place: suspects
            for place, verdict in enumerate(verdicts)
            if place not in blamed
            and (suspects := broken & _replaceable(verdict))
            and tried.get(place) != suspects
        }
        tried |= wanted
        if wanted:
            blamed |= {place: wanted[place] for place in retry(wanted)}
    return blamed


def _broken(
    verdicts: Sequence[Verdict], blamed: Mapping[int, Operations], through_tensors: bool
) -> Operations:
    """Return the operations whose own cases fail, but for those in which others are at fault."""
    found: set[str] = set()
    for place, verdict in enumerate(verdicts):
        case = verdict.case
        if verdict.status == "passed" or place in blamed:
            continue
        if not case.program.engine:
            found |= operations_of(case.program)
        elif through_tensors:
            found |= owners(case.check)
    return frozenset(found)


def _replaceable(verdict: Verdict) -> Operations:
    """Return the operations of a failing case that it does not test."""
    program = verdict.case.program
    if verdict.status != "failed" or not program.engine:
        return frozenset()
    return operations_of(program) & operations().keys() - tested_by(verdict.case.check)


def _charge(
    config: Config, verdicts: Sequence[Verdict], blamed: Mapping[int, Operations]
) -> tuple[Verdict, ...]:
    """Let each rule pay for cases of other checks until it has paid its own points."""
    worth = _worth(config, verdicts)
    left = {op: _unspent(op, verdicts, worth) for op in operations()}
    counted = {check.id for check in config.checks}
    after = list(verdicts)
    for place in sorted(blamed, key=lambda at: (verdicts[at].case.check not in counted, at)):
        price = worth[verdicts[place].case.check]
        charged = 0.0
        for op in sorted(blamed[place]):
            paid = min(left[op], price - charged)
            left[op] -= paid
            charged += paid
        after[place] = msgspec.structs.replace(
            verdicts[place],
            blamed=tuple(sorted(blamed[place])),
            excused=1.0 - charged / price if price else 1.0,
        )
    return tuple(after)


def _worth(config: Config, verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Return the points of one case, by check."""
    sizes: dict[str, int] = {}
    for verdict in verdicts:
        sizes[verdict.case.check] = sizes.get(verdict.case.check, 0) + 1
    return {check.id: check.points / sizes.get(check.id, 1) for check in config.all_checks}


def _unspent(op: str, verdicts: Sequence[Verdict], worth: Mapping[str, float]) -> float:
    """Return what the own cases of an operation still hold: the points that were not lost there."""
    return sum(
        worth[verdict.case.check]
        for verdict in verdicts
        if verdict.case.check in own_checks(op) and verdict.status == "passed"
    )
