"""Grade on local processes, each with a sandbox worker of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, Generic, TypeVar

from autograder.errors import InfrastructureError
from autograder.grading.grader import Exam, Graded, Grader
from autograder.guest.lockdown import end_with_parent
from autograder.model import Result
from autograder.sandbox.isolation import Tier

Job = tuple[str, Path]
T = TypeVar("T")
Finish = Callable[[str, Path, Result], T]
"""What a process does with a fresh result before it sends it on: name, file, result."""
Notice = Callable[[str, Graded], None]
"""What a process does before that, with the verdicts at hand, which are not sent on."""

MAX_FRUITLESS_RESTARTS = 2
END_SECONDS = 1.0
"""For processes to take their sandboxes down with them, before they are killed."""


def default_jobs() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


class Pool(Generic[T]):
    """Processes that grade; one that is killed is replaced, and its submission tried again.

    Parameters
    ----------
    jobs
        A name and a file for each submission; they are started at once.
    processes
        How many to grade at once.
    finish
        Applied to each result where it was made.
    notice
        Called before it.
    """

    def __init__(
        self,
        exam: Exam,
        tier: Tier,
        jobs: Sequence[Job],
        processes: int,
        finish: Finish[T],
        notice: Notice | None = None,
    ) -> None:
        self._exam, self._tier, self._finish, self._notice = exam, tier, finish, notice
        self._processes = max(1, min(processes, len(jobs)))
        self._waiting: dict[Future[T], Job] = {}
        self._counter = multiprocessing.get_context("fork").Value("i", 0)
        self._start(jobs)

    def __enter__(self) -> Pool[T]:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_details: object) -> None:
        if kind is None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        else:
            self._give_up()

    def _give_up(self) -> None:
        """End the processes: whoever stops the run does not wait for a submission that sleeps."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + END_SECONDS
        for process in processes:
            process.join(max(0.0, deadline - time.monotonic()))
            process.kill()

    def outcomes(self) -> Iterator[tuple[str, T | InfrastructureError]]:
        """Yield each name with what was finished, or with what kept it from being graded."""
        fruitless = 0
        while self._waiting:
            orphans: list[Job] = []
            finished = 0
            for future in as_completed(list(self._waiting)):
                job = self._waiting.pop(future)
                outcome = _outcome(future)
                if isinstance(outcome, BrokenProcessPool):
                    orphans.append(job)
                    continue
                finished += 1
                yield job[0], outcome
            if not orphans:
                return
            self._pool.shutdown(wait=True, cancel_futures=True)
            fruitless = 0 if finished else fruitless + 1
            if fruitless > MAX_FRUITLESS_RESTARTS:
                # Those in flight each time are the first ones: one of them kills its grader.
                for name, _ in orphans[: self._processes]:
                    yield name, InfrastructureError("the process that graded it was killed")
                orphans = orphans[self._processes :]
                fruitless = 0
            self._start(orphans)

    def _start(self, jobs: Sequence[Job]) -> None:
        self._exam.compute()
        # fork: the exam, with its inputs and expected values, is computed once and shared.
        self._pool = ProcessPoolExecutor(
            max_workers=self._processes,
            mp_context=multiprocessing.get_context("fork"),
            initializer=_start,
            initargs=(self._exam, self._tier, self._finish, self._notice, self._counter),
        )
        self._waiting = {self._pool.submit(_grade, job): job for job in jobs}


def grade_all(
    exam: Exam,
    tier: Tier,
    jobs: Sequence[Job],
    processes: int,
    notice: Notice | None = None,
) -> Iterator[tuple[str, Result | InfrastructureError]]:
    """Yield each name with its result, or with what kept it from being graded, as they finish."""
    with Pool(exam, tier, jobs, processes, _just_the_result, notice) as pool:
        yield from pool.outcomes()


def _just_the_result(_name: str, _path: Path, result: Result) -> Result:
    return result


_grader: Grader
_finish: Finish[Any]
_notice: Notice | None


def _start(
    exam: Exam, tier: Tier, finish: Finish[Any], notice: Notice | None, counter: Any
) -> None:
    global _grader, _finish, _notice  # one grader for the life of a worker process
    # Ctrl-C reaches the whole process group; only the parent decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        # Else a killed parent leaves its processes waiting for work for ever.
        end_with_parent()
    worker = exam.worker(tier)
    with counter.get_lock():
        worker.processor, counter.value = counter.value, counter.value + 1

    def end(*_: object) -> None:
        """Leave now, with the sandbox and its scratch folder."""
        worker.stop()
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    Finalize(None, worker.stop, exitpriority=10)
    _grader, _finish, _notice = Grader(exam, worker), finish, notice


def _grade(job: Job) -> Any:
    """Send on what ``finish`` makes of the result: verdicts would take much memory."""
    name, path = job
    graded = _grader.grade(path)
    if _notice is not None:
        _notice(name, graded)
    return _finish(name, path, graded.result)


def _outcome(future: Future[T]) -> T | InfrastructureError | BrokenProcessPool:
    try:
        return future.result()
    except (InfrastructureError, BrokenProcessPool) as error:
        return error
    except OSError as error:
        return InfrastructureError(f"{error.strerror or error}: {error.filename or 'the journal'}")
    except Exception as error:  # a defect of ours must not cost the rest of the class
        return InfrastructureError(f"the grader failed: {type(error).__name__}: {error}")
