"""Facts into words for the student: structural findings, and nothing of the hidden numbers.

Texts are composed here, from the case and from the kind of finding. No text from the sandbox is
repeated: an exception's message may hold the hidden inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from autograder.cases.registry import Case
from autograder.contract import Contract, declared
from autograder.grading.compare import Mismatch
from autograder.grading.diagnosis.claim import Claim
from autograder.grading.diagnosis.observed import MISMATCHED
from autograder.grading.diagnosis.programs import rules_of, tested_rule
from autograder.grading.verdicts import Verdict
from autograder.grading.words import names
from autograder.grading.words.claims import CONFIDENCE, mismatch_of, say
from autograder.grading.words.losses import LOSSES
from autograder.grading.words.raised import NO_SOURCE, Source, explain_raised
from autograder.grading.words.stand_ins import explain_stand_in
from autograder.grading.words.undefined import where_used
from autograder.kernel import words as shared
from autograder.model import SUREST, Diagnosis
from autograder.sandbox.frames import Error
from autograder.sandbox.records import Lost


def explain_skipped(needed: str) -> Diagnosis:
    """Say which check, by its title, comes before one that is not judged."""
    return Diagnosis(
        id="prerequisite",
        message=f"Not judged yet. Fix “{needed}” first.",
        hint="This check may then pass by itself.",
    )


def explain(
    verdicts: Sequence[Verdict],
    claims: Mapping[str, Claim],
    contract: Contract | None = None,
    source: Source = NO_SOURCE,
) -> tuple[Diagnosis, str]:
    """Say what is wrong with a check that did not pass, and of which case: its public sentence.

    Parameters
    ----------
    claims
        What the evidence says of failing cases, by the case's id.
    contract
        What the course calls the parts of the assignment.
    source
        The submission's text, to quote a line from, and what of it may still be told.
    """
    bad = [verdict for verdict in verdicts if not verdict.counts]
    if not bad:
        none = Diagnosis(id="not-judged", message="No case was run.", hint="Ask your instructor.")
        return none, ""
    first = min(bad, key=lambda verdict: _rank(verdict, claims.get(verdict.case.id)))
    told = first if source.allowance is None else source.allowance.of(first)
    found = explain_case(told, claims.get(first.case.id), contract, source)
    tried = f"Tried: {first.case.sentence}{_share(bad, verdicts)}"
    return msgspec.structs.replace(found, tried=tried), first.case.sentence


def _share(bad: Sequence[Verdict], verdicts: Sequence[Verdict]) -> str:
    """Say how many cases do not pass, and how many of them count all the same; last and small."""
    excused = sum(verdict.status != "passed" and verdict.counts for verdict in verdicts)
    failing = len(bad) + excused
    more = (
        f"; {excused} count all the same, since a rule is at fault that pays elsewhere"
        if excused
        else ""
    )
    cases = "case" if len(verdicts) == 1 else "cases"
    return f" ({failing} of {len(verdicts)} {cases}{more})"


def _rank(verdict: Verdict, claim: Claim | None) -> tuple[int, bool, int]:
    """Order failing cases: what is missing first, then what was looked at, then what is surest."""
    order = {"MissingName": 0, "Absent": 0, "NotImplementedError": 1}
    unfinished = order.get(verdict.failure.type, 2) if verdict.failure is not None else 2
    if unfinished == 2 and verdict.failure is not None and verdict.failure.op == "start":
        unfinished = 1  # what enable_autograd() raised is why more is missing
    if verdict.status == "error":
        return unfinished, False, -1
    if claim is None:  # what was raised in this very case is as sure as what was looked at
        raised = verdict.failure is not None
        return unfinished, not raised, SUREST.index("") if raised else len(SUREST)
    return unfinished, not claim.traced, SUREST.index(claim.sure)


def explain_case(
    verdict: Verdict,
    claim: Claim | None,
    contract: Contract | None = None,
    source: Source = NO_SOURCE,
) -> Diagnosis:
    """Say what is wrong with one case that does not pass."""
    contract = contract or declared()
    if verdict.lost is not None:
        return _explain_loss(verdict.lost)
    if verdict.stand_in is not None and not _unfinished(verdict):
        stand_in = verdict.stand_in
        return explain_stand_in(stand_in, source.at(stand_in.cell, stand_in.line))
    found = (
        _explain_mismatch(verdict.case, verdict.mismatches[0])
        if verdict.failure is None
        else _explain_failure(verdict.case, verdict.failure, contract, source)
    )
    return found if claim is None else _with_claim(found, claim, contract)


def _unfinished(verdict: Verdict) -> bool:
    return verdict.failure is not None and verdict.failure.type in {
        "MissingName", "NotImplementedError"
    }  # fmt: skip


def _with_claim(found: Diagnosis, claim: Claim, contract: Contract) -> Diagnosis:
    """Say what the evidence says; an exception's own words and its place come first."""
    raised = f"{found.message} " if claim.raised else ""
    sentence, hint = say(claim, contract)
    return Diagnosis(
        id=found.id if claim.says in {"rule-raised", "only-raised"} else claim.code,
        message=f"{raised}{sentence}",
        hint=hint or found.hint,
        confidence=CONFIDENCE[claim.sure],
        sure=claim.sure,
        part=claim.part,
        cell=found.cell,
        line=found.line,
        rule=claim.rule or ("" if claim.part else found.rule),
        node=claim.node,
    )


def _explain_loss(lost: Lost) -> Diagnosis:
    words = LOSSES[lost.reason]
    return Diagnosis(id=words.id, message=words.message, hint=words.hint)


def _explain_mismatch(case: Case, mismatch: Mismatch) -> Diagnosis:
    rule = tested_rule(case)
    message, hint = mismatch_of(mismatch.kind, rule, mismatch.name.partition(":")[2])
    return Diagnosis(id=MISMATCHED[mismatch.kind], message=message, hint=hint, rule=rule)


def _explain_failure(case: Case, failure: Error, contract: Contract, source: Source) -> Diagnosis:
    if failure.type == "MissingName":
        name = contract[failure.entry] if failure.entry else _wanted_name(case, contract)
        return Diagnosis(
            id="missing-name",
            message=f"{name} is not defined.",
            hint="Is its cell there, and does it run without an error?",
        )
    if failure.type == "Absent" and failure.absent:
        return names.absent(failure, contract)
    if failure.shadowed:
        where = source.at(failure.cell, failure.line)
        return names.shadowed(failure, where, script=bool(source.submission.script))
    if failure.type == "NotImplementedError":
        return _unwritten(case, failure, contract, source)
    if failure.type == "ContractError":
        return _no_numbers(case, failure)
    return _of_exception(case, failure, contract, source)


def _no_numbers(case: Case, failure: Error) -> Diagnosis:
    rule = tested_rule(case)
    said = "A value that should be an array of numbers is not one."
    return Diagnosis(
        id="not-numbers",
        message=shared.returned(rule, failure.form) if failure.form else said,
        hint="Print its type and its dtype.",
        rule=rule,
    )


def _of_exception(case: Case, failure: Error, contract: Contract, source: Source) -> Diagnosis:
    """Say what was raised, and where."""
    failure = where_used(failure, source.submission)
    if source.allowance is not None:  # that line is a choice of the submission's too
        cell, line = source.allowance.place(failure.cell, failure.line)
        failure = msgspec.structs.replace(failure, cell=cell, line=line)
    found, message = explain_raised(failure, source, contract["enable_autograd"])
    if found.id == "undefined-name" and failure.cell is None and failure.op != "start":
        return Diagnosis(  # no line of the submission asked for it: we did
            id="missing-name",
            message=f"{found.what[0].upper()}{found.what[1:]}.".replace("`", ""),
            hint="Is its cell there, and does it run without an error?",
        )
    return Diagnosis(
        id=found.id, message=message, hint=found.hint,
        cell=failure.cell, line=failure.line, rule=tested_rule(case),
    )  # fmt: skip


def _unwritten(case: Case, failure: Error, contract: Contract, source: Source) -> Diagnosis:
    """Say that a stub is still there; the code above a `raise` left behind may be written."""
    where = source.place(failure)
    rule = tested_rule(case)
    # Its constructor is every rule's: only its own rule, which it has not, is one left out.
    rules = source.function_at(failure) == contract["apply"]
    inherited = rules and source.class_at(failure) == contract["Function"]
    return Diagnosis(
        id="not-implemented",
        message=(f"{rule or 'A rule'} has no `{contract['apply']}` of its own: its base class's"
                 " was called, which raises NotImplementedError.") if inherited
        else f"{where or 'A stub'} still raises NotImplementedError.",
        hint="Is the method defined in this class, and spelled like that?" if inherited
        else "Write your code there. If it is written, take the line with `raise` out.",
        cell=failure.cell,
        line=failure.line,
        rule=rule,
    )  # fmt: skip


def _wanted_name(case: Case, contract: Contract) -> str:
    """Return the rule that the program builds first, or the engine."""
    switch = "" if contract.always_tracked else contract["enable_autograd"]
    if any(step.op == "checkpoint" for step in case.program.steps):
        return f"{contract['checkpoint']}, or {switch}," if switch else contract["checkpoint"]
    if case.program.engine:
        return f"{switch}, or a class of the handout," if switch else "A class of the handout"
    return rules_of(case)[0] if rules_of(case) else "A name of the assignment"
