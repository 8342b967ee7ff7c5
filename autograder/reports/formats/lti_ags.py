"""``lti-ags``: a score as the Assignment and Grade Services of LTI 1.3 take it.

Extra credit adds to the score, which the service lets exceed the maximum.
"""

from __future__ import annotations

from typing import Any

from autograder.reports.boundary import on_page
from autograder.reports.formats.escape import in_json
from autograder.reports.formats.report import Format, Report
from autograder.reports.text import points

USER_VARIABLE = "LTI_USER_ID"


def render(report: Report) -> str:
    """Return the score. One that could not be graded waits for a person and carries no points."""
    result = report.result
    document: dict[str, Any] = {
        "userId": report.environment.get(USER_VARIABLE, ""),
        "timestamp": result.provenance.started,
        "activityProgress": "Completed",
    }
    if result.status == "error":
        document["comment"] = on_page(result.outcome.message, keep="")
        return in_json({**document, "gradingProgress": "PendingManual"})
    parts = [
        f"{checkpoint.title}: {points(checkpoint.score)} of {points(checkpoint.max_score)}."
        for checkpoint in result.checkpoints
    ]
    if result.extra_credit.score:
        parts.append(f"Extra credit: {points(result.extra_credit.score)}.")
    return in_json(
        {
            **document,
            "scoreGiven": round(result.score + result.extra_credit.score, 2),
            "scoreMaximum": result.max_score,
            "comment": on_page(" ".join(parts), keep=""),
            "gradingProgress": "FullyGraded",
        }
    )


FORMAT = Format(render)
