"""``junit``: XML for the reporters of GitLab, GitHub, Jenkins and others.

A test is named by the id of its check, which never changes, so that histories work. Points are
properties of the test case. Nothing but ids and public words is in it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET  # it writes here, and parses nothing

from autograder.model import CheckResult
from autograder.reports.boundary import on_terminal
from autograder.reports.formats.report import Format, Report, titles_of
from autograder.reports.text import points

_TAGS = {"failed": "failure", "error": "error", "skipped": "skipped"}


def render(report: Report) -> str:
    """Return a document with a suite for each checkpoint, and a test case for each check."""
    result = report.result
    root = ET.Element("testsuites", {"name": "autograder", **_counts(report, result.checks)})
    for group, title in titles_of(result).items():
        checks = tuple(check for check in result.checks if check.checkpoint == group)
        if checks:
            _add_suite(root, title, checks, report)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(report: Report, checks: tuple[CheckResult, ...]) -> dict[str, str]:
    return {
        "tests": str(len(checks)),
        "failures": str(sum(check.status == "failed" for check in checks)),
        "errors": str(sum(check.status == "error" for check in checks)),
        "time": _time(sum(report.seconds(check) for check in checks)),
    }


def _add_suite(
    root: ET.Element, title: str, checks: tuple[CheckResult, ...], report: Report
) -> None:
    result = report.result
    suite = ET.SubElement(
        root, "testsuite", {"name": on_terminal(title), **_counts(report, checks)}
    )
    suite.set("skipped", str(sum(check.status == "skipped" for check in checks)))
    suite.set("timestamp", result.provenance.started)
    _add_properties(
        suite,
        score=points(sum(check.score for check in checks)),
        max_score=points(sum(check.max_score for check in checks)),
        submission=on_terminal(result.submission),
        cases=result.provenance.cases,
        isolation=result.provenance.isolation,
    )
    for check in checks:
        _add_case(suite, check, report)


def _add_case(suite: ET.Element, check: CheckResult, report: Report) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=check.checkpoint,
        name=check.id,
        time=_time(report.seconds(check)),
    )
    finding = report.findings.get(check.id)
    if finding is not None and finding.line is not None and report.path:
        case.set("file", on_terminal(report.path))
        case.set("line", str(finding.line))
    _add_properties(
        case,
        score=points(check.score),
        max_score=points(check.max_score),
        kind=check.kind,
        title=on_terminal(check.title),
    )
    if check.status == "passed" or finding is None:
        return
    found = ET.SubElement(case, _TAGS[check.status], type=finding.id)
    found.set("message", on_terminal(finding.message))
    found.text = on_terminal(finding.hint)


def _add_properties(parent: ET.Element, **values: str) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=value)


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"


FORMAT = Format(render)
