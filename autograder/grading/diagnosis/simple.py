"""Claims that one thing which was seen makes by itself."""

from __future__ import annotations

from autograder.grading.diagnosis.claim import Claim
from autograder.grading.diagnosis.trace import Judged
from autograder.operations import operations


def of_form(rule: str, form: str, node: int | None) -> Claim:
    """Say what a rule returned instead of a tuple: that was seen."""
    codes = {"nothing": "rule-returns-nothing", "few": "wrong-number-of-entries",
             "saved-few": "keeps-too-few", "generator": "no-tuple",
             "other": "no-tuple"}  # fmt: skip
    return Claim(
        code=codes.get(form, "bare-array"),
        says="returned",
        sure="seen",
        rule=rule if rule in operations().operation_of else "",
        node=node,
        form=form,
    )


def changing(rule: str) -> Claim:
    """Say that a rule writes into what it was given."""
    return Claim(code="changes-incoming", says="changes-incoming", sure="seen", rule=rule)


def looks_like_leaves(judged: Judged) -> bool:
    """Tell whether results ask for gradients and carry no node, and no rule ever ran."""
    return not judged.edges and judged.broken is not None and judged.broken[1] == "leaf"


def leaf_claim(judged: Judged) -> Claim | None:
    """Say that a result asks for a gradient and knows no node."""
    if judged.broken is None:
        return None
    step = judged.broken[0]
    return Claim(
        code="requires-grad-only", says="leaf", sure="likely", part="tracking", node=step.out,
        step=step,
    )  # fmt: skip
