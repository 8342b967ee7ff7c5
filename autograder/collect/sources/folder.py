"""A folder of ``STUDENT.ipynb`` files or ``STUDENT/`` folders, as nbgrader's ``submitted/``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from autograder.collect.archives import is_archive, other_archive
from autograder.collect.model import Aside, Claim, HandIn
from autograder.collect.sources.base import Place, Source, listing, name_of
from autograder.config import Config
from autograder.course.exchange import read_text
from autograder.course.layout import SECRET, TIMESTAMP
from autograder.errors import SubmissionError
from autograder.moments import parse_moment
from autograder.submission.choose import files_below
from autograder.submission.files import (
    could_be_submission,
    is_notebook_name,
    is_script_name,
    plain_stem,
    read_file,
)

_SUFFIXES = re.compile(
    r"(?:\.(?:ipynb|pyw?|txt|json|zip|tar|tgz|gz|tbz2?|bz2|7z|rar|xz))+$", re.IGNORECASE
)

_MAX_LOOKED_AT = 60
_COPY = re.compile(r" ?\(\d{1,3}\)$")
"""What a browser adds to the name of a file that it has downloaded before."""


class Folder(Source):
    """Whatever has one file or one folder for each student."""

    name = "folder"
    rank = 100

    def recognises(self, place: Place) -> bool:
        """Any folder will do."""
        return place.path.is_dir()

    def hand_ins(self, place: Place) -> Iterator[HandIn | Aside]:
        """Yield a hand-in for each student; one named like the assignment is nobody's."""
        assignment = place.config.assignment
        nbgraders = any((path / assignment).is_dir() for path in place.entries())
        for path in place.entries():
            if nbgraders and _is_of_others(path, place.config):
                nothing = f"it holds nothing of {assignment}"
                yield HandIn((claim_of(path, place),), (), name_of(path), nothing=nothing)
                continue
            if not path.is_dir() and not path.is_symlink() and not could_be_students(path):
                yield _other_file(path, place)
                continue
            inner = path / assignment
            course_layout = path.is_dir() and not path.is_symlink() and inner.is_dir()
            home = inner if course_layout else path
            yield HandIn(
                claims=(claim_of(path, place),),
                files=((name_of(path), home),),
                label=name_of(path),
                # A student's own folder may hold any file: only nbgrader's layout has a time.
                time=read_timestamp(home) if course_layout else None,
                beside=read_secret(home) if course_layout else (),
            )


def _is_of_others(path: Path, config: Config) -> bool:
    """Tell whether a student's folder in nbgrader's layout holds other assignments only."""
    if not path.is_dir() or path.is_symlink() or (path / config.assignment).exists():
        return False
    inside = listing(path)
    return bool(inside) and all(one.is_dir() for one in inside) and not _has_ours(path, config)


def _has_ours(folder: Path, config: Config) -> bool:
    """Tell whether a file has the assignment's name, or names cells or parts of it."""
    names = {*config.cell_points, *config.edition.defines, *config.names.operations}
    wanted = [name.encode() for name in names]
    for path, _ in zip(files_below(folder), range(_MAX_LOOKED_AT), strict=False):
        if plain_stem(path.name) == config.notebook.lower() or is_archive(path):
            return True
        try:
            data = read_file(path).data if could_be_submission(path.name) else b""
        except SubmissionError:
            continue
        if any(name in data for name in wanted):
            return True
    return False


def _other_file(path: Path, place: Place) -> HandIn | Aside:
    """Return a file that is no hand-in: a student's, if its name is one of the roster."""
    claim = _claim(name_of(path).removesuffix(path.suffix), place)
    if place.roster and not _is_list(path) and not isinstance(place.roster.find(claim), str):
        return HandIn((claim,), ((name_of(path), path),), name_of(path))
    return Aside(name_of(path), "it is no student's file", look=not _is_list(path))


def claim_of(path: Path, place: Place) -> Claim:
    """Return whose a file or a folder is, by its name."""
    name = name_of(path)
    return _claim(name if path.is_dir() else _SUFFIXES.sub("", name), place)


def _claim(student: str, place: Place) -> Claim:
    ours = {place.config.notebook.lower(), place.config.assignment.lower()}
    if plain_stem(student) in ours and student not in place.roster.people:
        return Claim()
    bare = _COPY.sub("", student) or student
    alone = _without(bare, ours)
    ids = (student, bare, alone) if place.roster else (alone,)
    return Claim(ids=ids, names=(bare, alone) if place.roster else (alone,))


def _without(name: str, ours: set[str]) -> str:
    """Return a name without the assignment's, which forms and drives put before or after it."""
    for own in sorted(ours, key=len, reverse=True):
        written = re.escape(own)
        found = re.fullmatch(rf"{written}[ _-]{{1,3}}(.+)|(.+?)[ _-]{{1,3}}{written}", name, re.I)
        if found:
            return (found[1] or found[2]).strip()
    return name


def read_timestamp(folder: Path) -> datetime | None:
    """Return what nbgrader's ``timestamp.txt`` in a folder says."""
    try:
        return parse_moment(read_text(folder / TIMESTAMP), UTC)
    except ValueError:
        return None


def read_secret(folder: Path) -> tuple[tuple[str, str], ...]:
    """Return what nbgrader needs to give feedback back through the exchange, if it is there."""
    text = read_text(folder / SECRET)
    return ((SECRET, text),) if text else ()


def _is_list(path: Path) -> bool:
    """Tell whether a file is one that people and their machines keep beside submissions."""
    return path.suffix.lower() in {".csv", ".tsv", ".xlsx", ".md", ".yml", ".yaml", ".html", ".txt"}


def could_be_students(path: Path) -> bool:
    """Tell whether a file beside others may be a hand-in: a list of the class is none."""
    if is_notebook_name(path.name) or is_script_name(path.name) or is_archive(path):
        return True
    if other_archive(path):
        return True
    if path.suffix.lower() == ".zip":
        return True
    try:
        return could_be_submission(path.name) and b'"nbformat"' in read_file(path).data
    except SubmissionError:
        return False
