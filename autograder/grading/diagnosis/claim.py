"""One finding about a failing case, in public words."""

from __future__ import annotations

from autograder.model import Record


class Claim(Record, frozen=True):
    """What is probably wrong, in public words.

    Attributes
    ----------
    sure
        One of the words of ``words``; empty for a plain fact.
    rule
        The class that it is about; empty for the engine or where that is not known.
    node
        The step of the case's program that it points to.
    traced
        Whether the calls of rules were looked at as well.
    """

    id: str
    sentence: str
    hint: str
    sure: str = ""
    rule: str = ""
    node: int | None = None
    traced: bool = False
