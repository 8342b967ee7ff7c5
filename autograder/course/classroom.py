"""Grade a class: what is new or changed, into journal, gradebook and formgrader's folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from autograder.course.desk import Desk, Marks
from autograder.course.gradebook import Gradebook
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.errors import InfrastructureError, UsageError
from autograder.grading.grader import Exam
from autograder.model import Record, Result
from autograder.reports.classtable import ClassRow, class_row
from autograder.submission.load import file_digest
from autograder.workers.local import Pool

Progress = Callable[[str, ClassRow | None], None]
BATCH = 50
BATCH_SECONDS = 2.0
"""How many submissions, or how long, until the gradebook is written."""


class ClassReport(Record, frozen=True):
    """What a run of ``grade`` did; students are sorted."""

    rows: dict[str, ClassRow]
    graded: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: dict[str, str]


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
        self._desk = Desk(layout)

    def due(self, students: Sequence[str], *, force: bool) -> tuple[list[str], dict[str, ClassRow]]:
        """Split students into those to grade and those whose result still holds."""
        due: list[str] = []
        kept: dict[str, ClassRow] = {}
        for student in students:
            result = None if force else self._valid(student)
            if result is None:
                due.append(student)
            else:
                kept[student] = class_row(result)
        return due, kept

    def grade(
        self,
        students: Sequence[str],
        *,
        processes: int,
        force: bool,
        progress: Progress,
        expect: Callable[[int], None] = lambda _due: None,
    ) -> ClassReport:
        """Grade and record; a student whose grading or recording fails keeps the old grade.

        Parameters
        ----------
        expect
            Called with the number of students who are due, before the first is graded.
        progress
            Called with each student and the row, or None when there is none.
        """
        with self._journal.locked():
            self._finish_interrupted_run()
            due, rows = self.due(students, force=force)
            run = _GradingRun(rows, progress)
            unchanged = tuple(rows)
            expect(len(due))
            if due:
                self._grade(due, processes, run)
        return ClassReport(
            rows=dict(sorted(run.rows.items())),
            graded=tuple(student for student in due if student not in run.failed),
            unchanged=unchanged,
            failed=run.failed,
        )

    def _grade(self, due: Sequence[str], processes: int, run: _GradingRun) -> None:
        # The trial of the sandbox mostly waits for another process.
        with ThreadPoolExecutor(1) as beside:
            trial = beside.submit(self._exam.choose_tier, self._isolation)
            self._exam.compute()
            tier = trial.result()
        jobs = [(student, self._layout.submission(student)) for student in due]
        # The first submissions are graded while nbgrader, which takes a second, is imported.
        with (
            Pool(self._exam, tier, jobs, processes, self._desk.receive) as pool,
            Gradebook(self._layout, self._desk.comment_places) as book,
        ):
            book.require_assignment()
            batch: list[Marks] = []
            latest = 0.0  # the first result is recorded, and shown, at once
            try:
                for student, outcome in pool.outcomes():
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

    def _finish_interrupted_run(self) -> None:
        """Record what an interrupted run had graded but not recorded."""
        waiting = [self._desk.mark(student, result) for student, result in self._journal.waiting()]
        if not waiting:
            return
        with Gradebook(self._layout, self._desk.comment_places) as book:
            book.require_assignment()
            for start in range(0, len(waiting), BATCH):
                batch = waiting[start : start + BATCH]
                book.record(batch)
                for one in batch:
                    self._journal.confirm(one.student)

    def _valid(self, student: str) -> Result | None:
        """Return the recorded result if the same exam would grade the same file the same way."""
        result = self._journal.read(student)
        if result is None:
            return None
        try:
            digest = file_digest(self._layout.submission(student))
        except OSError:
            return None
        origin = result.provenance
        same = (
            origin.submission_sha256 == digest
            and origin.case_set_digest == self._exam.case_set.digest
            and origin.seed_digest == self._exam.seed_digest
            and origin.grader_version == self._exam.grader_version
            and (origin.isolation == "none") == (self._isolation == "none")
        )
        return result if same else None


class _GradingRun:
    """What came of each student so far."""

    def __init__(self, rows: dict[str, ClassRow], progress: Progress) -> None:
        self.rows = dict(rows)
        self.failed: dict[str, str] = {}
        self._progress = progress

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
    having = [student for student in layout.students() if layout.submission(student).is_file()]
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
