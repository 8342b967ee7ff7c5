"""What an overview is made of, and what it holds. Students stand in it by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.grades import State
from autograder.model import CheckStatus, Record, Sureness
from autograder.reports.classtable import Entry


class CheckSeen(Record, frozen=True):
    """One check of one student; ``sure`` is empty where the finding is a plain fact."""

    status: CheckStatus
    score: float
    finding: str = ""
    sure: Sureness = ""
    message: str = ""


class FailedCase(Record, frozen=True):
    """A hidden case that came out wrong.

    ``excused`` ones count all the same, since a rule is at fault that pays elsewhere.
    """

    id: str
    check: str
    sentence: str
    excused: bool = False


class Student(Entry, frozen=True):
    """A student with all that the class's figures need.

    Attributes
    ----------
    checks
        By the check's id; empty for whoever has no graded result.
    outcome
        What became of the submission as a whole; empty without a result.
    cases
        The cases that came out wrong; None where that is not known.
    page
        Whether there is a feedback page.
    """

    checks: Mapping[str, CheckSeen] = {}  # msgspec makes a fresh dict for each record
    outcome: str = ""
    cases: tuple[FailedCase, ...] | None = None
    page: bool = False


class Part(Record, frozen=True):
    """A checkpoint, or the total; ``pass_mark`` in points, None where nothing is passed."""

    id: str
    title: str
    max_score: float
    pass_mark: float | None = None


class Course(Record, frozen=True):
    """What of the course's configuration the figures are about.

    Attributes
    ----------
    checks
        Id, title, checkpoint and points of each.
    mistakes
        What the known mistakes are, by id: each completes "… comes out when".
    questions
        What the hand-graded cells are called.
    """

    title: str
    parts: tuple[Part, ...]
    checks: tuple[tuple[str, str, str, float], ...]
    mistakes: Mapping[str, str]
    questions: Mapping[str, str]


class Bin(Record, frozen=True):
    """Scores from ``low`` up to, and in the last one with, ``high``."""

    low: float
    high: float
    count: int


class Distribution(Record, frozen=True):
    """How a part's scores are spread over those who have one; None where nobody has."""

    id: str
    title: str
    max_score: float
    pass_mark: float | None
    count: int
    passed: int | None
    mean: float | None
    median: float | None
    quartiles: tuple[float, float] | None
    bins: tuple[Bin, ...]


class CheckFigure(Record, frozen=True):
    """How a check went: counts of students, and those who did not pass it."""

    id: str
    title: str
    checkpoint: str
    max_score: float
    passed: int
    partly: int
    nothing: int
    skipped: int
    error: int
    pass_rate: float | None
    mean_score: float | None
    who: tuple[str, ...]


class MistakeFigure(Record, frozen=True):
    """A mistake, or a plain finding, and who shares it.

    Attributes
    ----------
    sentence
        What it is; empty for findings that differ from student to student.
    example
        What one student was told, where there is no such sentence.
    perhaps
        For how many of them it is a guess.
    checks
        Ids of the checks with it, and how many students have it there, the most first.
    lost
        Points that they lost in those checks, for this or any other reason.
    only_extra
        Whether it was found in extra credit alone.
    """

    id: str
    sentence: str
    example: str
    students: int
    perhaps: int
    checks: tuple[tuple[str, int], ...]
    lost: float
    only_extra: bool
    who: tuple[str, ...]


class CaseFigure(Record, frozen=True):
    """A hidden case by its public sentence: how many lose points by it, how many are excused."""

    id: str
    check: str
    sentence: str
    students: int
    excused: int
    only_extra: bool
    who: tuple[str, ...]


class QueueFigure(Record, frozen=True):
    """A cell that waits for a person, and for whom."""

    cell: str
    title: str
    students: int
    who: tuple[str, ...]


class Overview(Record, frozen=True, kw_only=True):
    """A class, or the part of it that meets ``conditions``.

    Attributes
    ----------
    made
        When, in UTC.
    of
        How many the whole class has.
    states
        How many students are in each state, in the order of ``STATES``.
    outcomes
        What became of their submissions, the most frequent first.
    scored
        How many have points: the figures of parts, checks and mistakes are about them.
    mistakes, findings
        Those that have a name, and the plain facts.
    cases_known
        Of how many it is known which cases came out wrong.
    """

    title: str
    made: str
    conditions: tuple[str, ...]
    of: int
    scored: int
    states: Mapping[State, int]
    outcomes: tuple[tuple[str, int], ...]
    distributions: tuple[Distribution, ...]
    checks: tuple[CheckFigure, ...]
    mistakes: tuple[MistakeFigure, ...]
    findings: tuple[MistakeFigure, ...]
    cases: tuple[CaseFigure, ...]
    cases_known: int
    queue: tuple[QueueFigure, ...]
    students: tuple[Student, ...]
