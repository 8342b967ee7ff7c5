"""Whoever presses Ctrl-C beside a submission that sleeps has the terminal back at once.

Every process here is the test's own. The submissions sleep for as long as their limits allow.
"""

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SLEEPS = "import time\nwhile True:\n    time.sleep(100)\n"
SOON = 8
"""Seconds: well below the ten after which the cell is lost, and the sixty of the submission."""


def family(pid):
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    return found


def is_gone(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def sleeps(pid):
    """Tell whether a process sleeps as ``time.sleep`` does, under a filter of system calls."""
    with contextlib.suppress(OSError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text()
        waits = Path(f"/proc/{pid}/wchan").read_text()
        return "Seccomp:\t2" in status and "nanosleep" in waits
    return False


def interrupt(command, number):
    """Start a command, send a signal once a submission sleeps; return its status and its family."""
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *map(str, command)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not any(map(sleeps, family(process.pid))):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline, "no submission sleeps"
            time.sleep(0.02)
        everyone = family(process.pid)
        process.send_signal(number)
        _, said = process.communicate(timeout=SOON)
    finally:
        process.kill()
        process.wait()
    return process.returncode, said, everyone


def all_gone(pids):
    deadline = time.monotonic() + SOON
    while not all(map(is_gone, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return all(map(is_gone, pids))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_ends_at_once_and_leaves_no_process(course, tmp_path, number):
    submission = tmp_path / "sleeps.py"
    submission.write_text(SLEEPS, encoding="utf-8")
    command = ["--course", course, "run", submission]
    status, said, everyone = interrupt(command, number)
    assert status == 130, said
    assert all_gone(everyone)


def test_grade_ends_at_once_beside_several_that_sleep_and_leaves_no_process(course, tmp_path):
    root = tmp_path / "course"
    root.mkdir()
    for name in ("source", "release", "tests/hidden"):
        shutil.copytree(course / name, root / name)
    shutil.copy(course / "config.yaml", root)
    for student in ("ada", "ben", "eve"):
        folder = root / "submitted" / student / "05_autograd"
        folder.mkdir(parents=True)
        (folder / "05_autograd.py").write_text(SLEEPS, encoding="utf-8")
    command = ["--course", root, "grade", "--jobs", "2"]
    status, said, everyone = interrupt(command, signal.SIGINT)
    assert status == 130, said
    assert "interrupted: what was finished is kept" in said
    assert all_gone(everyone)
