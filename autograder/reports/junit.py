"""A result as JUnit XML, for the reporters of GitLab and GitHub."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # it writes here, and parses nothing

from autograder.model import CheckResult, Result
from autograder.reports.text import points, printable


def render_junit(result: Result) -> str:
    """Return a document with one suite for each checkpoint and one test case for each check.

    The format has no score, so points stand in each name and in the suite's properties.
    """
    root = ET.Element("testsuites", name="autograder")
    titles = {checkpoint.id: checkpoint.title for checkpoint in result.checkpoints}
    groups: dict[str, list[CheckResult]] = {}
    for check in result.checks:
        groups.setdefault(check.checkpoint, []).append(check)
    for group, checks in groups.items():
        _add_suite(root, titles.get(group, "Extra credit"), checks, result)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_suite(root: ET.Element, title: str, checks: list[CheckResult], result: Result) -> None:
    counts = {
        "failures": sum(check.status == "failed" for check in checks),
        "errors": sum(check.status == "error" for check in checks),
        "skipped": sum(check.status == "skipped" for check in checks),
    }
    suite = ET.SubElement(root, "testsuite", name=title, tests=str(len(checks)), time="0")
    for key, count in counts.items():
        suite.set(key, str(count))
    properties = ET.SubElement(suite, "properties")
    score = sum(check.score for check in checks)
    ET.SubElement(properties, "property", name="score", value=points(score))
    possible = sum(check.max_score for check in checks)
    ET.SubElement(properties, "property", name="max_score", value=points(possible))
    ET.SubElement(properties, "property", name="submission", value=printable(result.submission))
    for check in checks:
        _add_case(suite, check, result)


def _add_case(suite: ET.Element, check: CheckResult, result: Result) -> None:
    name = f"{check.id} ({points(check.score)}/{points(check.max_score)})"
    case = ET.SubElement(suite, "testcase", classname=check.checkpoint, name=name, time="0")
    tag = {"failed": "failure", "error": "error", "skipped": "skipped"}.get(check.status)
    if tag is None:
        return
    found = ET.SubElement(case, tag)
    found.set("message", check.diagnosis.message if check.diagnosis else result.outcome.message)
    found.text = check.diagnosis.hint if check.diagnosis else result.outcome.remedy
