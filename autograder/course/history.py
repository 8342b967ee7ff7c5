"""Every result that a student had, and every regrade request with its answer. Only ever added to.

The present result lies in the journal. One that is replaced goes to the end of a log first, a line
for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from autograder.cases.terms import digest_of
from autograder.course.files import append_line
from autograder.course.layout import Layout
from autograder.model import Record, Result

R = TypeVar("R", bound=Record)


class BroughtBack(Record, frozen=True):
    """When a result was put in force again, and why."""

    at: str
    note: str = ""


class Entry(Result, frozen=True, kw_only=True):
    """A result as the journal keeps it.

    Attributes
    ----------
    brought_back
        For one that was replaced and put in force again. It holds until its hand-in changes.
    """

    brought_back: BroughtBack | None = None

    @property
    def since(self) -> str:
        """When it came into force."""
        return self.provenance.started if self.brought_back is None else self.brought_back.at

    @property
    def digest(self) -> str:
        """What names the result: the same for one that was brought back."""
        return digest_of(msgspec.convert(self, Result, from_attributes=True))


class Request(Record, frozen=True):
    """A request to grade again.

    Attributes
    ----------
    at
        When it was made.
    note
        The request, and what a person said to it.
    answer
        What came of it; empty where nobody could be graded.
    before, after
        Digests of both results; empty where there is none.
    """

    at: str
    note: str
    reply: str = ""
    answer: str = ""
    before: str = ""
    after: str = ""


class History:
    """The results of one assignment that were in force."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def keep(self, student: str) -> None:
        """Add the present result to the log, before another replaces it; never twice."""
        line = self._present(student)
        if line and line != _lines(self._layout.history(student))[-1:]:
            path = self._layout.history(student)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            append_line(path, line[0])

    def of(self, student: str) -> list[Entry]:
        """Return all results that were in force, the oldest first; the last one is the present."""
        lines = _lines(self._layout.history(student))
        present = self._present(student)
        if present != lines[-1:]:
            lines += present
        return list(_decoded(lines, Entry))

    def _present(self, student: str) -> list[bytes]:
        """Return the present result as one line; nothing where there is none."""
        try:
            return [msgspec.json.format(self._layout.result(student).read_bytes(), indent=-1)]
        except (OSError, msgspec.DecodeError):
            return []


class Requests:
    """The regrade requests of one assignment."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def of(self, student: str) -> list[Request]:
        """Return a student's requests as they were made, each as it was answered."""
        found = _decoded(_lines(self._layout.requests(student)), Request)
        return list({request.at: request for request in found}.values())

    def keep(self, student: str, request: Request) -> None:
        """Keep a request, or its answer."""
        path = self._layout.requests(student)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        append_line(path, msgspec.json.encode(request))


def now() -> str:
    """Return this moment in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []


def _decoded(lines: list[bytes], kind: type[R]) -> Iterator[R]:
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=kind)
        except msgspec.DecodeError:  # a line that was cut off
            continue
