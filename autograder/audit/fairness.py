"""Grade every correct submission with many seeds: not one may lose a point, ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from pathlib import Path

import msgspec

from autograder.audit.lacking import code_of, lacking
from autograder.config import Config
from autograder.grading.grader import Exam, job_of
from autograder.grading.verdicts import Verdict, judge
from autograder.model import Record
from autograder.sandbox.isolation import Tier
from autograder.sandbox.session import Session
from autograder.sandbox.worker import Worker
from autograder.submission.known import cells_of, mended
from autograder.submission.load import load_submission
from autograder.workers.forked import forked, stop_at_exit

BATCH = 20
BATCH_SECONDS = 600
VARIANTS = Path("tests") / "variants"


class SeedReport(Record, frozen=True):
    """One seed: what each correct submission lost, and which stretch checks it passed.

    ``cases`` are those by which it lost the checks.
    """

    seed: str
    lost: dict[str, tuple[str, ...]]
    stretch: dict[str, tuple[str, ...]]
    cases: dict[str, tuple[str, ...]]


def variants(course: Path) -> list[Path]:
    """Return the fairness corpus."""
    folder = course / VARIANTS
    return sorted([*folder.glob("*.py"), *folder.glob("*.ipynb")])


def try_seeds(
    course: Path,
    config: Config,
    tier: Tier,
    seeds: Sequence[str],
    processes: int,
    submissions: Sequence[Path] = (),
) -> Iterator[SeedReport]:
    """Yield a report for each seed, as they finish.

    The cells of a submission do not depend on the seed, so one child runs them once and then the
    cases of a batch of seeds. Cases about time or memory run with the first seed of a batch only.

    Parameters
    ----------
    submissions
        Correct ones; the whole corpus where none is named.
    """
    # One process takes a batch after another, so that its limits are those of a batch.
    limits = msgspec.structs.replace(
        config.limits, submission_seconds=BATCH_SECONDS, submission_cpu_seconds=BATCH_SECONDS
    )
    config = msgspec.structs.replace(config, limits=limits)
    size = max(1, min(BATCH, len(seeds) // processes))
    batches = [seeds[start : start + size] for start in range(0, len(seeds), size)]
    paths = submissions or variants(course)
    with forked(processes, _start, course, config, tier) as pool:
        for future in as_completed([pool.submit(_try_batch, batch, paths) for batch in batches]):
            yield from future.result()


_course: Path
_config: Config
_worker: Worker


def _start(course: Path, config: Config, tier: Tier) -> None:
    global _course, _config, _worker  # noqa: PLW0603 # one worker for the life of a process
    _course, _config = course, config
    _worker = stop_at_exit(Exam(course, config, b"").worker(tier))


def _try_batch(seeds: Sequence[str], submissions: Sequence[Path]) -> list[SeedReport]:
    exams = [Exam(_course, _config, seed.encode()) for seed in seeds]
    reports = [SeedReport(seed=seed, lost={}, stretch={}, cases={}) for seed in seeds]
    timed = {case.check for case in exams[0].case_set.cases if case.program.about_cost}
    for path in submissions:
        without = lacking(code_of(path), _config)
        for report, verdicts in zip(reports, _grade(path, exams), strict=True):
            lost = {v.case.check for v in verdicts if v.status != "passed"}
            required = tuple(c.id for c in _config.checks if c.id in lost - without)
            if required:
                report.lost[path.name] = required
                report.cases[path.name] = tuple(
                    v.case.id for v in verdicts if v.status != "passed" and v.case.check in required
                )
            report.stretch[path.name] = tuple(
                c.id for c in _config.stretch if c.id not in lost | timed
            )
    return reports


def _grade(path: Path, exams: Sequence[Exam]) -> list[list[Verdict]]:
    """Grade one submission with the cases of all the exams, in one child if it survives them."""
    chosen = [
        [
            place
            for place, case in enumerate(exam.case_set.cases)
            if number == 0 or not case.program.about_cost
        ]
        for number, exam in enumerate(exams)
    ]
    submission = mended(load_submission(path), cells_of(path), exams[0].known)
    session = Session(_worker, _config.limits, job_of(submission))
    prepared = [
        exam.prepared[place] for exam, own in zip(exams, chosen, strict=True) for place in own
    ]
    outputs = iter(session.run(prepared).cases)
    return [
        [
            judge(
                exam.case_set.cases[place], next(outputs), exam.expected[place], _config.tolerance
            )
            for place in own
        ]
        for exam, own in zip(exams, chosen, strict=True)
    ]
