"""From a result to a student of the overview."""

from __future__ import annotations

from autograder.grades import State
from autograder.model import CheckResult, Result
from autograder.reports.classtable import class_row
from autograder.reports.overview.records import CheckSeen, FailedCase, Student


def student_of(
    name: str,
    result: Result,
    *,
    state: State,
    full_name: str = "",
    groups: tuple[str, ...] = (),
    waiting: tuple[str, ...] = (),
    cases: tuple[FailedCase, ...] | None = None,
    page: bool = False,
) -> Student:
    """Return what the figures need of a student with a result, see ``Student``.

    A submission in error has no checks, and waits for a person as a whole.
    """
    graded = result.status == "graded"
    return Student(
        student=name,
        state=state,
        row=class_row(result),
        name=full_name,
        groups=groups,
        waiting=waiting if graded else (),
        checks={check.id: _seen(check) for check in result.checks} if graded else {},
        outcome=result.outcome.id,
        cases=cases if graded else None,
        page=page,
    )


def _seen(check: CheckResult) -> CheckSeen:
    found = check.diagnosis
    if found is None or check.status == "passed":
        return CheckSeen(check.status, check.score)
    return CheckSeen(check.status, check.score, found.id, found.sure, found.message)
