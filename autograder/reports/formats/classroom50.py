"""``classroom50``: the ``result.json`` that a Classroom 50 grader leaves.

Its scores are integers, so they are hundredths of points, always: a maximum that changed with the
submission would be none. Extra credit adds to the score, and not to the maximum.
"""

from __future__ import annotations

from typing import Any

from autograder.model import EXTRA_CREDIT, CheckResult
from autograder.reports.boundary import on_page
from autograder.reports.formats.escape import in_json
from autograder.reports.formats.report import Format, Report

HUNDREDTHS = 100


def render(report: Report) -> str:
    """Return the document; what the runner knows is taken from its environment."""
    result, known = report.result, report.environment
    commit = known.get("COMMIT_URL", "")
    owner = known.get("OWNER") or known.get("USERNAME", "")
    started = result.provenance.started.replace("+00:00", "Z")
    document: dict[str, Any] = {
        "schema": "classroom50/result/v1",
        "classroom": known.get("CLASSROOM", ""),
        "assignment": known.get("ASSIGNMENT", ""),
        "assignment_type": known.get("ASSIGNMENT_TYPE", "individual"),
        "owner": owner,
        "submission": known.get("SUBMISSION_TAG", ""),
        "commit": commit,
        "release": known.get("RELEASE_URL", ""),
        "review": known.get("REVIEW_URL") or commit,
        "datetime": started,
        "graded_at": started,
        "score": _whole(result.score + result.extra_credit.score),
        "max-score": _whole(result.max_score),
        "tests": [_test(check) for check in result.checks],
        "submitted_by": {
            "username": known.get("GITHUB_ACTOR", owner),
            "id": known.get("GITHUB_ACTOR_ID", ""),
        },
    }
    return in_json(document)


def _test(check: CheckResult) -> dict[str, Any]:
    extra = check.checkpoint == EXTRA_CREDIT
    return {
        "test-name": on_page(f"{check.id}: {check.title}", keep=""),
        "passed": check.status == "passed",
        "score": _whole(check.score),
        "max-score": 0 if extra else _whole(check.max_score),
    }


def _whole(value: float) -> int:
    return round(value * HUNDREDTHS)


FORMAT = Format(render)
