"""Which cases of a submission are run once more, with an eye on its rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograder.cases.names import operations_of
from autograder.grading.diagnosis.failures import is_unfinished
from autograder.grading.verdicts import Verdict
from autograder.operations import operations

MAX_TRACED = 36
MAX_TRACED_A_CHECK = 2
MAX_TRACED_STEPS = 40


def choose_traced(verdicts: Sequence[Verdict]) -> list[int]:
    """Return the places of the cases that are worth a second run with an eye on the rules.

    For each check one that gave wrong values or raised, then another one; and for each operation in
    them one that passed, as a witness of how this submission's rules and engine share the work.
    """
    if all(verdict.status == "passed" for verdict in verdicts):
        return []
    short = [
        (place, verdict)
        for place, verdict in enumerate(verdicts)
        if len(verdict.case.program.steps) <= MAX_TRACED_STEPS
        and not verdict.case.program.about_cost
    ]
    of_check: Counter[str] = Counter()
    ranked: list[tuple[int, int]] = []
    for place, verdict in short:
        check = verdict.case.check
        if verdict.status != "failed" or is_unfinished(verdict.failure):
            continue
        if of_check[check] < MAX_TRACED_A_CHECK:
            of_check[check] += 1
            ranked.append((of_check[check], place))
    chosen = [place for _, place in sorted(ranked)[:MAX_TRACED]]
    failing = {place: operations_of(verdicts[place].case.program) for place in chosen}
    wanted = frozenset().union(*failing.values()) & operations().keys()
    witnesses = []
    for place, verdict in short:
        used = operations_of(verdict.case.program) & wanted
        if verdict.status == "passed" and verdict.case.program.engine and used:
            witnesses.append(place)
            wanted -= used
    return sorted([*failing, *witnesses])
