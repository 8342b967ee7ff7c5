"""Grade one submission: the whole path from a file to a result."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import autograder
from autograder.cases.inputs import draw_inputs
from autograder.cases.registry import CaseSet, load_cases
from autograder.cases.secret import seed_digest
from autograder.config import Config
from autograder.errors import InfrastructureError, SubmissionError
from autograder.grading.diagnosis.archive import Archive
from autograder.grading.diagnosis.claim import Claim
from autograder.grading.diagnosis.findings import explore
from autograder.grading.diagnosis.sampling import choose_traced
from autograder.grading.oracle import Expected, expected_values
from autograder.grading.outcome import find_notes, find_outcome
from autograder.grading.score import (
    score_checkpoints,
    score_checks,
    score_extra_credit,
    total,
)
from autograder.grading.verdicts import (
    Verdict,
    judge,
    without_invented_lines,
    without_invented_places,
)
from autograder.model import EXTRA_CREDIT, Outcome, Provenance, Record, Result
from autograder.sandbox.cases import PreparedCase, prepare
from autograder.sandbox.isolation import NAMES, Tier
from autograder.sandbox.runtime import Runtime, find_runtime
from autograder.sandbox.selftest import choose_tier
from autograder.sandbox.session import CaseOutput, Lost, Run, Session
from autograder.sandbox.worker import Worker
from autograder.submission.load import Submission, file_digest, load_submission, printable

HANDOUT = "tinytorch"
HIDDEN_CASES = Path("tests") / "hidden"


class Graded(Record, frozen=True):
    """A result, and the verdicts behind it. The verdicts and outputs hold hidden numbers.

    ``outputs`` are what each case gave, where they were asked for.
    """

    result: Result
    verdicts: tuple[Verdict, ...] = ()
    outputs: tuple[CaseOutput | Lost, ...] = ()


class Exam:
    """A course's cases with inputs drawn and expected values computed: the same for everybody.

    Parameters
    ----------
    course
        The course's folder.
    config
        Its configuration.
    seed
        Its secret seed.
    """

    def __init__(self, course: Path, config: Config, seed: bytes) -> None:
        self.config = config
        self.handout = course / "source" / config.assignment / HANDOUT
        self.case_set: CaseSet = load_cases(course / HIDDEN_CASES, config)
        self.seed_digest = seed_digest(seed)
        self.grader_version = autograder.__version__
        self._seed = seed

    @cached_property
    def prepared(self) -> tuple[PreparedCase, ...]:
        """The cases with their inputs, as they are sent into the sandbox."""
        return tuple(
            prepare(case.program, inputs)
            for case, inputs in zip(self.case_set.cases, self._drawn, strict=True)
        )

    @cached_property
    def expected(self) -> tuple[dict[str, Expected], ...]:
        """What each case must observe, by name."""
        return tuple(
            expected_values(case, self._seed, inputs)
            for case, inputs in zip(self.case_set.cases, self._drawn, strict=True)
        )

    @cached_property
    def archive(self) -> Archive:
        """What misconceptions would give for each case, filled as it is asked for."""
        return Archive(self.case_set.cases, self.inputs, self.expected)

    def inputs(self, place: int) -> dict[int, NDArray[np.generic]]:
        """Return the inputs of the case at a place, read-only."""
        return self._drawn[place]

    @cached_property
    def _drawn(self) -> tuple[dict[int, NDArray[np.generic]], ...]:
        drawn = tuple(
            draw_inputs(case.program, case.id, self._seed) for case in self.case_set.cases
        )
        for inputs in drawn:
            for array in inputs.values():
                array.setflags(write=False)
        return drawn

    def compute(self) -> None:
        """Compute inputs and expected values now, before processes share them."""
        _ = self.prepared, self.expected

    def choose_tier(self, wanted: str) -> Tier:
        """Return the strongest tier that works here for this course, see ``sandbox.selftest``."""
        return choose_tier(wanted, self._runtime, self.config.limits)

    def worker(self, tier: Tier) -> Worker:
        """Return a worker for this course, not yet started."""
        return Worker(tier, self._runtime, self.config.limits, self.prepared)

    @property
    def _runtime(self) -> Runtime:
        return find_runtime(self.handout, self.config.packages)


class Grader:
    """Grades submissions one after another on one worker."""

    def __init__(self, exam: Exam, worker: Worker) -> None:
        self._exam = exam
        self._worker = worker

    def grade(self, path: Path, *, keep_outputs: bool = False) -> Graded:
        """Grade a file; a submission that cannot be read gets an ``error`` result.

        Parameters
        ----------
        keep_outputs
            Also return the observed arrays, which take megabytes.
        """
        started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
        try:
            submission = load_submission(path)
        except SubmissionError as error:
            return Graded(result=self._unreadable(path, error, started))
        sources = {cell.index: cell.source for cell in submission.cells}
        with Session(self._worker, self._exam.config.limits, submission.module_name) as session:
            run = session.run(submission.cells, self._exam.prepared, stay=True)
            run = without_invented_lines(run, sources)
            verdicts = self._judge(run, sources)
            traces = self._trace(session, submission, verdicts)
        claims, trouble = self._investigate(run, verdicts, traces)
        checks = score_checks(self._exam.config, verdicts, claims)
        checkpoints = score_checkpoints(self._exam.config.checkpoints, checks)
        score, max_score = total([check for check in checks if check.checkpoint != EXTRA_CREDIT])
        result = Result(
            submission=submission.name,
            score=score,
            max_score=max_score,
            status="graded",
            outcome=find_outcome(submission, run, self._required(verdicts)),
            checkpoints=checkpoints,
            extra_credit=score_extra_credit(checks),
            checks=checks,
            notes=(*find_notes(run), *trouble),
            provenance=self._provenance(submission.sha256, started, time.monotonic() - clock),
        )
        outputs = run.cases if keep_outputs else ()
        return Graded(result=result, verdicts=verdicts, outputs=outputs)

    def _judge(self, run: Run, sources: Mapping[int, str]) -> tuple[Verdict, ...]:
        tolerance = self._exam.config.tolerance
        cases = self._exam.case_set.cases
        return tuple(
            judge(case, without_invented_places(output, sources), expected, tolerance)
            for case, output, expected in zip(cases, run.cases, self._exam.expected, strict=True)
        )

    def _trace(
        self, session: Session, submission: Submission, verdicts: Sequence[Verdict]
    ) -> dict[int, CaseOutput]:
        """Run some cases once more, with an eye on the rules; the points are settled before."""
        chosen = choose_traced(verdicts)
        if not chosen:
            return {}
        prepared = [self._exam.prepared[place] for place in chosen]
        try:
            outputs = session.trace(submission.cells, prepared).cases
        except InfrastructureError:  # the grade is there already; only words would be lost
            return {}
        pairs = zip(chosen, outputs, strict=True)
        return {place: out for place, out in pairs if not isinstance(out, Lost)}

    def _investigate(
        self, run: Run, verdicts: Sequence[Verdict], traces: Mapping[int, CaseOutput]
    ) -> tuple[dict[str, Claim], tuple[str, ...]]:
        """Look for what is wrong with failing cases.

        Returns
        -------
        claims, notes
            By the id of a case; and what kept us from looking, if anything did.
        """
        if all(verdict.status != "failed" for verdict in verdicts):
            return {}, ()
        try:
            return explore(self._exam.archive, verdicts, run.cases, traces), ()
        except Exception as error:  # a fault of ours among hostile numbers must cost nobody a grade
            return {}, (f"Findings are missing: the grader met a {type(error).__name__}.",)

    def _required(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        counted = {check.id for check in self._exam.config.checks}
        return [verdict for verdict in verdicts if verdict.case.check in counted]

    def _provenance(self, sha256: str, started: datetime.datetime, seconds: float) -> Provenance:
        return Provenance(
            grader_version=self._exam.grader_version,
            case_set_digest=self._exam.case_set.digest,
            seed_digest=self._exam.seed_digest,
            submission_sha256=sha256,
            isolation=NAMES[self._worker.tier],
            started=started.isoformat(timespec="seconds"),
            seconds=round(seconds, 3),
        )

    def _unreadable(self, path: Path, error: SubmissionError, started: datetime.datetime) -> Result:
        config = self._exam.config
        checks = score_checks(config, ())
        return Result(
            submission=printable(path.name),
            score=0.0,
            max_score=round(sum(check.points for check in config.checks), 2),
            status="error",
            outcome=Outcome(id="unreadable", message=error.message, remedy=error.remedy),
            checkpoints=score_checkpoints(config.checkpoints, checks),
            extra_credit=score_extra_credit(checks),
            checks=checks,
            provenance=self._provenance(file_digest(path), started, 0.0),
        )
