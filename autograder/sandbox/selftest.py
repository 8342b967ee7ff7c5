"""Try a tier before anything of a student's runs in it: what must be out of reach is reached for.

Version numbers and flags say little about what a kernel, a container and their policies allow
together. So a probe tries to read, write, connect, fork and signal, and the tier works only if the
probe can compute and do none of these.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from autograder.config import Limits
from autograder.errors import InfrastructureError, IsolationError
from autograder.model import Record
from autograder.sandbox.frames import CellReport
from autograder.sandbox.isolation import Tier
from autograder.sandbox.runtime import Runtime
from autograder.sandbox.session import Cell, Session
from autograder.sandbox.worker import Worker

STRONGEST_FIRST: tuple[Tier, ...] = ("L", "B")
COSTS: dict[Tier, str] = {
    "L": "",
    "A": "",
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

found = {
    "read a file": reaches(lambda: open(SECRET_FILE).read()),
    "read the grader's environment": reaches(lambda: open(f"/proc/{GRADER}/environ").read()),
    "hold the grader's environment": MARK in repr(os.environ),
    "write a file": reaches(lambda: write(FOLDER)),
    "change a file's mode": reaches(lambda: os.chmod(SECRET_FILE, 0o600)),
    "connect": reaches(lambda: socket.create_connection(("127.0.0.1", PORT), timeout=1)),
    "start a process": reaches(fork),
    "signal the grader": reaches(lambda: os.kill(GRADER, 0)),
    "take more memory than allowed": reaches(lambda: bytearray(MEMORY)),
    "write scratch files": reaches(lambda: write(".")),
    "compute": float(numpy.ones(3) @ numpy.arange(3.0)) == 3.0,
}
print(json.dumps(found))
"""
_ALLOWED = frozenset({"compute"})


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
    if sys.platform != "linux":
        raise IsolationError(
            f"There is no isolation for student code on {sys.platform}",
            "Grade in WSL2, in a Linux container or in CI; --isolation none is for trusted code.",
        )
    failed = []
    for tier in candidates(limits):
        trial = try_tier(tier, runtime, limits)
        if trial.works:
            return tier
        failed.append(trial)
    reasons = "\n".join(f"  tier {trial.tier}: {trial.reason}" for trial in failed)
    raise IsolationError(
        f"No isolation works on this machine, so no submission is run:\n{reasons}",
        failed[0].remedy or "autograder doctor explains what is missing.",
    )


def candidates(limits: Limits) -> tuple[Tier, ...]:
    """Return the tiers that fit the limits, strongest first: scratch files need tier A."""
    return ("A",) if limits.scratch_mib else STRONGEST_FIRST


@cache
def try_tier(tier: Tier, runtime: Runtime, limits: Limits) -> Trial:
    """Start a worker and let a probe reach for what it must not reach."""
    started = time.monotonic()
    try:
        with Worker(tier, runtime, limits) as worker:
            worker.start()
            seconds = time.monotonic() - started
            found = _probe(worker, limits)
    except InfrastructureError as error:
        return Trial(tier=tier, works=False, reason=error.message, remedy=error.remedy)
    allowed = _ALLOWED | ({"write scratch files"} if tier == "A" else set())
    for what, reached in found.items():
        if reached and what not in allowed:
            return Trial(tier=tier, works=False, reason=f"code inside can {what}")
        if not reached and what in allowed:
            return Trial(tier=tier, works=False, reason=f"code inside cannot {what}")
    return Trial(tier=tier, works=True, seconds=seconds)


def _probe(worker: Worker, limits: Limits) -> dict[str, bool]:
    with (
        tempfile.TemporaryDirectory(prefix="autograder-probe-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        secret = Path(folder) / "secret"
        secret.write_text("not for student code", encoding="utf-8")
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
        run = Session(worker, limits, "__main__").run([Cell(index=0, source=source)], [])
    report = run.cells[0]
    if not isinstance(report, CellReport) or report.status != "ok":
        what = getattr(report, "error", None) or report
        raise IsolationError(f"the probe did not run: {what}")
    try:
        found = json.loads(run.output)
    except ValueError:
        raise IsolationError("the probe's answer was lost") from None
    return {str(what): bool(reached) for what, reached in found.items()}
