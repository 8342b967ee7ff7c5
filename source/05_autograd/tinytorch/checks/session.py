"""check("mul"): run the public cases of a part and show what came of it."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from . import data, told, words
from .run import Report, run_checks

Json = dict[str, Any]


class CheckFailed(AssertionError):
    """A check does not pass. The report stands above; this is the line that ends the cell."""

    def _render_traceback_(self) -> list[str]:
        """Let Jupyter show the message alone, not the inside of this package."""
        return [str(self)]


class NotWrittenYet(CheckFailed):
    """The code that a check is about still has to be written."""


def check(part: str | None = None, namespace: Json | None = None) -> None:
    """Check a part of your work, such as check("mul"); check() shows all parts at a glance.

    Parameters
    ----------
    part
        A part of the notebook, or the name of a single check.
    namespace
        Where your names are; those of the caller, if left out.

    Raises
    ------
    CheckFailed
        When a case does not pass. What is wrong stands above it.
    """
    names: Json = sys._getframe(1).f_globals if namespace is None else namespace
    if part is None:
        say(words.overview(run_checks(data.checks(), names)))
        return
    try:
        checks = data.find(part)
    except KeyError as error:
        message = f"There is no part {part!r}. The parts are: {error.args[0]}."
        raise CheckFailed(words.for_terminal(message)) from None
    if str(part) == "stretch":
        say(words.stretch(run_checks(checks, names)))
        return
    _conclude(str(part), run_checks(checks, names))


def _conclude(part: str, reports: list[Report]) -> None:
    told.forget(reports)
    for report in reports:
        if report.passed:
            say(words.passed(report))
    failing = [report for report in reports if not report.passed]
    if not failing:
        return
    if failing[0].unfinished:
        raise NotWrittenYet(words.for_terminal(words.unfinished(failing[0])))
    show(failing)
    raise CheckFailed(words.for_terminal(words.summary(part, reports)))


def say(text: str) -> None:
    """Print a text with the signs that the terminal has."""
    print(words.for_terminal(text))


def show(reports: list[Report]) -> None:
    """Show failing checks: as HTML where a notebook is listening, else as plain text."""
    for report in reports:
        if report.unfinished:
            say(words.unfinished(report))
        elif not _shown_by_jupyter(report):
            say(words.failed(report))


class _Rich:
    """A report in the two forms that Jupyter chooses from."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from . import page

        return {
            "text/html": page.failed(self._report),
            "text/plain": words.failed(self._report),
        }


def _shown_by_jupyter(report: Report) -> bool:
    """Display the report in a notebook. False elsewhere, or when that does not work."""
    ipython = sys.modules.get("IPython")
    shell = None
    with contextlib.suppress(Exception):
        shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        return False
    try:
        from IPython.display import display

        display(_Rich(report))
    except Exception:  # a picture that fails must not hide the finding
        return False
    return True
