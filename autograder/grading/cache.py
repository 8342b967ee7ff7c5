"""Expected values kept between runs, in the user's own cache folder.

They are the same for the same cases, seed and code of ours, and take a second to compute. What is
kept is secret, so the folder is private, and whatever is not ours alone is not read. An entry is
signed with the seed: nobody else can make one that is believed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

import reference
from autograder.grading.oracle import Expected
from autograder.model import Record
from autograder.operations import operations

FOLDER_VARIABLE = "XDG_CACHE_HOME"
MAX_ENTRIES = 8
SIGNATURE_BYTES = 32

Values = tuple[dict[str, Expected], ...]


class Kept(Record, frozen=True):
    """One expected observation as plain data."""

    what: str
    text: str | None = None
    value: bytes | None = None
    spread: bytes | None = None
    shape: tuple[int, ...] = ()
    single: bool = False


def load(case_set_digest: str, seed: bytes) -> Values | None:
    """Return what is kept for some cases and a seed, or None."""
    folder = _folder()
    if folder is None:
        return None
    data = _read_private(folder / _name(case_set_digest, seed))
    if data is None or len(data) < SIGNATURE_BYTES:
        return None
    signature, body = data[:SIGNATURE_BYTES], data[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(body, seed)):
        return None
    try:
        kept = msgspec.msgpack.decode(body, type=list[dict[str, Kept]])
        return tuple({name: _unpack(one) for name, one in case.items()} for case in kept)
    except (msgspec.DecodeError, ValueError):
        return None


def store(case_set_digest: str, seed: bytes, values: Sequence[dict[str, Expected]]) -> None:
    """Keep expected values. A folder that cannot be written to costs nothing but time."""
    folder = _folder()
    if folder is None:
        return
    kept = [{name: _pack(one) for name, one in case.items()} for case in values]
    body = msgspec.msgpack.encode(kept)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:  # it is made 0600
            file.write(_sign(body, seed) + body)
        Path(file.name).replace(folder / _name(case_set_digest, seed))
        _forget_old(folder)
    except OSError:
        return


def _forget_old(folder: Path) -> None:
    entries = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in entries[MAX_ENTRIES:]:
        path.unlink(missing_ok=True)


def _pack(expected: Expected) -> Kept:
    value, spread = expected.value, expected.spread
    if not isinstance(value, np.ndarray):
        return Kept(what=expected.what, text=value, single=expected.single)
    return Kept(
        what=expected.what,
        value=np.ascontiguousarray(value, dtype="<f8").tobytes(),
        spread=None if spread is None else np.ascontiguousarray(spread, dtype="<f8").tobytes(),
        shape=value.shape,
        single=expected.single,
    )


def _unpack(kept: Kept) -> Expected:
    if kept.value is None:
        return Expected(what=kept.what, value=kept.text, single=kept.single)
    spread = None if kept.spread is None else _array(kept.spread, kept.shape)
    value = _array(kept.value, kept.shape)
    return Expected(what=kept.what, value=value, spread=spread, single=kept.single)


def _array(data: bytes, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.frombuffer(data, dtype="<f8").reshape(shape).copy()


def _sign(body: bytes, seed: bytes) -> bytes:
    return hmac.digest(b"expected values\0" + seed, body, "sha256")


def _name(case_set_digest: str, seed: bytes) -> str:
    parts = [
        case_set_digest.encode(),
        _code_digest(),
        operations().digest.encode(),
        np.__version__.encode(),
    ]
    return hmac.new(b"name\0" + seed, b"\0".join(parts), "sha256").hexdigest()


@cache
def _code_digest() -> bytes:
    """Digest the code that decides expected values: a change of it makes every entry stale."""
    here = Path(__file__).resolve().parent
    cases = here.parent / "cases"
    files = [here / "oracle.py", here / "rounding.py", here / "cache.py", cases / "inputs.py"]
    files += sorted(Path(reference.__file__).resolve().parent.glob("*.py"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.digest()


def _folder() -> Path | None:
    """Return our folder, made if need be, where it belongs to this user alone."""
    try:
        home = os.environ.get(FOLDER_VARIABLE) or Path.home() / ".cache"
        folder = Path(home) / "autograder" / "expected"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _is_private(folder.lstat()) and folder.is_dir() else None
    except (OSError, RuntimeError):
        return None


def _read_private(path: Path) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read() if _is_private(os.fstat(descriptor)) else None


def _is_private(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
