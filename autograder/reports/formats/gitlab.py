"""``gitlab``: findings on the student's own lines, as GitLab's code quality report.

GitLab reads scores and tests from ``junit``; this report is for merge requests.
"""

from __future__ import annotations

import hashlib
from typing import Any

from autograder.model import EXTRA_CREDIT
from autograder.reports.boundary import on_terminal
from autograder.reports.formats.escape import in_json
from autograder.reports.formats.report import Finding, Format, Report


def render(report: Report) -> str:
    """Return a list with one entry for each mistake."""
    told = [finding for finding in report.findings.values() if finding.first]
    return in_json(
        [_entry(finding, report) for finding in told if finding.check.status != "skipped"]
    )


def _entry(finding: Finding, report: Report) -> dict[str, Any]:
    check = finding.check
    # The same mistake keeps its fingerprint while lines move.
    identity = "\0".join([report.path, check.id, finding.id])
    return {
        "description": on_terminal(f"{check.title}: {finding.message} {finding.hint}".strip()),
        "check_name": check.id,
        "fingerprint": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(),
        "severity": "minor" if check.checkpoint == EXTRA_CREDIT else "major",
        "location": {
            "path": on_terminal(report.path or report.result.submission),
            "lines": {"begin": finding.line or 1},
        },
    }


FORMAT = Format(render)
