"""What was graded, on disk before anything else knows: one file a student, written whole.

A result is ``STUDENT.pending`` until the gradebook has it, and ``STUDENT.json`` from then on. A run
that dies in between is finished by the next one. What is replaced is kept, see ``history``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from autograder.course.files import write_atomically
from autograder.course.history import Entry, History
from autograder.course.layout import Layout
from autograder.errors import InfrastructureError
from autograder.model import Result, decode_result, encode_result


class Journal:
    """The journal of one assignment."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._history = History(layout)

    def read(self, student: str) -> Entry | None:
        """Return the result that the gradebook has, None when there is none that can be read."""
        return _decode(self._layout.result(student))

    def latest(self, student: str) -> Entry | None:
        """Return what the gradebook has, or what an interrupted run has left for it to get."""
        return _decode(self._pending(student)) or self.read(student)

    def known(self, student: str) -> list[Result]:
        """Return the results of which the gradebook may have one: recorded, and not confirmed."""
        found = (self.read(student), _decode(self._pending(student)))
        return [result for result in found if result is not None]

    def write(self, student: str, result: Result) -> None:
        """Keep a result that the gradebook does not have yet, and the one that it will replace."""
        self._history.keep(student)
        write_atomically(self._pending(student), encode_result(result))

    def confirm(self, student: str) -> None:
        """Note that the gradebook has the result."""
        self._pending(student).replace(self._layout.result(student))

    def is_pending(self, student: str) -> bool:
        """Tell whether there is a result that the gradebook may not have yet."""
        return self._pending(student).exists()

    def waiting(self) -> Iterator[tuple[str, Result]]:
        """Yield the results that the gradebook does not have; one that is no result is removed."""
        for path in sorted(self._folder().glob("*.pending")):
            try:
                yield path.stem, decode_result(path.read_bytes())
            except msgspec.DecodeError:
                path.unlink()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other run of ``grade`` out of this course's journal and gradebook.

        Raises
        ------
        InfrastructureError
            When another run is at work; it names the process.
        """
        self._folder().mkdir(parents=True, exist_ok=True)
        with (self._folder() / "lock").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise InfrastructureError(
                    f"Another run is grading this course (process {file.read().strip()})",
                    "Wait for it to finish, then run autograder grade again.",
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            for stale in self._folder().glob(".*.pending.*"):
                stale.unlink()
            yield

    def _pending(self, student: str) -> Path:
        return self._folder() / f"{student}.pending"

    def _folder(self) -> Path:
        return self._layout.result("any").parent


def _decode(path: Path) -> Entry | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Entry)
    except (OSError, msgspec.DecodeError):
        return None
