"""Where a finding is told in full, and where a reader starts: one choice for every report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.model import SUREST, CheckResult, Diagnosis


def told_at(checks: Iterable[CheckResult]) -> dict[str, CheckResult]:
    """Return the check at which each mistake is told in full, by the mistake's id.

    Where it is surest, and there the first; the others point to it. A plain fact has no entry: it
    is told wherever it is found.
    """
    homes: dict[str, CheckResult] = {}
    for check in checks:
        found = check.diagnosis
        if found is None or not found.sure or check.status == "passed":
            continue
        home = homes.get(found.id)
        if home is None or _unsure(found) < _unsure(home.diagnosis):
            homes[found.id] = check
    return homes


def home_of(check: CheckResult, homes: dict[str, CheckResult]) -> CheckResult | None:
    """Return the other check at which a check's finding is told, or None where it is told here."""
    found = check.diagnosis
    home = homes.get(found.id) if found is not None and found.sure else None
    return None if home is None or home is check else home


def start(checks: Sequence[CheckResult]) -> CheckResult | None:
    """Return the check to read first: the one with the most certain finding."""
    failing = [check for check in checks if check.status in {"failed", "error"}]
    return min(failing, key=lambda check: _vague(check.diagnosis), default=None)


def same_mistake(found: Diagnosis) -> str:
    """Begin a sentence that points to where a finding was told."""
    start = "Perhaps the same" if found.sure == "perhaps" else "The same"
    return f"{start} mistake as for:"


def _unsure(found: Diagnosis | None) -> int:
    if found is None or found.sure not in SUREST:
        return len(SUREST)
    return SUREST.index(found.sure)


def _vague(found: Diagnosis | None) -> int:
    """Rank findings: what is certain, or a fact with its place; the likely; the rest."""
    if found is None:
        return 3
    if found.sure == "":
        return 0 if found.rule or found.line is not None else 2
    return {"certain": 0, "likely": 1, "seen": 1}.get(found.sure, 2)
