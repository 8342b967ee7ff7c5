"""The course that this process works on: its operations and names, read from its own folder.

``reference/operations/`` of a course declares its operations, and ``reference/contract.json`` its
other names. Both are the instructor's, as the hidden cases are, so that ``autograder/cli/trust.py``
looks at them too. A course that has none was made by an earlier version: it goes by those that come
with the package.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import autograder
from autograder.errors import ConfigError
from reference import Operations, Undeclared, read_operations

OPERATIONS = Path("reference") / "operations"
NAMES = Path("reference") / "contract.json"

_chosen: tuple[Path | None, tuple[str, ...]] = (None, ())
_read: Operations | None = None


def choose(course: Path, checks: Iterable[str] = (), *, read_again: bool = False) -> None:
    """Make a course the one that this process works on; its code runs when it is first needed.

    Parameters
    ----------
    checks
        The ids of its checks, in order: its operations come in the order of their checks.
    read_again
        Look at its files again, where it is the chosen one already.
    """
    global _chosen, _read  # one process works on one course
    wanted = (course, tuple(checks))
    if wanted != _chosen or read_again:
        _chosen, _read = wanted, None


def operations() -> Operations:
    """Return the operations of the course.

    Raises
    ------
    ConfigError
        With every fault of every declaration, a line each.
    """
    global _read  # noqa: PLW0603
    if _read is None:
        course, checks = _chosen
        folder = _own(course, OPERATIONS)
        try:
            _read = read_operations(folder, checks)
        except Undeclared as error:
            raise ConfigError(_together(error.faults)) from None
    return _read


def _together(faults: tuple[str, ...]) -> str:
    if len(faults) == 1:
        return faults[0]
    lines = "\n".join(f"  {fault}" for fault in faults)
    return f"{len(faults)} things are wrong in {OPERATIONS}:\n{lines}"


def names_file() -> Path:
    """Return the file with the names that are no operation's."""
    return _own(_chosen[0], NAMES)


def packaged() -> Path:
    """Return the folder in which the course lies that comes with the package."""
    inside = Path(autograder.__file__).resolve().parent
    template = inside / "template"
    return template if template.is_dir() else inside.parent


def _own(course: Path | None, name: Path) -> Path:
    if course is not None and (course / name).exists():
        return course / name
    return packaged() / name
