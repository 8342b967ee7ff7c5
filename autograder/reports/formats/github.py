"""``github``: annotations on the student's own lines, a step summary, and step outputs.

The annotations go to the log; the others to the files that GitHub names in the environment.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.model import EXTRA_CREDIT
from autograder.reports.formats import markdown
from autograder.reports.formats.escape import in_data, in_property
from autograder.reports.formats.report import Finding, Format, Report, facts_of, score_line
from autograder.reports.text import points


def render(report: Report) -> str:
    """Return one workflow command a line: each mistake once, then the score."""
    return "".join(f"{line}\n" for line in _commands(report))


def _commands(report: Report) -> Iterator[str]:
    result = report.result
    for finding in report.findings.values():
        if finding.first and finding.check.status != "skipped":
            yield _annotation(finding, report)
    extra = points(result.extra_credit.score)
    words = [f"{score_line(result)}. Extra credit: {extra}. {result.outcome.message}"]
    words += facts_of(result)
    yield f"::notice title=Score::{in_data(' '.join(words))}"


def _annotation(finding: Finding, report: Report) -> str:
    level = "warning" if finding.check.checkpoint == EXTRA_CREDIT else "error"
    properties = {}
    if report.path:
        properties["file"] = report.path
    if report.path and finding.line is not None:
        properties |= {"line": str(finding.line), "endLine": str(finding.end or finding.line)}
    properties["title"] = finding.check.title
    told = ",".join(f"{name}={in_property(value)}" for name, value in properties.items())
    message = in_data("\n".join(part for part in (finding.message, finding.hint) if part))
    return f"::{level} {told}::{message}"


def render_outputs(report: Report) -> str:
    """Return the step outputs: numbers and words of ours."""
    result = report.result
    passed = [checkpoint.id for checkpoint in result.checkpoints if checkpoint.passed]
    values = {
        "score": points(result.score),
        "max_score": points(result.max_score),
        "extra_credit": points(result.extra_credit.score),
        "status": result.status,
        "passed": " ".join(passed),
        "cases": result.provenance.cases,
        "isolation": result.provenance.isolation,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


FORMAT = Format(render, {"GITHUB_STEP_SUMMARY": markdown.render, "GITHUB_OUTPUT": render_outputs})
