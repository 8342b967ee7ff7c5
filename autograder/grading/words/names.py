"""What findings say of names: of one that is not the assignment's, is missing, or is shadowed.

Every name that comes from a submission has been compared with its text (``grading/naming.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.cases.program import Step
from autograder.contract import FUNCTIONS, LIST, OPTIONS, Contract
from autograder.model import Diagnosis
from autograder.operations import operations
from autograder.sandbox.frames import Error

RENAME_HINT = "Give it the assignment's name, wherever it stands: later modules use that one."
OTHER_EDITION_REMEDY = "Start from the notebook of this course; the rules themselves are the same."
MOST_NAMES = 3
MOST_SENTENCES = 2


def other_names(answers: Sequence[tuple[Step, str]], contract: Contract) -> str:
    """Say of some parts that their names, or constructors, are not the pinned ones.

    Parameters
    ----------
    answers
        Questions with answers; an answer is empty where it must not be shown.
    """
    groups: dict[tuple[str, str], list[Step]] = {}
    for step, actual in answers:
        key = str(step.options["key"])
        alone = "" if step.options["of"] else key  # one slip in all rules is one slip
        groups.setdefault((alone or f"{key} of rules", actual), []).append(step)
    sentences = [_other_name(steps, actual, contract) for (_, actual), steps in groups.items()]
    more = len(sentences) - MOST_SENTENCES
    if more > 0:
        sentences[MOST_SENTENCES:] = [f"So it is with {more} more name{'s' if more > 1 else ''}."]
    return " ".join(sentences)


def _other_name(steps: Sequence[Step], actual: str, contract: Contract) -> str:
    key, of = str(steps[0].options["key"]), str(steps[0].options["of"])
    rules = "Your rules" if len(steps) > 1 else f"Your {contract[of]}" if of else ""
    if key == "constructor":
        how = actual if actual in {LIST, OPTIONS} else "in another way"
        return f"{rules} {'are' if len(steps) > 1 else 'is'} built {how}; {_BUILT}"
    pinned = contract[key]
    own = f"`{actual}`" if actual else "another name"
    if key == "apply":
        gradient = f"`{actual}(grad_output)`" if actual else "a method of another name"
        verb = "have" if len(steps) > 1 else "has"
        return f"{rules} {verb} {gradient}; the assignment calls it `{pinned}(grad_output)`."
    if key == "saved_tensors":
        return f"Your rules keep their operands in {own}; the assignment calls it `{pinned}`."
    if key in contract.operations:
        op = contract.operations[key].op
        what = f"The rule of {operations()[op].written if op in operations() else key}"
    else:
        what = _PARTS.get(key, "A part of the assignment")
    return f"{what} is called {own}; the assignment calls it `{pinned}`."


_BUILT = "the assignment builds a rule from its operands, in order."
_PARTS = {
    "Function": "The base class of your rules",
    "enable_autograd": "The function that turns tracking on",
    "backward": "The method of Tensor that starts the backward pass",
    "zero_grad": "The method of Tensor that clears a gradient",
}


def absent(failure: Error, contract: Contract) -> Diagnosis:
    """Say what the grader reached for in vain."""
    owner, entry = contract[failure.owner], contract[failure.entry]
    if failure.absent == "constructor":
        message = f"{owner} cannot be built from its operands: its constructor does not take them."
        hint = "The assignment builds a rule from its operands in order, options after them."
    elif failure.absent == "name":
        function = failure.entry in FUNCTIONS
        message = (
            f"`{entry}` is bound to something that is no {'function' if function else 'class'}."
        )
        hint = "A later cell seems to use the name for something else."
    else:
        message = f"{owner} has no `{entry}`."
        hint = "Is it defined, put in its place, and spelled as in the assignment?"
    return Diagnosis(
        id=f"absent-{failure.absent}", message=message, hint=hint,
        rule=failure.owner if failure.owner in contract.operations else "",
    )  # fmt: skip


def shadowed(failure: Error, place: str, *, script: bool) -> Diagnosis:
    """Say that a name which the code calls is bound to something else.

    Parameters
    ----------
    place
        Of the call, in words.
    script
        Whether the submission is a ``.py``, which has no cells.
    """
    kind = f"to a value of type {failure.bound}" if failure.bound else "to something else"
    where = "" if failure.bound_in is None or script else f" in code cell {failure.bound_in + 1}"
    name = failure.shadowed
    return Diagnosis(
        id="shadowed-name",
        message=f"`{name}` is bound {kind}{where}, and your code uses it as a function or a class"
        f"{place}.",
        hint=f"Use another name than `{name}` there, restart the kernel and run all cells.",
        cell=failure.cell,
        line=failure.line,
    )


def missing(failures: Iterable[Error], contract: Contract) -> str:
    """Say which names of the assignment are not defined; they are some at least."""
    names = list(dict.fromkeys(contract[found.entry] for found in failures if found.entry))
    if not names:
        return "Names of the assignment are not defined."
    if len(names) == 1:
        return f"{names[0]} is not defined."
    first, rest = names[:MOST_NAMES], len(names) - MOST_NAMES
    if rest > 0:
        more = f"{rest} more name{'s' if rest > 1 else ''} of the assignment"
        return f"{', '.join(first)} and {more} are not defined."
    return f"{', '.join(first[:-1])} and {first[-1]} are not defined."


def other_edition(key: str, present: Iterable[str], contract: Contract) -> str:
    """Say that code is of another edition of the course, and which edition is graded."""
    edition = contract.editions[key]
    names = [name for name in edition.classes if name in set(present)][:MOST_NAMES]
    seen = f" It has {', '.join(names)}." if names else ""
    rules = [contract[rule] for rule in list(contract.operations)[:MOST_NAMES]]
    switch = "" if contract.always_tracked else f", and `{contract['enable_autograd']}`"
    return (
        f"This is code of another edition of the course, {edition.title}.{seen} This course grades"
        f" {', '.join(rules)} … with `{contract['apply']}`{switch}."
    )
