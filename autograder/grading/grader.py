"""Grade one submission: the whole path from a file to a result."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

import autograder
from autograder import operations
from autograder.cases.inputs import draw_inputs
from autograder.cases.registry import Case, CaseSet, load_cases
from autograder.cases.secret import seed_digest
from autograder.config import Config
from autograder.contract import Contract, Wording
from autograder.errors import InfrastructureError, SubmissionError
from autograder.grading import cache
from autograder.grading.absent import imported_words, without_invented_stand_in
from autograder.grading.allowance import Allowance
from autograder.grading.decisive import decisive
from autograder.grading.diagnosis.archive import Archive
from autograder.grading.diagnosis.claim import Claim
from autograder.grading.diagnosis.sampling import choose_traced
from autograder.grading.diagnosis.weighing import explore
from autograder.grading.material import find_material
from autograder.grading.naming import Namer
from autograder.grading.once import excuse
from autograder.grading.oracle import Expected, expected_values
from autograder.grading.outcome import (
    NOT_USED,
    find_notes,
    find_outcome,
    no_diagnosis,
    note_of,
    restored_cells,
)
from autograder.grading.placebo import PlaceboArchive
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
from autograder.grading.words.edition import in_own_words
from autograder.grading.words.raised import Source
from autograder.model import EXTRA_CREDIT, Cases, Outcome, Provenance, Record, Result
from autograder.sandbox.cases import PreparedCase, prepare
from autograder.sandbox.isolation import NAMES, Tier
from autograder.sandbox.records import CaseOutput, Job, Lost, Run
from autograder.sandbox.runtime import Runtime, find_runtime
from autograder.sandbox.selftest import choose_tier, open_worker
from autograder.sandbox.session import Session
from autograder.sandbox.worker import Worker
from autograder.submission.choose import earlier_modules
from autograder.submission.files import digest_with, encodable, file_digest
from autograder.submission.known import Known, mended, read_known
from autograder.submission.load import Submission, load_submission, shown_document

WANTED = ("Function", "enable_autograd", "checkpoint", "Tensor", "np", "numpy")
"""Names without which little of a submission works, beside the rules."""
STEPS = (0.0, 1.0, 5.0, 20.0)
"""Seconds."""


class Graded(Record, frozen=True):
    """A result, and the verdicts behind it. The verdicts and outputs hold hidden numbers.

    Attributes
    ----------
    outputs
        What each case gave, where they were asked for.
    claims
        What the evidence says of failing cases, by the case's id: words only.
    seconds
        How long each case took, by its id.
    """

    result: Result
    verdicts: tuple[Verdict, ...] = ()
    outputs: tuple[CaseOutput | Lost, ...] = ()
    claims: Mapping[str, Claim] = {}  # msgspec makes a fresh dict for each record
    seconds: Mapping[str, float] = {}  # the same


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
    cases
        Which of its cases to grade with.
    draft
        Grade with the handout of source/, which is about to be released.
    released
        The notebook that students have, where it is not yet the one in release/.
    """

    def __init__(
        self,
        course: Path,
        config: Config,
        seed: bytes,
        cases: Cases = "hidden",
        *,
        draft: bool = False,
        released: Path | None = None,
    ) -> None:
        self.course = course
        self.config = config
        self.cases: Cases = cases
        self.choose()
        material = find_material(course, config, cases, draft=draft)
        self.handout = material.handout
        self._released = released or material.notebook
        case_set = load_cases(material.cases, config)
        self.decisive = decisive(case_set.terms, self.handout, config.packages, config.python)
        self.case_set: CaseSet = msgspec.structs.replace(case_set, digest=self.decisive.digest)
        self.seed_digest = seed_digest(seed)
        self.grader_version = autograder.__version__
        self._seed = seed

    def choose(self) -> None:
        """Let this process work on this exam's course: what it declares is in force."""
        home = self.config.home(self.course, "reference")
        operations.choose(home, [check.id for check in self.config.all_checks])

    @cached_property
    def prepared(self) -> tuple[PreparedCase, ...]:
        """The cases with their inputs, as they are sent into the sandbox."""
        return tuple(
            prepare(case.program, inputs)
            for case, inputs in zip(self.case_set.cases, self._drawn, strict=True)
        )

    @cached_property
    def expected(self) -> tuple[dict[str, Expected], ...]:
        """What each case must observe, by name; kept between runs in the user's cache folder."""
        kept = cache.load(self.case_set.digest, self._seed)
        if kept is not None and len(kept) == len(self.case_set.cases):
            return kept
        values = tuple(
            expected_values(case, self._seed, inputs)
            for case, inputs in zip(self.case_set.cases, self._drawn, strict=True)
        )
        cache.store(self.case_set.digest, self._seed, values)
        return values

    @cached_property
    def known(self) -> Known:
        """The released notebook's cells; none before the assignment is released."""
        return read_known(self._released)

    @cached_property
    def archive(self) -> Archive:
        """What misconceptions would give for each case, filled as it is asked for."""
        return Archive(self.case_set.cases, self.inputs, self.expected)

    @cached_property
    def placebos(self) -> PlaceboArchive:
        """What cases must give with placebos for some rules, filled as it is asked for."""
        return PlaceboArchive(self.case_set.cases, self.inputs, self._seed)

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
        self.choose()
        _ = self.prepared, self.expected, self.known, self.wording, self.wanted

    def choose_tier(self, wanted: str) -> Tier:
        """Return the strongest tier that works here for this course, see ``sandbox.selftest``."""
        return choose_tier(wanted, self._runtime, self.config.limits)

    def open_worker(self, wanted: str) -> Worker:
        """Return a worker of the strongest tier that works here, and compute while it starts."""
        cases = self.prepared
        with ThreadPoolExecutor(1) as beside:
            computing = beside.submit(self.compute)
            worker = open_worker(
                wanted,
                self._runtime,
                self.config.limits,
                cases,
                self.config.contract_data,
            )
            try:
                computing.result()
            except BaseException:
                worker.stop()
                raise
        return worker

    def worker(self, tier: Tier) -> Worker:
        """Return a worker for this course, not yet started."""
        self.choose()
        limits, contract = self.config.limits, self.config.contract_data
        return Worker(tier, self._runtime, limits, self.prepared, contract)

    @cached_property
    def names(self) -> Contract:
        """What the course calls the parts of the assignment."""
        self.choose()
        return self.config.names

    @cached_property
    def wording(self) -> Wording:
        """How the edition says what was written of another."""
        self.choose()
        return self.config.wording

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """Names without which little of a submission works, in this edition."""
        names = self.names
        rules = (names[key] for key in names.operations)
        return (*rules, *WANTED, *self.config.edition.defines)

    @property
    def python(self) -> str:
        """The version of Python that submissions run with."""
        return self._runtime.version

    @property
    def _runtime(self) -> Runtime:
        return find_runtime(self.handout, self.config.packages, self.config.python)


def job_of(submission: Submission, wanted: tuple[str, ...] = ()) -> Job:
    """Return what of a submission runs in the sandbox.

    Parameters
    ----------
    wanted
        Names without which little of it works; those of the course's declarations by default.
    """
    return Job(
        cells=submission.cells,
        script=submission.script,
        wanted=wanted or (*operations.operations().rule_of.values(), *WANTED),
        modules=submission.modules,
    )


def with_modules(submission: Submission, path: Path, exam: Exam) -> Submission:
    """Add the student's own earlier modules where the course uses them; else say that they lie."""
    modules = earlier_modules(path, exam.handout)
    if not modules:
        return submission
    if exam.config.package == "student":
        digest = digest_with(submission.sha256, modules)
        return replace(submission, sha256=digest, modules=modules)
    return replace(submission, notes=(*submission.notes, NOT_USED))


def whole_step(seconds: float) -> float:
    """Round a time down to one of a few steps: a submission chooses how long it takes."""
    return max(step for step in STEPS if step <= seconds)


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
        self._exam.choose()
        started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
        try:
            submission = load_submission(path)
            submission = mended(submission, shown_document(submission), self._exam.known)
            submission = with_modules(submission, path, self._exam)
        except SubmissionError as error:
            return Graded(result=self._unreadable(path, error, started))
        sources = {cell.index: cell.source for cell in submission.cells}
        job = job_of(submission, self._exam.wanted)
        with Session(self._worker, self._exam.config.limits, job) as session:
            run = session.run(self._exam.prepared, stay=True)
            run = without_invented_lines(run, sources)
            allowance = Allowance(sources)
            namer = Namer(sources, self._exam.names, allowance.words)
            run = namer.checked(run, self._exam.case_set.cases)
            verdicts = self._judge(run, submission)
            if self._exam.config.charge_once:
                verdicts = self._excuse(session, verdicts)
            traces = self._trace(session, verdicts)
        claims, trouble = self._investigate(run, verdicts, traces)
        python = self._exam.python
        outcome = find_outcome(
            submission, run, self._required(verdicts), self._exam.names, allowance, python
        )
        notes = find_notes(submission, run, allowance, python)
        source = Source(submission=submission, allowance=allowance)
        checks = score_checks(
            self._exam.config, verdicts, claims, source, contract=self._exam.names
        )
        checkpoints = score_checkpoints(self._exam.config.checkpoints, checks)
        score, max_score = total([check for check in checks if check.checkpoint != EXTRA_CREDIT])
        result = Result(
            submission=submission.name,
            score=score,
            max_score=max_score,
            status="graded",
            outcome=outcome,
            checkpoints=checkpoints,
            extra_credit=score_extra_credit(checks),
            checks=checks,
            notes=(*submission.notes, *notes, *note_of(verdicts), *trouble),
            restored=restored_cells(submission, run),
            provenance=self._provenance(
                submission.sha256, started, time.monotonic() - clock, self._check_seconds(run)
            ),
        )
        result = in_own_words(result, self._exam.wording)
        outputs = run.cases if keep_outputs else ()
        took = {case.id: run.seconds.get(n, 0.0) for n, case in enumerate(self._cases)}
        return Graded(result, verdicts, outputs, claims, took)

    @property
    def _cases(self) -> tuple[Case, ...]:
        return self._exam.case_set.cases

    def _judge(self, run: Run, submission: Submission) -> tuple[Verdict, ...]:
        tolerance = self._exam.config.tolerance
        words = imported_words([cell.source for cell in submission.cells])
        # A cell that is no code cell in the file has no number there that could be told.
        sources = {cell.index: cell.source for cell in submission.cells if not cell.change}
        return tuple(
            judge(
                case,
                without_invented_stand_in(without_invented_places(output, sources), sources, words),
                expected,
                tolerance,
            )
            for case, output, expected in zip(
                self._cases, run.cases, self._exam.expected, strict=True
            )
        )

    def _excuse(self, session: Session, verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
        """Run failing cases again with placebos for broken rules, and excuse what is right then."""
        archive, exam = self._exam.placebos, self._exam

        def retry(wanted: Mapping[int, frozenset[str]]) -> frozenset[int]:
            expected = {place: archive.expected(place, ops) for place, ops in wanted.items()}
            places = [place for place, values in expected.items() if values is not None]
            outputs = session.replace_rules(
                [exam.prepared[place] for place in places],
                [archive.spec(place, wanted[place]) for place in places],
            ).cases
            judged = {
                place: judge(
                    exam.case_set.cases[place], output, expected[place] or {}, exam.config.tolerance
                )
                for place, output in zip(places, outputs, strict=True)
            }
            return frozenset(place for place in judged if judged[place].status == "passed")

        return excuse(exam.config, verdicts, retry)

    def _trace(self, session: Session, verdicts: Sequence[Verdict]) -> dict[int, CaseOutput]:
        """Run some cases once more, with an eye on the rules; the points are settled before."""
        chosen = choose_traced(verdicts)
        if not chosen:
            return {}
        prepared = [self._exam.prepared[place] for place in chosen]
        try:
            outputs = session.trace(prepared).cases
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
            return {}, (no_diagnosis(error),)

    def _required(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        counted = {check.id for check in self._exam.config.checks}
        return [verdict for verdict in verdicts if verdict.case.check in counted]

    def _check_seconds(self, run: Run) -> dict[str, float]:
        """Add up how long the cases of each check took, in steps that tell no more than that."""
        took = dict.fromkeys([check.id for check in self._exam.config.all_checks], 0.0)
        for place, case in enumerate(self._cases):
            took[case.check] += run.seconds.get(place, 0.0)
        return {check: whole_step(seconds) for check, seconds in took.items()}

    def _provenance(
        self,
        sha256: str,
        started: datetime.datetime,
        seconds: float,
        check_seconds: Mapping[str, float] = MappingProxyType({}),
    ) -> Provenance:
        return Provenance(
            grader_version=self._exam.grader_version,
            case_set_digest=self._exam.case_set.digest,
            seed_digest=self._exam.seed_digest,
            submission_sha256=sha256,
            isolation=NAMES[self._worker.tier],
            started=started.isoformat(timespec="seconds"),
            seconds=round(seconds, 1),
            cases=self._exam.cases,
            check_seconds=dict(check_seconds),
        )

    def refuse(self, path: Path, error: SubmissionError) -> Result:
        """Return the result of what nobody could choose a file from."""
        self._exam.choose()
        return self._unreadable(path.resolve(), error, datetime.datetime.now(datetime.UTC))

    def _unreadable(self, path: Path, error: SubmissionError, started: datetime.datetime) -> Result:
        config = self._exam.config
        checks = score_checks(config, ())
        return Result(
            submission=encodable(path.name),
            score=0.0,
            max_score=round(sum(check.points for check in config.checks), 2),
            status="error",
            outcome=Outcome(id="unreadable", message=error.message, remedy=error.remedy),
            checkpoints=score_checkpoints(config.checkpoints, checks),
            extra_credit=score_extra_credit(checks),
            checks=checks,
            provenance=self._provenance(file_digest(path), started, 0.0),
        )
