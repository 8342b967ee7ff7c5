"""Moodle: a folder ``Full Name_participantid_assignsubmission_file/`` for each participant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.sources.base import Place, Source, listing, most_match, name_of

_NAME = re.compile(
    r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?P<plugin>file|onlinetext)_?(?P<own>.*)"
)


class Moodle(Source):
    """Moodle's "Download all submissions", with folders or without, as a zip or unpacked."""

    name = "moodle"
    rank = 40

    def recognises(self, place: Place) -> bool:
        """Most names have Moodle's middle part."""
        entries = place.entries()
        return bool(entries) and most_match(_NAME, entries)

    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield the files of each participant; text that was typed into Moodle is none."""
        typed: dict[tuple[str, str], Path] = {}
        files: dict[tuple[str, str], list[tuple[str, Path]]] = {}
        for path in place.entries():
            found = _NAME.fullmatch(name_of(path))
            if found is None:
                yield Aside(name_of(path), "its name is not one that Moodle gives")
            elif found["plugin"] == "onlinetext":
                typed[found["number"], found["name"]] = path
            else:
                files.setdefault((found["number"], found["name"]), []).append((found["own"], path))
        for (number, name), own in files.items():
            typed.pop((number, name), None)
            if len(own) == 1 and own[0][1].is_dir():
                inside = [(name_of(path), path) for path in listing(own[0][1])]
            else:
                inside = own
            yield HandIn(
                claims=_claims(number, name),
                files=tuple((text or name_of(path), path) for text, path in inside or own),
                label=_label(inside, number, name),
            )
        for (number, name), path in typed.items():
            typed_in = "text that was typed into Moodle"
            yield HandIn(
                claims=_claims(number, name), files=((typed_in, path),), label=name_of(path)
            )


def _claims(number: str, name: str) -> tuple[Claim, ...]:
    return (Claim(ids=(number, f"Participant {number}"), names=_spellings(name)),)


def _label(own: list[tuple[str, Path]], number: str, name: str) -> str:
    text = own[0][0] if len(own) == 1 else ""
    return f"{name}_{number}" + (f"/{text}" if text else "")


def _spellings(name: str) -> tuple[str, ...]:
    """Return the name; some sites write "Last, First", some "First Last", some put "_" between."""
    last, comma, first = name.partition(",")
    plain = name.replace("_", " ")
    return (plain, f"{first} {last}") if comma else (plain,)
