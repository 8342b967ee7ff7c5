"""The sentences that both sides say. None of them holds a number of a case.

A function takes what was seen and returns one or two sentences; a constant is a hint, or a sentence
that takes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from .facts import Fact, simple

LAYERS = {"linear": "Linear", "checkpoint": "checkpoint"}
"""What steps are called that are no operation of their own."""
FACTS = {
    "unbroadcast-wrong-operand": "It has the other input's shape.",
    "one-number": "One number came where each element needs its own.",
    "axes-reversed": "Its axes are turned around.",
    "axis-lost": "{axes} of length 1 is gone: keep it.",
    "not-summed": "{axes} was repeated, and not summed.",
    "axis-missing": "It has fewer axes than its tensor.",
    "wrong-shape": "",
    "nearly-right": "Every number is right to about five digits, and not as near as the arithmetic"
    " allows.",
    "all-zero": "All of it is zero.",
    "transposed": "These are the right numbers, transposed.",
    "some-signs": "Every number is right but for signs, and not all are turned.",
    "handed-on": "An input was returned unchanged.",
    "same-as-input": "These are the very numbers of an array that went in.",
    "finite-differences": "Every number is right to about three digits, and not to six: is it"
    " measured by a finite difference?",
    "sign": "Every number is right but for its sign.",
    "constant-factor": "Every number is {times} what it should be.",
    "right-in-places": "{places}",
    "zero-in-places": "Some numbers are right, and the others are zero.",
    "path-double": "{count} of {all} paths to it {double} double.",
    "path-missing": "{count} of {all} paths to it {are} missing.",
    "not-comparable": "The contract does not allow this result.",
    "raises-without-requires-grad": "A call raised that must return quietly.",
    "raises-nothing": "Nothing was raised where {error} must be.",
    "wrong-error": "Another exception was raised, where {error} must be.",
}
"""What each fact says; the names in braces are those of ``fact``."""
SIGHTS = {
    "leaf-asks-no-more": (
        "A leaf was made with requires_grad=True, and has requires_grad=False when {name} is"
        " reached.",
        "Print requires_grad after each call: which one takes it away?",
    ),
    "operand-cut-off": (
        "The node of {name} keeps another tensor in place of its {place} operand, so that its"
        " gradient goes to that one.",
        "A node keeps the very tensors that it was built from, and no copies of them.",
    ),
    "keeps-reversed": (
        "saved_tensors holds the operands in the reverse order.",
        "The first of them is the first that the node was built from.",
    ),
    "wrong-result": (
        "The result of {name} is wrong already, before backward(): its {wrong} not right.",
        "Does the new method hand on all that it was called with to the original one?",
    ),
    "node-without-flag": (
        "The result of {name} has its node and requires_grad=False, so that no gradient goes"
        " there.",
        "Print requires_grad of the result. Is the attribute spelled like that?",
    ),
    "node-elsewhere": (
        "The result of {name} has its node, but not in _grad_fn, and no rule ran: backward() may"
        " look for it in another place than where it was put.",
        "Which name does the line have that stores the node, and which one backward()?",
    ),
    "gradient-to-constants": (
        "{name} is tracked here, although none of its operands asks for a gradient.",
        "What does the condition ask, before a node is made: who has requires_grad=True?",
    ),
}
"""What was seen of results and nodes, by code, and a hint; the names in braces are ``sight``'s."""
_ORDINALS = ("first", "second", "third")

BARE_ARRAY_HINT = (
    "`return grad,` is a tuple of one, with its comma; `return grad_a, grad_b` is one of two."
)
RETURN_HINT = "Is it `return a, b`, at the end of the function and not inside an `if`?"
RETURNS_NOTHING_HINT = "Does the function that you put in place of the operation return its result?"
NOT_TRACKED_HINT = "After the operation, print requires_grad and _grad_fn of its result."
SAVED = "saved_tensors does not hold the tensors that the node was built from, in order."
SAVED_HINT = (
    "Build a node from two tensors by hand, and print what it keeps. Then build another one."
)
WRONG_CALL_HINT = "Call this rule by hand on small tensors, with a gradient that is not 1."
FEW_ENTRIES_HINT = "apply returns a tuple: one entry for each tensor that the rule was built from."
CHANGES_HINT = "`a += b` writes into a; `a = a + b` makes a new array."
INPUT_CHANGED = (
    "The numbers of an input have changed by the end of this case, and nothing should change them."
)
ENGINE_HINT = "Draw the graph on paper, and follow how often backward() reaches each tensor."
FITS_NONE = "These numbers fit none of the usual mistakes."
RULES_RIGHT = (
    "Each rule that ran in this case is right by itself. Look at the engine around the rules: what"
    " records an operation, backward(), and what sums broadcast axes."
)
RULES_RIGHT_OR_CLEARED = (
    "Each rule that ran in this case is right by itself. Look at the engine around the rules: what"
    " records an operation, backward(), and zero_grad()."
)
NOTHING_RAN = "Every operation is tracked, and no rule ran: backward() reaches none of them."


def fact(found: Fact) -> str:
    """Say what was seen; a factor only if it is a small fraction: others could tell a secret."""
    count, all_ = found.paths
    text = simple(found.factor) if found.factor is not None else ""
    axis = found.axes[0] if found.axes else None
    return FACTS[found.id].format(
        axes="Axis " + " and ".join(map(str, found.axes)) if found.axes else "An axis",
        times=f"{text} times" if text else "the same multiple of",
        places="Some numbers are right, and others are not."
        if axis is None
        else f"Only some places along axis {axis} are right.",
        count=count,
        all=all_,
        double="counts" if count == 1 else "count",
        are="is" if count == 1 else "are",
        error=found.error,
    )


def operation(name: str, *, with_number: bool = False) -> str:
    """Return what an operation is called; one of its operands may be a Python number."""
    return f"{name} with a Python number" if with_number else name


def exactly(sentences: Sequence[str], cases: int) -> str:
    """Say that numbers are those of one mistake, or of two that cannot be told apart here."""
    either = ", or when ".join(list(dict.fromkeys(sentences))[:2])
    several = f" {cases} cases fit this." if cases > 1 else ""
    return f"Exactly this comes out when {either}.{several}"


def returned(rule: str, form: str) -> str:
    """Say what a rule returned instead of a tuple."""
    method = f"{rule}.apply" if rule else "apply"
    if form == "nothing":
        return f"{method} returned nothing: is the `return` missing?"
    if form in {"few", "many"}:
        return f"{method} returned too {form} entries: there is one for each input."
    if form == "saved-few":
        return f"{rule or 'The rule'} keeps fewer tensors than it was built from."
    what = {
        "array": "a bare array",
        "tensor": "a bare Tensor",
        "number": "a bare number",
        "generator": "a generator",
    }
    said = what.get(form, "something else")
    return f"{method} returned {said}, not a tuple with one entry per input."


def returned_hint(form: str) -> str:
    """Return the hint for a rule that returned no tuple."""
    if form in {"few", "many"}:
        return FEW_ENTRIES_HINT
    if form == "saved-few":
        return "Keep every tensor, in order, whether it asks for a gradient or not."
    if form == "generator":
        return "`yield`, and `( … for … )`, make a generator: its entries are not there yet."
    return RETURN_HINT if form == "nothing" else BARE_ARRAY_HINT


def returns_no_tensor(name: str, form: str) -> str:
    """Say that an operation gives None, or an array."""
    what = "None instead of its result" if form == "nothing" else "an array instead of a Tensor"
    return f"The tracked {name} returns {what}."


def not_tracked(name: str) -> str:
    """Say that a result carries no node."""
    return f"{name} is not tracked: its result has requires_grad=False, and the gradient stops."


def sight(code: str, name: str, operand: int = 0, form: str = "") -> tuple[str, str]:
    """Say what was seen of results and nodes, and a hint.

    Parameters
    ----------
    name
        What the operation is called.
    operand, form
        Which operand it is about; what of a result is wrong.
    """
    place = _ORDINALS[operand] if operand < len(_ORDINALS) else "later"
    wrong = "shape is" if form == "shape" else "numbers are"
    said, hint = SIGHTS[code]
    return said.format(name=name, place=place, wrong=wrong), hint


def only_with(name: str, option: str) -> str:
    """Say with which option alone an operation fails."""
    return f"All cases with {option} in {name} fail, and no other case of {name} does."


def looks_like_a_leaf(name: str) -> str:
    """Say that a result asks for a gradient and does not know where it came from."""
    return (
        f"The result of {name} has requires_grad=True and no node in _grad_fn: it looks"
        " like a leaf, and the gradient stops there."
    )


def changes_incoming(rule: str) -> str:
    """Say that a rule writes into what it was given."""
    return f"{rule} changes the gradient array that it was given."


def wrong_call(rule: str, operand: int, fault: str, seen: Fact | None) -> str:
    """Say what a call of a rule handed on to one of its operands."""
    if fault == "raised":
        return f"{rule}.apply raises an exception."
    place = _ORDINALS[operand] if operand < len(_ORDINALS) else "a later"
    what = {
        "missing": "None",
        "shape": "a gradient of a wrong shape",
    }.get(fault, "")
    more = f" {fact(seen)}".rstrip() if seen is not None else ""
    if not what:
        return f"What {rule} returns for its {place} input is not G times the slope.{more}"
    asks = ", which asks for a gradient" if fault == "missing" else ""
    return f"{rule} returns {what} for its {place} input{asks}.{more}"
