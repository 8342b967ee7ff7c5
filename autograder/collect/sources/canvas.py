"""Canvas: ``sortablename[_LATE]_userid_attachmentid_name``, resubmitted as ``name-1``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.sources.base import Place, Source, most_match, name_of

_OWN = r"(?:(?P<file>\d+)_(?P<own>.+)|(?P<typed>(?:text|link)\.html))"
_NAME = re.compile(r"(?P<name>[^_]+?)(?P<late>_LATE)?_(?P<user>\d+)_" + _OWN)
_ANONYMOUS = re.compile(r"anon_(?P<user>[A-Za-z0-9]{5})(?P<late>_LATE)?_" + _OWN)
_EITHER = re.compile(
    r"(?:[^_]+?(?:_LATE)?_\d+|anon_[A-Za-z0-9]{5}(?:_LATE)?)_(?:\d+_.+|(?:text|link)\.html)"
)
_TYPED = {"text.html": "text was typed into Canvas, and no file handed in",
          "link.html": "a link was typed into Canvas, and no file handed in"}  # fmt: skip
_AGAIN = re.compile(r"(.+?)-(\d{1,3})((?:\.\w{1,8})*)")


class _Attachment:
    def __init__(self, path: Path, found: re.Match[str]) -> None:
        self.path = path
        self.user = found["user"]
        self.late = found["late"] is not None
        self.number = int(found["file"] or 0)
        self.named = found.groupdict().get("name", "")
        own = found["own"] or found["typed"]  # what was typed into Canvas, or a link
        self.typed = _TYPED.get(found["typed"] or "", "")
        again = _AGAIN.fullmatch(own)
        self.attempt = int(again[2]) if again else 0
        self.own = again[1] + again[3] if again else own


class Canvas(Source):
    """Canvas's "Download Submissions", as a zip or unpacked."""

    name = "canvas"
    rank = 60

    def recognises(self, place: Place) -> bool:
        """Most names have Canvas's two numbers."""
        entries = place.entries()
        return bool(entries) and most_match(_EITHER, entries)

    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield one hand-in for each attempt of each user."""
        users: dict[str, list[_Attachment]] = {}
        for path in place.entries():
            found = _ANONYMOUS.fullmatch(name_of(path)) or _NAME.fullmatch(name_of(path))
            if found is None:
                yield Aside(name_of(path), "its name is not one that Canvas gives")
                continue
            one = _Attachment(path, found)
            users.setdefault(one.user, []).append(one)
        for user, attachments in users.items():
            yield from _attempts(user, attachments)


def _attempts(user: str, attachments: list[_Attachment]) -> Iterator[HandIn]:
    named = next((one.named for one in attachments if one.named), "")
    claim = Claim(ids=(user,), names=(named,) if named else ())
    attempts: dict[int, list[_Attachment]] = {}
    for one in sorted(attachments, key=lambda one: one.number):
        attempts.setdefault(one.attempt, []).append(one)
    for own in attempts.values():
        alone = len(own) == 1 and own[0].typed
        yield HandIn(
            claims=(claim,),
            files=() if alone else tuple((one.own, one.path) for one in own),
            nothing=own[0].typed if alone else "",
            label=name_of(own[0].path) if len(own) == 1 else f"{named or 'anon'}_{user}",
            late=any(one.late for one in own),
            # Numbers of attachments grow; a student may call the first file hw-2.ipynb.
            order=own[0].number,
        )
