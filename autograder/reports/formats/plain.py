"""``text``: for a person at a terminal, and for the log of any CI."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.text import Text

from autograder.reports.boundary import on_terminal
from autograder.reports.formats.report import Format, Report, facts_of
from autograder.reports.text import render_result

_ESCAPE = "\x1b"


def render(report: Report) -> str:
    """Return the report that a person reads."""
    stream = StringIO()
    console = Console(
        file=stream, width=report.width, highlight=False, force_terminal=report.colour
    )
    console.print(render_result(report.result))
    for line in facts_of(report.result):
        console.print(Text(line))
    # Colours are rich's own: text of others has had its control characters taken before.
    text = on_terminal(stream.getvalue(), keep=f"\n{_ESCAPE}" if report.colour else "\n")
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


FORMAT = Format(render)
