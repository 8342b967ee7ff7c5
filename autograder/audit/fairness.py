"""Grade every correct submission with many seeds: not one may lose a point, ever."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.util import Finalize
from pathlib import Path

from autograder.config import Config
from autograder.grading.grader import Exam, Grader
from autograder.model import EXTRA_CREDIT, Record, Result
from autograder.sandbox.isolation import Tier
from autograder.sandbox.worker import Worker

VARIANTS = Path("tests") / "variants"


class SeedReport(Record, frozen=True):
    """One seed: what each correct submission lost, and which stretch checks it passed."""

    seed: str
    lost: dict[str, tuple[str, ...]]
    stretch: dict[str, tuple[str, ...]]


def variants(course: Path) -> list[Path]:
    """Return the fairness corpus."""
    folder = course / VARIANTS
    return sorted([*folder.glob("*.py"), *folder.glob("*.ipynb")])


def try_seeds(
    course: Path, config: Config, tier: Tier, seeds: Sequence[str], processes: int
) -> Iterator[SeedReport]:
    """Yield a report for each seed, as they finish."""
    pool = ProcessPoolExecutor(
        max_workers=processes,
        mp_context=multiprocessing.get_context("fork"),
        initializer=_start,
        initargs=(course, config, tier),
    )
    try:
        for future in as_completed([pool.submit(_try_seed, seed) for seed in seeds]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_course: Path
_config: Config
_worker: Worker


def _start(course: Path, config: Config, tier: Tier) -> None:
    global _course, _config, _worker  # noqa: PLW0603 # one worker for the life of a process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _course, _config = course, config
    _worker = Exam(course, config, b"").worker(tier)
    Finalize(None, _worker.stop, exitpriority=10)


def _try_seed(seed: str) -> SeedReport:
    grader = Grader(Exam(_course, _config, seed.encode()), _worker)
    results = {path.name: grader.grade(path).result for path in variants(_course)}
    return SeedReport(
        seed=seed,
        lost={name: lost for name, result in results.items() if (lost := _lost(result))},
        stretch={name: _stretch(result) for name, result in results.items()},
    )


def _lost(result: Result) -> tuple[str, ...]:
    return tuple(
        check.id
        for check in result.checks
        if check.checkpoint != EXTRA_CREDIT and check.status != "passed"
    )


def _stretch(result: Result) -> tuple[str, ...]:
    return tuple(
        check.id
        for check in result.checks
        if check.checkpoint == EXTRA_CREDIT and check.status == "passed"
    )
