"""Moodle: a folder ``Full Name_participantid_assignsubmission_file/`` for each participant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.sources.base import Place, Source, listing, most_match, name_of

_NAME = re.compile(
    r"(?P<name>.+?)_(?P<number>\d+)_assign(?P<kind>submission|feedback)_(?P<plugin>[a-z0-9]+)"
    r"(?:_(?P<own>.*))?"
)
_GROUP = re.compile(r"[^-]*[\d\s][^-]*")
"""What a group is called and no first name is: it holds a number or a space, and no dash."""


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
        typed: dict[tuple[str, str], str] = {}
        files: dict[tuple[str, str], list[tuple[str, Path]]] = {}
        for path in place.entries():
            found = _NAME.fullmatch(name_of(path))
            if found is None:
                yield Aside(name_of(path), "its name is not one that Moodle gives")
                continue
            who = (found["number"], found["name"])
            if found["kind"] == "feedback":
                yield Aside(name_of(path), "it is feedback, and nobody's hand-in", look=False)
            elif found["plugin"] in _TYPED:
                typed[who] = found["plugin"]
            else:
                files.setdefault(who, []).append((found["own"] or "", path))
        names = [name for _, name in (*files, *typed)]
        several = len(names) > 1 and all("-" in name for name in names)
        groups = {group for one in place.roster.people.values() for group in one.groups}
        for (number, name), own in files.items():
            text = typed.pop((number, name), "")
            if len(own) == 1 and own[0][1].is_dir():
                inside = [(name_of(path), path) for path in listing(own[0][1])]
            else:
                inside = own
            yield HandIn(
                claims=_claims(number, name, groups, several=several),
                files=tuple((given or name_of(path), path) for given, path in inside),
                label=_label(inside, number, name),
                nothing=_TYPED.get(text, "its folder is empty"),
            )
        for (number, name), plugin in typed.items():
            yield HandIn(
                claims=_claims(number, name, groups, several=several),
                files=(),
                label=_label([], number, name),
                nothing=_TYPED[plugin],
            )


_TYPED = {
    "onlinetext": "text was typed into Moodle, and no file handed in",
    "comments": "a comment was typed into Moodle, and no file handed in",
}


def _claims(number: str, name: str, groups: set[str], *, several: bool) -> tuple[Claim, ...]:
    """Return whose a folder is; a group may stand before the name, as in "Group 1-Ann Lee".

    Parameters
    ----------
    several
        Whether all names could have a group before them.
    """
    found = [*_spellings(name)]
    for place in (place for place, char in enumerate(name) if char == "-"):
        group, alone = name[:place], name[place + 1 :]
        if group in groups or (several and _GROUP.fullmatch(group)):
            found += _spellings(alone)
    return (Claim(ids=(number, f"Participant {number}"), names=tuple(found)),)


def _label(own: list[tuple[str, Path]], number: str, name: str) -> str:
    text = own[0][0] if len(own) == 1 else ""
    return f"{name}_{number}" + (f"/{text}" if text else "")


def _spellings(name: str) -> tuple[str, ...]:
    """Return the name; some sites write "Last, First", some "First Last", some put "_" between."""
    last, comma, first = name.partition(",")
    plain = name.replace("_", " ")
    return (plain, f"{first} {last}") if comma else (plain,)
