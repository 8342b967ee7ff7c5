"""Take submissions in: from a folder of ``STUDENT.ipynb`` files or ``STUDENT/`` folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course.layout import Layout
from autograder.errors import UsageError
from autograder.model import Record
from autograder.submission.load import MAX_BYTES

_STUDENT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$")


class Collected(Record, frozen=True):
    """What became of each student's file."""

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def collect_folder(folder: Path, layout: Layout) -> Collected:
    """Copy each student's notebook to submitted/; a second time nothing changes.

    Raises
    ------
    UsageError
        When the folder is missing or holds nothing that could be a submission.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    new: list[str] = []
    updated: list[str] = []
    unchanged: list[str] = []
    refused: list[tuple[str, str]] = []
    for student, found in _find(folder, layout.config.notebook):
        if isinstance(found, str):
            refused.append((student, found))
            continue
        data = found.read_bytes()
        target = layout.submission(student)
        if target.is_file() and target.read_bytes() == data:
            unchanged.append(student)
            continue
        (updated if target.is_file() else new).append(student)
        write_atomically(target, data)
    if not (new or updated or unchanged or refused):
        raise UsageError(
            f"{folder} holds no STUDENT.ipynb and no STUDENT/ folder with a notebook",
            "Name the folder that holds one file or one folder for each student.",
        )
    return Collected(tuple(new), tuple(updated), tuple(unchanged), tuple(refused))


def write_atomically(target: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file so that nobody ever sees half of it; the umask narrows ``mode``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)  # of a run that died, with whatever mode it had
    scratch.touch(mode=mode)
    with scratch.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(target)


def _find(folder: Path, notebook: str) -> Iterator[tuple[str, Path | str]]:
    """Yield each student with a notebook, or with the reason why there is none."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        student = path.name if path.is_dir() else path.stem
        if path.is_file() and path.suffix != ".ipynb":
            continue
        if not _STUDENT.match(student):
            yield student, "its name is not a student's id (letters, digits and . _ @ + -)"
        elif path.is_symlink():
            yield student, "it is a symbolic link"
        else:
            yield student, _acceptable(_notebook_below(path, notebook))


def _notebook_below(path: Path, notebook: str) -> Path | str:
    if path.is_file():
        return path
    found = sorted(
        candidate
        for candidate in path.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in candidate.parts
    )
    named = [candidate for candidate in found if candidate.stem == notebook]
    if len(named) == 1:
        return named[0]
    if len(found) == 1:
        return found[0]
    if not found:
        return "its folder holds no notebook"
    return f"its folder holds {len(found)} notebooks and not exactly one {notebook}.ipynb"


def _acceptable(found: Path | str) -> Path | str:
    if isinstance(found, str):
        return found
    if found.is_symlink() or not found.is_file():
        return "its notebook is not a regular file"
    if found.stat().st_size > MAX_BYTES:
        return f"its notebook is larger than {MAX_BYTES >> 20} MiB"
    return found
