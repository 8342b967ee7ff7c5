"""``prairielearn``: ``results.json`` of an external grader.

A submission that is no notebook is not gradable, which costs no attempt.
"""

from __future__ import annotations

from typing import Any

from autograder.model import EXTRA_CREDIT, CheckResult
from autograder.reports.boundary import on_page, sentence
from autograder.reports.formats.escape import in_json
from autograder.reports.formats.report import Format, Report, facts_of


def render(report: Report) -> str:
    """Return the document: the score is a share, and extra credit is told, not counted."""
    result = report.result
    if result.status == "error":
        words = f"{sentence(result.outcome.message)} {result.outcome.remedy}".strip()
        return in_json(
            {"gradable": False, "score": 0.0, "format_errors": [on_page(words, keep="")]}
        )
    notes = (result.outcome.remedy, *result.notes, *facts_of(result))
    document: dict[str, Any] = {
        "gradable": True,
        "score": round(min(result.score / result.max_score, 1.0), 6) if result.max_score else 0.0,
        "message": on_page(result.outcome.message, keep=""),
        "output": "\n".join(on_page(note, keep="") for note in notes if note),
        "tests": [_test(check, report) for check in result.checks],
    }
    return in_json(document)


def _test(check: CheckResult, report: Report) -> dict[str, Any]:
    finding = report.findings.get(check.id)
    extra = " (extra credit)" if check.checkpoint == EXTRA_CREDIT else ""
    return {
        "name": on_page(check.title + extra, keep=""),
        "description": check.id,
        "points": check.score,
        "max_points": check.max_score,
        "message": on_page(finding.message, keep="") if finding else "",
        "output": on_page(finding.hint, keep="") if finding else "",
    }


FORMAT = Format(render)
