"""nbgrader's exchange: ``inbound/STUDENT+ASSIGNMENT+TIMESTAMP[+RANDOM]/``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.sources.base import Place, Source, listing, most_match, name_of
from autograder.collect.sources.folder import read_secret, read_timestamp
from autograder.moments import parse_moment

_NAME = re.compile(
    r"(?P<user>.+?)\+(?P<assignment>[^+]+)\+"
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Za-z/_+-]+?)(?:\+(?P<random>[^+]*))?"
)


class Exchange(Source):
    """The exchange itself, a course in it, or its ``inbound/``."""

    name = "exchange"
    rank = 20

    def recognises(self, place: Place) -> bool:
        """Most folders are named as the exchange names them."""
        entries = _inbound(place)
        return bool(entries) and most_match(_NAME, entries)

    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield each submission of the assignment with its time and nbgrader's secret."""
        for path in _inbound(place):
            found = _NAME.fullmatch(name_of(path))
            if found is None:
                yield Aside(name_of(path), "its name is not one that the exchange gives")
            elif found["assignment"] != place.config.assignment:
                yield Aside(name_of(path), "it belongs to another assignment", look=False)
            else:
                user = found["user"]
                yield HandIn(
                    claims=(Claim(ids=(user,)),),
                    files=((name_of(path), path),),
                    label=name_of(path),
                    time=read_timestamp(path) or _moment(found["time"]),
                    beside=read_secret(path),
                )


def _inbound(place: Place) -> list[Path]:
    for folder in (
        place.path, place.path / "inbound", place.path / place.config.course / "inbound"
    ):  # fmt: skip
        entries = listing(folder) if folder.is_dir() else []
        if any(_NAME.fullmatch(name_of(path)) for path in entries):
            return entries
    return []


def _moment(text: str) -> datetime | None:
    try:
        return parse_moment(text, UTC)
    except ValueError:
        return None
