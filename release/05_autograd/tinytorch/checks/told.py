"""Which mistakes were shown already, and for which check: each is told in full once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .diagnose import Diagnosis, diagnose
from .run import Report

_FIX_THERE = "Fix it there first, then run this cell again."
_told: dict[str, tuple[str, str]] = {}
"""By the code of a mistake: the id and the title of the check that told it."""


def forget(reports: Sequence[Report]) -> None:
    """Forget what was told for checks that run anew: they may tell something else now."""
    again = {report.check["id"] for report in reports}
    for code in [code for code, (check, _) in _told.items() if check in again]:
        del _told[code]


def diagnose_once(report: Report) -> Diagnosis:
    """Return the diagnosis of a failing check; where another check told it, a word on that."""
    found = diagnose(report)
    if not found.code:
        return found
    check, title = _told.setdefault(found.code, (report.check["id"], report.check["title"]))
    if check == report.check["id"]:
        return found
    same = "Perhaps the same" if found.label == "Perhaps" else "The same"
    return replace(found, sentence=f"{same} mistake as for: {title}.", hint=_FIX_THERE)
