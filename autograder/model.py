"""The records that cross module borders. One schema, versioned: ``autograder/result/v1``."""

from __future__ import annotations

from typing import Literal

import msgspec

SCHEMA: Literal["autograder/result/v1"] = "autograder/result/v1"
EXTRA_CREDIT = "extra-credit"
"""The ``checkpoint`` of a check that is worth extra credit only."""

Kind = Literal["gradient", "accumulation", "shape", "graph", "contract", "training"]
CheckStatus = Literal["passed", "failed", "skipped", "error"]
Sureness = Literal["", "perhaps", "seen", "likely", "certain"]
SUREST: tuple[Sureness, ...] = ("certain", "likely", "seen", "perhaps", "")
"""From the surest to a plain fact, which stands for itself and names no mistake."""
Part = Literal["", "tracking", "broadcasting", "walk"]
"""What of the engine a diagnosis is about: ``enable_autograd``, ``unbroadcast`` or ``backward``."""
Cases = Literal["hidden", "public"]
"""Which cases: those of the instructor, or those that every student has."""


class Record(msgspec.Struct, frozen=True):
    """Base of the immutable records."""


class Diagnosis(Record, frozen=True):
    """What is probably wrong, in words a student may read: never a hidden number.

    Attributes
    ----------
    id
        The mistake or the fact; it stays the same when the words change.
    confidence, sure
        How sure that is, in words and as a code; empty where the message states a plain fact.
    cell, line
        Where in the student's code: a code cell counted from 0, and a line in it counted from 1.
    rule
        The class that the finding is about.
    node
        The step of the case's program that it points to, where one is known.
    part
        What of the engine it is about, where it is.
    tried
        The case that shows it, and how many cases of the check do not pass.
    """

    id: str
    message: str
    hint: str
    confidence: str = ""
    cell: int | None = None
    line: int | None = None
    rule: str = ""
    node: int | None = None
    sure: Sureness = ""
    part: Part = ""
    tried: str = ""

    @property
    def full(self) -> str:
        """The message, and what was tried."""
        return f"{self.message} {self.tried}".rstrip()


class CheckResult(Record, frozen=True):
    """The score of one check.

    ``case`` is the public sentence of the case that the diagnosis speaks of.
    """

    id: str
    title: str
    checkpoint: str
    kind: Kind
    score: float
    max_score: float
    status: CheckStatus
    diagnosis: Diagnosis | None = None
    case: str = ""


class CheckpointResult(Record, frozen=True):
    """The score of one checkpoint, and whether it is passed."""

    id: str
    title: str
    score: float
    max_score: float
    passed: bool


class ExtraCredit(Record, frozen=True):
    """Points beside the checkpoints."""

    score: float
    max_score: float


class Outcome(Record, frozen=True):
    """What became of the submission as a whole, by name.

    ``id`` is one of ``complete``, ``partial``, ``blank``, ``empty``, ``missing-names``,
    ``other-edition``, ``undefined-name``, ``python-version``, ``syntax-error``, ``cell-error``,
    ``timeout``, ``exited``, ``killed``, ``unreadable`` and ``infrastructure``.
    """

    id: str
    message: str
    remedy: str = ""


class Provenance(Record, frozen=True):
    """Where a result came from; enough to repeat it.

    Attributes
    ----------
    seconds
        How long grading took.
    cases
        Which cases it was graded with.
    check_seconds
        How long the cases of each check took in the sandbox, by the check's id: at least 0, 1, 5
        or 20 seconds, since a submission chooses it.
    """

    grader_version: str
    case_set_digest: str
    seed_digest: str
    submission_sha256: str
    isolation: str
    started: str
    seconds: float
    cases: Cases = "hidden"
    check_seconds: dict[str, float] = {}  # msgspec makes a fresh dict for each record


class Result(Record, frozen=True, kw_only=True):
    """What grading one submission gave. Holds no hidden input and no expected value.

    ``restored`` names the locked cells of which the released text ran.
    """

    schema: Literal["autograder/result/v1"] = SCHEMA
    submission: str
    score: float
    max_score: float
    status: Literal["graded", "error"]
    outcome: Outcome
    checkpoints: tuple[CheckpointResult, ...]
    extra_credit: ExtraCredit
    checks: tuple[CheckResult, ...]
    notes: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    provenance: Provenance


def encode_result(result: Result) -> bytes:
    """Return the result as indented JSON, keys in the schema's order."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2)


def decode_result(data: bytes) -> Result:
    """Read a result back; raises ``msgspec.ValidationError`` when it does not fit the schema."""
    return msgspec.json.decode(data, type=Result)
