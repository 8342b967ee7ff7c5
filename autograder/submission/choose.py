"""Which of several files is the hand-in, and which are the student's own earlier modules.

Looked for as text, in linear time: nothing is parsed, and no more files are read than is said here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from autograder.config import Config
from autograder.errors import SubmissionError
from autograder.model import Record
from autograder.submission.files import (
    could_be_submission,
    encodable,
    is_companion,
    is_notebook_name,
    is_script_name,
    plain_stem,
    read_file,
)
from autograder.submission.texts import decode

MAX_ENTRIES = 5000
MAX_DEPTH = 6
MAX_FILES = 60
MAX_TOTAL = 64 << 20
"""Entries and levels of a folder that are looked at, and files and bytes that are read in it."""
_NOT_THEIRS = frozenset(
    ["venv", "env", "node_modules", "site-packages", "checks", "build", "dist", "solutions"]
)
_PART = re.compile(r"(?:\d{1,3}[_-]|)([a-z]{1,40}?)(?:_dev|_solution|)")
_DEFINED = re.compile(r"(?:class|def)[ \t]{1,4}(\w{1,80})")
EARLIER = ("tensor", "activations", "layers", "losses")
MAX_MODULE = 1 << 20
"""Bytes of one earlier module that are used."""


class NoSubmissionError(SubmissionError):
    """There is nothing that could be a hand-in."""


class Choice(Record, frozen=True):
    """The file that was taken, and why where there were several: for the one who named a folder."""

    path: Path
    why: str = ""


class _Candidate(Record, frozen=True):
    path: Path
    cells: int
    names: int
    blanks: int
    named: bool
    digest: str

    @property
    def rank(self) -> tuple[int, int, int, bool, bool]:
        """Our grade cells first, then the assignment's names, what is filled in, the name."""
        return (
            min(self.cells, 1),
            self.names,
            -self.blanks,
            is_notebook_name(self.path.name),
            self.named,
        )


class _Checks(Record, frozen=True):
    """What of the handout's data is asked for here."""

    stub: str = "YOUR CODE HERE"


def stub_of(handout: Path) -> str:
    """Return the first line of what students find in place of code, nbgrader's own if unknown."""
    try:
        data = (handout / "checks" / "cases.json").read_bytes()
        return msgspec.json.decode(data, type=_Checks).stub.splitlines()[0].lstrip("# ")
    except (OSError, msgspec.DecodeError, IndexError):
        return _Checks().stub


def choose(folder: Path, config: Config, stub: str = "") -> Choice:
    """Return the hand-in of a folder.

    Parameters
    ----------
    stub
        What stands where nothing is written yet, see ``stub_of``.

    Raises
    ------
    NoSubmissionError
        When there is none.
    SubmissionError
        When there are several that nothing tells apart.
    """
    name = encodable(folder.name) or "the folder"
    found = _candidates(folder, config, (stub or _Checks().stub).encode())
    if not found:
        raise NoSubmissionError(
            f"{name} holds no notebook and no autograd.py", "Name the file itself, or its folder."
        )
    found.sort(key=lambda one: (one.rank, -len(one.path.parts)), reverse=True)
    best = found[0]
    rivals = {one.digest: one for one in reversed(found) if one.rank == best.rank}
    if len(rivals) > 1:
        names = ", ".join(sorted(_below(folder, one.path) for one in list(rivals.values())[:4]))
        raise SubmissionError(
            f"{name} holds {len(rivals)} files that could be the hand-in: {names}",
            f"Keep one of them, or call the right one {config.notebook}.ipynb.",
        )
    others = len({one.digest for one in found}) - 1
    why = f"{_below(folder, best.path)} was taken: {_reason(best)}" if others else ""
    return Choice(best.path, why)


def _reason(best: _Candidate) -> str:
    if best.cells:
        return "of the files there, it has the cells of the assignment."
    if best.names:
        return "of the files there, it defines the most of what the assignment asks for."
    return "of the files there, it has the name of the assignment."


def _below(folder: Path, path: Path) -> str:
    return encodable(str(path.relative_to(folder)))


def _candidates(folder: Path, config: Config, stub: bytes) -> list[_Candidate]:
    wanted = set(config.edition.defines) or {*config.names.operations, "enable_autograd"}
    grade_ids = [cell.encode() for cell in config.cell_points]
    left = MAX_TOTAL
    found: list[_Candidate] = []
    for path in _in_order(folder, config.notebook):
        if len(found) >= MAX_FILES or left <= 0:
            break
        try:
            file = read_file(path)
            left -= len(file.data)
            names = len(wanted.intersection(_DEFINED.findall(decode(file))))
        except SubmissionError:
            if not is_notebook_name(path.name):
                continue
            file, names = None, 0
        data = b"" if file is None else file.data
        notebook = is_notebook_name(path.name) or b'"nbformat"' in data
        named = _is_named(path, config.notebook)
        if not (notebook or named or names):
            continue
        found.append(
            _Candidate(
                path=path,
                cells=sum(cell in data for cell in grade_ids) if notebook else 0,
                names=names,
                blanks=data.count(stub),
                named=named,
                digest=str(path) if file is None else file.sha256,
            )
        )
    return found


def _in_order(folder: Path, notebook: str) -> list[Path]:
    """Return the files that could be it, those with a likely name first."""
    paths = [path for path in files_below(folder) if could_be_submission(path.name)]
    return sorted(
        paths,
        key=lambda path: (
            not _is_named(path, notebook), not is_notebook_name(path.name), len(path.parts), path
        ),
    )  # fmt: skip


def _is_named(path: Path, notebook: str) -> bool:
    """Tell whether a name is the assignment's, or the module's where the course keeps it."""
    if not (is_notebook_name(path.name) or is_script_name(path.name)):
        return False
    if plain_stem(path.name) == notebook.lower():
        return True
    own = _PART.fullmatch(notebook.lower())
    words = re.findall(r"[a-z]{1,40}", plain_stem(path.name))
    return own is not None and own[1] in words


def files_below(folder: Path) -> Iterator[Path]:
    """Yield regular files, no links, not those that programs leave, within bounds."""
    waiting, entries = [(folder, 0)], 0
    while waiting:
        here, depth = waiting.pop(0)
        try:
            with os.scandir(here) as listing:
                inside = sorted(
                    (one for one, _ in zip(listing, range(MAX_ENTRIES - entries), strict=False)),
                    key=lambda one: one.name,
                )
        except OSError:
            continue
        entries += len(inside)
        for one in inside:
            if is_companion(one.name):
                continue
            if one.is_file(follow_symlinks=False):
                yield Path(one.path)
            elif (
                depth < MAX_DEPTH
                and one.name.lower() not in _NOT_THEIRS
                and one.is_dir(follow_symlinks=False)
            ):
                waiting.append((Path(one.path), depth + 1))


def earlier_modules(hand_in: Path, handout: Path) -> tuple[tuple[str, str], ...]:
    """Return the student's own modules beside a hand-in, by the handout's names for them.

    Parameters
    ----------
    handout
        The course's own package: what is the same there is not the student's.
    """
    root = _root(hand_in)
    found = []
    for name in EARLIER:
        ours = handout / "core" / f"{name}.py"
        texts = (_module_text(path, ours) for path in _places(root, name) if path != hand_in)
        text = next((text for text in texts if text), "")
        if text:
            found.append((name, text))
    return tuple(found)


def _root(hand_in: Path) -> Path:
    """Return the folder that was handed in: above the package, or above the course's modules."""
    folder = hand_in.parent
    if folder.parts[-2:] == ("tinytorch", "core"):
        return folder.parent.parent
    return folder.parent.parent if folder.parent.name in ("modules", "src") else folder


def _places(root: Path, name: str) -> Iterator[Path]:
    for place in (f"tinytorch/core/{name}.py", f"core/{name}.py", f"{name}.py", f"{name}_dev.py"):
        yield root / place
    for folder in ("modules", "src"):
        for written in (f"{name}*.py", f"[0-9]*_{name}.py"):
            yield from sorted((root / folder).glob(f"*_{name}/{written}"))[:2]


def _module_text(path: Path, ours: Path) -> str:
    try:
        file = read_file(path)
        if len(file.data) > MAX_MODULE:
            return ""
        return "" if ours.is_file() and ours.read_bytes() == file.data else decode(file)
    except SubmissionError:
        return ""
