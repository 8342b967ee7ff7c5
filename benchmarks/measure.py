"""Run a command and say what it and everything that it started used."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from autograder.model import Record

PR_SET_CHILD_SUBREAPER = 36
SAMPLE_SECONDS = 0.02
MEMORY_SECONDS = 0.2


class Usage(Record, frozen=True):
    """What one command used.

    Attributes
    ----------
    wall, cpu
        Seconds; ``cpu`` is user and system time of the whole tree, sandbox included.
    peak_mib
        Largest sum of the tree's proportional set sizes (PSS) seen, where it was watched.
    first_result
        Seconds until the first result was journalled, where it was watched.
    """

    wall: float
    cpu: float
    peak_mib: float | None = None
    first_result: float | None = None


def adopt_orphans() -> None:
    """Become the parent of what is left of killed sandboxes, so that its time is counted."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    watch_results: Path | None = None,
    allowed: Sequence[int] = (0,),
) -> Usage:
    """Run a command to its end; sample memory only when its results are to be watched.

    Raises
    ------
    subprocess.CalledProcessError
        When it fails: a benchmark of failures says nothing.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 # our own commands
        command, cwd=folder, env={**os.environ, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    watch = Watch(watch_results, started)
    output = _wait(process, watch.look)
    wall = time.monotonic() - started
    _bury_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in allowed:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Usage(
        wall=wall,
        cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime + watch.lost_cpu,
        peak_mib=watch.peak_mib if watch_results else None,
        first_result=watch.first_result,
    )


def _wait(process: subprocess.Popen[str], look: Callable[[], None]) -> str:
    while True:
        try:
            return process.communicate(timeout=SAMPLE_SECONDS)[0]
        except subprocess.TimeoutExpired:
            look()


def _bury_orphans() -> None:
    """Wait for adopted processes; the killed ones end at once, and nothing else was started."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


class Watch:
    """Looks at the tree below this process, and for the first journalled result.

    When a PID namespace ends, Linux reaps what was in it without adding its processor time to
    anybody's. So the last time that was seen of a worker in there is added here: what it and its
    children used in the last fiftieth of a second is missing.
    """

    def __init__(self, results: Path | None, started: float) -> None:
        self._results = results
        self._started = started
        self._memory_due = started
        self._workers: dict[int, float] = {}
        self.peak_mib = 0.0
        self.first_result: float | None = None

    @property
    def lost_cpu(self) -> float:
        """Seconds that nobody waited for."""
        return sum(self._workers.values())

    def look(self) -> None:
        """Take one sample."""
        found = list(descendants(os.getpid()))
        for pid in found:
            try:
                if pid in self._workers or _is_inner_worker(pid):
                    self._workers[pid] = own_cpu(pid) + children_cpu(pid)
            except (OSError, psutil.Error):  # it has just ended
                continue
        if self._results is not None:
            self._look_closely(self._results, found)

    def _look_closely(self, results: Path, found: list[int]) -> None:
        if self.first_result is None and any(results.glob("[!.]*.[pj]*")):
            self.first_result = time.monotonic() - self._started
        if time.monotonic() >= self._memory_due:
            self._memory_due = time.monotonic() + MEMORY_SECONDS
            self.peak_mib = max(self.peak_mib, sum(map(_pss_kib, found)) / 1024)


def _is_inner_worker(pid: int) -> bool:
    """Return whether it is a sandbox's worker below the first process of a PID namespace."""
    process = psutil.Process(pid)
    parent = process.parent()
    if not _is_worker(process) or parent is None or parent.name() != "bwrap":
        return False  # the child of a worker is that of one submission
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    numbers = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:"))
    return len(numbers) > 1 and numbers[-1] != "1"


def _is_worker(process: psutil.Process) -> bool:
    return any("guest.worker" in word for word in process.cmdline())


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes below one, whichever namespaces they live in.

    psutil would read of every process of the machine who its parent is, fifty times a second.
    """
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return
    for task in tasks:
        try:
            children = (task / "children").read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from descendants(child)


def _pss_kib(pid: int) -> float:
    try:
        return float(psutil.Process(pid).memory_full_info().pss) / 1024
    except psutil.Error:
        return 0.0


def own_cpu(pid: int) -> float:
    """Return the seconds of processor time of a process itself."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def children_cpu(pid: int) -> float:
    """Return the seconds of processor time of a process's children that have ended."""
    times = psutil.Process(pid).cpu_times()
    return float(times.children_user + times.children_system)


def guest_worker(pid: int) -> int:
    """Return the warm process inside the sandbox that was started below a process."""
    for child in map(psutil.Process, descendants(pid)):
        if _is_worker(child) and child.name() != "bwrap":
            return child.pid
    raise LookupError("no sandbox worker is running")
