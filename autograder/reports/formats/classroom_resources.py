"""``classroom-resources``: what a runner of the Actions of that name hands to their reporter.

Base64 of JSON, as one step output named ``result``.
"""

from __future__ import annotations

import base64
from typing import Any

from autograder.model import EXTRA_CREDIT, CheckResult
from autograder.reports.boundary import on_terminal
from autograder.reports.formats.escape import in_json
from autograder.reports.formats.report import Format, Report

_STATUS = {"passed": "pass", "failed": "fail", "skipped": "fail", "error": "error"}


def render(report: Report) -> str:
    """Return the base64 text."""
    return base64.b64encode(in_json(describe(report)).encode()).decode() + "\n"


def describe(report: Report) -> dict[str, Any]:
    """Return what is encoded: every test has a number for its score, since the reporter adds them.

    The reporter's total is that of the checkpoints; a test of extra credit has no score of its own.
    """
    result = report.result
    status = "pass" if result.score >= result.max_score else "fail"
    return {
        "version": 1,
        "status": "error" if result.status == "error" else status,
        "message": on_terminal(result.outcome.message),
        "max_score": result.max_score,
        "tests": [_test(check, report) for check in result.checks],
    }


def _test(check: CheckResult, report: Report) -> dict[str, Any]:
    finding = report.findings.get(check.id)
    extra = check.checkpoint == EXTRA_CREDIT
    return {
        "name": on_terminal(check.title),
        "status": _STATUS[check.status],
        "message": on_terminal(finding.message) if finding else "",
        "test_code": "",
        "task_id": check.id,
        "filename": on_terminal(report.path),
        "line_no": finding.line or 0 if finding else 0,
        "duration": round(report.seconds(check), 4),
        "score": 0.0 if extra else check.score,
        "output": on_terminal(finding.hint) if finding else "",
    }


def render_output(report: Report) -> str:
    """Return the step output."""
    return f"result={render(report)}"


FORMAT = Format(render, {"GITHUB_OUTPUT": render_output})
