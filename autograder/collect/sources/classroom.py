"""Folders of repositories: GitHub Classroom's ``ASSIGNMENT-submissions/ASSIGNMENT-USER/``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.repository import is_repository
from autograder.collect.sources.base import Place, Source, name_of
from autograder.collect.sources.git import from_repository


class Classroom(Source):
    """What ``gh classroom clone student-repos`` makes."""

    name = "classroom"
    rank = 48

    def recognises(self, place: Place) -> bool:
        """Most folders are repositories, or the folder is called as the tool calls it."""
        folders = _folders(place)
        repositories = sum(is_repository(path) for path in folders)
        named = name_of(place.path).endswith("-submissions") and bool(_prefix(folders, place))
        return bool(folders) and (named or repositories > len(folders) / 2)

    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield what each repository held at the deadline, and what it holds now."""
        folders = _folders(place)
        prefix = _prefix(folders, place)
        for path in place.entries():
            if path not in folders:
                yield Aside(name_of(path), "it is no repository", look=not _is_ours(path))
                continue
            claims = (_claim(name_of(path), prefix, place),)
            if is_repository(path):
                yield from from_repository(claims, path, name_of(path), place)
            else:
                yield HandIn(claims=claims, files=((name_of(path), path),), label=name_of(path))


class Classroom50(Classroom):
    """What ``gh teacher download`` makes: ``CLASSROOM-ASSIGNMENT-USER/``, and ``scores.csv``."""

    name = "classroom50"
    rank = 47

    def recognises(self, place: Place) -> bool:
        """Tell by its ``scores.csv``, its folder's name, or the file that it puts into each."""
        folders = _folders(place)
        marks = sum(
            any(
                (path / mark).exists()
                for mark in (".classroom50.yml", "result.json", "results.json")
            )
            for path in folders
        )
        told = (place.path / "scores.csv").is_file() or "_submissions_" in name_of(place.path)
        return bool(folders) and (
            marks > len(folders) / 2 or (told and bool(_prefix(folders, place)))
        )


def _folders(place: Place) -> list[Path]:
    return [path for path in place.entries() if path.is_dir() and not path.is_symlink()]


def _is_ours(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in {".csv", ".json", ".md"}


def _prefix(folders: Sequence[Path], place: Place) -> str:
    """Return what all names begin with, up to a dash: ``CLASSROOM-ASSIGNMENT-``."""
    names = [name_of(path) for path in folders]
    if len(names) > 1:
        low, high = min(names), max(names)
        same = (a == b for a, b in zip(low, high, strict=False))
        shared = low[: sum(takewhile(bool, same))]
    else:
        slug = place.config.assignment.replace("_", "-")
        shared = next((f"{slug}-" for name in names if name.startswith(f"{slug}-")), "")
    return shared[: shared.rfind("-") + 1]


def _claim(name: str, prefix: str, place: Place) -> Claim:
    """Return who owns a folder: the longest end of its name that the roster knows."""
    parts = name.split("-")
    ends = ["-".join(parts[start:]) for start in range(len(parts))]
    known = [end for end in ends if not isinstance(place.roster.find(Claim((end,))), str)]
    user = name.removeprefix(prefix)
    return Claim(ids=(known[0] if place.roster and known else user,))
