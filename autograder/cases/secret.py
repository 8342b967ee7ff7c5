"""The course's secret seed: from the environment, or from a file that git ignores."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.errors import UsageError

SEED_VARIABLE = "AUTOGRADER_SEED"
SEED_FILE = Path(".autograder") / "seed"
SEED_ARCHIVE = Path(".autograder") / "seeds"


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
        _make_private(path.parent)
        seed = secrets.token_hex(16)
        _write_once(path, seed)
        say(
            f"Made this course's secret seed in {path}: keep a copy, since a grade can be "
            f"repeated only with its seed. ({SEED_VARIABLE} overrides it.)"
        )
    seed = _read(path)
    if not seed:
        raise UsageError(
            f"{path} holds no seed",
            f"Put back your copy of it, or set {SEED_VARIABLE}; without it, delete the file: a new"
            " seed is made, and no grade of before can be repeated.",
        )
    _archive(course, seed)
    return seed.encode()


def public_seed(submission_sha256: str) -> bytes:
    """Return the seed of the public cases for one submission: no secret, and fresh for each.

    A result can be repeated by whoever has the file, and no file can hold its own answers.
    """
    return b"public\0" + submission_sha256.encode()


def find_seed(course: Path, digest: str) -> bytes:
    """Return the seed with a given digest: the present one, or an earlier one of this course.

    Raises
    ------
    UsageError
        When nobody has it any more.
    """
    candidates = [os.environ.get(SEED_VARIABLE, "")]
    for path in (course / SEED_FILE, course / SEED_ARCHIVE / digest):
        if path.is_file():
            candidates.append(_read(path))
    for candidate in candidates:
        if candidate and seed_digest(candidate.encode()) == digest:
            return candidate.encode()
    raise UsageError(
        f"The seed of that grade (digest {digest}) is not here",
        f"Set {SEED_VARIABLE} to the seed that it was graded with.",
    )


def _read(path: Path) -> str:
    """Return the seed in a file; nothing where it holds none."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _archive(course: Path, seed: str) -> None:
    """Keep a copy by digest, so that a grade can be repeated after the seed was replaced."""
    folder = course / SEED_ARCHIVE
    _make_private(folder)
    _write_once(folder / seed_digest(seed.encode()), seed)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}",
            f"Set {SEED_VARIABLE}, or make the course's folder writable.",
        ) from None


def _write_once(path: Path, seed: str) -> None:
    """Write a private file that nobody ever sees half of; leave one that is there already.

    Raises
    ------
    UsageError
        When the folder cannot be written to.
    """
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as scratch:
            scratch.write(seed + "\n")
            scratch.flush()
            with contextlib.suppress(FileExistsError):
                os.link(scratch.name, path)
    except OSError as error:
        raise UsageError(
            f"The secret seed cannot be kept in {path}: {error.strerror}",
            f"Set {SEED_VARIABLE}, or make the course's folder writable.",
        ) from None


def seed_digest(seed: bytes) -> str:
    """Return what may be published of a seed."""
    return hashlib.sha256(b"autograder seed\0" + seed).hexdigest()[:16]
