"""Zip archives of strangers, unpacked within bounds. What is refused is named, the rest comes."""

from __future__ import annotations

import errno
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from autograder.errors import InfrastructureError, SubmissionError
from autograder.model import Record
from autograder.submission.files import MAX_BYTES

_BLOCK = 1 << 16
_RATIO = 200
_RATIO_FROM = 4 << 20
"""A member that unpacks to more than this, and to that many times its size, is a bomb."""
_END, _END_SIZE = b"PK\x05\x06", 22
_ENTRY = 200
"""Bytes of the list of members, on average, for one member."""
_KINDS = (0, stat.S_IFREG, stat.S_IFDIR)
_MAX_NAME = 240


class Limits(Record, frozen=True):
    """What one archive may hold."""

    members: int
    total: int
    depth: int = 12


CLASS_ZIP = Limits(members=50_000, total=8 << 30)
STUDENT_ZIP = Limits(members=5_000, total=256 << 20)
MAX_MEMBER = 4 * MAX_BYTES
"""Bytes of one file; what is larger than a submission may be is refused when it is read."""


class Refused(Record, frozen=True):
    """A member that was left out, and why."""

    name: str
    reason: str


def is_zip(path: Path) -> bool:
    """Tell whether a regular file begins as a zip archive does."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            return False
        with path.open("rb") as file:
            return file.read(4) in {b"PK\x03\x04", _END}
    except OSError:
        return False


def unpack_zip(archive: Path, target: Path, limits: Limits) -> list[Refused]:
    """Unpack into a folder that is made; return what was refused.

    Raises
    ------
    SubmissionError
        When nothing of it can be unpacked.
    InfrastructureError
        When the disk is full.
    """
    target.mkdir(parents=True, exist_ok=True)
    refused: list[Refused] = []
    try:
        with archive.open("rb") as file:
            _check_list(file, limits)
            with zipfile.ZipFile(file) as opened:
                left = limits.total
                for info in _members(opened, limits, refused):
                    left -= _take(opened, info, target, limits, left, refused)
    except (*_DAMAGED, NotImplementedError) as error:
        what = "is cut off or damaged" if not isinstance(error, UnicodeError) else _NO_UTF8
        raise SubmissionError(f"the zip archive {what}", "Download it again.") from None
    except OSError as error:
        if error.errno == errno.EINVAL:  # it points to before its own beginning
            raise SubmissionError("the zip archive is cut off or damaged") from None
        raise InfrastructureError(f"{archive.name} cannot be unpacked: {error.strerror}") from None
    return refused


_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)
_NO_UTF8 = "holds a name that claims to be UTF-8 and is not"


def _check_list(file: IO[bytes], limits: Limits) -> None:
    """Refuse a list of members so long that reading it alone would take the memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_SIZE - 65535))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise zipfile.BadZipFile
    length = struct.unpack_from("<L", tail, at + 12)[0]
    if length == 0xFFFFFFFF:
        zip64 = tail.rfind(b"PK\x06\x06")
        length = struct.unpack_from("<Q", tail, zip64 + 40)[0] if zip64 >= 0 else 0
    if length > limits.members * _ENTRY:
        raise SubmissionError(f"the zip archive lists more than {limits.members} files")
    file.seek(0)


def _members(
    opened: zipfile.ZipFile, limits: Limits, refused: list[Refused]
) -> Iterator[zipfile.ZipInfo]:
    infos = opened.infolist()
    if len(infos) > limits.members:
        raise SubmissionError(
            f"the zip archive holds {len(infos)} files, and at most {limits.members} are unpacked"
        )
    for info in infos:
        mode = stat.S_IFMT(info.external_attr >> 16)
        if info.flag_bits & 1:
            refused.append(Refused(shown(info), "it is encrypted"))
        elif mode == stat.S_IFLNK:
            refused.append(Refused(shown(info), "it is a symbolic link"))
        elif mode not in _KINDS:
            refused.append(Refused(shown(info), "it is no regular file"))
        elif info.file_size > _RATIO_FROM and info.file_size > _RATIO * info.compress_size:
            refused.append(Refused(shown(info), "it is a zip bomb"))
        else:
            yield info


def shown(info: zipfile.ZipInfo) -> str:
    """Return a member's name as its maker meant it: old archivers write UTF-8 and say nothing."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def parts_of(name: str, limits: Limits) -> list[str] | str:
    """Return the parts of a member's path, or why it must not be unpacked."""
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "its path is absolute"
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        return "its path leaves the archive"
    if not parts or any("\0" in part for part in parts):
        return "it has no name"
    if len(parts) > limits.depth:
        return f"it lies more than {limits.depth} folders deep"
    if any(len(os.fsencode(part)) > _MAX_NAME for part in parts):
        return "its name is too long"
    return parts


def _take(
    opened: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    target: Path,
    limits: Limits,
    left: int,
    refused: list[Refused],
) -> int:
    """Unpack one member; return how many bytes came out."""
    name = shown(info)
    try:
        parts = parts_of(name, limits)
    except UnicodeError:
        parts = "its name is no text"
    if isinstance(parts, str):
        refused.append(Refused(name, parts))
        return 0
    path = target.joinpath(*parts)
    try:
        if name.endswith(("/", "\\")):
            path.mkdir(parents=True, exist_ok=True)
            return 0
        with opened.open(info) as member:
            written, reason = write_member(member, path, min(left, MAX_MEMBER))
    except (FileExistsError, NotADirectoryError):
        written, reason = 0, "another member has its name"
    except NotImplementedError:
        written, reason = 0, "it is packed in a way that Python cannot unpack"
    except _DAMAGED:
        written, reason = 0, "it is cut off or damaged"
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENAMETOOLONG}:
            raise
        written, reason = 0, "it is cut off or damaged"
    if reason:
        refused.append(Refused(name, reason))
    return written


def write_member(member: IO[bytes], path: Path, most: int) -> tuple[int, str]:
    """Write a file that is not there yet; return how many bytes it has, or why it is refused."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            try:
                return _copy(member, out, most), ""
            except BaseException:
                path.unlink()
                raise
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return 0, "another member has its name"
    except TooLargeError:
        return 0, "it unpacks to more than may be"


class TooLargeError(Exception):
    """More came out of an archive than may be."""


def _copy(member: IO[bytes], out: IO[bytes], most: int) -> int:
    written = 0
    while block := member.read(_BLOCK):
        written += len(block)
        if written > most:
            raise TooLargeError
        out.write(block)
    return written
