"""What ``autograder doctor`` looks at. Isolation is judged by trying it, not by version numbers."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from autograder.config import CONFIG_NAME, Config, load_config
from autograder.errors import AutograderError, IsolationError
from autograder.grading.material import find_handout
from autograder.guest import lockdown
from autograder.model import Record
from autograder.sandbox.isolation import NAMES, find_bubblewrap
from autograder.sandbox.runtime import find_runtime
from autograder.sandbox.selftest import COSTS, STRONGEST_FIRST, Trial, try_tier


class Finding(Record, frozen=True):
    """One line of the report."""

    what: str
    ok: bool
    needed: bool = True
    remedy: str = ""


def examine(open_course: Callable[[], Path]) -> list[Finding]:
    """Return all findings, in the order in which to mend them.

    Parameters
    ----------
    open_course
        Returns the course's folder, or says why there is none.
    """
    findings = [
        Finding(what=f"Python {platform.python_version()}", ok=sys.version_info >= (3, 11)),
        Finding(
            what=f"{platform.system()} on {platform.machine()}",
            ok=sys.platform == "linux" and platform.machine() in lockdown.AUDIT_ARCH,
            remedy=""
            if sys.platform == "linux"
            else "Grade in WSL2, in a Linux container or in CI.",
        ),
        _seccomp(),
        _landlock(),
        _user_namespaces(),
        _bubblewrap(),
        _alembic(),
    ]
    try:
        course = open_course()
        config = load_config(course / CONFIG_NAME)
    except AutograderError as error:
        return [*findings, Finding(what=error.message, ok=False, remedy=error.remedy)]
    findings.append(
        Finding(what=f"{course / CONFIG_NAME}: {len(config.all_checks)} checks", ok=True)
    )
    findings += _tiers(course, config)
    released = course / "release" / config.assignment / f"{config.notebook}.ipynb"
    findings.append(
        Finding(
            what=f"released notebook {released}",
            ok=released.is_file(),
            needed=False,
            remedy="" if released.is_file() else "autograder release",
        )
    )
    return findings


def _seccomp() -> Finding:
    known = platform.machine() in lockdown.AUDIT_ARCH and sys.platform == "linux"
    return Finding(
        what=f"system call filter for {platform.machine()}",
        ok=known,
        remedy="" if known else "Grade on x86_64 or aarch64: other tables of calls are unknown.",
    )


def _landlock() -> Finding:
    version = lockdown.landlock_version() if sys.platform == "linux" else 0
    return Finding(
        what=f"Landlock ABI {version}" if version else "Landlock is not available",
        ok=version > 0,
        remedy="" if version else "Use a kernel from 5.13 on with landlock in its lsm= list.",
    )


def _user_namespaces() -> Finding:
    """Try what bubblewrap needs, in a process of its own."""
    script = "import ctypes; raise SystemExit(ctypes.CDLL(None).unshare(0x10000000) != 0)"
    tried = subprocess.run([sys.executable, "-I", "-c", script], check=False, capture_output=True)  # noqa: S603 # our own script
    works = tried.returncode == 0
    return Finding(
        what="user namespaces"
        if works
        else "User namespaces are denied here; without them: tier B",
        ok=works,
        needed=False,
        remedy=""
        if works
        else "sysctl kernel.unprivileged_userns_clone=1; on Ubuntu 24.04 install the"
        " distribution's bubblewrap, which has an AppArmor profile; in Docker run with"
        " --security-opt seccomp=unconfined.",
    )


def _bubblewrap() -> Finding:
    try:
        path = find_bubblewrap()
    except IsolationError as error:
        return Finding(
            what=f"{error.message}; without it: tier B",
            ok=False,
            needed=False,
            remedy=error.remedy,
        )
    return Finding(what=f"bubblewrap {path}", ok=True)


def _alembic() -> Finding:
    found = (Path(sys.executable).parent / "alembic").exists()
    return Finding(
        what="alembic, which nbgrader starts to open a gradebook",
        ok=found,
        remedy="" if found else "pip install alembic",
    )


def _tiers(course: Path, config: Config) -> list[Finding]:
    """Try every tier that fits the course; the first that works is the one that is used."""
    if sys.platform != "linux":
        return []
    try:
        handout = find_handout(course, config)
        runtime = find_runtime(handout, config.packages, config.python)
    except AutograderError as error:
        return [Finding(what=error.message, ok=False, remedy=error.remedy)]
    trials = [try_tier(tier, runtime, config.limits) for tier in STRONGEST_FIRST]
    chosen = next((trial for trial in trials if trial.works), None)
    having = ", ".join(f"{name} {version}" for name, version in runtime.versions)
    findings = [Finding(what=f"submissions run with Python {runtime.version}, {having}", ok=True)]
    findings += [_describe(trial, chosen) for trial in trials]
    if chosen is None:
        remedy = "Mend one of the tiers above." if len(trials) > 1 else trials[0].remedy
        findings.append(
            Finding(what="no isolation works: nothing is graded", ok=False, remedy=remedy)
        )
    return findings


def _describe(trial: Trial, chosen: Trial | None) -> Finding:
    name = f"isolation tier {trial.tier} ({NAMES[trial.tier]})"
    if not trial.works:
        reason = " ".join(trial.reason.split())
        return Finding(what=f"{name}: {reason}", ok=False, needed=False, remedy=trial.remedy)
    used = " is used" if trial is chosen else " works too"
    cost = f" {COSTS[trial.tier]}" if COSTS[trial.tier] and trial is chosen else ""
    return Finding(what=f"{name}{used}; starts in {trial.seconds:.2f} s.{cost}", ok=True)
