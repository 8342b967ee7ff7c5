"""The folder in which a submission may write, seen from outside: watched, and emptied.

Inside bubblewrap it is a small file system in memory, of which the kernel says in one call how much
is in use. Elsewhere it is a folder that has to be walked. Names in it are chosen by student code,
and nothing here reads what its files hold.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ENTRIES = 2000
"""A hundred thousand folders take seconds to clean up; nobody's homework needs as many."""
DEPTH = 100
SHARE = 0.05
"""How much of the time may go into walking through a folder."""
MEMORY = Path("/dev/shm")  # noqa: S108 # a folder of our own is made in it
PREFIX = "autograder-scratch-"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Scratch:
    """One worker's folder, which all of its children are given, each of them empty.

    Parameters
    ----------
    descriptor
        Of the folder; it belongs to this object from now on.
    size
        How many bytes there may be.
    """

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size

    def excess(self, process: int) -> str:
        """Say what there is too much of, if anything; ``process`` is the one that writes."""
        raise NotImplementedError

    def empty(self) -> bool:
        """Remove everything; tell whether nothing is left. No process may still write."""
        with contextlib.suppress(OSError):
            _empty(self._descriptor)
        return self._is_empty()

    def _is_empty(self) -> bool:
        return not _names(self._descriptor)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


class FileSystem(Scratch):
    """A file system of its own, empty as yet."""

    def __init__(self, descriptor: int, size: int) -> None:
        super().__init__(descriptor, size)
        self._at_first = self._in_use()

    def excess(self, process: int) -> str:  # noqa: ARG002 # the kernel knows without
        """Ask the kernel for bytes and inodes in use, those of unlinked files included."""
        used, entries = self._in_use()
        return _name_excess(used - self._at_first[0] > self._size, entries - self._at_first[1])

    def _is_empty(self) -> bool:
        return self._in_use() == self._at_first

    def _in_use(self) -> tuple[int, int]:
        facts = os.fstatvfs(self._descriptor)
        return (facts.f_blocks - facts.f_bfree) * facts.f_frsize, facts.f_files - facts.f_ffree


class Folder(Scratch):
    """A folder on a file system that others use too."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(os.open(path, _FOLDER), size)
        self._path = path
        self._due = 0.0

    def excess(self, process: int) -> str:
        """Walk through it, not more often than its size allows."""
        if time.monotonic() < self._due:
            return ""
        started = time.thread_time()  # on a busy machine a look takes longer, and costs no more
        used = entries = 0
        with contextlib.suppress(OSError):  # it changes while it is looked at
            for blocks in _walk(self._descriptor, DEPTH):
                used += blocks * 512
                entries += 1
                if entries > ENTRIES:
                    break
        used += sum(_unlinked_bytes(process))
        self._due = time.monotonic() + (time.thread_time() - started) / SHARE
        return _name_excess(used > self._size, entries)

    def close(self) -> None:
        """Remove it."""
        self.empty()
        super().close()
        shutil.rmtree(self._path, ignore_errors=True)


def make_folder() -> Path:
    """Make a folder, in memory where there is such a place: no disk is to hear of it."""
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK)
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY if usable else None))


def _name_excess(too_large: bool, entries: int) -> str:
    if entries > ENTRIES:
        return f"more than {ENTRIES} scratch files and folders"
    return "larger scratch files than allowed" if too_large else ""


def _walk(folder: int, depth: int) -> Iterator[int]:
    """Yield the blocks of each entry; a folder too deep to be anybody's counts as too many."""
    if depth == 0:
        yield from [0] * (ENTRIES + 1)
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            facts = entry.stat(follow_symlinks=False)
            yield facts.st_blocks
            if stat.S_ISDIR(facts.st_mode):
                inside = os.open(entry.name, _FOLDER, dir_fd=folder)
                try:
                    yield from _walk(inside, depth - 1)
                finally:
                    os.close(inside)


def _unlinked_bytes(process: int) -> Iterator[int]:
    """Yield the sizes of open files that have no name any more."""
    with contextlib.suppress(OSError), os.scandir(f"/proc/{process}/fd") as opened:
        for descriptor in opened:
            with contextlib.suppress(OSError):
                facts = descriptor.stat()
                if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 0:
                    yield facts.st_blocks * 512


def _empty(top: int) -> None:
    """Remove what is in a folder, however deep it goes.

    A folder inside a folder is moved to the top and waits for its turn, so that two descriptors
    are enough, and no path grows.
    """
    moved, unguessable = 0, secrets.token_hex(8)
    while names := _names(top):
        for name in names:
            if not _is_folder(name, top):
                os.unlink(name, dir_fd=top)
                continue
            os.chmod(name, 0o700, dir_fd=top)  # no link: there is no call to make one with
            inside = os.open(name, _FOLDER, dir_fd=top)
            try:
                for below in _names(inside):
                    if _is_folder(below, inside):
                        moved += 1
                        os.chmod(below, 0o700, dir_fd=inside)
                        new = f"{unguessable}-{moved}"
                        os.rename(below, new, src_dir_fd=inside, dst_dir_fd=top)
                    else:
                        os.unlink(below, dir_fd=inside)
            finally:
                os.close(inside)
            os.rmdir(name, dir_fd=top)


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _is_folder(name: str, folder: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
