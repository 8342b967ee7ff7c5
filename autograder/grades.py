"""What a student's grade is made of: the one total, and a state that is never a zero by accident.

Every table, page and file takes its numbers from ``StudentGrade`` and adds nothing up itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec.structs import replace

from autograder.config import Check, Config
from autograder.language import marked
from autograder.model import EXTRA_CREDIT, CheckpointResult, ExtraCredit, Record, Result

State = Literal[
    "graded", "waiting", "crashed", "error", "outdated", "ungraded", "expected", "missing",
    "excused", "left",
]  # fmt: skip
STATES: Mapping[State, str] = {
    "graded": marked("graded"),
    "waiting": marked("waits for a hand grade"),
    "crashed": marked("graded; a part of it was stopped"),
    "error": marked("cannot be graded"),
    "outdated": marked("handed in again since this grade"),
    "ungraded": marked("not graded yet"),
    "expected": marked("nothing handed in, still has time"),
    "missing": marked("nothing handed in"),
    "excused": marked("excused"),
    "left": marked("not in the roster"),
}
"""What each state means, in words."""
CRASHED = frozenset({"timeout", "exited", "killed"})
"""Outcomes of a submission that was stopped, and graded for the rest."""
DECIMALS = 2


class GradedCell(Record, frozen=True):
    """What the gradebook says of one cell. ``waiting`` means that a person has yet to grade it."""

    name: str
    automatic: float | None
    manual: float | None
    max_score: float
    waiting: bool
    comment: str = ""
    extra: float | None = None


class Review(Record, frozen=True):
    """What people added to a submission: scores and comments by cell, and a late penalty."""

    cells: tuple[GradedCell, ...] = ()
    late_penalty: float = 0.0


class Member(Record, frozen=True):
    """A student, as the roster and the deadlines have it.

    Attributes
    ----------
    enrolled
        Whether the student takes the course; everybody does where there is no roster.
    expected
        Whether there still is time to hand in.
    handed_in
        When, in UTC, as ISO 8601; empty where nobody knows.
    """

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""
    groups: tuple[str, ...] = ()
    enrolled: bool = True
    excused: bool = False
    expected: bool = False
    handed_in: str = ""
    seconds_late: float = 0.0

    @property
    def name(self) -> str:
        """First name and last name."""
        return f"{self.first} {self.last}".strip()

    @property
    def shown(self) -> str:
        """The name, and the id by which commands know the student."""
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


class StudentGrade(Record, frozen=True, kw_only=True):
    """Where one student stands, and why the total is what it is.

    Attributes
    ----------
    work
        The state of the work, whether or not its student is in the roster.
    detail
        A sentence on the state, where there is more to say.
    checkpoints
        With what people changed; empty where there is no grade, or nobody can tell.
    extra_credit
        Of the stretch checks, and given in formgrader.
    automatic
        Points of the required checks, as they were graded.
    overrides
        What people added to that, or took from it, in cells that are graded automatically.
    written
        Points of the answers that people grade, as far as they are graded.
    total
        All of it, less the late penalty, and never below zero; None where there is no grade.
    waiting
        Cells that a person has yet to grade, or to look at again.
    max_score
        Points possible, without extra credit.
    graded
        When, in UTC, as ISO 8601; empty where it is not graded.
    """

    member: Member
    state: State
    work: State
    detail: str = ""
    checkpoints: tuple[CheckpointResult, ...] = ()
    extra_credit: ExtraCredit = ExtraCredit(score=0.0, max_score=0.0)
    automatic: float = 0.0
    overrides: float = 0.0
    written: float = 0.0
    late_penalty: float = 0.0
    total: float | None = None
    max_score: float = 0.0
    waiting: tuple[str, ...] = ()
    graded: str = ""

    @property
    def final(self) -> bool:
        """Whether the total is the student's grade: nothing of it is still to come."""
        return self.total is not None and self.state in {"graded", "crashed"} and not self.waiting


class _Cell(Record, frozen=True):
    """The points of one cell of checks.

    Attributes
    ----------
    home
        What a change by hand belongs to: the checkpoint with the most points in the cell.
    automatic
        Points by checkpoint; None where nobody could grade it.
    change
        What a person added, or took away.
    """

    home: str
    automatic: Mapping[str, float] | None
    change: float
    extra: float
    known: bool


def grade_of(
    config: Config,
    member: Member,
    result: Result | None,
    review: Review,
    *,
    here: bool = True,
    outdated: bool = False,
) -> StudentGrade:
    """Return a student's grade: the only place where points are added up.

    Parameters
    ----------
    result
        What grading gave, as it is journalled.
    review
        What the gradebook says.
    here
        Whether a submission lies there.
    outdated
        Whether another one lies there than was graded.
    """
    cells = _check_cells(config, result, review)
    checks = list(cells.values())
    graded = result is not None or any(_number(cell) is not None for cell in review.cells)
    complete = graded and all(cell.known for cell in checks)
    waiting = _waiting(config, review) if graded else ()
    work = _state(member, result, bool(waiting), here, outdated, graded, complete)
    state: State = work if member.enrolled else "left"
    detail = "" if result is None or state not in {"error", "crashed"} else result.outcome.message
    bare = StudentGrade(
        member=member,
        state=state,
        work=work,
        detail=detail,
        max_score=_rounded(config.max_score),
        waiting=waiting,
        graded="" if result is None else result.provenance.started,
    )
    if not complete:
        return bare
    questions = [cell for cell in review.cells if cell.name not in cells]
    automatic = math.fsum(points for cell in checks for points in (cell.automatic or {}).values())
    overrides = math.fsum(cell.change for cell in checks if cell.home != EXTRA_CREDIT)
    written = math.fsum(_number(cell) or 0.0 for cell in questions)
    extra = math.fsum(
        [*(cell.extra for cell in checks), *(cell.extra or 0.0 for cell in questions)]
        + [cell.change for cell in checks if cell.home == EXTRA_CREDIT]
    )
    total = math.fsum([automatic, overrides, written, extra, -review.late_penalty])
    most_extra = math.fsum(check.points for check in config.stretch)
    return replace(
        bare,
        checkpoints=tuple(_checkpoints(config, checks)),
        extra_credit=ExtraCredit(score=_rounded(extra), max_score=_rounded(most_extra)),
        automatic=_rounded(automatic),
        overrides=_rounded(overrides),
        written=_rounded(written),
        late_penalty=_rounded(review.late_penalty),
        total=max(_rounded(total), 0.0),
    )


def given_extra(config: Config, result: Result, cell: GradedCell) -> float:
    """Return the extra credit that a person gave in a cell, beside what its checks earned."""
    if cell.extra is None:
        return 0.0
    own = {check.id for check in config.stretch if check.cell == cell.name}
    earned = [check.score for check in result.checks if check.id in own]
    return _rounded(cell.extra - math.fsum(earned))


def _state(
    member: Member,
    result: Result | None,
    waiting: bool,
    here: bool,
    outdated: bool,
    graded: bool,
    complete: bool,
) -> State:
    """Return the state that says the most; the first of several reasons counts."""
    if not graded:
        absent: State = (
            "excused" if member.excused else "expected" if member.expected else "missing"
        )
        return "ungraded" if here else absent
    if outdated:
        return "outdated"
    if not complete:
        return "error"
    if result is not None and result.outcome.id in CRASHED:
        return "crashed"
    return "waiting" if waiting else "graded"


def _waiting(config: Config, review: Review) -> tuple[str, ...]:
    """Return what a person has yet to grade; a question that is not recorded is one of them."""
    recorded = {cell.name for cell in review.cells}
    unseen = [question.cell for question in config.written if question.cell not in recorded]
    return (*(cell.name for cell in review.cells if cell.waiting), *unseen)


def _check_cells(config: Config, result: Result | None, review: Review) -> dict[str, _Cell]:
    """Return the cells of checks: automatic points from the journal, all else as recorded."""
    recorded = {cell.name: cell for cell in review.cells}
    scores: dict[str, float] = {}
    if result is not None and result.status == "graded":
        scores = {check.id: check.score for check in result.checks}
    by_cell: dict[str, list[Check]] = {}
    for check in config.all_checks:
        by_cell.setdefault(check.cell, []).append(check)
    return {
        name: _check_cell(checks, scores, recorded.get(name)) for name, checks in by_cell.items()
    }


def _check_cell(
    checks: Sequence[Check], scores: Mapping[str, float], recorded: GradedCell | None
) -> _Cell:
    weights = _sums((check.checkpoint, check.points) for check in checks)
    required = {key: points for key, points in weights.items() if key != EXTRA_CREDIT}
    home = max(required or weights, key=weights.__getitem__)
    automatic: dict[str, float] | None = None
    extra = 0.0
    if scores:
        automatic = _sums((check.checkpoint, scores.get(check.id, 0.0)) for check in checks)
        extra = automatic.pop(EXTRA_CREDIT, 0.0)
    elif recorded is not None and recorded.automatic is not None:
        automatic = {home: recorded.automatic}
    change, known = 0.0, automatic is not None
    if recorded is not None:
        extra = extra if recorded.extra is None else recorded.extra
        if recorded.manual is not None:
            change = recorded.manual - math.fsum((automatic or {}).values())
            known = True
    return _Cell(home=home, automatic=automatic, change=change, extra=extra, known=known)


def _checkpoints(config: Config, cells: Sequence[_Cell]) -> Iterator[CheckpointResult]:
    """Yield each checkpoint with what people changed, and whether it is passed then."""
    changes = _sums((cell.home, cell.change) for cell in cells)
    earned = _sums(pair for cell in cells for pair in (cell.automatic or {}).items())
    possible = _sums((check.checkpoint, check.points) for check in config.checks)
    for checkpoint in config.checkpoints:
        key = checkpoint.id
        score = _rounded(earned.get(key, 0.0) + changes.get(key, 0.0))
        most = _rounded(possible.get(key, 0.0))
        passed = most > 0 and score >= checkpoint.pass_at * most
        yield CheckpointResult(key, checkpoint.title, score, most, passed)


def _number(cell: GradedCell) -> float | None:
    return cell.automatic if cell.manual is None else cell.manual


def _sums(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    grouped: dict[str, list[float]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return {key: math.fsum(values) for key, values in grouped.items()}


def _rounded(value: float) -> float:
    return round(value, DECIMALS) + 0.0  # no negative zero
