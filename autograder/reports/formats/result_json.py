"""``json``: the result itself, as docs/result.schema.json describes it."""

from __future__ import annotations

from autograder.model import encode_result
from autograder.reports.formats.escape import harmless
from autograder.reports.formats.report import Format, Report


def render(report: Report) -> str:
    """Return the result as indented JSON, keys in the schema's order."""
    return harmless(encode_result(report.result).decode()) + "\n"


FORMAT = Format(render)
