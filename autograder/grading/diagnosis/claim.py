"""What the evidence says of one failing case, as data: words come last, in ``grading/words/``."""

from __future__ import annotations

from typing import Literal

from autograder.cases.program import Step
from autograder.grading.compare import MismatchKind
from autograder.grading.diagnosis.misconception import Misconception
from autograder.kernel.facts import Fact
from autograder.model import Part, Record, Sureness

CLAIMED: frozenset[Sureness] = frozenset({"certain", "likely", "seen"})
"""What the audit counts where it is false."""

Saying = Literal[
    "other-name", "returned", "returns-nothing", "changes-incoming", "changes-callers",
    "not-unpacked", "returns-tensor", "behind-exception", "rule-raised", "exactly",
    "enabled-again", "enabled-twice", "changes-operand", "starts-with", "wrong-rule-recorded",
    "entries-swapped", "only-raised", "not-tracked", "leaf", "wrong-call", "elsewhere", "fact",
    "sight",
]  # fmt: skip
"""Which sentence says it."""
Look = Literal["", "tracked", "nothing-ran", "backward", "backward-or-zero-grad"]
"""Where to look, where every operation was seen to be tracked, or every rule to be right."""


class Claim(Record, frozen=True, kw_only=True):
    """What is probably wrong, and what is known of it.

    Attributes
    ----------
    code
        The mistake or the fact; the audit compares it.
    sure
        How sure that is; empty for a plain fact.
    rule
        The class that it is about; empty for the engine or where that is not known.
    part
        What of the engine it is about, where it is.
    node
        The step of the case's program that it points to.
    step
        The operation that it is about.
    mistakes
        The likely mistakes that give these numbers; two may not be told apart.
    cases
        How many cases fit.
    operand, fault
        What is wrong with what a rule returned, and for which of its operands, from 0.
    form
        What a rule returned instead of a tuple, or what backward() starts with.
    recorded
        The rule that a result remembers.
    fact
        What the arrays show.
    what
        Whether it is a gradient or the data of a tensor that differs.
    kind
        The kind of mismatch.
    answers
        Questions for names, and the submission's own names.
    unexplained
        Whether the numbers fit none of the likely mistakes.
    look
        Where to look.
    raised
        Whether it goes with an exception, whose own words come first.
    only_with
        An operation and an option: all cases with it fail, and none of the operation's others.
    traced
        Whether the calls of rules were looked at as well.
    """

    code: str
    says: Saying
    sure: Sureness = ""
    rule: str = ""
    part: Part = ""
    node: int | None = None
    step: Step | None = None
    mistakes: tuple[Misconception, ...] = ()
    cases: int = 0
    operand: int = 0
    fault: str = ""
    form: str = ""
    recorded: str = ""
    fact: Fact | None = None
    what: str = "grad"
    kind: MismatchKind = "value"
    answers: tuple[tuple[Step, str], ...] = ()
    unexplained: bool = False
    look: Look = ""
    raised: bool = False
    only_with: tuple[str, str] | None = None
    traced: bool = False
