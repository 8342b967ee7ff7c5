"""``gradescope``: ``results.json``, where extra credit adds to the score.

Every test is visible: nothing here tells of a hidden input. Standard output of the container is
hidden, since its log is the grader's own.
"""

from __future__ import annotations

from typing import Any

from autograder.model import EXTRA_CREDIT, CheckResult
from autograder.reports.boundary import on_page
from autograder.reports.formats.escape import in_json
from autograder.reports.formats.report import Format, Report, facts_of, titles_of
from autograder.reports.text import points


def render(report: Report) -> str:
    """Return the document."""
    result = report.result
    groups = titles_of(result)
    words = [result.outcome.message, result.outcome.remedy, *result.notes]
    for checkpoint in result.checkpoints:
        state = "passed" if checkpoint.passed else "not passed yet"
        score = f"{points(checkpoint.score)} of {points(checkpoint.max_score)}"
        words.append(f"{checkpoint.title}: {score}, {state}")
    words += facts_of(result)
    document: dict[str, Any] = {
        "score": round(result.score + result.extra_credit.score, 2),
        "execution_time": result.provenance.seconds,
        "output": "\n".join(on_page(word, keep="") for word in words if word),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            _test(check, groups[check.checkpoint], number, report)
            for number, check in enumerate(result.checks, 1)
        ],
    }
    return in_json(document)


def _test(check: CheckResult, group: str, number: int, report: Report) -> dict[str, Any]:
    finding = report.findings.get(check.id)
    words = [] if finding is None else [finding.message, finding.hint]
    if check.status == "skipped":
        words.insert(0, "Skipped.")
    return {
        "name": on_page(f"{group}: {check.title}", keep=""),
        "number": str(number),
        "score": check.score,
        # A test of extra credit is worth nothing, so that the maximum is that of the checkpoints.
        "max_score": 0.0 if check.checkpoint == EXTRA_CREDIT else check.max_score,
        "status": "passed" if check.status == "passed" else "failed",
        "output": "\n".join(on_page(word, keep="") for word in words if word),
        "tags": [check.kind, check.checkpoint],
        "extra_data": {"id": check.id},
    }


FORMAT = Format(render)
