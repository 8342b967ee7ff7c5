"""Grades one submission once in this process, when the first item asks for it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.cases.registry import Case, places_of_cases
from autograder.config import Config, load_config
from autograder.model import Cases, CheckResult, Diagnosis
from autograder.reports.code import Code
from autograder.reports.formats.places import lines_of_cells
from autograder.submission.load import Submission, load_submission

if TYPE_CHECKING:
    from autograder.grading.grader import Exam, Graded
    from autograder.grading.verdicts import Verdict


class Desk:
    """One submission and one exam. All items of a process share one sandbox.

    Parameters
    ----------
    course
        The course's folder.
    file
        The submission.
    cases, isolation
        As for ``autograder run``.
    """

    def __init__(self, course: Path, file: Path, cases: Cases, isolation: str) -> None:
        from autograder.cli.context import refuse_seed_without_walls
        from autograder.grading.material import CASES

        refuse_seed_without_walls(cases, isolation)
        self.course, self.file, self.cases = course, file, cases
        self.submission: Submission = load_submission(file)
        self.config: Config = load_config(course / "config.yaml")
        self.folder = self.config.part(course, CASES[cases])
        self._isolation = isolation

    @cached_property
    def exam(self) -> Exam:
        """The exam; made on first use."""
        from autograder.cli.context import open_exam_for

        return open_exam_for(self.course, self.cases, self.file)

    @cached_property
    def places(self) -> dict[str, tuple[Path, int]]:
        """Where each case is defined."""
        return places_of_cases(self.folder)

    def cases_in(self, file: Path) -> list[Case]:
        """Return the cases that a file defines, in the order of grading."""
        return [case for case in self.exam.case_set.cases if self.places[case.id][0] == file]

    @cached_property
    def graded(self) -> Graded:
        """The submission, graded with all cases of the course."""
        from autograder.grading.grader import Grader

        with self.exam.open_worker(self._isolation) as worker:
            return Grader(self.exam, worker).grade(self.file)

    @property
    def is_graded(self) -> bool:
        """Whether that has happened."""
        return "graded" in vars(self)

    @cached_property
    def _verdicts(self) -> dict[str, Verdict]:
        return {verdict.case.id: verdict for verdict in self.graded.verdicts}

    def passes(self, case: Case) -> bool:
        """Tell whether a case passes."""
        return self._verdicts[case.id].status == "passed"

    def check_of(self, case: Case) -> CheckResult:
        """Return the result of a case's check."""
        return next(check for check in self.graded.result.checks if check.id == case.check)

    def explain(self, case: Case) -> Diagnosis:
        """Say what is wrong with a case that does not pass."""
        from autograder.grading.words.checks import explain_case
        from autograder.grading.words.raised import Source

        source = Source(submission=self.submission)
        claim = self.graded.claims.get(case.id)
        return explain_case(self._verdicts[case.id], claim, source=source)

    @cached_property
    def code(self) -> Code:
        """The submission's code."""
        return Code({cell.index: cell.source for cell in self.submission.cells})

    @cached_property
    def lines(self) -> dict[int, tuple[int, ...]]:
        """In which line of the file each line of a cell stands."""
        text = self.file.read_text(encoding="utf-8-sig", errors="replace")
        cells = {cell.index: cell.source for cell in self.submission.cells}
        return lines_of_cells(text, cells, script=bool(self.submission.script))
