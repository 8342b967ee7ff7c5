"""Put the attempt that counts where ``grade`` and nbgrader look for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from autograder.collect.attempts import Attempt, Attempts
from autograder.course.exchange import new_secret, read_text
from autograder.course.files import write_atomically, write_folder
from autograder.course.layout import SECRET, TIMESTAMP, Layout
from autograder.moments import in_utc
from autograder.submission.choose import EARLIER


def place(
    student: str,
    attempt: Attempt,
    attempts: Attempts,
    layout: Layout,
    *,
    files: dict[str, bytes] | None = None,
) -> str:
    """Write what differs and remove what is ours and not wanted; say how much was there.

    Parameters
    ----------
    files
        The attempt's files where they are at hand; else they are read where attempts are kept.

    Returns
    -------
    str
        ``new``, ``updated`` or ``unchanged``.
    """
    home = layout.collected(student)
    there, beside = _there(home, layout), _beside(attempt, home)
    wanted = dict(attempt.files) | {name: _sha256(data) for name, data in beside.items()}
    if there == wanted:
        return "unchanged"
    new = not any(name in there for name in _names(layout))
    if not attempts.dry:
        data = (attempts.read(student, attempt) if files is None else files) | beside
        if home.exists():
            for name in wanted:
                if there.get(name) != wanted[name]:
                    write_atomically(home / name, data[name])
            for name in there.keys() - wanted.keys():
                (home / name).unlink()
        else:
            # Not forced to the disk: the attempt is kept, and collecting again mends this.
            write_folder(home, data, durable=False)
    return "new" if new else "updated"


def placed(student: str, candidates: Iterable[Attempt], layout: Layout) -> Attempt | None:
    """Return which of some attempts lies in a student's folder, None for none of them."""
    there = _there(layout.collected(student), layout)
    said = there.pop(TIMESTAMP, "")
    there.pop(SECRET, None)
    same = [one for one in candidates if dict(one.files) == there]
    exact = (one for one in same if said == "".join(map(_sha256, _time(one).values())))
    return next(exact, same[0] if same else None)


def _names(layout: Layout) -> list[str]:
    names = [layout.config.notebook + ending for ending in (".ipynb", ".py")]
    return names + [f"tinytorch/core/{name}.py" for name in EARLIER]


def _there(home: Path, layout: Layout) -> dict[str, str]:
    looked = (*_names(layout), TIMESTAMP, SECRET)
    return {name: _digest(home / name) for name in looked if (home / name).is_file()}


def _beside(attempt: Attempt, home: Path) -> dict[str, bytes]:
    secret = attempt.secret or read_text(home / SECRET) or new_secret()
    return {SECRET: secret.encode(), **_time(attempt)}


def _time(attempt: Attempt) -> dict[str, bytes]:
    """Return the file of its time, if it is known: of an empty one formgrader shows an error."""
    return {} if attempt.moment is None else {TIMESTAMP: f"{in_utc(attempt.moment)}\n".encode()}


def _digest(path: Path) -> str:
    return _sha256(path.read_bytes())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
