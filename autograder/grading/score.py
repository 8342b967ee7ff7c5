"""From verdicts to points.

A check is worth its points times the share of its cases that count, rounded to a hundredth of a
point: cases that passed, and those excused because a rule with a check of its own is at fault
(``once.py``). A checkpoint is the sum of its checks. A check whose prerequisite earned nothing is
skipped rather than failed: it has nothing to say about itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from autograder.config import Check, Checkpoint, Config
from autograder.contract import Contract
from autograder.grading.diagnosis.claim import Claim
from autograder.grading.verdicts import Verdict
from autograder.grading.words.checks import explain, explain_skipped
from autograder.grading.words.raised import NO_SOURCE, Source
from autograder.model import (
    EXTRA_CREDIT,
    CheckpointResult,
    CheckResult,
    CheckStatus,
    Diagnosis,
    ExtraCredit,
)

DECIMALS = 2
NOTHING_CLAIMED: Mapping[str, Claim] = MappingProxyType({})


def score_checks(
    config: Config,
    verdicts: Sequence[Verdict],
    claims: Mapping[str, Claim] = NOTHING_CLAIMED,
    source: Source = NO_SOURCE,
    *,
    contract: Contract | None = None,
) -> tuple[CheckResult, ...]:
    """Return the result of every check, in the order of the configuration.

    Parameters
    ----------
    claims
        What is probably wrong, by the id of a failing case. No point depends on it.
    source
        The submission's text, to quote a line from, and what of it may still be told.
    contract
        The course's names, where they are at hand.
    """
    results: dict[str, CheckResult] = {}
    contract = contract or config.names
    by_check: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_check[verdict.case.check].append(verdict)
    titles = {check.id: check.title for check in config.all_checks}
    for check in config.all_checks:
        barren = [need for need in check.needs if results[need].score == 0]
        needed = [titles[need] for need in barren]
        results[check.id] = _score_check(
            check, by_check[check.id], needed, claims, contract, source
        )
    return tuple(results.values())


def _score_check(
    check: Check,
    verdicts: list[Verdict],
    barren: list[str],
    claims: Mapping[str, Claim],
    contract: Contract,
    source: Source,
) -> CheckResult:
    earned = sum(verdict.share for verdict in verdicts)
    share = earned / len(verdicts) if verdicts else 0.0
    status: CheckStatus = "failed"
    diagnosis: Diagnosis | None = None
    case = ""
    if verdicts and all(verdict.counts for verdict in verdicts):
        status = "passed"
    elif not verdicts or any(verdict.status == "error" for verdict in verdicts):
        status = "error"
    if status == "failed" and earned == 0 and barren:
        status = "skipped"
        diagnosis = explain_skipped(barren[0])
    elif status != "passed":
        diagnosis, case = explain(verdicts, claims, contract, source)
    return CheckResult(
        id=check.id,
        title=check.title,
        checkpoint=check.checkpoint,
        kind=check.kind,
        score=round(check.points * share, DECIMALS),
        max_score=check.points,
        status=status,
        diagnosis=diagnosis,
        case=case,
    )


def score_checkpoints(
    checkpoints: Sequence[Checkpoint], checks: Sequence[CheckResult]
) -> tuple[CheckpointResult, ...]:
    """Add up each checkpoint's checks, and say whether its pass mark is reached."""
    results = []
    for checkpoint in checkpoints:
        own = [check for check in checks if check.checkpoint == checkpoint.id]
        score, max_score = total(own)
        results.append(
            CheckpointResult(
                id=checkpoint.id,
                title=checkpoint.title,
                score=score,
                max_score=max_score,
                passed=max_score > 0 and score >= checkpoint.pass_at * max_score,
            )
        )
    return tuple(results)


def score_extra_credit(checks: Sequence[CheckResult]) -> ExtraCredit:
    """Add up the stretch checks."""
    score, max_score = total([check for check in checks if check.checkpoint == EXTRA_CREDIT])
    return ExtraCredit(score=score, max_score=max_score)


def total(checks: Sequence[CheckResult]) -> tuple[float, float]:
    """Return points earned and points possible."""
    return (
        round(sum(check.score for check in checks), DECIMALS),
        round(sum(check.max_score for check in checks), DECIMALS),
    )
