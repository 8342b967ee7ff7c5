"""Which archives people hand in: zips and tar archives are unpacked, others are named."""

from __future__ import annotations

import bz2
import gzip
import stat
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from autograder.collect.unpack import (
    MAX_MEMBER,
    Limits,
    Refused,
    TooLargeError,
    is_zip,
    parts_of,
    unpack_zip,
    write_member,
)
from autograder.errors import InfrastructureError, SubmissionError
from autograder.submission.files import encodable

_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"
_TAR, _TAR_AT = b"ustar", 257
_OTHERS = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xfd7zXZ\0", "an XZ archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
)
_PIECE = 1 << 20
"""The most that is read at once: no name and no header of an archive is as long."""
_DAMAGED = (tarfile.TarError, zlib.error, EOFError, ValueError, OverflowError)


def _head(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return b""
        with path.open("rb") as file:
            return file.read(512)
    except OSError:
        return b""


def is_archive(path: Path) -> bool:
    """Tell whether a regular file is an archive that can be unpacked, by its first bytes."""
    if is_zip(path):
        return True
    head = _head(path)
    if head[_TAR_AT:].startswith(_TAR):
        return True
    if not head.startswith((_GZIP, _BZIP2)):
        return False
    try:
        with _opened(path) as file:
            return file.read(512)[_TAR_AT:].startswith(_TAR)
    except (OSError, *_DAMAGED):
        return path.name.lower().endswith((".tar.gz", ".tgz", ".tar.bz2"))


def other_archive(path: Path) -> str:
    """Return what kind of archive a file is that cannot be unpacked here, nothing for any other."""
    head = _head(path)
    if head.startswith((_GZIP, _BZIP2)) and not is_archive(path):
        return "a compressed file"
    return next((kind for magic, kind in _OTHERS if head.startswith(magic)), "")


def unpack(path: Path, target: Path, limits: Limits) -> list[Refused]:
    """Unpack into a folder that is made; return what was refused.

    Raises
    ------
    SubmissionError
        When nothing of it can be unpacked.
    InfrastructureError
        When the disk is full.
    """
    return unpack_zip(path, target, limits) if is_zip(path) else _unpack_tar(path, target, limits)


def _opened(path: Path) -> BinaryIO:
    head = _head(path)
    if head.startswith(_GZIP):
        return cast("BinaryIO", gzip.open(path))
    return cast("BinaryIO", bz2.open(path)) if head.startswith(_BZIP2) else path.open("rb")


class _Stream:
    """An archive's bytes, read forwards, in bounded pieces and up to a bounded length."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file = file
        self._at = 0
        self._most = most
        self.last = b""

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _PIECE:
            raise TooLargeError
        self.last = data = self._file.read(size)
        self._at += len(data)
        if self._at > self._most:
            raise TooLargeError
        return data

    def seek(self, to: int, whence: int = 0) -> int:
        if whence or to < self._at:
            raise tarfile.StreamError
        while self._at < to and self.read(min(_PIECE, to - self._at)):
            pass
        return self._at


def _unpack_tar(path: Path, target: Path, limits: Limits) -> list[Refused]:
    target.mkdir(parents=True, exist_ok=True)
    refused: list[Refused] = []
    try:
        with _opened(path) as file:
            # A header for each member, and what fills the last block of each.
            stream = _Stream(file, limits.total + 2048 * limits.members)
            for opened, info in _members(stream, limits):
                reason = _take(opened, info, target, limits)
                if reason:
                    refused.append(Refused(encodable(info.name), reason))
    except TooLargeError:
        raise SubmissionError("the tar archive unpacks to more than may be") from None
    except (gzip.BadGzipFile, *_DAMAGED):
        raise SubmissionError(
            "the tar archive is cut off or damaged", "Download it again."
        ) from None
    except OSError as error:
        if error.strerror is None:  # bz2 says so of data that is none
            raise SubmissionError("the tar archive is cut off or damaged") from None
        raise InfrastructureError(f"{path.name} cannot be unpacked: {error.strerror}") from None
    return refused


def _members(stream: _Stream, limits: Limits) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    with tarfile.open(fileobj=stream, mode="r:") as opened:  # type: ignore[call-overload] # enough of a file
        count = 0
        while (info := opened.next()) is not None:
            opened.members.clear()  # it would keep every header
            count += 1
            if count > limits.members:
                raise SubmissionError(
                    f"the tar archive holds more than the {limits.members} files that are unpacked"
                )
            yield opened, info
    if not stream.last or any(stream.last):  # zeros are the end, and tarfile takes any other too
        raise tarfile.ReadError


def _take(opened: tarfile.TarFile, info: tarfile.TarInfo, target: Path, limits: Limits) -> str:
    """Unpack one member; return why it was refused."""
    parts = parts_of(info.name, limits)
    if isinstance(parts, str):
        return parts
    if info.isdir():
        return ""  # a folder is made with what is in it
    if info.issym() or info.islnk():
        return "it is a link"
    if info.size > MAX_MEMBER:
        return "it unpacks to more than may be"
    member = None if info.issparse() or not info.isreg() else opened.extractfile(info)
    if member is None:
        return "it is no regular file"
    return write_member(member, target.joinpath(*parts), MAX_MEMBER)[1]
