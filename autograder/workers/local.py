"""Grade on local processes, each with a sandbox worker of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing.util import Finalize
from pathlib import Path

from autograder.errors import InfrastructureError
from autograder.grading.grader import Exam, Grader
from autograder.model import Result
from autograder.sandbox.isolation import Tier

Job = tuple[str, Path]


def default_jobs() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def grade_all(
    exam: Exam, tier: Tier, jobs: Sequence[Job], processes: int
) -> Iterator[tuple[str, Result | InfrastructureError]]:
    """Yield each name with its result, or with what kept it from being graded, as they finish.

    Parameters
    ----------
    jobs
        A name and a file for each submission.
    processes
        How many to grade at once.
    """
    # fork: the exam, with its inputs and expected values, is computed once and shared.
    pool = ProcessPoolExecutor(
        max_workers=max(1, min(processes, len(jobs))),
        mp_context=multiprocessing.get_context("fork"),
        initializer=_start,
        initargs=(exam, tier),
    )
    try:
        waiting: dict[Future[Result], str] = {
            pool.submit(_grade, path): name for name, path in jobs
        }
        for future in as_completed(waiting):
            yield waiting[future], _outcome(future)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_grader: Grader


def _start(exam: Exam, tier: Tier) -> None:
    global _grader  # noqa: PLW0603 # one grader for the life of a worker process
    # Ctrl-C reaches the whole process group; only the parent decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = exam.worker(tier)
    Finalize(None, worker.stop, exitpriority=10)
    _grader = Grader(exam, worker)


def _grade(path: Path) -> Result:
    """Return the result alone: verdicts would make a large class take much memory here."""
    return _grader.grade(path).result


def _outcome(future: Future[Result]) -> Result | InfrastructureError:
    try:
        return future.result()
    except InfrastructureError as error:
        return error
    except Exception as error:  # a defect of ours must not cost the rest of the class
        return InfrastructureError(f"the grader failed: {type(error).__name__}: {error}")
