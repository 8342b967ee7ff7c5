"""What goes with a release: the holes in its tests that somebody knew of and accepted."""

from __future__ import annotations

from pathlib import Path

import msgspec

from autograder.course.files import write_atomically
from autograder.course.layout import Layout
from autograder.errors import UsageError
from autograder.model import Record

_HEAD = (
    "# Written by `autograder release`: wrong submissions that keep full marks, and are accepted.\n"
)


class Accepted(Record, frozen=True):
    """A wrong submission that keeps full marks, what it changes, and since when that is known."""

    id: str
    diff: str
    since: str


class Notes(Record, frozen=True):
    """All that was accepted."""

    accepted: tuple[Accepted, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of the accepted submissions."""
        return tuple(one.id for one in self.accepted)


class Audited(Record, frozen=True):
    """What an audit says of a course that it lets through.

    Attributes
    ----------
    lines
        What a person should hear.
    notes
        What goes with the release.
    """

    lines: tuple[str, ...]
    notes: Notes


def path_of_notes(layout: Layout) -> Path:
    """Return where a release's notes lie: beside its folder, which students get."""
    return layout.release.with_name(f"{layout.config.assignment}.notes.yaml")


def read_notes(layout: Layout) -> Notes:
    """Return the notes of the last release, none where there are none.

    Raises
    ------
    UsageError
        When they cannot be read.
    """
    path = path_of_notes(layout)
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Notes)
    except FileNotFoundError:
        return Notes()
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(f"{path}: {error}", "Mend the file, or remove it.") from None


def write_notes(layout: Layout, notes: Notes) -> None:
    """Keep the notes with the release; a release without any has no file."""
    path = path_of_notes(layout)
    if notes.accepted:
        write_atomically(path, _HEAD.encode() + msgspec.yaml.encode(notes))
    else:
        path.unlink(missing_ok=True)
