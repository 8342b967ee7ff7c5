"""A finding in pytest's own style: the student's lines, then what is wrong with them."""

from __future__ import annotations

from _pytest._code.code import ReprEntry, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from autograder.cases.registry import Case
from autograder.model import Diagnosis
from autograder.pytest_plugin.desk import Desk
from autograder.reports.boundary import on_terminal
from autograder.reports.code import Excerpt

SAME = "It is explained by the mistake that was told for:"


def show(desk: Desk, case: Case, found: Diagnosis, told: str) -> ReprExceptionInfo:
    """Return what pytest prints of a failure; the same object goes into JUnit and through xdist.

    Parameters
    ----------
    told
        The item at which the same mistake was told in full, or an empty text.
    """
    excerpt = None if told else desk.code.locate(found)
    sure = f"({found.confidence})" if found.confidence else ""
    words = [f"Tried: {case.sentence}"]
    words += [SAME] if told else [found.message, found.hint, sure]
    lines = [*_code(excerpt), *(f"E   {on_terminal(word)}" for word in words if word)]
    lines += [f"E   {told}"] if told else []
    place = ReprFileLocation(
        on_terminal(desk.file.name), _line(desk, excerpt), on_terminal(found.id)
    )
    entry = ReprEntry(lines, None, None, place, "long")
    crash = ReprFileLocation(
        on_terminal(str(desk.file)), _line(desk, excerpt), on_terminal(found.message)
    )
    return ReprExceptionInfo(
        reprtraceback=ReprTraceback([entry], None, style="long"), reprcrash=crash
    )


def _code(excerpt: Excerpt | None) -> list[str]:
    if excerpt is None:
        return []
    marks = {True: ">   ", False: "    "}
    return [marks[line.marked] + on_terminal(line.text) for line in excerpt.lines] + [""]


def _line(desk: Desk, excerpt: Excerpt | None) -> int:
    """Return the line of the file, or 1 where nothing points to one."""
    if excerpt is None or not excerpt.lines:
        return 1
    marked = next((line for line in excerpt.lines if line.marked), excerpt.lines[0])
    numbers = desk.lines.get(excerpt.cell, ())
    return numbers[marked.number - 1] if 1 <= marked.number <= len(numbers) else 1
