"""An overview as one HTML file: charts, and a table to sort, filter and search."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec
from markupsafe import Markup

from autograder.grades import STATES, State
from autograder.reports.boundary import in_json
from autograder.reports.markup import render
from autograder.reports.overview.records import Overview
from autograder.reports.overview.text import WORDS
from autograder.reports.text import points

VENDOR = Path(__file__).parent.parent / "vendor"
LIBRARIES = ("d3.min.js", "plot.umd.min.js", "dataTables.min.js")
OWN_SCRIPT = Path(__file__).parent / "overview.js"
PILLS: dict[State, tuple[str, str, str]] = {
    "graded": ("passed", "✓", WORDS["graded"]),
    "waiting": ("passed", "…", WORDS["waiting"]),
    "crashed": ("passed", "!", WORDS["crashed"]),
    "error": ("error", "!", WORDS["error"]),
    "outdated": ("waiting", "…", WORDS["outdated"]),
    "ungraded": ("waiting", "…", WORDS["ungraded"]),
    "expected": ("waiting", "…", WORDS["expected"]),
    "missing": ("failed", "✗", WORDS["missing"]),
    "excused": ("skipped", "↷", WORDS["excused"]),
    "left": ("skipped", "↷", WORDS["left"]),
}
"""How a state is shown: colour, sign and word."""
MAX_NAMED = 200
"""Students that a list outside of the table names."""


def render_overview_page(overview: Overview, pages: Mapping[str, str]) -> str:
    """Return the page.

    Parameters
    ----------
    pages
        Where each student's feedback page lies, as a path relative to this page.
    """
    scripts = [(VENDOR / name).read_text(encoding="utf-8") for name in LIBRARIES]
    scripts.append(OWN_SCRIPT.read_text(encoding="utf-8"))
    return str(
        render(
            "overview.html.j2",
            overview=overview,
            made=f"{overview.made[:16].replace('T', ' ')} UTC",
            links={student: quote(path) for student, path in pages.items()},
            states=[(state, WORDS[state]) for state in STATES if overview.states[state]],
            names={student.student: student.name for student in overview.students},
            parts=overview.distributions[:-1],
            order={state: place for place, state in enumerate(STATES)},
            pills=PILLS,
            **_choices(overview),
            figures=Markup(_figures(overview)),  # noqa: S704 # JSON without a "<"
            scripts=[Markup(f"<script>{text}</script>") for text in scripts],  # noqa: S704 # ours and the vendor's
            policy=_policy(scripts),
            points=points,
            max_named=MAX_NAMED,
        )
    )


def _policy(scripts: list[str]) -> str:
    """Allow these scripts and no other, and no request at all."""
    digests = [hashlib.sha256(text.encode("utf-8")).digest() for text in scripts]
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:"


def _figures(overview: Overview) -> str:
    """Return what the scripts need, as JSON that may stand inside an element."""
    facets = _facets(overview)
    document = {
        "scored": overview.scored,
        "parts": overview.distributions,
        "checks": [
            {
                "id": check.id,
                "title": check.title,
                "checkpoint": check.checkpoint,
                "passed": check.passed,
                "partly": check.partly,
                "nothing": check.nothing,
                "skipped": check.skipped,
                "error": check.error,
            }
            for check in overview.checks
        ],
        "rows": [
            {"state": [student.state], "group": student.groups, **facets[student.student]}
            for student in overview.students
        ],
    }
    return in_json(msgspec.json.encode(document).decode()).replace("<", "\\u003c")


def _facets(overview: Overview) -> dict[str, dict[str, list[str]]]:
    """Return, for each student, what the table can be filtered by."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for field, id_, who in _shared(overview):
        for student in who:
            found[student][field].append(id_)
    return found


def _shared(overview: Overview) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for check in overview.checks:
        yield "check", check.id, check.who
    for mistake in overview.mistakes:
        yield "mistake", mistake.id, mistake.who
    for finding in overview.findings:
        yield "finding", finding.id, finding.who
    for case in overview.cases:
        yield "case", case.id, case.who
    for cell in overview.queue:
        yield "waiting", cell.cell, cell.who


def _choices(overview: Overview) -> dict[str, list[tuple[str, str]]]:
    """Return what the table can be filtered by: values and words of each list."""
    groups = {group for student in overview.students for group in student.groups}
    return {
        "not_passed": [
            (one.id, _counted(one.id, len(one.who))) for one in overview.checks if one.who
        ],
        "mistakes": [(one.id, _counted(one.id, one.students)) for one in overview.mistakes],
        "findings": [(one.id, _counted(one.id, one.students)) for one in overview.findings],
        "cases": [(one.id, _counted(one.sentence, one.students)) for one in overview.cases],
        "waiting": [(one.cell, _counted(one.title, one.students)) for one in overview.queue],
        "groups": [(group, group) for group in sorted(groups)],
    }


def _counted(words: str, count: int) -> str:
    return f"{words} ({count})"
