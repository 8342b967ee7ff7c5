"""Try a tier before anything of a student's runs in it: what must be out of reach is reached for.

Version numbers and flags say little about what a kernel, a container and their policies allow
together. So a probe tries to read, write, connect, fork and signal, and the tier works only if the
probe can compute and do none of these.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from autograder.cells import Cell
from autograder.config import Limits
from autograder.errors import InfrastructureError, IsolationError
from autograder.model import Record
from autograder.sandbox.cases import PreparedCase
from autograder.sandbox.frames import CellReport
from autograder.sandbox.isolation import Tier
from autograder.sandbox.records import Job
from autograder.sandbox.runtime import Runtime
from autograder.sandbox.session import Session
from autograder.sandbox.worker import Worker

STRONGEST_FIRST: tuple[Tier, ...] = ("L", "B")
COSTS: dict[Tier, str] = {
    "L": "",
    "B": "Student code can see names, sizes, owners and dates of files that it guesses, the name"
    " and processes of this machine; what the files hold it cannot.",
    "none": "Student code can do whatever you can.",
}
"""What grading in a tier gives away."""

_PROBE = """
import json, os, socket
import numpy, tinytorch.core.tensor

def reaches(action):
    try:
        action()
    except BaseException:
        return False
    return True

def fork():
    if os.fork() == 0:
        os._exit(0)
    os.wait()

def write(folder):
    with open(os.path.join(folder, "written"), "w") as file:
        file.write("x" * 1000)

try:
    os.chmod(SECRET_FILE, 0o640)
except OSError:
    pass
found = {
    "read a file": reaches(lambda: open(SECRET_FILE).read()),
    "read the grader's environment": reaches(lambda: open(f"/proc/{GRADER}/environ").read()),
    "hold the grader's environment": MARK in repr(os.environ),
    "write a file": reaches(lambda: write(FOLDER)),
    "connect": reaches(lambda: socket.create_connection(("127.0.0.1", PORT), timeout=1)),
    "start a process": reaches(fork),
    "signal the grader": reaches(lambda: os.kill(GRADER, 0)),
    "take more memory than allowed": reaches(lambda: bytearray(MEMORY)),
    "write scratch files": reaches(lambda: write(".")),
    "write to /dev/null": reaches(lambda: open(os.devnull, "w").write("x")),
    "compute": float(numpy.ones(3) @ numpy.arange(3.0)) == 3.0,
}
print(json.dumps(found))
"""
_WANTED = frozenset({"compute", "write scratch files", "write to /dev/null"})


class Trial(Record, frozen=True):
    """Whether a tier works here, and if not, why; how long a start of it took, in seconds."""

    tier: Tier
    works: bool
    reason: str = ""
    remedy: str = ""
    seconds: float = 0.0


def choose_tier(wanted: str, runtime: Runtime, limits: Limits) -> Tier:
    """Return the strongest tier whose trial succeeds, or ``none`` where that was asked for.

    Raises
    ------
    IsolationError
        When no isolation works: nothing is run then.
    """
    if wanted == "none":
        return "none"
    _refuse_other_systems()
    failed = []
    for tier in STRONGEST_FIRST:
        trial = try_tier(tier, runtime, limits)
        if trial.works:
            return tier
        failed.append(trial)
    raise _nothing_works(failed)


def open_worker(
    wanted: str,
    runtime: Runtime,
    limits: Limits,
    cases: Sequence[PreparedCase],
    contract: dict[str, Any] | None = None,
) -> Worker:
    """Return a started worker of the strongest tier in which the probe can do no harm.

    The worker that was tried is the one that is used: one start instead of two.

    Raises
    ------
    IsolationError
        When no isolation works.
    """
    if wanted == "none":
        return Worker("none", runtime, limits, cases, contract)
    _refuse_other_systems()
    failed = []
    for tier in STRONGEST_FIRST:
        worker = Worker(tier, runtime, limits, cases, contract)
        trial = _try_worker(worker, limits)
        if trial.works:
            return worker
        worker.stop()
        failed.append(trial)
    raise _nothing_works(failed)


def _refuse_other_systems() -> None:
    if sys.platform != "linux":
        raise IsolationError(
            f"There is no isolation for student code on {sys.platform}",
            "Grade in WSL2, in a Linux container or in CI; --isolation none is for trusted code.",
        )


def _nothing_works(failed: Sequence[Trial]) -> IsolationError:
    reasons = "\n".join(f"  tier {trial.tier}: {trial.reason}" for trial in failed)
    return IsolationError(
        f"No isolation works on this machine, so no submission is run:\n{reasons}",
        failed[0].remedy or "autograder doctor explains what is missing.",
    )


@cache
def try_tier(tier: Tier, runtime: Runtime, limits: Limits) -> Trial:
    """Start a worker and let a probe reach for what it must not reach."""
    with Worker(tier, runtime, limits) as worker:
        return _try_worker(worker, limits)


def _try_worker(worker: Worker, limits: Limits) -> Trial:
    tier = worker.tier
    started = time.monotonic()
    try:
        worker.start()
        seconds = time.monotonic() - started
        found = _probe(worker, limits)
    except InfrastructureError as error:
        return Trial(tier=tier, works=False, reason=error.message, remedy=error.remedy)
    for what, reached in found.items():
        if reached and what not in _WANTED:
            return Trial(tier=tier, works=False, reason=f"code inside can {what}")
        if not reached and what in _WANTED:
            return Trial(tier=tier, works=False, reason=f"code inside cannot {what}")
    return Trial(tier=tier, works=True, seconds=seconds)


def _probe(worker: Worker, limits: Limits) -> dict[str, bool]:
    with (
        tempfile.TemporaryDirectory(prefix="autograder-probe-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        secret = Path(folder) / "secret"
        secret.write_text("not for student code", encoding="utf-8")
        secret.chmod(0o600)
        Path(folder).chmod(0o777)
        facts = {
            "SECRET_FILE": str(secret),
            "FOLDER": folder,
            "GRADER": os.getpid(),
            "PORT": server.getsockname()[1],
            "MEMORY": 2 * limits.memory_mib << 20,
            "MARK": os.environ.get("PATH", "no PATH"),
        }
        source = "\n".join(f"{name} = {value!r}" for name, value in facts.items()) + _PROBE
        job = Job(cells=(Cell(index=0, source=source),))
        run = Session(worker, limits, job).run([])
        mode = stat.S_IMODE(secret.stat().st_mode)
    report = run.cells[0]
    if not isinstance(report, CellReport) or report.losses:
        what = getattr(report, "losses", None) or report
        raise IsolationError(f"the probe did not run: {what}")
    try:
        found = json.loads(run.output)
    except ValueError:
        raise IsolationError("the probe's answer was lost") from None
    reached = {str(what): bool(answer) for what, answer in found.items()}
    return reached | {"change a file's mode": mode != 0o600}
