"""A list of git repositories, one a line: ``student,url``; or one URL."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.repository import Repository, is_repository, without_password
from autograder.collect.sources.base import Place, Source
from autograder.errors import SubmissionError
from autograder.submission.files import encodable, read_file
from autograder.submission.texts import decode

_URL = re.compile(r"(?:https?|ssh|git|file)://\S+|[\w.-]+@[\w.-]+:\S+")
MAX_LIST = 1 << 20


class Git(Source):
    """Repositories by URL, or by the path of a folder on this machine."""

    name = "git"
    rank = 5

    def recognises(self, place: Place) -> bool:
        """Tell a URL, one repository, or a text file whose lines name some."""
        if _URL.fullmatch(place.name) or is_repository(place.path):
            return True
        return place.path.is_file() and bool(_lines(place))

    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield the last commit in time of each repository, and the last one if that is later."""
        if _URL.fullmatch(place.name) or is_repository(place.path):
            where = place.name if _URL.fullmatch(place.name) else place.path
            yield from from_repository(_owner(place.name, place), where, _shown(place.name), place)
            return
        for student, where in _lines(place):
            claims = (Claim(ids=(student,), names=(student,)),) if student else _owner(where, place)
            there = where if _URL.fullmatch(where) else place.path.parent / where
            yield from from_repository(claims, there, _shown(where), place)


def from_repository(
    claims: tuple[Claim, ...], where: str | Path, label: str, place: Place
) -> Iterator[HandIn]:
    """Yield the last commit before the deadline of a claim, and the last one if that is later."""
    try:
        repository = Repository(place.scratch())
        deadline = place.deadline(claims[0])
        if isinstance(where, Path):
            repository.borrow(where)
        else:
            repository.fetch(where, deadline)
        last = repository.last()
        found = [last]
        if deadline is not None and last.time > deadline:
            in_time = repository.before(deadline)
            found = [in_time, last] if in_time is not None else [last]
        later = repository.later_branches(deadline)
        warning = f"later work lies on the branch {encodable(', '.join(later))}" if later else ""
        for commit in found:
            folder = place.scratch()
            repository.write_files(commit, folder)
            yield HandIn(
                claims=claims,
                files=((label, folder),),
                label=f"{label} at {commit.id[:10]}",
                time=commit.time,
                warning=warning,
            )
    except SubmissionError as error:
        yield HandIn(claims=claims, files=(), label=label, fault=error.message)


def _shown(where: str) -> str:
    return encodable(without_password(where))


def _owner(where: str, place: Place) -> tuple[Claim, ...]:
    """Return the claims that a repository's name makes: its end, as classrooms call them."""
    stem = re.sub(r"(?:\.git)?/*$", "", where).replace(":", "/").split("/")
    texts = [stem[-1], *(stem[-1].split("-", count)[-1] for count in range(1, 6)), *stem[-2:-1]]
    known = [text for text in texts if not isinstance(place.roster.find(Claim((text,))), str)]
    return (Claim(ids=(known[0] if place.roster and known else stem[-1],)),)


def _lines(place: Place) -> list[tuple[str, str]]:
    """Return student and repository of each line; a line may hold a repository alone."""
    try:
        file = read_file(place.path)
        text = decode(file) if len(file.data) <= MAX_LIST else ""
    except SubmissionError:
        return []
    found = []
    for number, row in enumerate(csv.reader(io.StringIO(text))):
        cells = [cell.strip() for cell in row if cell.strip()]
        if not cells or cells[0].startswith("#"):
            continue
        where = next((cell for cell in reversed(cells) if _is_where(cell, place)), "")
        if where or number:
            where = where or cells[-1]
            found.append((next((cell for cell in cells if cell != where), ""), where))
    return found if any(_is_where(where, place) for _, where in found) else []


def _is_where(text: str, place: Place) -> bool:
    return bool(_URL.fullmatch(text)) or (
        "\0" not in text and len(text) < 1000 and is_repository(place.path.parent / text)
    )
