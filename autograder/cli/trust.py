"""Which folder is a course. Its cases and operations are Python that runs as you: approve it once.

A folder is approved by ``autograder trust``, by ``release`` or ``demo`` in a folder that was named,
by ``--course``, by ``AUTOGRADER_TRUST``, or because the grader itself runs from it.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

import autograder
from autograder.cli.context import say
from autograder.config import CONFIG_NAME, EDITIONS, base_of, find_course
from autograder.errors import ConfigError, UsageError
from autograder.model import Record

TRUST_VARIABLE = "AUTOGRADER_TRUST"
_CODE = (
    "reference", "reference/contract.json", "reference/operations", "reference/operations/*.py",
    "tests/hidden", "tests/hidden/*.py", "tests/mutants", "tests/public", "tests/public/*.py",
    "tests/slips", "tests/variants", "tests/wild/kinds", "source", "nbgrader_config.py",
)  # fmt: skip
"""What runs, or is released, beside config.yaml."""


class Chosen(Record, frozen=True):
    """The course that a command was given, or the nearest one above, not yet checked."""

    folder: Path
    named: bool

    def open(self) -> Path:
        """Return the folder.

        Raises
        ------
        UsageError
            When it was not approved, or somebody else could change it.
        """
        if not (self.folder / CONFIG_NAME).is_file():
            return self.folder  # the command says that there is no course
        if _runs_from(self.folder) or _in_variable(self.folder):
            return self.folder
        if not self.named and not is_approved(self.folder):
            raise UsageError(
                f"{self.folder} has a {CONFIG_NAME}, but you have not approved it as a course",
                f"If it is yours: autograder trust {shlex.quote(str(self.folder))}"
                + _other_course(self.folder),
            )
        _require_safe(self.folder)
        with suppress(ConfigError):  # the command says what is wrong with it
            base = base_of(self.folder)
            if base is not None:
                _require_safe(base)  # its cases run as well
        return self.folder


def choose(named: Path | None) -> Chosen:
    """Return the course that was named, else the nearest folder upwards with a config.yaml."""
    if named is not None:
        return Chosen(named.resolve(), True)
    try:
        here = Path.cwd()
    except OSError:
        raise UsageError("The folder that you are in is gone", "cd to a folder") from None
    return Chosen(find_course(here), False)


def pass_course(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the folder of an approved course as its first argument."""

    @click.pass_obj
    def checked(chosen: Chosen, *args: Any, **kwargs: Any) -> Any:
        return command(chosen.open(), *args, **kwargs)

    return update_wrapper(checked, command)


def approve(folder: Path) -> None:
    """Note that a folder is a course.

    Raises
    ------
    UsageError
        When somebody else could change it, or there is no place to note it.
    """
    _require_safe(folder)
    note = _note(folder)
    if note is None:
        raise UsageError("You have no home folder", "Set XDG_STATE_HOME to a folder of yours.")
    try:
        note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        note.write_bytes(os.fsencode(folder) + b"\n")
    except OSError as error:
        raise UsageError(
            f"{note} cannot be written: {error.strerror}",
            "Set XDG_STATE_HOME to a folder of yours, or name the course with --course DIR.",
        ) from None


def is_approved(folder: Path) -> bool:
    """Tell whether this user has approved the folder."""
    note = _note(folder)
    try:
        return note is not None and note.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _note(folder: Path) -> Path | None:
    """Return where an approval is kept: by path, and by who owns the folder."""
    home = os.environ.get("XDG_STATE_HOME", "")
    try:
        state = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "state"
        owner = folder.stat().st_uid
    except (OSError, RuntimeError):
        return None
    name = hashlib.sha256(os.fsencode(folder) + f"\0{owner}".encode()).hexdigest()
    return state / "autograder" / "courses" / name


def _runs_from(folder: Path) -> bool:
    """Tell whether this very program lies in the folder: then its code, and its editions', runs."""
    root = Path(autograder.__file__).resolve().parents[1]
    return folder in (root, root / EDITIONS / folder.name)


def _in_variable(folder: Path) -> bool:
    named = os.environ.get(TRUST_VARIABLE, "")
    return any(Path(name).resolve() == folder for name in named.split(os.pathsep) if name)


def _other_course(folder: Path) -> str:
    above = next((above for above in folder.parents if is_approved(above)), None)
    return f"\n  → or: autograder --course {shlex.quote(str(above))} …" if above else ""


def _require_safe(folder: Path) -> None:
    """Raise UsageError when somebody else could change what runs."""
    for fault in _faults(folder):
        raise UsageError(
            f"{folder} is no safe course: {fault}",
            f"Mend that, or set {TRUST_VARIABLE}={shlex.quote(str(folder))} if you know better.",
        )


def _faults(folder: Path) -> Iterator[str]:
    ours = {0, os.geteuid()}
    parts = [folder, folder / CONFIG_NAME, *(path for name in _CODE for path in folder.glob(name))]
    for path in parts:
        try:
            found = path.stat()
        except OSError as error:
            yield f"{path}: {error.strerror}"
            continue
        if found.st_uid not in ours:
            yield f"{path} belongs to {_name(found.st_uid)}"
        if found.st_mode & stat.S_IWOTH:
            yield f"everybody may write to {path}"
    for above in folder.parents:
        mode = above.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            yield f"everybody may replace what is in {above}"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def trust(chosen: Chosen, folder: Path | None) -> None:
    """Approve FOLDER, by default the nearest one above, as a course of yours.

    Hidden cases and operations of a course are Python code, and run as you. So a command takes a
    folder for a course only if you approved it, own it, and nobody else may write to it. This needs
    no approval: a folder named by --course or by AUTOGRADER_TRUST (several are parted by colons),
    one that demo made, and the one from which the grader runs.

    \b
    Examples:
      autograder trust
      autograder trust ~/courses/tinytorch
    """
    target = chosen.folder if folder is None else folder.resolve()
    if not (target / CONFIG_NAME).is_file():
        raise UsageError(f"There is no {CONFIG_NAME} in {target}", "autograder trust FOLDER")
    approve(target)
    say(f"approved: {target}")
