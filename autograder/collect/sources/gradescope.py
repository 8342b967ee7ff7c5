"""Gradescope: folders ``submission_123/``, and ``submission_metadata.yml`` about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.sources.base import Place, Source, most_match, name_of
from autograder.errors import SubmissionError, UsageError
from autograder.model import Record
from autograder.moments import parse_moment
from autograder.submission.files import read_file

METADATA = "submission_metadata.yml"
_NULL = "tag:yaml.org,2002:null"
_NAME = re.compile(r"submission_(\d+)(?:\..+)?")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|[+-]\d\d:?\d\d|UTC)?")


class Gradescope(Source):
    """Gradescope's "Export Submissions", as a zip or unpacked."""

    name = "gradescope"
    rank = 10

    def recognises(self, place: Place) -> bool:
        """Look for the metadata, or see that most names are those of submissions."""
        entries = place.entries()
        return any(path.name == METADATA for path in entries) or (
            bool(entries) and most_match(_NAME, entries)
        )

    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield each submission for all who submitted it, earlier ones of its history too."""
        known = _known(place.path / METADATA)
        listed = {number for number, one in known.items() if one.listed}
        here: set[str] = set()
        for path in place.entries():
            if path.name == METADATA:
                continue
            found = _NAME.fullmatch(name_of(path))
            if found is None:
                yield Aside(name_of(path), "its name is not one that Gradescope gives")
                continue
            here.add(found[1])
            # Without metadata its number is all that there is; what they leave out is nobody's.
            nobody = _Known((Claim() if known else Claim(ids=(found[1],)),))
            entry = known.get(found[1], nobody)
            yield HandIn(
                claims=entry.claims,
                files=((name_of(path), path),),
                label=name_of(path),
                time=entry.time,
            )
        for number in sorted(listed - here):
            entry, label = known[number], f"submission_{number}"
            yield HandIn(claims=entry.claims, files=(), label=label, time=entry.time)


class _Known(Record, frozen=True):
    """What the metadata say of a submission; one of the history is not ``listed`` itself."""

    claims: tuple[Claim, ...]
    time: datetime | None = None
    listed: bool = False


def _known(path: Path) -> dict[str, _Known]:
    """Return who submitted each submission, and when, by its number."""
    if not path.exists():
        return {}
    try:
        loaded = yaml.load(read_file(path).data, _Loader)  # noqa: S506 # a safe one
    except (yaml.YAMLError, SubmissionError, UnicodeDecodeError, RecursionError):
        raise UsageError(f"{METADATA} cannot be read", "Export the submissions again.") from None
    found: dict[str, _Known] = {}
    for key, entry in loaded.items() if isinstance(loaded, dict) else ():
        number = _NAME.fullmatch(str(key))
        if number is None or not isinstance(entry, dict):
            continue
        plain = _plain(entry)
        people = plain.get("submitters")
        claims = tuple(
            _claim(_plain(one)) for one in people if isinstance(one, dict)
        ) if isinstance(people, list) else ()  # fmt: skip
        claims = claims or (Claim(),)
        found[number[1]] = _Known(claims, _moment(plain.get("created_at")), listed=True)
        history = plain.get("history")
        for one in history if isinstance(history, list) else ():
            earlier = _plain(one) if isinstance(one, dict) else {}
            if _text(earlier.get("id")).isdigit():
                moment = _moment(earlier.get("created_at"))
                found.setdefault(_text(earlier["id"]), _Known(claims, moment))
    return found


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # one of two
    """Leaves numbers and moments as they are written, since an id may begin with zeros."""

    yaml_implicit_resolvers: dict[str, Any] = {  # noqa: RUF012 # as PyYAML declares it
        first: [(_NULL, re.compile(r"(?:~|null|Null|NULL|)$"))] for first in ("~", "n", "N", "")
    }


def _plain(entry: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an entry by keys without the colon of Ruby's symbols."""
    return {str(key).removeprefix(":"): value for key, value in entry.items()}


def _claim(submitter: Mapping[str, Any]) -> Claim:
    texts = {key: _text(submitter.get(key)) for key in ("sid", "email", "name")}
    return Claim(
        ids=(texts["sid"],) if texts["sid"] else (),
        names=(texts["name"],) if texts["name"] else (),
        email=texts["email"],
    )


def _text(value: object) -> str:
    """Return a scalar as it is written; anything else, which may be huge as text, is none."""
    return value.strip() if isinstance(value, str) else ""


def _moment(value: object) -> datetime | None:
    found = _TIME.fullmatch(_text(value))
    try:
        return parse_moment(f"{found[1]} {found[2] or 'UTC'}", UTC) if found else None
    except ValueError:
        return None
