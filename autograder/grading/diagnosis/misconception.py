"""What a misconception is: a right reference with one habit changed.

``sentence`` completes "Exactly this comes out when …". ``hint`` asks a question, or says where to
look; it never gives the rule's code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autograder.grading.oracle import Machine
from autograder.model import Part
from autograder.operations import operations
from reference import Floats, Rules, Tape, unbroadcast

Unbroadcast = Callable[[Floats, tuple[int, ...]], Floats]


@dataclass(frozen=True, eq=False)  # one object each, compared as such, often
class Misconception:
    """One mistake: the rules, the sum over broadcast axes, or the engine that it replaces.

    Attributes
    ----------
    about
        The class of the rule that is wrong; empty where it is the engine.
    operations
        The operations that a program must have for the mistake to show; none for any program.
    untracked
        Whether the mistake is that results carry no node.
    in_calls
        Whether calls of rules look wrong by themselves with it, although it is the engine's.
    """

    id: str
    sentence: str
    hint: str
    rules: Mapping[str, Rules] = field(default_factory=dict)
    unbroadcast: Unbroadcast = unbroadcast
    machine: type[Machine] = Machine
    tape: type[Tape] = Tape
    about: str = ""
    operations: frozenset[str] = frozenset()
    untracked: bool = False
    in_calls: bool = False

    @property
    def part(self) -> Part:
        """What of the engine it changes; nothing where it is a rule."""
        if self.about:
            return ""
        if self.unbroadcast is not unbroadcast:
            return "broadcasting"
        part: Part = "tracking" if self.untracked else getattr(self.machine, "part", "walk")
        return part

    def start(self) -> Machine:
        """Return a machine that makes this mistake."""
        rules = {**operations().rules, **self.rules}
        return self.machine(self.tape(operations(), rules=rules, unbroadcast=self.unbroadcast))


def lenient(gradient: Floats, shape: tuple[int, ...]) -> Floats:
    """Leave a gradient as it is where its shape does not fit at all: a wrong rule may make one."""
    try:
        return unbroadcast(gradient, shape)
    except ValueError:
        return gradient
