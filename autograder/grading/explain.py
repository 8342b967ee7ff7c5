"""Facts into words for the student: structural findings, and nothing of the hidden numbers.

Texts are composed here, from the case and from the kind of finding. No text from the sandbox is
repeated: an exception's message may hold the hidden inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from autograder.cases.registry import Case
from autograder.grading.compare import Mismatch
from autograder.grading.verdicts import Verdict
from autograder.model import Diagnosis
from autograder.sandbox.frames import Error
from autograder.sandbox.session import Lost

_MISMATCHES = {
    "missing": (
        "no-gradient",
        "A gradient is still None after backward().",
        "Is every operation on the way tracked, and does its result remember the rule?",
    ),
    "unexpected": (
        "unwanted-gradient",
        "Something that asked for no gradient received one.",
        "Look at requires_grad before you store or return a gradient.",
    ),
    "text": (
        "wrong-error",
        "A call that must raise did not, or raised another exception.",
        "Compare with the contract at the top of the notebook.",
    ),
    "shape": (
        "wrong-shape",
        "A gradient does not have the shape of its tensor.",
        "Sum the axes that broadcasting added or stretched, and spread what a reduction removed.",
    ),
    "dtype": (
        "wrong-dtype",
        "A gradient does not hold floating-point numbers.",
        "Keep gradients in the dtype of the data.",
    ),
    "nonfinite": (
        "not-finite",
        "A gradient holds NaN or infinity.",
        "Look for a division by zero or an overflow in the rule.",
    ),
    "cost": (
        "too-costly",
        "The values are right, and it takes more memory than it should.",
        "What is still kept after the forward pass that backward could compute again?",
    ),
    "value": (
        "wrong-value",
        "A gradient has the right shape and wrong values.",
        "Work the rule out by hand for two numbers and a gradient that is not 1.",
    ),
}
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


def explain(verdicts: Sequence[Verdict]) -> Diagnosis:
    """Say what is wrong with a check that did not pass; the most basic finding comes first."""
    first = telling(verdicts)
    if first is None:
        return Diagnosis(id="not-judged", message="No case was run.", hint="Ask your instructor.")
    bad = sum(verdict.status != "passed" for verdict in verdicts)
    share = f" ({bad} of {len(verdicts)} cases of this check do not pass.)"
    found = _explain_case(first)
    sentence = f" The case: {first.case.sentence}"
    return msgspec.structs.replace(found, message=found.message + sentence + share)


def telling(verdicts: Sequence[Verdict]) -> Verdict | None:
    """Return the failing case that a diagnosis speaks of, or None where none fails."""
    bad = [verdict for verdict in verdicts if verdict.status != "passed"]
    return min(bad, key=_rank) if bad else None


def _rank(verdict: Verdict) -> tuple[int, bool]:
    order = {"missing-name": 0, "not-implemented": 1}
    found = _explain_case(verdict)
    return order.get(found.id, 2), verdict.status != "error"


def _explain_case(verdict: Verdict) -> Diagnosis:
    if verdict.lost is not None:
        return _explain_loss(verdict.lost)
    if verdict.failure is not None:
        return _explain_failure(verdict.case, verdict.failure)
    return _explain_mismatch(verdict.case, verdict.mismatches[0])


def _explain_loss(lost: Lost) -> Diagnosis:
    id_, message, hint = _LOST[lost.reason]
    return Diagnosis(id=id_, message=message, hint=hint)


def _explain_mismatch(case: Case, mismatch: Mismatch) -> Diagnosis:
    id_, message, hint = _MISMATCHES[mismatch.kind]
    return Diagnosis(id=id_, message=message, hint=hint, rule=_tested_rule(case))


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
            message="apply returned something other than a tuple with one entry for each input."
            if failure.op == "apply"
            else "A value that should be an array of numbers is not one.",
            hint="`return grad,` with a comma is a tuple of one.",
            cell=failure.cell,
            line=failure.line,
            rule=_tested_rule(case),
        )
    subject = "enable_autograd()" if failure.op == "start" else "Your code"
    return Diagnosis(
        id="exception", message=f"{subject} raised {_exception_name(failure)}{_place(failure)}.",
        hint="Call it by hand with a small tensor and read the traceback.",
        cell=failure.cell, line=failure.line, rule=_tested_rule(case),
    )  # fmt: skip


def _wanted_name(case: Case) -> str:
    """Return the rule that the program builds first, or the engine."""
    if any(step.op == "checkpoint" for step in case.program.steps):
        return "checkpoint, or enable_autograd,"
    if case.program.engine:
        return "enable_autograd, or a class of the handout,"
    return _rules(case)[0] if _rules(case) else "A name of the assignment"


def _tested_rule(case: Case) -> str:
    """Return the rule that a case builds by itself, or nothing where it builds none or several."""
    return _rules(case)[0] if len(set(_rules(case))) == 1 else ""


def _rules(case: Case) -> list[str]:
    return [str(step.options["name"]) for step in case.program.steps if step.op == "rule"]


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
