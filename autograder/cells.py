"""What of a submission runs: the submission gives it, the sandbox takes it."""

from __future__ import annotations

from autograder.model import Record


class Cell(Record, frozen=True):
    """One code cell, or a whole ``.py`` file.

    Attributes
    ----------
    index
        Its number among the code cells of the file; one that is no code there has a later number.
    fallback
        The released text of a known cell: it runs too where the submission's own loses a statement.
    known
        What the assignment calls it, if it is a cell of the assignment.
    change
        What became of that one, see ``submission.known.Placed``.
    """

    index: int
    source: str
    fallback: str = ""
    known: str = ""
    change: str = ""
