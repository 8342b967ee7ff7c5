"""A busy machine costs nobody a point: verdicts by a submission's own time.

Neighbours are processes of the test's own, a few, and ended with it.
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from autograder.cells import Cell
from autograder.sandbox.records import Job, Lost
from autograder.sandbox.session import Session

QUOTA = Path("/sys/fs/cgroup/cpu")
WORK = "import time\nstart = time.process_time()\nwhile time.process_time() - start < 0.4: pass"
THREADS = (
    "import threading, time\n"
    "def work():\n"
    "    start = time.thread_time()\n"
    "    while time.thread_time() - start < 0.2: pass\n"
    "threads = [threading.Thread(target=work) for _ in range(2)]\n"
    "[thread.start() for thread in threads]; [thread.join() for thread in threads]"
)


@contextlib.contextmanager
def neighbours(count, processor):
    busy = [
        subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(count)
    ]
    try:
        for process in busy:
            os.sched_setaffinity(process.pid, {processor})
        yield [process.pid for process in busy]
    finally:
        for process in busy:
            process.kill()
            process.wait()


def family(pid):
    """Return a process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


@pytest.fixture(params=["L", "B"])
def worker(exam, request):
    with exam.worker(request.param) as worker:
        worker.processor = 0
        worker.start()
        yield worker


@pytest.fixture
def impatient(exam):
    return msgspec.structs.replace(exam.config.limits, cell_seconds=0.7, submission_seconds=4)


def run(worker, limits, source):
    """Return how the cell ended: what was lost of it first, or its report."""
    done = Session(worker, limits, Job(cells=(Cell(index=0, source=source),))).run([])
    ends = done.statements.get(0, ())
    return ends[0].lost if ends else done.cells[0]


@pytest.mark.parametrize("source", [WORK, THREADS])
def test_waiting_behind_others_costs_no_cell(worker, impatient, source):
    with neighbours(5, min(os.sched_getaffinity(0))):
        assert run(worker, impatient, source) == run(worker, impatient, "x = 1")


@pytest.fixture
def throttled():
    """Return a group of processes that may use a fifth of a processor in all."""
    group = QUOTA / f"autograder-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "cpu.cfs_quota_us").write_text("20000")
    except OSError as error:
        pytest.skip(f"no group with a quota can be made here: {error}")
    yield group
    for pid in (group / "cgroup.procs").read_text().split():
        (QUOTA / "cgroup.procs").write_text(pid)
    group.rmdir()


def test_a_quota_that_neighbours_eat_up_costs_no_cell(worker, impatient, throttled):
    with neighbours(2, min(os.sched_getaffinity(0))) as busy:
        for pid in [*busy, *family(worker._process.pid)]:
            (throttled / "cgroup.procs").write_text(str(pid))
        assert run(worker, impatient, WORK) == run(worker, impatient, "x = 1")
        slept = run(worker, impatient, "import time; time.sleep(100)")
        assert slept == Lost(reason="timeout", detail="wall clock")


def test_who_sleeps_beside_busy_neighbours_is_ended_at_the_limit(worker, impatient):
    with neighbours(3, min(os.sched_getaffinity(0))):
        lost = run(worker, impatient, "import time; time.sleep(100)")
    assert lost == Lost(reason="timeout", detail="wall clock")


def test_a_thread_that_works_does_not_let_the_others_sleep_for_ever(worker, exam):
    limits = msgspec.structs.replace(exam.config.limits, cell_seconds=0.7, cell_cpu_seconds=0.7)
    source = (
        "import threading, time\n"
        "def spin():\n    while True: pass\n"
        "threading.Thread(target=spin).start()\ntime.sleep(100)"
    )
    with neighbours(2, min(os.sched_getaffinity(0))):
        assert run(worker, limits, source).reason == "timeout"
