"""What an operation is: one record, which says all that the grader knows of it.

Each file of ``reference/operations/`` declares one. The reference computes by ``forward`` and
``gradient``; the sandbox is told ``run`` and names, and never a formula; findings, drawings, the
public checks and the audit take their words from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Rule = Callable[..., Any]
"""Called as ``rule(g, out, *operands, **options)``: ``g`` is the gradient of some scalar with
respect to the result ``out``, and what it returns is the gradient with respect to one operand, in
the shape of that operand as it was broadcast. Summing it back is the backward pass's business."""
Rules = tuple[Rule | None, ...]
"""One rule an operand; None where an operand is an index, which takes no gradient."""
Rounding = Callable[[Floats], Floats]
Draw = Literal["normal", "positive", "probability", "binary", "kinked", "labels"]


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a program runs an operation on the student's objects: data that the sandbox is told.

    Attributes
    ----------
    operator
        A name of Python's module ``operator``: the operation is written with that sign.
    method
        A method of a tensor. With ``operator`` as well, either way will do where a case does not
        insist on one.
    made
        A class of the handout or the submission, of which an instance is made and called.
    function
        A function of the submission.
    by_position
        Options that are handed on by position, in this order; others go by name.
    spread
        The option, handed on by position, whose members are arguments of their own.
    """

    operator: str = ""
    method: str = ""
    made: str = ""
    function: str = ""
    by_position: tuple[str, ...] = ()
    spread: str = ""


@dataclass(frozen=True)
class Mistake:
    """A likely mistake of a rule, as a small wrong formula.

    Attributes
    ----------
    sentence
        Completes "Exactly this comes out when …".
    hint
        Asks a question, or says where to look; it never gives the rule's code.
    rules
        In place of the first rules of the operation; the others stay right.
    code
        How the audit makes the mistake in the solution: a text in the rule's class, and what stands
        there instead. Empty where `tests/mutants/` has it.
    """

    id: str
    sentence: str
    hint: str
    rules: Rules
    code: tuple[str, str] | tuple[()] = ()


@dataclass(frozen=True)
class KeptOnClass:
    """The mistake of a rule that keeps something on its class, where all of its nodes share it.

    Attributes
    ----------
    kept
        What is shared.
    what
        The same in words.
    """

    id: str
    kept: Literal["options", "output", "input"]
    what: str


@dataclass(frozen=True)
class ForgetsIncoming:
    """The mistake of a rule that is right but for the incoming gradient, which it forgets.

    ``code`` is as for :class:`Mistake`.
    """

    code: tuple[str, str] | tuple[()] = ()


@dataclass(frozen=True, kw_only=True)
class Text:
    """What the public check of an operation says; ``tests/public/rules.yaml`` has the others'."""

    rule: str
    latex: str
    works: str
    hint: str


def undefined(*_operands: Any) -> Any:
    """Stand where nobody has written a function yet."""
    raise NotImplementedError("forward is not defined")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """An operation of the assignment. Columns that are empty below must be filled in a course.

    Attributes
    ----------
    name
        What programs call it.
    rule
        The class that holds its gradient rule, as the assignment calls it.
    spellings
        Further names of that class that cost nothing.
    words
        In small letters, what people call it; with an affix of the contract they name a rule.
    forward
        The function. Operands are positional and options keyword-only, so that its signature tells
        one from the other; an option's default is written there and nowhere else.
    gradient
        The gradient rules, one an operand.
    stepwise
        For rules that compute in several steps: the same rules with rounding on the way.
    domain
        How the inputs of each operand are drawn.
    run
        How a program runs it.
    example
        Operands on which the sandbox meets the operation's node; floats ask for a gradient.
    example_options, constructor
        Options of the operation there, and of the rule's constructor with their defaults.
    label
        What sentences call it.
    written
        How it stands in code, such as ``a * b``.
    sign
        Its sign in drawings, before options by position; empty for one that is drawn by name.
    checks
        Its own checks, whose cases test its rule: what a slip in it costs, once.
    also_tested
        Checks that test it in another way: a slip in it costs them too.
    takes_numbers
        Whether an operand may be a Python number.
    by_itself
        Whether its rule has no more to get wrong than the cases show that build it by hand: no
        options, and no shapes but its operands' own.
    mistakes
        How people get its rule wrong.
    cases
        Cases of its first check, hidden and public alike, in the language of ``tests/hidden/``:
        only their inputs differ. They stand beside those of ``tests/``.
    text
        What its public check says, where ``tests/public/rules.yaml`` does not.
    """

    name: str = ""
    rule: str = ""
    forward: Callable[..., Any] = undefined
    gradient: Rules = ()
    domain: tuple[Draw, ...] = ()
    run: Run = Run()
    label: str = ""
    written: str = ""
    words: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    mistakes: tuple[Mistake | KeptOnClass | ForgetsIncoming, ...] = ()
    example: tuple[Any, ...] = (((1.5, 2.5), (0.5, 2.0)),)
    example_options: Mapping[str, Any] = field(default_factory=dict)
    constructor: Mapping[str, Any] = field(default_factory=dict)
    spellings: tuple[str, ...] = ()
    stepwise: Callable[[Rounding], Rules] | None = None
    sign: str = ""
    also_tested: tuple[str, ...] = ()
    takes_numbers: bool = False
    by_itself: bool = False
    cases: tuple[Callable[[Any], None], ...] = ()
    text: Text | None = None
