"""What of the handout is bound into the sandbox: the files that were released, as they were then.

``autograder release`` writes a list of them beside the released folder. What somebody puts there
later, a solution for instance, is not bound, and a file that has changed is refused.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from autograder.errors import UsageError

SUFFIXES = frozenset({".py", ".json"})


def gather(shared: Path, own: Path, target: Path) -> Path:
    """Put together the handout of an edition: what another course hands out, and its own on top.

    Files that are the same already are left as they are, so that two may do it at once.
    """
    for folder in (shared, own):
        for name in _files(folder):
            if folder == shared and (own / name).is_file():
                continue
            data, path = (folder / name).read_bytes(), target / name
            if not path.is_file() or path.read_bytes() != data:
                path.parent.mkdir(parents=True, exist_ok=True)
                fresh = path.with_name(f"{path.name}.{os.getpid()}")
                fresh.write_bytes(data)
                fresh.replace(path)
    return target


def list_of(handout: Path) -> Path:
    """Return where the list of a handout's files lies: beside the assignment's folder."""
    return handout.parent.with_name(f"{handout.parent.name}.handout.json")


def write_list(handout: Path) -> Path:
    """Write the list of what is in a handout now."""
    path = list_of(handout)
    found = {str(name): _digest(handout / name) for name in _files(handout)}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    return path


def handout_files(handout: Path) -> dict[str, str]:
    """Return the files that may be bound, with their digests: those of the list, else all.

    Raises
    ------
    UsageError
        When a file of the list is missing or differs, or the list cannot be read.
    """
    path = list_of(handout)
    if not path.is_file():  # it was not released yet, so no submission can be due
        return {str(name): _digest(handout / name) for name in _files(handout)}
    try:
        listed = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "autograder release") from None
    for name, digest in listed.items():
        file = handout / name
        if Path(name).is_absolute() or ".." in Path(name).parts or file.is_symlink():
            raise UsageError(f"{path} names {name!r}, which is no file of the handout")
        if not file.is_file() or _digest(file) != digest:
            raise UsageError(
                f"{file} is not the file that was released",
                "Restore it, or release the assignment again: autograder release",
            )
    return listed


def _files(handout: Path) -> list[Path]:
    return sorted(
        path.relative_to(handout)
        for path in handout.rglob("*")
        if path.is_file() and not path.is_symlink() and path.suffix in SUFFIXES
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
