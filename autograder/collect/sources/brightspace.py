"""Brightspace: ``USER-FOLDER - First Last - Nov 20, 2026 1159 PM``, or a file after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.sources.base import Place, Source, listing, most_match, name_of

_NAME = re.compile(
    r"(?P<user>\d+)-\d+ - (?P<name>.+?) - "
    r"(?P<time>(?:[^\W\d]+ \d{1,2}|\d{1,2} [^\W\d]+),? \d{4},? \d{1,2}[:.]?\d\d(?: ?[AP]M)?)"
    r"(?: - (?P<own>.+))?",
    re.IGNORECASE,
)
_TIME = re.compile(r"([^\W\d]+|\d+) ([^\W\d]+|\d+),? (\d{4}),? (\d{1,2})[:.]?(\d\d)(?: ?([AP]M))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Brightspace(Source):
    """Brightspace's "Download" of an assignment's submissions, as a zip or unpacked."""

    name = "brightspace"
    rank = 35

    def recognises(self, place: Place) -> bool:
        """Most names have Brightspace's two numbers and a time."""
        entries = [path for path in place.entries() if path.name != "index.html"]
        return bool(entries) and most_match(_NAME, entries)

    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield a hand-in for each time at which a user handed in."""
        attempts: dict[tuple[str, str, str], list[tuple[str, Path]]] = {}
        for path in place.entries():
            found = _NAME.fullmatch(name_of(path))
            if path.name == "index.html":
                yield Aside(name_of(path), "it is Brightspace's list", look=False)
            elif found is None:
                yield Aside(name_of(path), "its name is not one that Brightspace gives")
            else:
                own = attempts.setdefault((found["user"], found["name"], found["time"]), [])
                inside = listing(path) if found["own"] is None and path.is_dir() else [path]
                own += [(_own(one, path, found["own"]), one) for one in inside]
        for (user, name, time), files in attempts.items():
            yield HandIn(
                claims=(Claim(ids=(user,), names=(name,)),),
                files=tuple(files),
                label=f"{user} - {name} - {time}"
                + (f" - {files[0][0]}" if files[1:] == [] else ""),
                time=_moment(time, place.zone),
            )


def _own(file: Path, place: Path, own: str | None) -> str:
    return own if own and file == place else name_of(file)


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """Brightspace writes the course's time without a zone: that of the deadline is taken."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    month, day = (found[2], found[1]) if found[1].isdigit() else (found[1], found[2])
    hour, half = int(found[4]), (found[6] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        number = _MONTHS.index(month[:3].lower()) + 1
        return datetime(int(found[3]), number, int(day), hour, int(found[5]), tzinfo=zone)
    except ValueError:
        return None
