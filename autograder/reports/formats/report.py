"""What a format is given, and what it says of each check that does not pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from autograder.model import EXTRA_CREDIT, CheckResult, Record, Result
from autograder.reports.code import Code
from autograder.reports.telling import home_of, same_mistake, told_at
from autograder.reports.text import points


class Report(Record, frozen=True, kw_only=True, dict=True):
    """A result, and what a format may know beside it.

    Attributes
    ----------
    path
        The submission as the reader's system names it: relative, with forward slashes.
    cells
        The submission's code cells by number.
    lines
        For each code cell, the line of the file in which each of its lines stands, from 1.
    environment
        Variables of the system that asks for the format.
    width, colour
        Of the terminal, for formats that are read in one.
    """

    result: Result
    path: str = ""
    cells: Mapping[int, str] = {}
    lines: Mapping[int, tuple[int, ...]] = {}
    environment: Mapping[str, str] = {}
    width: int = 80
    colour: bool = False

    @cached_property
    def findings(self) -> dict[str, Finding]:
        """What to say of each check that does not pass, by the check's id."""
        return {finding.check.id: finding for finding in _findings(self)}

    def seconds(self, check: CheckResult) -> float:
        """Return how long the cases of a check took."""
        return self.result.provenance.check_seconds.get(check.id, 0.0)


class Finding(Record, frozen=True):
    """What to say of one check.

    Attributes
    ----------
    message, hint
        In full where a mistake is surest, elsewhere a word on where it is told.
    first
        Whether it is told in full.
    line
        The line of the submission's file, from 1, where one is known.
    end
        The last line of what the finding is about.
    """

    check: CheckResult
    id: str
    message: str
    hint: str = ""
    first: bool = True
    line: int | None = None
    end: int | None = None


class Format(Record, frozen=True):
    """One format.

    Attributes
    ----------
    render
        What goes to standard output, or to a file.
    appended
        What is also added to files that variables of the environment name, by the variable.
    """

    render: Callable[[Report], str]
    appended: Mapping[str, Callable[[Report], str]] = {}


def facts_of(result: Result) -> tuple[str, ...]:
    """Say what a reader must know of how a result came about, if it is not the usual way."""
    facts = []
    if result.provenance.cases == "public":
        facts.append("Graded with the public cases, with inputs of their own for this very file.")
    if result.provenance.isolation == "none":
        facts.append("Graded without isolation: the code could do whatever its user can.")
    return tuple(facts)


def score_line(result: Result) -> str:
    """Say what was scored, or that nothing was: what cannot be graded is no zero."""
    if result.status == "error":
        return "Not graded"
    return f"{points(result.score)} of {points(result.max_score)} points"


def titles_of(result: Result) -> dict[str, str]:
    """Return the title of each group of checks by its id."""
    titles = {checkpoint.id: checkpoint.title for checkpoint in result.checkpoints}
    return {**titles, EXTRA_CREDIT: "Extra credit"}


def _findings(report: Report) -> Iterator[Finding]:
    if report.result.status == "error":
        yield from _of_an_unreadable(report.result)
        return
    homes = told_at(report.result.checks)
    code = Code(report.cells)
    for check in report.result.checks:
        found = check.diagnosis
        if found is None or check.status == "passed":
            continue
        home = home_of(check, homes)
        if home is not None:
            yield Finding(
                check=check,
                id=found.id,
                message=f"{same_mistake(found)} {home.title}",
                hint=f"Tried: {check.case}",
                first=False,
            )
            continue
        line, end = _place(report, code, check)
        hint = "" if check.status == "skipped" else found.hint
        sure = f" ({found.confidence})" if found.confidence else ""
        yield Finding(
            check=check, id=found.id, message=found.full + sure, hint=hint, line=line, end=end
        )


def _of_an_unreadable(result: Result) -> Iterator[Finding]:
    """Tell once why nothing was judged."""
    for place, check in enumerate(result.checks):
        first = place == 0
        yield Finding(
            check=check,
            id=result.outcome.id,
            message=result.outcome.message if first else "Not judged.",
            hint=result.outcome.remedy if first else "",
            first=first,
        )


def _place(report: Report, code: Code, check: CheckResult) -> tuple[int | None, int | None]:
    """Return the first and the last line of the file that a finding is about."""
    if check.diagnosis is None or check.status == "skipped":
        return None, None
    excerpt = code.locate(check.diagnosis)
    lines = report.lines.get(excerpt.cell, ()) if excerpt else ()
    if excerpt is None or not lines:
        return None, None
    marked = [line.number for line in excerpt.lines if line.marked] or [excerpt.lines[0].number]
    numbers = [lines[number - 1] for number in marked if 1 <= number <= len(lines)]
    return (numbers[0], numbers[-1]) if numbers else (None, None)
