"""Grade a class: what is new or changed, into journal, gradebook and formgrader's folder."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from autograder.course.changes import compare
from autograder.course.desk import Desk, Marks
from autograder.course.exams import Exams
from autograder.course.gradebook import Gradebook
from autograder.course.history import Entry
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.errors import InfrastructureError, UsageError
from autograder.grading.grader import Exam
from autograder.model import Record, Result
from autograder.reports.changes import Change
from autograder.reports.classtable import ClassRow, class_row
from autograder.sandbox.isolation import Tier
from autograder.workers.local import Job, Pool, grade_all

Progress = Callable[[str, ClassRow | None], None]
Place = Literal["due", "unchanged", "held"]
NOTHING_KNOWN: Mapping[str, Result] = MappingProxyType({})
BATCH = 50
BATCH_SECONDS = 2.0
"""How many submissions, or how long, until the gradebook is written."""


class ClassReport(Record, frozen=True):
    """What a run of ``grade`` did; students are sorted.

    ``held`` names those whose result was brought back, and stays although another exam is in force;
    ``ended`` those whose result was brought back before it was replaced now.
    """

    rows: dict[str, ClassRow]
    graded: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: dict[str, str]
    held: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


class Preview(Record, frozen=True):
    """What a run of ``grade`` would do: how each result would differ from the one that is there."""

    changes: dict[str, Change]
    failed: dict[str, str]
    held: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


class Sorted(Record, frozen=True):
    """Who is to be graded, whose result is that of the same exam, and whose was brought back."""

    due: tuple[str, ...]
    unchanged: tuple[str, ...]
    held: tuple[str, ...]
    ended: tuple[str, ...]
    """Of those who are due: whose result was brought back."""


class Classroom:
    """Grades the submissions of one assignment in one course.

    Parameters
    ----------
    isolation
        ``auto``, or ``none`` for trusted code.
    """

    def __init__(self, layout: Layout, exam: Exam, isolation: str) -> None:
        if not layout.released_notebook.is_file():
            raise UsageError(
                f"There is no released notebook {layout.released_notebook}", "autograder release"
            )
        self._layout = layout
        self._exam = exam
        self._isolation = isolation
        self._journal = Journal(layout)
        self._exams = Exams(layout, exam.decisive)
        self._desk = Desk(layout)

    def _sort(
        self,
        students: Sequence[str],
        read: Callable[[str], Entry | None],
        stands: Callable[[str, Entry], None],
        *,
        force: bool,
        replace_held: bool,
    ) -> Sorted:
        """Split students into those to grade and those whose result stands.

        Parameters
        ----------
        read
            Returns a student's result.
        stands
            Called with each result that stands: those of a large class would not fit in memory.
        """
        found: dict[Place, list[str]] = {"due": [], "unchanged": [], "held": []}
        ended: list[str] = []
        for student in students:
            result = read(student)
            place = self._place(student, result, force=force, replace_held=replace_held)
            found[place].append(student)
            if result is not None and place != "due":
                stands(student, result)
            elif result is not None and result.brought_back is not None:
                ended.append(student)
        due, unchanged, held = map(tuple, found.values())
        return Sorted(due, unchanged, held, tuple(ended))

    def _place(
        self, student: str, result: Entry | None, *, force: bool, replace_held: bool
    ) -> Place:
        if result is None:
            return "due"
        holds = result.brought_back is not None and not (force and replace_held)
        if (force and not holds) or not self._of_this_file(student, result):
            return "due"
        if not force and self._of_this_exam(result):
            return "unchanged"
        return "held" if holds else "due"

    def grade(
        self,
        students: Sequence[str],
        *,
        processes: int,
        force: bool,
        progress: Progress,
        expect: Callable[[int], None] = lambda _due: None,
        known: Mapping[str, Result] = NOTHING_KNOWN,
        replace_held: bool = False,
    ) -> ClassReport:
        """Grade and record; a student whose grading or recording fails keeps the old grade.

        Parameters
        ----------
        known
            Results of this very exam, by student: they are recorded and not made again.
        force
            Grade also those whose result stands.
        replace_held
            Then also those whose result was brought back.
        expect
            Called with the number of students who are due, before the first is graded.
        progress
            Called with each student and the row, or None when there is none.
        """
        with self._journal.locked():
            record_waiting(self._layout, self._journal, self._desk)
            run = _GradingRun(progress)
            found = self._sort(
                students, self._journal.read, run.keep, force=force, replace_held=replace_held
            )
            expect(len(found.due))
            if found.due:
                self._grade(found.due, processes, run, known)
        return ClassReport(
            rows=dict(sorted(run.rows.items())),
            graded=tuple(student for student in found.due if student not in run.failed),
            unchanged=found.unchanged,
            failed=run.failed,
            held=found.held,
            ended=tuple(student for student in found.ended if student not in run.failed),
        )

    def try_out(
        self,
        jobs: Sequence[Job],
        processes: int,
        receive: Callable[[str, Result | InfrastructureError], None],
    ) -> None:
        """Grade files and record nothing; hand on each name with its result as it finishes."""
        with self._journal.locked():
            for name, outcome in grade_all(self._exam, self._tier(), jobs, processes):
                receive(name, outcome)

    def preview(
        self,
        students: Sequence[str],
        *,
        processes: int,
        force: bool,
        progress: Progress,
        expect: Callable[[int], None] = lambda _due: None,
        replace_held: bool = False,
    ) -> Preview:
        """Grade as ``grade`` would, and write nothing; the parameters are the same."""
        changes: dict[str, Change] = {}
        failed: dict[str, str] = {}

        def stands(student: str, result: Entry) -> None:
            """Compare: an interrupted run may have left a result that the gradebook is to get."""
            changes[student] = self._compare(student, result)

        found = self._sort(
            students, self._journal.latest, stands, force=force, replace_held=replace_held
        )
        expect(len(found.due))
        if found.due:
            tier, jobs = self._prepare(found.due)
            with Pool(self._exam, tier, jobs, processes, self._try) as pool:
                for student, outcome in pool.outcomes():
                    if isinstance(outcome, InfrastructureError):
                        failed[student] = outcome.message
                        progress(student, None)
                        continue
                    changes[student], row = outcome
                    progress(student, row)
        return Preview(
            changes=dict(sorted(changes.items())),
            failed=failed,
            held=found.held,
            ended=tuple(student for student in found.ended if student not in failed),
        )

    def _try(self, student: str, _path: Path, result: Result) -> tuple[Change, ClassRow]:
        return self._compare(student, result), class_row(result)

    def _compare(self, student: str, result: Result) -> Change:
        return compare(self._journal.read(student), result, self._exams)

    def _prepare(self, due: Sequence[str]) -> tuple[Tier, list[Job]]:
        return self._tier(), [(student, self._layout.submission(student)) for student in due]

    def _tier(self) -> Tier:
        # The trial of the sandbox mostly waits for another process.
        with ThreadPoolExecutor(1) as beside:
            trial = beside.submit(self._exam.choose_tier, self._isolation)
            self._exam.compute()
            return trial.result()

    def _grade(
        self, due: Sequence[str], processes: int, run: _GradingRun, known: Mapping[str, Result]
    ) -> None:
        tier, jobs = self._prepare([student for student in due if student not in known])
        with contextlib.suppress(OSError):  # it costs a later run the words of what changed
            self._exams.keep(self._exam.decisive)
        # The first submissions are graded while nbgrader, which takes a second, is imported.
        with (
            Pool(self._exam, tier, jobs, processes, self._desk.receive, self._desk.notice) as pool,
            Gradebook(self._layout, self._desk.comment_places) as book,
        ):
            book.require_assignment()
            batch: list[Marks] = []
            latest = 0.0  # the first result is recorded, and shown, at once
            try:
                for student, outcome in chain(self._received(due, known), pool.outcomes()):
                    if isinstance(outcome, InfrastructureError):
                        run.fail(student, outcome.message)
                        continue
                    batch.append(outcome)
                    if len(batch) >= BATCH or time.monotonic() - latest >= BATCH_SECONDS:
                        self._record(batch, book, run)
                        latest = time.monotonic()
            finally:
                # After Ctrl-C too: what is graded is recorded before the run ends.
                self._record(batch, book, run)

    def _received(
        self, due: Sequence[str], known: Mapping[str, Result]
    ) -> Iterator[tuple[str, Marks | InfrastructureError]]:
        for student in due:
            if student in known:
                path = self._layout.submission(student)
                try:
                    yield student, self._desk.receive(student, path, known[student])
                except InfrastructureError as error:
                    yield student, error
                except OSError as error:
                    yield student, InfrastructureError(f"{error.strerror}: {error.filename}")

    def _record(self, batch: list[Marks], book: Gradebook, run: _GradingRun) -> None:
        """Write a batch to the gradebook, then confirm it in the journal; empty the batch."""
        marks, batch[:] = list(batch), []
        try:
            book.record(marks)
        except InfrastructureError as error:
            for one in marks:
                run.fail(one.student, error.message)
            return
        for one in marks:
            self._journal.confirm(one.student)
            run.succeed(one)

    def recorded(self, student: str) -> Result | None:
        """Return the result that the gradebook has."""
        return self._journal.read(student)

    def holds(self, result: Result, digest: str) -> bool:
        """Tell whether this exam would grade a hand-in of this digest the same way again."""
        return result.provenance.submission_sha256 == digest and self._of_this_exam(result)

    def _of_this_file(self, student: str, result: Result) -> bool:
        """Tell whether a result is of the file that lies there now."""
        try:
            return result.provenance.submission_sha256 == self._layout.digest(student)
        except OSError:
            return False

    def _of_this_exam(self, result: Result) -> bool:
        """Tell whether the same exam would grade the same way."""
        origin = result.provenance
        return (
            origin.case_set_digest == self._exam.case_set.digest
            and origin.seed_digest == self._exam.seed_digest
            and origin.grader_version == self._exam.grader_version
            and (origin.isolation == "none") == (self._isolation == "none")
        )


def record_waiting(layout: Layout, journal: Journal, desk: Desk) -> None:
    """Record what the gradebook is to get: an interrupted run had graded but not recorded it.

    Raises
    ------
    InfrastructureError
        When the gradebook cannot be written; what waits is kept.
    """
    waiting: list[Marks] = []
    for student, result in journal.waiting():
        with contextlib.suppress(InfrastructureError):  # changed since: it is due again
            waiting.append(desk.mark(student, result))
    if not waiting:
        return
    with Gradebook(layout, desk.comment_places) as book:
        book.require_assignment()
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH]
            book.record(batch)
            for one in batch:
                journal.confirm(one.student)


class _GradingRun:
    """What came of each student so far."""

    def __init__(self, progress: Progress) -> None:
        self.rows: dict[str, ClassRow] = {}
        self.failed: dict[str, str] = {}
        self._progress = progress

    def keep(self, student: str, result: Result) -> None:
        self.rows[student] = class_row(result)

    def succeed(self, marks: Marks) -> None:
        self.rows[marks.student] = marks.row
        self._progress(marks.student, marks.row)

    def fail(self, student: str, reason: str) -> None:
        self.failed[student] = reason
        self._progress(student, None)


def choose_students(layout: Layout, wanted: Sequence[str]) -> list[str]:
    """Return the students to look at: those named, or everybody who handed in.

    Raises
    ------
    UsageError
        When one that is named has handed nothing in, or nobody has.
    """
    having = [student for student in layout.students() if layout.submission(student).exists()]
    if not wanted and not having:
        raise UsageError(
            f"Nobody has handed anything in: {layout.course / 'submitted'} is empty",
            "autograder collect FOLDER",
        )
    missing = [student for student in wanted if student not in having]
    if missing:
        raise UsageError(f"{missing[0]!r} has handed nothing in", _similar(missing[0], having))
    return list(wanted) or having


def _similar(name: str, names: Sequence[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {close[0]!r}?" if close else ""
