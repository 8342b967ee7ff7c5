"""What findings say to a student. Every text is composed here; none holds a number of the case.

Exceptions, names of classes and all other text from the sandbox may hold hidden inputs, so that
none of it is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.cases.program import Step
from autograder.cases.registry import Case
from autograder.grading.compare import Mismatch
from autograder.grading.diagnosis.facts import Fact
from autograder.grading.diagnosis.trace import Edge
from autograder.sandbox.frames import Error

# How sure a finding is. The first three are claims: the audit counts how often they are wrong.
CERTAIN = "almost certain: the numbers and the calls of your rules agree"
LIKELY = "likely: every case that this mistake would change fits"
SEEN = "seen: each call of a rule was checked by itself"
PERHAPS = "perhaps: this case fits, and not enough others do"
CLAIMS = (CERTAIN, LIKELY, SEEN)

UNFINISHED = frozenset({"MissingName", "NotImplementedError"})

MISMATCHES = {
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

BARE_ARRAY = "apply returned a bare array, not a tuple with one entry for each input."
BARE_ARRAY_HINT = "`return grad,` with a comma is a tuple of one."
NOT_UNPACKED = "saved_tensors is used as if it were the tensor: it is a tuple of them."
NOT_UNPACKED_HINT = "`(t,) = self.saved_tensors` takes the one tensor out."
RETURNS_NOTHING_HINT = "Does the function that you put in place of the operation return its result?"
RETURNS_TENSOR_HINT = "Inside a rule compute with .data, so that arrays come out."
NOT_TRACKED_HINT = "After the operation, print requires_grad and _grad_fn of its result."
WRONG_CALL_HINT = "Call this rule by hand on small tensors, with a gradient that is not 1."
RULES_RIGHT = "Each rule that ran in this case is right by itself, so look at backward()."
ENGINE_HINT = "Draw the graph on paper, and follow how often backward() reaches each tensor."

CHANGES_HINT = "`a += b` writes into a; `a = a + b` makes a new array."
CHANGES_CALLERS = "The gradient array that the caller passed to backward() has changed."
ENABLED_TWICE = (
    "Rule after rule hands on 2, 4, 8 … times what it should, and more from case to case: each"
    " call of enable_autograd() seems to wrap the operations once more."
)
ENABLED_TWICE_HINT = "What does enable_autograd() find on Tensor when it is called a second time?"
NAMED_FACTS = frozenset({"unbroadcast-wrong-operand", "finite-differences", "transposed"})
"""Facts that are a mistake of the catalogue by themselves."""

_OPERATIONS = {
    "add": "+", "sub": "−", "mul": "*", "div": "/", "neg": "unary −", "pow": "**",
    "matmul": "matmul", "sum": "sum", "mean": "mean", "relu": "ReLU", "sigmoid": "Sigmoid",
    "mse": "MSELoss", "cross_entropy": "CrossEntropyLoss", "transpose": "transpose",
    "reshape": "reshape", "getitem": "indexing", "softmax": "Softmax", "gelu": "GELU",
    "bce": "BinaryCrossEntropyLoss", "linear": "Linear", "checkpoint": "checkpoint",
}  # fmt: skip
_ORDINALS = ("first", "second", "third")


def rules_of(case: Case) -> list[str]:
    """Return the classes that a case builds, in order."""
    return [str(step.options["name"]) for step in case.program.steps if step.op == "rule"]


def tested_rule(case: Case) -> str:
    """Return the rule that a case builds by itself, or nothing where it builds none or several."""
    return rules_of(case)[0] if len(set(rules_of(case))) == 1 else ""


def looks_unpacked(failure: Error) -> bool:
    """Tell whether Python's own words say that a tuple was taken for a tensor."""
    return failure.type == "AttributeError" and failure.message.startswith(
        "'tuple' object has no attribute"
    )


def exactly(sentences: Sequence[str], cases: int) -> str:
    """Say that numbers are those of one mistake, or of two that cannot be told apart here."""
    either = ", or when ".join(list(dict.fromkeys(sentences))[:2])
    several = f" So it is in {cases} cases." if cases > 1 else ""
    return f"Exactly this comes out when {either}.{several}"


def same_as_elsewhere(sentence: str) -> str:
    """Say that a mistake seen in other cases may be what is wrong here as well."""
    return f"In many other cases {sentence}. That may be what is wrong here as well."


def bare_array(rule: str) -> str:
    """Say that a rule returns no tuple."""
    return f"{rule}: {BARE_ARRAY}"


def is_unfinished(failure: Error | None) -> bool:
    """Tell whether a part is missing or still a stub: there is nothing to diagnose."""
    return failure is not None and failure.type in UNFINISHED


def returns_nothing(step: Step) -> str:
    """Say that an operation gives None."""
    return f"The tracked {_named(step)} returns None instead of its result."


def returns_tensor(rule: str) -> str:
    """Say that a rule gave tensors, and what came after it could not use them."""
    return f"{rule} returns Tensors, and what takes them on works with arrays only."


def _named(step: Step) -> str:
    name = _OPERATIONS.get(step.op, step.op)
    return f"{name} with a Python number" if _has_number(step) else name


def _has_number(step: Step) -> bool:
    return any(isinstance(arg, tuple) for arg in step.args)


def untracked_id(step: Step) -> str:
    """Return the id of "this operation is not tracked"."""
    return "scalar-untracked" if _has_number(step) else f"{step.op}-not-tracked"


def not_tracked(step: Step) -> str:
    """Say that a result carries no node."""
    name = _named(step)
    return f"{name} is not tracked: its result has requires_grad=False, and the gradient stops."


def looks_like_a_leaf(step: Step) -> str:
    """Say that a result asks for a gradient and does not know where it came from."""
    return (
        f"The result of {_named(step)} has requires_grad=True and no node in _grad_fn: it looks"
        " like a leaf, and the gradient stops there."
    )


def changes_incoming(rule: str) -> str:
    """Say that a rule writes into what it was given."""
    return f"{rule} changes the gradient array that it was given."


def of_error(expected: object, actual: object) -> Fact | None:
    """Say what is wrong about an exception; only the assignment's own are named."""
    if not isinstance(expected, str) or not isinstance(actual, str):
        return Fact("not-comparable", "Something else came than a call can give.")
    if expected == "nothing":
        return Fact("raises-without-requires-grad", "A call raised that must return quietly.")
    if actual == "nothing":
        return Fact("raises-nothing", f"Nothing was raised where {expected} must be.")
    return Fact("wrong-error", f"Another exception was raised, where {expected} must be.")


def wrong_call(edge: Edge) -> str:
    """Say what a call of a rule handed on."""
    if edge.fault == "raised":
        return f"{edge.rule}.apply raises an exception."
    place = _ORDINALS[edge.operand] if edge.operand < len(_ORDINALS) else "a later"
    what = {
        "missing": "nothing, though that asks for a gradient",
        "shape": "a gradient of a wrong shape",
    }.get(edge.fault or "", "a gradient that is not the incoming one times the slope")
    more = f" {edge.fact.sentence}" if edge.fact is not None else ""
    return f"{edge.rule} hands {what} to its {place} input.{more}"


def fact(case: Case, mismatch: Mismatch, seen: Fact | None) -> str:
    """Say what is wrong about a gradient or an entry, and what more can be seen of it."""
    subject = tested_rule(case)
    start = f"{subject}: " if subject else ""
    if seen is None:
        return f"{start}{MISMATCHES[mismatch.kind][1]}"
    if mismatch.kind == "text":
        return seen.sentence
    return f"{start}{MISMATCHES[mismatch.kind][1]} {seen.sentence}"


def hint_of(mismatch: Mismatch) -> str:
    """Return the general hint for a kind of mismatch."""
    return MISMATCHES[mismatch.kind][2]
