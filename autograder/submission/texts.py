"""The bytes of a submitted file as text."""

from __future__ import annotations

import codecs
import re

from autograder.errors import SubmissionError
from autograder.submission.files import FileRead

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COOKIE = re.compile(rb"coding[:=][ \t]{0,3}([-\w.]{1,40})")
_CODECS = frozenset({
    "utf-8", "ascii", "iso8859-1", "iso8859-2", "iso8859-9", "iso8859-15", "cp1250", "cp1251",
    "cp1252", "cp1254", "mac-roman", "koi8-r", "gbk", "gb2312", "gb18030", "big5", "shift_jis",
    "cp932", "euc_jp", "euc_kr", "cp949",
})  # fmt: skip
"""Codecs that a coding cookie may name. Others that Python has (IDNA) take quadratic time."""


def decode(file: FileRead) -> str:
    """Return a file's text, its lines ended by a newline alone, as Python itself reads them.

    Raises
    ------
    SubmissionError
        When it is no text in an encoding that can be told.
    """
    text = _decode(file)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SubmissionError(
            f"{file.name} holds a NUL byte in line {line}, so it is no text",
            "Save it again as UTF-8 and hand it in again.",
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _decode(file: FileRead) -> str:
    data = file.data
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _with(codec, file, data[len(mark) :])
    half = data[:2000]
    if len(half) > 3 and not any(half[1::2]):
        return _with("utf-16-le", file, data)  # as some editors save it, without a mark
    return _with(_cookie(data) or "utf-8", file, data)


def _cookie(data: bytes) -> str:
    """Return the codec that a comment in the first two lines names, if it is one of ours."""
    for line in data[:500].split(b"\n", 2)[:2]:
        found = _COOKIE.search(line)
        if found and line.lstrip().startswith(b"#"):
            try:
                name = codecs.lookup(found[1].decode("ascii")).name
            except (LookupError, UnicodeDecodeError):
                return ""
            return name if name in _CODECS else ""
    return ""


def _with(codec: str, file: FileRead, data: bytes) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SubmissionError(
            f"{file.name} is not {codec.upper()} text (line {line})",
            "Save it as UTF-8 and hand it in again.",
        ) from None
