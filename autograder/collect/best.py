"""Which attempt counts, where that depends on what each of several is worth.

Mostly one attempt can count, and nothing here takes any time. Where several can (``counts: best``,
or an extension within which a student handed in again), each is graded, its result is kept in
``.autograder/tried/``, and the one with the most points counts, after the late penalty. The choice
follows from the attempts, the kept results and config.yaml, so that it is the same every time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.collect.attempts import Attempt, Attempts, in_order
from autograder.collect.deadlines import Deadlines
from autograder.collect.placing import place, placed
from autograder.collect.roster import Person, Roster, open_roster
from autograder.course.files import write_atomically
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.errors import InfrastructureError
from autograder.model import Record, Result, decode_result, encode_result
from autograder.submission.files import digest_with

if TYPE_CHECKING:
    from autograder.course.classroom import Classroom


class Choice(Record, frozen=True):
    """Which of a student's attempts counts.

    Attributes
    ----------
    counting
        None without any attempt.
    rivals
        The attempts that could count, where there are several.
    points
        What each rival is worth after the late penalty, as far as that is known, by its id; None
        for one that cannot be graded.
    """

    counting: Attempt | None
    rivals: tuple[Attempt, ...] = ()
    points: dict[tuple[str, str, int], float | None] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record

    @property
    def decided(self) -> bool:
        """Tell whether it is known what each rival is worth."""
        return len(self.points) == len(self.rivals)


class Settled(Record, frozen=True):
    """Results that are known before a class is graded, and why others are not, by student."""

    known: dict[str, Result]
    failed: dict[str, str]


class Chooser:
    """Chooses the attempt that counts; grades nothing.

    Parameters
    ----------
    attempts
        All that were handed in.
    """

    def __init__(
        self, layout: Layout, roster: Roster, deadlines: Deadlines, attempts: Attempts
    ) -> None:
        self._layout = layout
        self._roster = roster
        self._deadlines = deadlines
        self.attempts = attempts
        self._journal = Journal(layout)

    def _person(self, student: str) -> Person:
        return self._roster.people.get(student) or Person(student)

    def is_late(self, student: str, attempt: Attempt) -> bool:
        """Tell whether an attempt came too late."""
        return self._deadlines.is_late(self._person(student), attempt)

    def choose(self, student: str) -> Choice:
        """Return which attempt of a student counts.

        Before it is known what all are worth, one that is graded and lies in ``submitted/`` stays.
        """
        person = self._person(student)
        candidates = self._deadlines.candidates(person, self.attempts.of(student))
        if len(candidates) < 2:
            return Choice(candidates[0] if candidates else None)
        points = {}
        for one in candidates:
            result = self.kept(student, one)
            if result is not None:
                points[one.id] = self._worth(person, one, result)
        choice = Choice(candidates[0], tuple(candidates), points)
        if choice.decided:
            return msgspec.structs.replace(choice, counting=self._best(person, choice))
        lies = placed(student, candidates, self._layout)
        if lies is not None and (lies.id in points or self._is_recorded(student, lies)):
            return msgspec.structs.replace(choice, counting=lies)
        return choice

    def to_be_settled(self, student: str) -> bool:
        """Tell whether ``grade`` has yet to find out, or to put into place, which one counts."""
        choice = self.choose(student)
        if len(choice.rivals) < 2:
            return False
        lies = self.lies(student)
        return lies is not None and not (choice.decided and lies == choice.counting)

    def lies(self, student: str) -> Attempt | None:
        """Return the attempt in ``submitted/``; None for what somebody else has put there."""
        choice = self.choose(student)
        return placed(student, (*choice.rivals, *self.attempts.of(student)), self._layout)

    def kept(self, student: str, attempt: Attempt) -> Result | None:
        """Return the result that is kept for an attempt."""
        with contextlib.suppress(OSError, msgspec.DecodeError):
            return decode_result(self._place(student, attempt).read_bytes())
        return None

    def keep(self, student: str, attempt: Attempt, result: Result) -> None:
        """Keep the result of an attempt."""
        write_atomically(self._place(student, attempt), encode_result(result))

    def file(self, student: str, attempt: Attempt) -> Path:
        """Return the notebook or script of an attempt."""
        name = next(name for name, _ in attempt.files if "/" not in name)
        return self.attempts.folder(student, attempt) / name

    def digest(self, student: str, attempt: Attempt) -> str:
        """Return an attempt's digest as a result names it."""
        return self.digests(student, attempt)[0]

    def digests(self, student: str, attempt: Attempt) -> tuple[str, str]:
        """Return an attempt's digest with the student's own modules, and that of the file alone."""
        path = self.file(student, attempt)
        alone = dict(attempt.files)[path.name]
        return digest_with(alone, self._layout.modules(path)), alone

    def put(self, student: str) -> Result | None:
        """Put what counts into ``submitted/``; return its result if the choice is made."""
        choice = self.choose(student)
        if choice.counting is None or not choice.decided:
            return None
        place(student, choice.counting, self.attempts, self._layout)
        return self.kept(student, choice.counting)

    def _worth(self, person: Person, attempt: Attempt, result: Result) -> float | None:
        if result.status != "graded":
            return None
        score = result.score + result.extra_credit.score
        moment = attempt.moment
        late = self._deadlines.seconds_late(person, moment) if moment is not None else 0.0
        return round(score - self._deadlines.penalty(person.id, score, late), 2)

    def _best(self, person: Person, choice: Choice) -> Attempt:
        """Return the rival with the most points; of equal ones one in time, then the last."""
        places = {one.id: place for place, one in enumerate(in_order(choice.rivals))}

        def rank(one: Attempt) -> tuple[float, bool, int]:
            points = choice.points[one.id]
            in_time = not self._deadlines.is_late(person, one)
            return (-1.0 if points is None else points, in_time, places[one.id])

        return max(choice.rivals, key=rank)

    def _is_recorded(self, student: str, attempt: Attempt) -> bool:
        result = self._journal.read(student)
        return result is not None and result.provenance.submission_sha256 == self.digest(
            student, attempt
        )

    def _place(self, student: str, attempt: Attempt) -> Path:
        folder = self._layout.course / ".autograder" / "tried" / self._layout.config.assignment
        return folder / student / f"{attempt.digest}.json"


def open_chooser(layout: Layout) -> Chooser:
    """Return what chooses in a course, by its roster, deadlines and attempts."""
    roster = open_roster(layout)
    return Chooser(
        layout, roster, Deadlines(layout.config, roster, layout.course), Attempts(layout)
    )


def settle(
    layout: Layout,
    classroom: Classroom,
    students: Sequence[str],
    *,
    processes: int,
    force: bool,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Settled:
    """Grade the attempts that could count, and put the best of each student into ``submitted/``.

    Where one cannot be graded for a reason that is not its own, the student's grade stays as it
    is. What somebody has put into ``submitted/`` by hand stays too.

    Parameters
    ----------
    progress
        Called with how many attempts are graded, and of how many.
    """
    chooser = open_chooser(layout)
    open_cases = [
        (student, choice.rivals)
        for student in students
        if len((choice := chooser.choose(student)).rivals) > 1 and chooser.lies(student)
    ]
    if not open_cases:
        return Settled({}, {})
    jobs = {
        f"{student}/{one.digest}": (student, one)
        for student, rivals in open_cases
        for one in rivals
        if force or not _holds(chooser, classroom, student, one)
    }
    failed: dict[str, str] = {}
    done = 0

    def receive(name: str, outcome: Result | InfrastructureError) -> None:
        nonlocal done
        student, attempt = jobs[name]
        if isinstance(outcome, InfrastructureError):
            failed[student] = f"{attempt.file}: {outcome.message}"
        elif outcome.provenance.submission_sha256 not in chooser.digests(student, attempt):
            failed[student] = f"{attempt.file}: what was kept of it is damaged; collect it again"
        else:
            chooser.keep(student, attempt, outcome)
        done += 1
        progress(done, len(jobs))

    if jobs:
        progress(0, len(jobs))
        files = [(name, chooser.file(*job)) for name, job in jobs.items()]
        classroom.try_out(files, processes, receive)
    known = {}
    with chooser.attempts.locked():
        for student, _ in open_cases:
            if student not in failed:
                try:
                    result = chooser.put(student)
                except OSError as error:
                    failed[student] = f"it cannot be put into submitted/: {error.strerror}"
                    continue
                except InfrastructureError as error:
                    failed[student] = f"{error.message}; collect it again"
                    continue
                if result is not None and classroom.holds(result, layout.digest(student)):
                    known[student] = result
    return Settled(known, failed)


def _holds(chooser: Chooser, classroom: Classroom, student: str, attempt: Attempt) -> bool:
    """Tell whether an attempt need not be graded; a result that the gradebook has is taken over."""
    digest = chooser.digest(student, attempt)
    kept = chooser.kept(student, attempt)
    if kept is not None and classroom.holds(kept, digest):
        return True
    recorded = classroom.recorded(student)
    if recorded is not None and classroom.holds(recorded, digest):
        chooser.keep(student, attempt, recorded)
        return True
    return False
