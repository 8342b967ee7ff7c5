"""Facts into words for the student: structural findings, and nothing of the hidden numbers.

Texts are composed here, from the case and from the kind of finding. No text from the sandbox is
repeated: an exception's message may hold the hidden inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from autograder.cases.registry import Case
from autograder.grading.compare import Mismatch
from autograder.grading.diagnosis import words
from autograder.grading.diagnosis.claim import Claim
from autograder.grading.verdicts import Verdict
from autograder.model import Diagnosis
from autograder.sandbox.frames import Error
from autograder.sandbox.session import Lost

_LOST = {
    "timeout": ("timeout", "It ran out of time.", "Is there a loop that does not end?"),
    "submission-timeout": (
        "timeout",
        "The submission ran out of time before this was tried.",
        "Look for what takes so long.",
    ),
    "exited": ("exited", "The process ended itself.", "Remove exit() and os._exit()."),
    "killed": (
        "killed",
        "The process was killed: out of memory, out of processor time, or a crash.",
        "Look for arrays that grow without bound.",
    ),
    "garbled": ("killed", "The process disturbed the grader's channel.", "Do not write to it."),
}


def explain(verdicts: Sequence[Verdict], claims: Mapping[str, Claim]) -> tuple[Diagnosis, str]:
    """Say what is wrong with a check that did not pass, and of which case: its public sentence.

    Parameters
    ----------
    claims
        What the evidence says of failing cases, by the case's id.
    """
    bad = [verdict for verdict in verdicts if verdict.status != "passed"]
    if not bad:
        none = Diagnosis(id="not-judged", message="No case was run.", hint="Ask your instructor.")
        return none, ""
    first = min(bad, key=lambda verdict: _rank(verdict, claims.get(verdict.case.id)))
    found = _explain_case(first, claims.get(first.case.id))
    share = f" ({len(bad)} of {len(verdicts)} cases of this check do not pass.)"
    message = f"{found.message} The case: {first.case.sentence}{share}"
    return msgspec.structs.replace(found, message=message), first.case.sentence


def _rank(verdict: Verdict, claim: Claim | None) -> tuple[int, bool, int]:
    """Order failing cases: what is missing first, then what was looked at, then what is surest."""
    order = {"MissingName": 0, "NotImplementedError": 1}
    unfinished = order.get(verdict.failure.type, 2) if verdict.failure is not None else 2
    if verdict.status == "error":
        return unfinished, False, -1
    if claim is None:
        return unfinished, True, len(_SUREST)
    return unfinished, not claim.traced, _SUREST.index(claim.sure)


_SUREST = (words.CERTAIN, words.LIKELY, words.SEEN, words.PERHAPS, "")


def _explain_case(verdict: Verdict, claim: Claim | None) -> Diagnosis:
    if verdict.lost is not None:
        return _explain_loss(verdict.lost)
    found = (
        _explain_mismatch(verdict.case, verdict.mismatches[0])
        if verdict.failure is None
        else _explain_failure(verdict.case, verdict.failure)
    )
    return found if claim is None else _with_claim(found, claim)


def _with_claim(found: Diagnosis, claim: Claim) -> Diagnosis:
    """Say what the evidence says, and keep the place where an exception was raised."""
    raised = f"{found.message} " if found.id == "exception" and claim.id == "rule-raised" else ""
    return Diagnosis(
        id=claim.id,
        message=f"{raised}{claim.sentence}",
        hint=found.hint if raised else claim.hint,
        confidence=claim.sure,
        cell=found.cell,
        line=found.line,
        rule=claim.rule or found.rule,
        node=claim.node,
    )


def _explain_loss(lost: Lost) -> Diagnosis:
    id_, message, hint = _LOST[lost.reason]
    return Diagnosis(id=id_, message=message, hint=hint)


def _explain_mismatch(case: Case, mismatch: Mismatch) -> Diagnosis:
    id_, message, hint = words.MISMATCHES[mismatch.kind]
    return Diagnosis(id=id_, message=message, hint=hint, rule=words.tested_rule(case))


def _explain_failure(case: Case, failure: Error) -> Diagnosis:
    if failure.type == "MissingName":
        name = _wanted_name(case)
        return Diagnosis(
            id="missing-name",
            message=f"{name} is not defined.",
            hint="Is its cell there, and does it run without an error?",
        )
    if failure.type == "NotImplementedError":
        return Diagnosis(
            id="not-implemented",
            message="This part is still a stub.",
            hint="Replace `raise NotImplementedError()` with your code.",
            cell=failure.cell,
            line=failure.line,
        )
    if failure.type == "ContractError":
        return Diagnosis(
            id="not-a-tuple" if failure.op == "apply" else "not-numbers",
            message=words.BARE_ARRAY
            if failure.op == "apply"
            else "A value that should be an array of numbers is not one.",
            hint=words.BARE_ARRAY_HINT,
            cell=failure.cell,
            line=failure.line,
            rule=words.tested_rule(case),
        )
    subject = "enable_autograd()" if failure.op == "start" else "Your code"
    return Diagnosis(
        id="exception", message=f"{subject} raised {_exception_name(failure)}{_place(failure)}.",
        hint="Call it by hand with a small tensor and read the traceback.",
        cell=failure.cell, line=failure.line, rule=words.tested_rule(case),
    )  # fmt: skip


def _wanted_name(case: Case) -> str:
    """Return the rule that the program builds first, or the engine."""
    if any(step.op == "checkpoint" for step in case.program.steps):
        return "checkpoint, or enable_autograd,"
    if case.program.engine:
        return "enable_autograd, or a class of the handout,"
    return words.rules_of(case)[0] if words.rules_of(case) else "A name of the assignment"


def _exception_name(failure: Error) -> str:
    """Return the exception's type if Python defines it: any other name is the submission's text."""
    import builtins

    known = getattr(builtins, failure.type, None)
    if isinstance(known, type) and issubclass(known, BaseException):
        return failure.type
    return "an exception of its own"


def _place(failure: Error) -> str:
    if failure.line is None:
        return ""
    where = f"line {failure.line}"
    return f", at {where} of code cell {failure.cell + 1}" if failure.cell is not None else ""
