"""``markdown``: a summary for a forge, for a comment or for a file."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.model import CheckResult
from autograder.reports.formats.escape import in_code, in_markdown
from autograder.reports.formats.report import Format, Report, facts_of, score_line, titles_of
from autograder.reports.text import points

_MARKS = {"passed": "✅ passed", "failed": "❌ failed", "skipped": "⏭️ skipped", "error": "💥 error"}


def render(report: Report) -> str:
    """Return the score, a table for each checkpoint, and each mistake in full once."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    result = report.result
    yield f"## {score_line(result)}"
    yield ""
    yield f"{in_code(result.submission)}: {in_markdown(result.outcome.message)}"
    if result.outcome.remedy:
        yield in_markdown(result.outcome.remedy)
    for note in (*facts_of(result), *result.notes):
        yield ""
        yield f"> {in_markdown(note)}"
    if result.status == "graded":
        for group, title in titles_of(result).items():
            own = [check for check in result.checks if check.checkpoint == group]
            yield from _table(title, own, report) if own else ()


def _table(title: str, checks: list[CheckResult], report: Report) -> Iterator[str]:
    score = points(sum(check.score for check in checks))
    yield ""
    yield f"### {in_markdown(title)}: {score} of {points(sum(c.max_score for c in checks))}"
    yield ""
    yield "| check | points | status | finding |"
    yield "|---|---:|---|---|"
    for check in checks:
        cells = [
            in_markdown(check.title),
            f"{points(check.score)}/{points(check.max_score)}",
            _MARKS[check.status],
            _words(check, report),
        ]
        yield f"| {' | '.join(cells)} |"


def _words(check: CheckResult, report: Report) -> str:
    finding = report.findings.get(check.id)
    if finding is None:
        return ""
    words = in_markdown(finding.message)
    return f"{words}<br>*{in_markdown(finding.hint)}*" if finding.hint else words


FORMAT = Format(render)
