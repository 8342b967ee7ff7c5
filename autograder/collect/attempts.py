"""Everything that was ever handed in: kept, never changed, with its time and digest.

``.autograder/attempts/ASSIGNMENT/STUDENT/log.jsonl`` has a line for each attempt; the files lie
beside it in a folder named by their digest.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from autograder.course.files import append_line, write_atomically, write_folder
from autograder.course.layout import Layout
from autograder.errors import InfrastructureError
from autograder.model import Record

LOG = "log.jsonl"


class Attempt(Record, frozen=True):
    """One attempt of one student.

    Attributes
    ----------
    received
        When it was collected first.
    time
        When it was handed in; empty where the source does not tell.
    fault
        Why it cannot be read; empty for one that can.
    files
        Names under which it would lie in ``submitted/``, with their SHA-256.
    secret
        nbgrader's for this attempt, where it came through the exchange.
    """

    digest: str
    received: str
    source: str
    file: str
    time: str = ""
    late: bool = False
    order: int = 0
    fault: str = ""
    files: tuple[tuple[str, str], ...] = ()
    secret: str = ""

    @property
    def id(self) -> tuple[str, str, int]:
        """Tells attempts of a student apart."""
        return (self.digest, self.time, self.order)

    @property
    def moment(self) -> datetime | None:
        """When it was handed in, if that is known."""
        return datetime.fromisoformat(self.time) if self.time else None


def in_order(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return attempts as they were handed in; those without a time as they were collected.

    Where a system counts them, its count decides among those: an older download may come later.
    """
    ordered = sorted(attempts, key=lambda one: (one.time or one.received, one.order, one.received))
    counted = [one for one in ordered if one.order and not one.time]
    again = iter(sorted(counted, key=lambda one: (one.order, one.received)))
    return [next(again) if one.order and not one.time else one for one in ordered]


def digest_of(files: Mapping[str, bytes]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the digest of an attempt's files, and of each."""
    each = tuple((name, hashlib.sha256(data).hexdigest()) for name, data in sorted(files.items()))
    return hashlib.sha256(msgspec.json.encode(each)).hexdigest(), each


class Attempts:
    """The attempts of one assignment.

    Parameters
    ----------
    dry
        Keep what is added in memory alone.
    """

    def __init__(self, layout: Layout, *, dry: bool = False) -> None:
        self._root = layout.course / ".autograder" / "attempts" / layout.config.assignment
        self.dry = dry
        self._added: dict[str, list[Attempt]] = {}

    def students(self) -> list[str]:
        """Return who has handed something in, sorted."""
        there = self._root.iterdir() if self._root.is_dir() else iter(())
        return sorted({path.name for path in there if (path / LOG).is_file()} | set(self._added))

    def of(self, student: str) -> list[Attempt]:
        """Return a student's attempts, as they were collected."""
        found = []
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for line in (self._root / student / LOG).read_bytes().splitlines():
                with contextlib.suppress(msgspec.DecodeError):  # a line that was cut off
                    found.append(msgspec.json.decode(line, type=Attempt))
        return found + self._added.get(student, [])

    def add(self, student: str, attempt: Attempt, files: Mapping[str, bytes]) -> Attempt:
        """Keep an attempt; return the one that is kept already, if it is the same."""
        key = (attempt.time, attempt.order)
        same = [one for one in self.of(student) if (one.time, one.order) == key]
        if attempt.time:
            same = [one for one in same if one.digest == attempt.digest]
        if same and same[-1].digest == attempt.digest:
            self._mend(student, same[-1], files)
            return same[-1]
        if self.dry:
            self._added.setdefault(student, []).append(attempt)
            return attempt
        if not self.folder(student, attempt).is_dir():
            write_folder(self.folder(student, attempt), files)
        append_line(self._root / student / LOG, msgspec.json.encode(attempt))
        return attempt

    def _mend(self, student: str, attempt: Attempt, files: Mapping[str, bytes]) -> None:
        """Write again what is no longer as it was handed in."""
        for name, data in files.items():
            path = self.folder(student, attempt) / name
            if not self.dry and (not path.is_file() or path.read_bytes() != data):
                write_atomically(path, data)

    def read(self, student: str, attempt: Attempt) -> dict[str, bytes]:
        """Return the files of an attempt that is kept.

        Raises
        ------
        InfrastructureError
            When they are not what was handed in.
        """
        folder = self.folder(student, attempt)
        try:
            files = {name: (folder / name).read_bytes() for name, _ in attempt.files}
        except FileNotFoundError:
            files = {}
        if digest_of(files)[0] != attempt.digest:
            raise InfrastructureError(
                f"{attempt.file}: what was kept of it is damaged", "Collect it again."
            )
        return files

    def folder(self, student: str, attempt: Attempt) -> Path:
        """Return where the files of an attempt are kept."""
        return self._root / student / attempt.digest

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs of ``collect`` out, unless nothing will be written.

        Raises
        ------
        InfrastructureError
            When another run is at work.
        """
        if self.dry:
            yield
            return
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / ".lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InfrastructureError(
                    "Another run is collecting for this course", "Wait for it to finish."
                ) from None
            for stale in self._root.glob("*/.new-*"):
                shutil.rmtree(stale, ignore_errors=True)
            yield


def now() -> str:
    """Return this moment in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
