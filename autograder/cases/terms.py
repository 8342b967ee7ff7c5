"""What a course says that decides a grade, part by part, and none of its words.

Titles and sentences are left out: whoever rewords one regrades nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from autograder.config import Check, Config, Limits, Tolerance
from autograder.model import Record

if TYPE_CHECKING:
    from autograder.cases.registry import Case


class CaseTerms(Record, frozen=True):
    """One hidden case: inputs are drawn from its id, and the digest is that of its program."""

    id: str
    check: str
    digest: str


class CheckTerms(Record, frozen=True):
    """What a check is worth, and where that is entered."""

    points: float
    checkpoint: str
    cell: str
    needs: tuple[str, ...] = ()


class Terms(Record, frozen=True, kw_only=True, omit_defaults=True):
    """All of it.

    Attributes
    ----------
    cases
        In the order in which they run.
    checks, pass_marks
        By the id of a check, or of a checkpoint.
    style, runs
        How nodes and tensors come about, and operations are run, where that is not as usual.
    """

    cases: tuple[CaseTerms, ...]
    checks: dict[str, CheckTerms]
    pass_marks: dict[str, float]
    limits: Limits
    tolerance: Tolerance
    charge_once: bool
    contract: dict[str, str | tuple[str, ...]]
    package: str
    style: dict[str, str | bool] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record
    runs: dict[str, dict[str, str]] = {}  # noqa: RUF012 # the same


def terms_of(cases: Sequence[Case], config: Config) -> Terms:
    """Return the terms of a course."""
    return Terms(
        cases=tuple(CaseTerms(case.id, case.check, digest_of(case.program)) for case in cases),
        checks={check.id: _terms_of(check) for check in config.all_checks},
        pass_marks={one.id: one.pass_at for one in config.checkpoints},
        limits=config.limits,
        tolerance=config.tolerance,
        charge_once=config.charge_once,
        contract=config.contract,
        package=config.package,
        style=config.edition.style,
        runs=config.edition.runs,
    )


def digest_of(data: object) -> str:
    """Return the digest of plain data and records."""
    encoded = msgspec.json.encode(data, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:16]


def _terms_of(check: Check) -> CheckTerms:
    return CheckTerms(check.points, check.checkpoint, check.cell, check.needs)
