"""The records that cross module borders. One schema, versioned: ``autograder/result/v1``."""

from __future__ import annotations

from typing import Literal

import msgspec

SCHEMA: Literal["autograder/result/v1"] = "autograder/result/v1"
EXTRA_CREDIT = "extra-credit"
"""The ``checkpoint`` of a check that is worth extra credit only."""

Kind = Literal["gradient", "accumulation", "shape", "graph", "contract", "training"]
CheckStatus = Literal["passed", "failed", "skipped", "error"]


class Record(msgspec.Struct, frozen=True):
    """Base of the immutable records."""


class Diagnosis(Record, frozen=True):
    """What is probably wrong, in words a student may read: never a hidden number.

    Attributes
    ----------
    confidence
        How sure that is, in words; empty where the message states a plain fact.
    cell, line
        Where in the student's code: a code cell counted from 0, and a line in it counted from 1.
    rule
        The class that the finding is about.
    node
        The step of the case's program that it points to, where one is known.
    """

    id: str
    message: str
    hint: str
    confidence: str = ""
    cell: int | None = None
    line: int | None = None
    rule: str = ""
    node: int | None = None


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
    ``syntax-error``, ``cell-error``, ``timeout``, ``exited``, ``killed``, ``unreadable`` and
    ``infrastructure``.
    """

    id: str
    message: str
    remedy: str = ""


class Provenance(Record, frozen=True):
    """Where a result came from; enough to repeat it."""

    grader_version: str
    case_set_digest: str
    seed_digest: str
    submission_sha256: str
    isolation: str
    started: str
    seconds: float


class Result(Record, frozen=True, kw_only=True):
    """What grading one submission gave. Holds no hidden input and no expected value."""

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
    provenance: Provenance


def encode_result(result: Result) -> bytes:
    """Return the result as indented JSON, keys in the schema's order."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2)


def decode_result(data: bytes) -> Result:
    """Read a result back; raises ``msgspec.ValidationError`` when it does not fit the schema."""
    return msgspec.json.decode(data, type=Result)
