"""What a layout is: one small class that knows its rules, and nothing of grading."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import ClassVar

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.roster import Roster
from autograder.config import Config
from autograder.model import Record
from autograder.submission.files import encodable, is_companion

MAX_ENTRIES = 20_000


class Place(Record, frozen=True):
    """Where a source lies, and what helps to read it.

    Attributes
    ----------
    path
        A folder (a zip has been unpacked), or a file.
    name
        What the user called it.
    deadline
        Until when the hand-in of a claimed student may come, None without a deadline.
    scratch
        Returns a new empty folder that lasts as long as the run.
    zone
        For times that a system writes without a zone.
    """

    path: Path
    name: str
    config: Config
    roster: Roster
    deadline: Callable[[Claim], datetime | None]
    scratch: Callable[[], Path]
    zone: tzinfo = UTC

    def entries(self) -> list[Path]:
        """Return what lies in the folder, sorted, without what programs leave behind."""
        if not self.path.is_dir():
            return []
        return listing(self.path)


class Source(ABC):
    """A layout in which submissions come.

    ``name`` is for ``--from``. Of the sources that recognise a place the one of the lowest
    ``rank`` reads it.
    """

    name: ClassVar[str]
    rank: ClassVar[int] = 50

    @abstractmethod
    def recognises(self, place: Place) -> bool:
        """Tell whether a place looks like this layout."""

    @abstractmethod
    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield every hand-in, and whatever is none."""


def listing(folder: Path) -> list[Path]:
    """Return what lies in a folder, sorted, within bounds."""
    paths = (path for path, _ in zip(folder.iterdir(), range(MAX_ENTRIES), strict=False))
    return sorted(path for path in paths if not is_companion(path.name))


def name_of(path: Path) -> str:
    """Return a path's last part as text."""
    return encodable(path.name)


def most_match(pattern: re.Pattern[str], paths: Sequence[Path]) -> bool:
    """Tell whether more than half of the names follow a layout's rule."""
    matching = sum(pattern.fullmatch(name_of(path)) is not None for path in paths)
    return matching > len(paths) / 2
