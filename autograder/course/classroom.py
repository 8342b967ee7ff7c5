"""Grade a class: what is new or changed, into journal, gradebook and formgrader's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
import nbformat

from autograder.course.autograded import Template, read_tolerantly
from autograder.course.collect import write_atomically
from autograder.course.gradebook import Gradebook, cell_report
from autograder.course.layout import Layout
from autograder.errors import InfrastructureError, UsageError
from autograder.grading.grader import Exam
from autograder.model import CheckResult, Record, Result, decode_result, encode_result
from autograder.sandbox.isolation import NAMES, Tier
from autograder.submission.load import file_digest
from autograder.workers.local import grade_all

Progress = Callable[[str, Result | None], None]


class ClassReport(Record, frozen=True):
    """What a run of ``grade`` did."""

    results: dict[str, Result]
    graded: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: dict[str, str]


class Classroom:
    """Grades the submissions of one assignment in one course."""

    def __init__(self, layout: Layout, exam: Exam, tier: Tier) -> None:
        if not layout.released_notebook.is_file():
            raise UsageError(
                f"There is no released notebook {layout.released_notebook}", "autograder release"
            )
        self._layout = layout
        self._exam = exam
        self._tier: Tier = tier
        self._template = Template(layout.released_notebook)

    def due(self, students: Sequence[str], *, force: bool) -> tuple[list[str], dict[str, Result]]:
        """Split students into those to grade and those whose result still holds."""
        due, kept = [], {}
        for student in students:
            result = None if force else self._journalled(student)
            if result is None:
                due.append(student)
            else:
                kept[student] = result
        return due, kept

    def grade(
        self, students: Sequence[str], *, processes: int, force: bool, progress: Progress
    ) -> ClassReport:
        """Grade and record; a student whose grading or recording fails keeps the old grade.

        Parameters
        ----------
        progress
            Called with each student and the result, or None when there is none.
        """
        failed: dict[str, str] = {}
        with Gradebook(self._layout, self._template) as book:
            book.require_assignment()
            self._record_pending(book)
            due, results = self.due(students, force=force)
            unchanged = tuple(results)
            jobs = [(student, self._layout.submission(student)) for student in due]
            for student, outcome in (
                grade_all(self._exam, self._tier, jobs, processes) if jobs else ()
            ):
                try:
                    if isinstance(outcome, InfrastructureError):
                        raise outcome
                    self._keep(student, outcome, book)
                    results[student] = outcome
                    progress(student, outcome)
                except InfrastructureError as error:
                    failed[student] = error.message
                    progress(student, None)
        return ClassReport(
            results=dict(sorted(results.items())),
            graded=tuple(student for student in due if student not in failed),
            unchanged=unchanged,
            failed=failed,
        )

    def _keep(self, student: str, result: Result, book: Gradebook) -> None:
        """Journal, then record, then mark the journal entry as recorded: a crash loses nothing."""
        final = self._layout.result(student)
        pending = final.with_suffix(".pending")
        write_atomically(pending, encode_result(result))
        self._record(student, result, book)
        pending.replace(final)

    def _record(self, student: str, result: Result, book: Gradebook) -> None:
        submitted = read_tolerantly(self._layout.submission(student))
        book.record(student, result, self._template.answered(submitted))
        graded = self._template.restore(submitted, self._reports(result.checks))
        write_atomically(
            self._layout.autograded(student), (nbformat.writes(graded) + "\n").encode("utf-8")
        )

    def _record_pending(self, book: Gradebook) -> None:
        """Finish what an interrupted run had graded but not recorded."""
        for pending in sorted(self._layout.result("any").parent.glob("*.pending")):
            student = pending.stem
            try:
                result = decode_result(pending.read_bytes())
            except msgspec.DecodeError:
                pending.unlink()
                continue
            self._record(student, result, book)
            pending.replace(self._layout.result(student))

    def _journalled(self, student: str) -> Result | None:
        """Return the recorded result if the same exam would grade the same file the same way."""
        try:
            result = decode_result(self._layout.result(student).read_bytes())
            digest = file_digest(self._layout.submission(student))
        except (OSError, msgspec.DecodeError):
            return None
        origin = result.provenance
        same = (
            origin.submission_sha256 == digest
            and origin.case_set_digest == self._exam.case_set.digest
            and origin.seed_digest == self._exam.seed_digest
            and origin.grader_version == self._exam.grader_version
            and origin.isolation == NAMES[self._tier]
        )
        return result if same else None

    def _reports(self, checks: Iterable[CheckResult]) -> dict[str, str]:
        cells = {check.id: check.cell for check in self._layout.config.all_checks}
        grouped: dict[str, list[CheckResult]] = {}
        for check in checks:
            grouped.setdefault(cells[check.id], []).append(check)
        return {cell: cell_report(own) for cell, own in grouped.items()}


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
