"""What a claim says to a student: one sentence for each kind, and a hint. None holds a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.cases.program import Step
from autograder.contract import Contract
from autograder.grading.compare import MismatchKind
from autograder.grading.diagnosis.claim import Claim, Look, Saying
from autograder.grading.diagnosis.programs import has_number
from autograder.grading.words import names
from autograder.kernel import words as shared
from autograder.model import Sureness
from autograder.operations import operations

CONFIDENCE: Mapping[Sureness, str] = {
    "certain": "almost certain: values and recorded calls both show this mistake",
    "likely": "likely: every case that this mistake would change fits",
    "seen": "seen: it was looked at in this very case",
    "perhaps": "perhaps: this case fits, and not enough others do",
    "": "",
}
"""How sure a claim is."""

MISMATCHES: Mapping[MismatchKind, tuple[str, str]] = {
    "missing": (
        "A gradient is still None after backward().",
        "Is every operation on the way tracked, and does its result remember the rule?",
    ),
    "unexpected": (
        "Something that asked for no gradient received one.",
        "Look at requires_grad before you store or return a gradient.",
    ),
    "text": (
        "A call that must raise did not, or raised another exception.",
        "Compare with the contract at the top of the notebook.",
    ),
    "shape": (
        "A gradient does not have the shape of its tensor.",
        "Print its shape, and that of its tensor: which axes are too many, or missing?",
    ),
    "dtype": (
        "A gradient does not hold floating-point numbers.",
        "Keep gradients in the dtype of the data.",
    ),
    "nonfinite": (
        "A gradient holds NaN or infinity.",
        "Look for a division by zero or an overflow in the rule.",
    ),
    "cost": (
        "The values are right, and it takes more memory than it should.",
        "What is still kept after the forward pass that backward could compute again?",
    ),
    "value": (
        "A gradient has the right shape and wrong values.",
        "Work the rule out by hand for two numbers and a gradient that is not 1.",
    ),
}
"""Sentence and hint for each kind of mismatch."""

_LOOK: Mapping[Look, str] = {
    "": "",
    "nothing-ran": shared.NOTHING_RAN,
    "backward": shared.RULES_RIGHT,
    "backward-or-zero-grad": shared.RULES_RIGHT_OR_CLEARED,
    "tracked": "",
}
_ENTRY_HINT = "Which inputs ask for a gradient? Each of them needs an entry."
_RESULT_HINT = "Compare the tensor with the same computation in plain NumPy, step by step."
_WALK_HINT = "Check each rule by itself first; then draw the graph, and follow what arrives where."
_ENABLED_HINT = "What does enable_autograd() find on Tensor when it is called a second time?"

Said = tuple[str, str]
"""A sentence and a hint; the hint may be empty."""


def say(claim: Claim, contract: Contract) -> Said:
    """Say what a claim says."""
    sentence, hint = _SAYINGS[claim.says](claim, contract)
    if claim.only_with is not None:
        op, option = claim.only_with
        sentence = f"{sentence} {shared.only_with(_label(op), option)}".lstrip()
    return sentence, hint


def step_name(op: str) -> str:
    """Return what a step of a program is called in words; nothing for one without a name."""
    return _label(op) or {"apply": "apply", "backward": "backward",
                          "zero_grad": "zero_grad"}.get(op, "")  # fmt: skip


def _label(op: str) -> str:
    declared = operations().get(op)
    return shared.LAYERS.get(op, "") if declared is None else declared.label


def mismatch_of(kind: MismatchKind, rule: str, what: str = "grad") -> Said:
    """Say what is wrong about a rule's entry, a gradient, or the result of an operation."""
    if what == "saved":
        return shared.SAVED, shared.SAVED_HINT
    general, hint = MISMATCHES[kind]
    if what == "data":
        said = general.replace("A gradient", "The data of a tensor")
        return "There is None where numbers are due." if kind == "missing" else said, _RESULT_HINT
    if rule and kind == "missing":
        return f"{rule} returned None where a gradient was due.", _ENTRY_HINT
    if rule:
        return f"{rule}: {general}", hint
    return general, _WALK_HINT if kind == "value" else hint


def _operation(step: Step | None) -> str:
    if step is None:
        return ""
    return shared.operation(_label(step.op) or step.op, with_number=has_number(step))


def _fixed(sentence: str, hint: str) -> Callable[[Claim, Contract], Said]:
    return lambda _claim, _contract: (sentence, hint)


def _behind_exception(claim: Claim, _contract: Contract) -> Said:
    """Say that a mistake seen in other cases makes this one raise."""
    known = claim.mistakes[0]
    fit = f"{claim.cases} other cases fit" if claim.cases > 1 else "Another case fits"
    return f"{fit} this mistake: {known.sentence}. With it this case cannot run.", known.hint


def _exactly(claim: Claim, _contract: Contract) -> Said:
    sentences = [known.sentence for known in claim.mistakes]
    return shared.exactly(sentences, claim.cases), claim.mistakes[0].hint


def _elsewhere(claim: Claim, _contract: Contract) -> Said:
    """Say that a mistake seen in other cases may be what is wrong here as well."""
    known = claim.mistakes[0]
    sentence = f"In many other cases {known.sentence}. That may be what is wrong here as well."
    return sentence, known.hint


def _fact(claim: Claim, _contract: Contract) -> Said:
    """Say what is wrong about a gradient or an entry, and what more can be seen of it."""
    general, hint = mismatch_of(claim.kind, claim.rule, claim.what)
    seen = "" if claim.fact is None else shared.fact(claim.fact)
    sentence = seen if claim.kind == "text" and seen else f"{general} {seen}".rstrip()
    if claim.unexplained:
        sentence = f"{sentence} {shared.FITS_NONE}"
    where = "" if claim.kind == "text" else _LOOK[claim.look]
    if claim.look == "tracked" and claim.kind == "missing":
        hint = "Every operation of this case is tracked: what does backward() do first?"
    return f"{sentence} {where}".rstrip(), shared.ENGINE_HINT if where else hint


_SAYINGS: Mapping[Saying, Callable[[Claim, Contract], Said]] = {
    "other-name": lambda claim, contract: (
        names.other_names(claim.answers, contract),
        names.RENAME_HINT,
    ),
    "returned": lambda claim, _contract: (
        shared.returned(claim.rule, claim.form),
        shared.returned_hint(claim.form),
    ),
    "returns-nothing": lambda claim, _contract: (
        shared.returns_no_tensor(_operation(claim.step), claim.form),
        shared.RETURNS_NOTHING_HINT,
    ),
    "changes-incoming": lambda claim, _contract: (
        shared.changes_incoming(claim.rule),
        shared.CHANGES_HINT,
    ),
    "changes-callers": _fixed(
        "The gradient array that the caller passed to backward() has changed.", shared.CHANGES_HINT
    ),
    "not-unpacked": _fixed(
        "Is saved_tensors used as if it were the tensor? It is a tuple of them.",
        "`(t,) = self.saved_tensors` takes the one tensor out.",
    ),
    "returns-tensor": lambda claim, _contract: (
        f"{claim.rule} returns Tensors, and what takes them on works with arrays only.",
        "Inside a rule compute with .data, so that arrays come out.",
    ),
    "behind-exception": _behind_exception,
    "rule-raised": lambda claim, _contract: (f"It came from the call of {claim.rule}.apply.", ""),
    "only-raised": _fixed("", ""),
    "exactly": _exactly,
    "enabled-again": _fixed(
        "Values are wrong only in cases that call enable_autograd() again: another call changes"
        " what the operations do.",
        _ENABLED_HINT,
    ),
    "enabled-twice": _fixed(
        "Rule after rule hands on 2, 4, 8 … times what it should, and more from case to case: each"
        " call of enable_autograd() seems to wrap the operations once more.",
        _ENABLED_HINT,
    ),
    "changes-operand": lambda claim, _contract: (
        f"{claim.rule} changes the numbers of an input, which it should only read."
        if claim.rule
        else shared.INPUT_CHANGED,
        shared.CHANGES_HINT,
    ),
    "starts-with": lambda claim, _contract: (
        ("" if claim.sure == "seen" else "In another case ")
        + "backward() was given a gradient, and the first rule received "
        + ("ones." if claim.form == "ones" else "something else."),
        "What does backward() do with its argument before the first rule is called?",
    ),
    "wrong-rule-recorded": lambda claim, _contract: (
        f"The result of {_operation(claim.step)} remembers {claim.recorded}, which is the rule of"
        " another operation.",
        "Which rule does each line of enable_autograd() put in place?",
    ),
    "entries-swapped": lambda claim, _contract: (
        f"{claim.rule}.apply returns its entries in the wrong order: each stands in the other's"
        " place.",
        "The first entry is for the first tensor that the rule was built from.",
    ),
    "not-tracked": lambda claim, _contract: (
        shared.not_tracked(_operation(claim.step)),
        shared.NOT_TRACKED_HINT,
    ),
    "leaf": lambda claim, _contract: (
        shared.looks_like_a_leaf(_operation(claim.step)),
        shared.NOT_TRACKED_HINT,
    ),
    "sight": lambda claim, _contract: shared.sight(
        claim.code, _operation(claim.step), claim.operand, claim.form
    ),
    "wrong-call": lambda claim, _contract: (
        shared.wrong_call(claim.rule, claim.operand, claim.fault, claim.fact),
        shared.WRONG_CALL_HINT,
    ),
    "elsewhere": _elsewhere,
    "fact": _fact,
}
