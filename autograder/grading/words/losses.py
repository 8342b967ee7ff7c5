"""What is said of code in flight when the child ended or ran out of time."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autograder.model import Record
from autograder.sandbox.records import LossReason


class LossWords(Record, frozen=True):
    """The words for one way to be lost.

    Attributes
    ----------
    id
        The id of the outcome or diagnosis.
    verb
        What the code did, after its place: "Line 3 …".
    remedy
        What to do about a cell.
    message, hint
        What a check says that was lost.
    """

    id: str
    verb: str
    remedy: str
    message: str
    hint: str


LOSSES: Mapping[LossReason, LossWords] = MappingProxyType(
    {
        "timeout": LossWords(
            "timeout",
            "ran out of time",
            "Look there for a loop that does not end.",
            "It ran out of time.",
            "Run it by hand, stop it after a while, and read in the traceback where it stood.",
        ),
        "submission-timeout": LossWords(
            "timeout",
            "ran out of time",
            "Look for what takes so long.",
            "The submission ran out of time before this was tried.",
            "Look for what takes so long.",
        ),
        "exited": LossWords(
            "exited",
            "ended the process",
            "Remove exit() and os._exit().",
            "The process ended itself.",
            "Remove exit() and os._exit().",
        ),
        "killed": LossWords(
            "killed",
            "was killed: memory, processor time or a crash",
            "Run it by itself.",
            "The process was killed: out of memory, out of processor time, or a crash.",
            "Look for arrays that grow without bound.",
        ),
        "garbled": LossWords(
            "killed",
            "disturbed the grader's channel",
            "Write to no file descriptor.",
            "The process disturbed the grader's channel.",
            "Do not write to it.",
        ),
    }
)
