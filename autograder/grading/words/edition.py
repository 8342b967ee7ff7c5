"""A result in the names of the edition that it was graded in."""

from __future__ import annotations

from msgspec.structs import replace

from autograder.contract import Wording
from autograder.model import CheckResult, Diagnosis, Result


def in_own_words(result: Result, wording: Wording) -> Result:
    """Return a result whose sentences call rules and their parts what the edition calls them."""
    say = wording.of_finding
    outcome = replace(
        result.outcome, message=say(result.outcome.message), remedy=say(result.outcome.remedy)
    )
    return replace(
        result,
        outcome=outcome,
        notes=tuple(map(say, result.notes)),
        checks=tuple(_check(check, wording) for check in result.checks),
    )


def _check(check: CheckResult, wording: Wording) -> CheckResult:
    if check.diagnosis is None:
        return check
    return replace(check, diagnosis=_diagnosis(check.diagnosis, wording))


def _diagnosis(diagnosis: Diagnosis, wording: Wording) -> Diagnosis:
    return replace(
        diagnosis,
        message=wording.of_finding(diagnosis.message),
        hint=wording.of_finding(diagnosis.hint),
    )
