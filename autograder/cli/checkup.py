"""What ``autograder doctor`` looks at. Isolation is judged by trying it, not by version numbers."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path

from autograder.config import CONFIG_NAME, Config, load_config
from autograder.errors import AutograderError
from autograder.guest import lockdown
from autograder.model import Record


class Finding(Record, frozen=True):
    """One line of the report."""

    what: str
    ok: bool
    needed: bool = True
    remedy: str = ""


def examine(course: Path) -> list[Finding]:
    """Return all findings, in the order in which to mend them."""
    findings = [
        Finding(what=f"Python {platform.python_version()}", ok=sys.version_info >= (3, 11)),
        Finding(
            what=f"{platform.system()} on {platform.machine()}",
            ok=sys.platform == "linux" and platform.machine() in lockdown.AUDIT_ARCH,
            remedy=""
            if sys.platform == "linux"
            else "Grade in WSL2, in a Linux container or in CI.",
        ),
        _landlock(),
        _alembic(),
    ]
    try:
        config = load_config(course / CONFIG_NAME)
    except AutograderError as error:
        return [*findings, Finding(what=error.message, ok=False, remedy=error.remedy)]
    findings.append(
        Finding(what=f"{course / CONFIG_NAME}: {len(config.all_checks)} checks", ok=True)
    )
    findings.append(_sandbox(course, config))
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


def _landlock() -> Finding:
    version = lockdown.landlock_version() if sys.platform == "linux" else 0
    return Finding(
        what=f"Landlock ABI {version}" if version else "Landlock is not available",
        ok=version > 0,
        remedy="" if version else "Use a kernel from 5.13 on with landlock in its lsm= list.",
    )


def _alembic() -> Finding:
    found = shutil.which("alembic") or (Path(sys.executable).parent / "alembic").exists()
    return Finding(
        what="alembic, which nbgrader starts to open a gradebook",
        ok=bool(found),
        remedy="" if found else "pip install alembic",
    )


def _sandbox(course: Path, config: Config) -> Finding:
    """Start a worker and let a child lock itself in."""
    from autograder.grading.grader import HANDOUT
    from autograder.sandbox.isolation import NAMES, choose_tier
    from autograder.sandbox.runtime import find_runtime
    from autograder.sandbox.session import Cell, Session
    from autograder.sandbox.worker import Worker

    handout = course / "source" / config.assignment / HANDOUT
    try:
        tier = choose_tier("auto")
        with Worker(tier, find_runtime(handout, config.packages), config.limits) as worker:
            session = Session(worker, config.limits, "__main__")
            session.run([Cell(index=0, source="import numpy, tinytorch.core.tensor")], [])
    except AutograderError as error:
        return Finding(what=error.message, ok=False, remedy=error.remedy)
    return Finding(what=f"isolation: {NAMES[tier]}", ok=True)
