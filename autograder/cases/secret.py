"""The course's secret seed: from the environment, or from a file that git ignores."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

SEED_VARIABLE = "AUTOGRADER_SEED"
SEED_FILE = Path(".autograder") / "seed"


def course_seed(course: Path, say: Callable[[str], object]) -> bytes:
    """Return the seed; make the file on first use, and say so.

    Parameters
    ----------
    course
        The course's folder.
    say
        Receives one sentence when the file is made.
    """
    from_environment = os.environ.get(SEED_VARIABLE, "")
    if from_environment:
        return from_environment.encode()
    path = course / SEED_FILE
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(16) + "\n")
        say(
            f"Made this course's secret seed in {path}: keep a copy, since a grade can be "
            f"repeated only with its seed. ({SEED_VARIABLE} overrides it.)"
        )
    return path.read_text(encoding="ascii").strip().encode()


def seed_digest(seed: bytes) -> str:
    """Return what may be published of a seed."""
    return hashlib.sha256(b"autograder seed\0" + seed).hexdigest()[:16]
