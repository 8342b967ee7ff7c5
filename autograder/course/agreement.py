"""Whether the gradebook says what was graded, and how to make it say so again.

Others write into the gradebook as well: nbgrader's own autograde, where it ran without this
course's configuration, replaces scores and comments. What people add by hand is theirs, and no
difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from autograder.course.desk import Desk, cell_scores
from autograder.course.gradebook import Gradebook
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.course.reader import Reader
from autograder.errors import InfrastructureError
from autograder.model import Record, Result
from autograder.reports.text import points

CLOSE = 0.005
"""Half of what scores are rounded to."""


class _Book(Record, frozen=True):
    """Automatic scores by student and cell, and who has a comment of ours."""

    scores: dict[str, dict[str, float | None]]
    commented: frozenset[str]


def find_differences(layout: Layout, students: Sequence[str]) -> dict[str, str]:
    """Return in which way the gradebook is not what was graded, by student.

    Raises
    ------
    InfrastructureError
        When the gradebook cannot be read.
    """
    journal = Journal(layout)
    graded = {student: result for student in students if (result := journal.read(student))}
    if not graded:
        return {}
    book = _read(layout)
    told = {student: _told(layout, book, student, result) for student, result in graded.items()}
    # A run of `grade` that is at work now writes the gradebook before it confirms.
    return {
        student: words
        for student, words in told.items()
        if words and not journal.is_pending(student) and journal.read(student) == graded[student]
    }


def repair(layout: Layout, students: Sequence[str]) -> dict[str, str]:
    """Write what was graded into the gradebook and formgrader's folder; nothing of theirs runs.

    Returns
    -------
    dict
        Why a student's could not be written, by student.
    """
    desk, journal = Desk(layout), Journal(layout)
    failed: dict[str, str] = {}
    marks = []
    with journal.locked():
        for student in students:
            result = journal.read(student)
            try:
                if result is not None:
                    made = desk.mark(student, result)
                    marks.append(replace(made, before=replace(made.before, same=True)))
            except InfrastructureError as error:
                failed[student] = error.message
        with Gradebook(layout, desk.comment_places) as book:
            book.require_assignment()
            book.record(marks)
    return failed


def _told(layout: Layout, book: _Book, student: str, result: Result) -> str:
    """Say what differs for one student; nothing where all is as it should be."""
    if {check.id for check in result.checks} - {check.id for check in layout.config.all_checks}:
        return ""  # of another edition of the course: it is due anyway
    found = book.scores.get(student)
    if found is None:
        return "the gradebook has nothing"
    wrong = list(_wrong_scores(layout, result, found))
    if wrong:
        rest = f"; {len(wrong)} cells differ" if len(wrong) > 1 else ""
        return f"{wrong[0]}{rest}"
    if result.status == "graded" and student not in book.commented:
        return "the findings are gone from the comments"
    if not layout.autograded(student).is_file():
        return "formgrader's notebook is missing"
    return ""


def _wrong_scores(
    layout: Layout, result: Result, found: Mapping[str, float | None]
) -> Iterator[str]:
    for cell, expected in _expected(layout, result).items():
        if cell not in found:
            yield f"{cell} is missing"
        elif not _same(expected, found[cell]):
            yield f"{cell} has {_shown(found[cell])}, and {_shown(expected)} was given"


def _expected(layout: Layout, result: Result) -> dict[str, float | None]:
    if result.status == "error":
        return dict.fromkeys(check.cell for check in layout.config.all_checks)
    return {cell: score for cell, (score, _) in cell_scores(layout.config, result).items()}


def _same(expected: float | None, found: float | None) -> bool:
    if expected is None or found is None:
        return expected is found
    return abs(expected - found) < CLOSE


def _shown(score: float | None) -> str:
    return "no score" if score is None else points(score)


def _read(layout: Layout) -> _Book:
    with Reader(layout) as reader:
        return _Book(reader.scores(), reader.commented())
