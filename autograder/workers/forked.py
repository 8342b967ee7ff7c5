"""Processes that share what this one has computed, each with something of its own made first."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.util import Finalize

from autograder.sandbox.worker import Worker


@contextlib.contextmanager
def forked(
    processes: int, start: Callable[..., None], *given: object
) -> Iterator[ProcessPoolExecutor]:
    """Open a pool of forks of this process.

    Parameters
    ----------
    start
        Called in each process before its first task, with what is ``given``.
    """
    pool = ProcessPoolExecutor(
        max_workers=processes,
        mp_context=multiprocessing.get_context("fork"),
        initializer=_begin,
        initargs=(start, given),
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(start: Callable[..., None], given: tuple[object, ...]) -> None:
    # Ctrl-C reaches the whole process group; only the parent decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start(*given)


def stop_at_exit(worker: Worker) -> Worker:
    """Let a sandbox worker end with this process."""
    Finalize(None, worker.stop, exitpriority=10)
    return worker
