"""Blackboard: ``Assignment_user_attempt_2026-03-01-23-59-30_file``, and a ``.txt`` about each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.sources.base import Place, Source, most_match, name_of

_NAME = re.compile(
    r"(?P<title>.+?)_(?P<user>[^_]+(?:_[^_]+)*?)_attempt_"
    r"(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?P<own>_.+|\.txt)"
)


class Blackboard(Source):
    """Blackboard's "Assignment File Download", as a zip or unpacked."""

    name = "blackboard"
    rank = 30

    def recognises(self, place: Place) -> bool:
        """Most names tell of an attempt and its time."""
        entries = place.entries()
        return bool(entries) and most_match(_NAME, entries)

    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield a hand-in for each attempt of each user."""
        matches: list[tuple[Path, re.Match[str]]] = []
        for path in place.entries():
            found = _NAME.fullmatch(name_of(path))
            if found is None:
                yield Aside(name_of(path), "its name is not one that Blackboard gives")
            else:
                matches.append((path, found))
        users = _users(matches, place)
        attempts: dict[tuple[str, str], list[tuple[str, Path]]] = {}
        for (path, found), user in zip(matches, users, strict=True):
            own = attempts.setdefault((user, found["time"]), [])
            if found["own"] != ".txt":
                own.append((found["own"].removeprefix("_"), path))
        for (user, time), files in attempts.items():
            yield HandIn(
                claims=(_claim(user),),
                files=tuple(files),
                label=name_of(files[0][1]) if len(files) == 1 else f"{user}, attempt {time}",
                time=_moment(time, place.zone),
            )


def _users(matches: list[tuple[Path, re.Match[str]]], place: Place) -> list[str]:
    """Return the user of each file: a title may hold ``_``, as a user name may."""
    whole = [f"{found['title']}_{found['user']}".split("_") for _, found in matches]
    shared = 0
    while (
        len(whole) > 1
        and all(len(parts) > shared + 1 for parts in whole)
        and len({parts[shared] for parts in whole}) == 1
    ):
        shared += 1
    users = []
    for parts in whole:
        tails = ["_".join(parts[start:]) for start in range(1, len(parts))]
        known = [tail for tail in tails if not isinstance(place.roster.find(_claim(tail)), str)]
        if place.roster and known:
            users.append(known[0])
        else:
            users.append("_".join(parts[max(shared, 1) :]))
    return users


def _claim(user: str) -> Claim:
    return Claim(ids=(user,))


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """Blackboard writes the server's time without a zone: that of the deadline is taken."""
    try:
        return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S").replace(tzinfo=zone)
    except ValueError:
        return None
