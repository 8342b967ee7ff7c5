"""Grade every mutant through the real path, and count which of them lose points, and where."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.audit.corpus import Sample
from autograder.audit.lacking import lacking
from autograder.errors import InfrastructureError
from autograder.grading.grader import Exam
from autograder.model import Diagnosis, Record, Result
from autograder.sandbox.isolation import Tier
from autograder.workers.local import Notice, grade_all


class Kill(Record, frozen=True):
    """What became of one mutant: the checks in which it lost points that its host has.

    ``told`` is what the student reads of them, by check.
    """

    sample: Sample
    lost: tuple[str, ...]
    score: float
    told: dict[str, Diagnosis] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record

    @property
    def killed(self) -> bool:
        """Whether it lost anything."""
        return bool(self.lost)


def grade_mutants(
    exam: Exam,
    tier: Tier,
    hosts: dict[str, str],
    samples: Sequence[Sample],
    processes: int,
    progress: Callable[[], None],
    notice: Notice | None = None,
    *,
    hosts_are_right: bool = True,
) -> list[Kill]:
    """Grade hosts, then mutants; a mutant is killed when it loses a check that its host passes.

    Parameters
    ----------
    notice
        Sees each one's verdicts where it is graded; the name is its host's, or its place.
    hosts_are_right
        Whether each host must pass every required check of which it has the rule.

    Raises
    ------
    InfrastructureError
        When a submission cannot be graded, or a host does not pass every required check.
    """
    with tempfile.TemporaryDirectory(prefix="autograder-audit-") as scratch:
        jobs = [(host, _write(Path(scratch), host, text)) for host, text in hosts.items()]
        jobs += [
            (str(place), _write(Path(scratch), str(place), sample.source))
            for place, sample in enumerate(samples)
        ]
        results: dict[str, Result] = {}
        for name, outcome in grade_all(exam, tier, jobs, processes, notice):
            if isinstance(outcome, InfrastructureError):
                raise InfrastructureError(f"mutant {name}: {outcome.message}")
            results[name] = outcome
            progress()
    passed = {host: _passed(results[host]) for host in hosts}
    for host in hosts if hosts_are_right else ():
        required = {check.id for check in exam.config.checks} - lacking(hosts[host], exam.config)
        lost = sorted(required - passed[host])
        if lost:
            raise InfrastructureError(
                f"the right submission {host!r} loses points in {', '.join(lost)}"
            )
    return [
        _kill(sample, results[str(place)], passed[sample.host])
        for place, sample in enumerate(samples)
    ]


def _kill(sample: Sample, result: Result, passed: set[str]) -> Kill:
    lost = passed - _passed(result)
    order = [check.id for check in result.checks if check.id in lost]
    told = {
        check.id: check.diagnosis
        for check in result.checks
        if check.id in lost and check.diagnosis is not None and check.status != "skipped"
    }
    return Kill(sample=sample, lost=tuple(order), score=result.score, told=told)


def _passed(result: Result) -> set[str]:
    return {check.id for check in result.checks if check.status == "passed"}


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path
