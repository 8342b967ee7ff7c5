"""From students to figures. A submission in error has no points, and no part in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from autograder.grades import STATES
from autograder.model import EXTRA_CREDIT
from autograder.reports.overview.records import (
    Bin,
    CaseFigure,
    CheckFigure,
    CheckSeen,
    Course,
    Distribution,
    FailedCase,
    MistakeFigure,
    Overview,
    Part,
    QueueFigure,
    Student,
)

TOTAL = "total"
BINS = 10
MAX_CASES, MAX_EXTRA_CASES = 15, 5
"""Hardest cases that are told: of the checkpoints, and of extra credit."""
_NO_FINDING = frozenset({"", "prerequisite", "not-judged"})


def overview_of(
    course: Course,
    students: Sequence[Student],
    *,
    of: int,
    made: str,
    conditions: Sequence[str] = (),
) -> Overview:
    """Return the figures of the students that are given.

    Parameters
    ----------
    of
        How many the whole class has.
    made
        When, in UTC.
    conditions
        What these students were chosen by.
    """
    scored = [student for student in students if student.scored is not None]
    states = Counter(student.state for student in students)
    known = [student for student in scored if student.cases is not None]
    named, plain = _mistakes(course, scored)
    return Overview(
        title=course.title,
        made=made,
        conditions=tuple(conditions),
        of=of,
        scored=len(scored),
        states={state: states[state] for state in STATES},
        outcomes=tuple(
            Counter(student.outcome for student in students if student.outcome).most_common()
        ),
        distributions=tuple(_distribution(part, scored) for part in course.parts),
        checks=tuple(_check(*check, scored) for check in course.checks),
        mistakes=named,
        findings=plain,
        cases=_cases(course, known),
        cases_known=len(known),
        queue=_queue(course, students),
        students=tuple(students),
    )


def _distribution(part: Part, scored: Sequence[Student]) -> Distribution:
    scores = [score for student in scored for score in _score(student, part.id)]
    marked = part.pass_mark is not None
    passed = sum(_passes(student, part.id) for student in scored) if marked else None
    low, median, high = np.quantile(scores, [0.25, 0.5, 0.75]) if scores else (0.0, 0.0, 0.0)
    edges = np.linspace(0.0, part.max_score or 1.0, BINS + 1)
    counts, _ = np.histogram(np.clip(scores, 0.0, edges[-1]), bins=edges)
    return Distribution(
        id=part.id,
        title=part.title,
        max_score=part.max_score,
        pass_mark=part.pass_mark,
        count=len(scores),
        passed=passed,
        mean=round(float(np.mean(scores)), 2) if scores else None,
        median=round(float(median), 2) if scores else None,
        quartiles=(round(float(low), 2), round(float(high), 2)) if scores else None,
        bins=tuple(
            Bin(round(float(edges[at]), 2), round(float(edges[at + 1]), 2), int(count))
            for at, count in enumerate(counts)
        ),
    )


def _score(student: Student, part: str) -> Iterator[float]:
    """Yield the student's score in a part, if there is one."""
    row = student.scored
    if row is None:
        return
    if part == TOTAL:
        yield row.score
    yield from (own.score for own in row.checkpoints if own.id == part)


def _passes(student: Student, part: str) -> bool:
    row = student.scored
    return row is not None and any(own.passed for own in row.checkpoints if own.id == part)


def _check(
    id_: str, title: str, checkpoint: str, max_score: float, scored: Sequence[Student]
) -> CheckFigure:
    seen = {student.student: found for student in scored if (found := student.checks.get(id_))}
    status = Counter(found.status for found in seen.values())
    partly = sum(found.status == "failed" and found.score > 0 for found in seen.values())
    scores = [found.score for found in seen.values()]
    return CheckFigure(
        id=id_,
        title=title,
        checkpoint=checkpoint,
        max_score=max_score,
        passed=status["passed"],
        partly=partly,
        nothing=status["failed"] - partly,
        skipped=status["skipped"],
        error=status["error"],
        pass_rate=round(status["passed"] / len(seen), 4) if seen else None,
        mean_score=round(sum(scores) / len(scores), 2) if scores else None,
        who=tuple(student for student, found in seen.items() if found.status != "passed"),
    )


class _Shared:
    """One finding over the class, while it is counted."""

    def __init__(self) -> None:
        self.surely: dict[str, bool] = {}
        self.checks: Counter[str] = Counter()
        self.lost = 0.0
        self.messages: Counter[str] = Counter()

    def add(self, student: str, check: str, seen: CheckSeen, max_score: float) -> None:
        sure = seen.sure != "perhaps"
        self.surely[student] = self.surely.get(student, False) or sure
        self.checks[check] += 1
        self.lost += max_score - seen.score
        self.messages[seen.message] += 1


def _mistakes(
    course: Course, scored: Sequence[Student]
) -> tuple[tuple[MistakeFigure, ...], tuple[MistakeFigure, ...]]:
    """Return the mistakes that have a name, and the other findings, the most frequent first."""
    points = {id_: max_score for id_, _, _, max_score in course.checks}
    named: dict[str, _Shared] = {}
    plain: dict[str, _Shared] = {}
    for student in scored:
        for check, seen in student.checks.items():
            if seen.status in {"passed", "skipped"} or seen.finding in _NO_FINDING:
                continue
            group = named if seen.sure else plain
            shared = group.setdefault(seen.finding, _Shared())
            shared.add(student.student, check, seen, points.get(check, seen.score))
    return _ranked(course, named), _ranked(course, plain)


def _ranked(course: Course, found: dict[str, _Shared]) -> tuple[MistakeFigure, ...]:
    """Return the findings, the most shared first; those in extra credit alone come last."""
    extra = _extra_checks(course)
    figures = [
        MistakeFigure(
            id=id_,
            sentence=course.mistakes.get(id_, ""),
            example="" if id_ in course.mistakes else shared.messages.most_common(1)[0][0],
            students=len(shared.surely),
            perhaps=sum(not sure for sure in shared.surely.values()),
            checks=tuple(shared.checks.most_common()),
            lost=round(shared.lost, 2),
            only_extra=extra.issuperset(shared.checks),
            who=tuple(shared.surely),
        )
        for id_, shared in found.items()
    ]
    return tuple(
        sorted(figures, key=lambda one: (one.only_extra, -one.students, -one.lost, one.id))
    )


def _cases(course: Course, known: Sequence[Student]) -> tuple[CaseFigure, ...]:
    """Return the cases that most students lose points by; those of extra credit come last."""
    extra = _extra_checks(course)
    cases: dict[str, FailedCase] = {}
    who: dict[str, list[str]] = {}
    excused: Counter[str] = Counter()
    for student in known:
        for case in student.cases or ():
            cases[case.id] = case
            if case.excused:
                excused[case.id] += 1
            else:
                who.setdefault(case.id, []).append(student.student)
    figures = [
        CaseFigure(
            id=id_,
            check=cases[id_].check,
            sentence=cases[id_].sentence,
            students=len(students),
            excused=excused[id_],
            only_extra=cases[id_].check in extra,
            who=tuple(students),
        )
        for id_, students in who.items()
    ]
    figures.sort(key=lambda one: (-one.students, one.id))
    required = [one for one in figures if not one.only_extra]
    stretch = [one for one in figures if one.only_extra]
    return (*required[:MAX_CASES], *stretch[:MAX_EXTRA_CASES])


def _extra_checks(course: Course) -> frozenset[str]:
    return frozenset(id_ for id_, _, checkpoint, _ in course.checks if checkpoint == EXTRA_CREDIT)


def _queue(course: Course, students: Sequence[Student]) -> tuple[QueueFigure, ...]:
    """Return what waits for a person, questions first."""
    who: dict[str, list[str]] = {}
    for student in students:
        for cell in student.waiting:
            who.setdefault(cell, []).append(student.student)
    order = [*course.questions, *sorted(set(who) - set(course.questions))]
    return tuple(
        QueueFigure(cell, course.questions.get(cell, cell), len(who[cell]), tuple(who[cell]))
        for cell in order
        if cell in who
    )
