"""The file that counts in what one student handed in: a file, a folder, a zip in a zip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autograder.collect.archives import is_archive, other_archive, unpack
from autograder.collect.model import HandIn
from autograder.collect.unpack import STUDENT_ZIP, Limits
from autograder.config import Config
from autograder.course.layout import Layout
from autograder.errors import SubmissionError
from autograder.model import Record
from autograder.submission.choose import (
    Choice,
    NoSubmissionError,
    choose,
    earlier_modules,
    files_below,
)
from autograder.submission.files import (
    FileRead,
    could_be_submission,
    encodable,
    is_companion,
    is_notebook_name,
    is_script_name,
    read_file,
)
from autograder.submission.load import is_script_file, parse_submission

_OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp")
_UNPACKED = ".unpacked"
MAX_DEPTH = 3
"""Zips in zips."""
MAX_ZIPS = 10
"""Zips of one student that are unpacked."""


class Left(Record, frozen=True):
    """A file that was left out; ``broken`` means that it might have been the submission."""

    name: str
    reason: str = ""
    broken: bool = False


class Opened(Record, frozen=True):
    """What was found in a hand-in.

    Attributes
    ----------
    files
        Names under ``submitted/``, and bytes; nothing where there is no submission.
    fault
        Why it cannot be read or does not count as a submission.
    nothing
        Whether nothing there could be a submission.
    chosen
        Which of several files that were handed in together was taken; ``why`` says why.
    left
        Files that were left out, and why.
    """

    files: dict[str, bytes]
    fault: str = ""
    nothing: bool = False
    chosen: str = ""
    why: str = ""
    left: tuple[Left, ...] = ()


class Opener:
    """Finds the submission in a hand-in.

    Parameters
    ----------
    scratch
        Returns a new empty folder.
    """

    def __init__(self, layout: Layout, scratch: Callable[[], Path]) -> None:
        self._layout = layout
        self._config: Config = layout.config
        self._stub = layout.stub
        self._scratch = scratch

    def open(self, hand_in: HandIn) -> Opened:
        """Return the submission of a hand-in, or why there is none."""
        left: list[Left] = []
        try:
            found = self._find(hand_in, left)
            file = read_file(found.path)
        except SubmissionError as error:
            broken = any(one.broken for one in left)
            nothing = isinstance(error, NoSubmissionError) and not broken
            fault = "nothing else in it is a notebook or Python" if broken else error.message
            return Opened({}, fault, nothing, left=tuple(left))
        fault = ""
        try:
            parse_submission(file)
        except SubmissionError as error:
            fault = error.message
            if _is_plain_text(file):
                return Opened({}, fault, nothing=True, left=tuple(left))
        suffix = ".py" if is_script_file(file) else ".ipynb"
        files = {f"{self._config.notebook}{suffix}": file.data}
        if self._config.package == "student":
            modules = earlier_modules(found.path, self._layout.handout)
            files |= {f"tinytorch/core/{name}.py": text.encode() for name, text in modules}
        chosen = _chosen(hand_in, found.path)
        return Opened(files, fault, chosen=chosen, why=found.why, left=tuple(left))

    def _find(self, hand_in: HandIn, left: list[Left]) -> Choice:
        budget = _Budget()
        if hand_in.fault:
            raise SubmissionError(hand_in.fault)
        if not hand_in.files:
            raise NoSubmissionError(hand_in.nothing or "it came without a file")
        for name, path in hand_in.files:
            if path.is_symlink():
                raise SubmissionError(f"{encodable(name)} is a symbolic link")
        if len(hand_in.files) == 1:
            name, path = hand_in.files[0]
            other = other_archive(path)
            if other:
                raise SubmissionError(_not_unpacked(other))
            if _is_archive(name, path) or name.lower().endswith(".zip"):
                return self._in_zip(path, budget, left)
            if path.is_dir():
                return self._in_folder(path, budget, left)
            if not could_be_submission(name):
                raise NoSubmissionError(f"{encodable(name)} is neither a notebook nor Python")
            return Choice(path)
        return self._among(hand_in, budget, left)

    def _among(self, hand_in: HandIn, budget: _Budget, left: list[Left]) -> Choice:
        """Choose among several files that were handed in together."""
        folder = self._folder()
        for name, path in hand_in.files:
            if is_companion(name):
                continue
            if _is_archive(name, path):
                try:
                    self._unpack(path, folder / f"{name}{_UNPACKED}", budget, left)
                except SubmissionError as error:
                    left.append(Left(encodable(name), error.message, broken=True))
            elif path.is_dir():
                for below in files_below(path):
                    _copy(below, folder / name / below.relative_to(path), left)
            elif could_be_submission(name):
                _copy(path, folder / name, left)
            else:
                left.append(_left_out(name, path))
        return self._in_folder(folder, budget, left)

    def _in_zip(self, path: Path, budget: _Budget, left: list[Left]) -> Choice:
        folder = self._folder()
        self._unpack(path, folder, budget, left)
        return self._in_folder(folder, budget, left)

    def _folder(self) -> Path:
        """Make a folder whose name stands for the hand-in in what is said of it."""
        folder = self._scratch() / "it"
        folder.mkdir()
        return folder

    def _unpack(self, path: Path, target: Path, budget: _Budget, left: list[Left]) -> None:
        for refused in unpack(path, target, budget.limits()):
            left.append(Left(encodable(refused.name), refused.reason, broken=True))

    def _in_folder(self, folder: Path, budget: _Budget, left: list[Left], depth: int = 0) -> Choice:
        """Choose a file; where there is none, look into the zips that lie there."""
        try:
            chosen = choose(folder, self._config, self._stub)
            if not depth:
                left += _not_submissions(folder)
            return chosen
        except SubmissionError:
            if not depth:
                left += [one for one in _not_submissions(folder) if one.broken]
            zips = [path for path in files_below(folder) if _is_archive(path.name, path)]
            if not zips or any(is_notebook_name(path.name) for path in files_below(folder)):
                raise
        if depth >= MAX_DEPTH:
            raise SubmissionError(f"its zips lie more than {MAX_DEPTH} deep in each other")
        inner = self._folder()
        for path in zips[:MAX_ZIPS]:
            self._unpack(path, inner / path.stem, budget, left)
        return self._in_folder(inner, budget, left, depth + 1)


class _Budget:
    """What all zips of one student together may unpack to."""

    def __init__(self) -> None:
        self._zips = MAX_ZIPS

    def limits(self) -> Limits:
        self._zips -= 1
        if self._zips < 0:
            raise SubmissionError(f"it holds more than {MAX_ZIPS} zips in each other")
        return STUDENT_ZIP


def _not_submissions(folder: Path) -> list[Left]:
    """Return what lies beside a submission and cannot be one: an archive may be read, too."""
    beside = (path for path in files_below(folder) if path.parent == folder)
    return [
        _left_out(path.name, path)
        for path in beside
        if not could_be_submission(path.name) and not _is_archive(path.name, path)
    ]


def _is_archive(name: str, path: Path) -> bool:
    """Tell whether a file is an archive to look into, as an Office document is not."""
    return is_archive(path) and not name.lower().endswith(_OFFICE)


def _left_out(name: str, path: Path) -> Left:
    other = other_archive(path)
    return Left(encodable(name), _not_unpacked(other) if other else "", broken=bool(other))


def _not_unpacked(kind: str) -> str:
    return f"it is {kind}, which is not unpacked here: unpack it, and collect what is in it"


def _is_plain_text(file: FileRead) -> bool:
    """Tell whether a file that is no submission is none by its name, either."""
    named = is_notebook_name(file.name) or is_script_name(file.name)
    return not named and not file.data.lstrip().startswith(b"{")


def _chosen(hand_in: HandIn, path: Path) -> str:
    if len(hand_in.files) < 2:
        return ""
    names = (name for name, _ in hand_in.files)
    parts = [part.removesuffix(_UNPACKED) for part in path.parts]
    return encodable(next((name for name in names if name in parts), path.name))


def _copy(source: Path, target: Path, left: list[Left]) -> None:
    try:
        data = read_file(source).data
    except SubmissionError as error:
        left.append(Left(encodable(source.name), error.message, broken=True))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
