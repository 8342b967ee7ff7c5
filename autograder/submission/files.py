"""A submitted file as bytes, read once, and what its name and its bytes say that it is."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.model import Record

MAX_BYTES = 20 << 20
CLEAR_OUTPUTS = "Clear its outputs (Kernel, Restart & Clear Output), save, and hand it in again."
_NOTEBOOK = re.compile(r"\.ipynb(?![a-z0-9])")
_SCRIPT = re.compile(r"\.pyw?(?![a-z0-9])")
_SUFFIX = re.compile(r"\.(?:ipynb|pyw?|txt|json)$", re.IGNORECASE)
_COPY = re.compile(r"[ _-]{0,3}(?:\(\d{1,3}\)|copy\d{0,3}|-\d{1,3})$")
_COPY_OF = re.compile(r"^(?:copy of|kopie von|copie de|copia de)[ _]")
_TEXT_SUFFIXES = ("", ".txt", ".text")
_PYTHON = re.compile(r"^[ \t]{0,40}(?:def|class|import|from|async def)[ \t]", re.MULTILINE)


class FileRead(Record, frozen=True):
    """The one reading of a submitted file: these bytes are digested, graded and shown."""

    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the bytes in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def encodable(name: str) -> str:
    """Return a file's name as text that can be encoded, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "replace")


def read_file(path: Path) -> FileRead:
    """Open a file once and read it.

    Raises
    ------
    SubmissionError
        When it is missing, no regular file, or too large: that is known before a byte is read.
    """
    name = encodable(path.name)
    try:
        # Not blocking: a named pipe would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            data = _read(descriptor, name)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        if path.is_symlink():
            raise SubmissionError(
                f"{name} is a symbolic link", "Hand in the file itself, not a link to it."
            ) from None
        why = error.strerror if isinstance(error, OSError) else "its name is no file's name"
        raise SubmissionError(f"{encodable(str(path))} cannot be read: {why}") from None
    return FileRead(name, data)


def _read(descriptor: int, name: str) -> bytes:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise SubmissionError(*_no_file(name, found.st_mode))
    if found.st_size > MAX_BYTES:
        raise _too_large(name)
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    return data


def _no_file(name: str, mode: int) -> tuple[str, str]:
    kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
    return f"{name} is {kind}, not a regular file", "Hand in one notebook or one .py file."


def _too_large(name: str) -> SubmissionError:
    return SubmissionError(f"{name} is larger than {MAX_BYTES >> 20} MiB", CLEAR_OUTPUTS)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, and nothing for one that cannot be read."""
    try:
        return read_file(path).sha256
    except SubmissionError:
        return ""


def digest_with(digest: str, modules: Iterable[tuple[str, str]]) -> str:
    """Return the digest of a hand-in with the modules that go with it."""
    for name, text in modules:
        digest = hashlib.sha256(f"{digest} {name} {text}".encode()).hexdigest()
    return digest


# What it is.


def is_notebook_name(name: str) -> bool:
    """Tell whether a name says that a file is a notebook: ``.IPYNB`` and ``.ipynb.txt`` do."""
    return _NOTEBOOK.search(name.lower()) is not None


def is_script_name(name: str) -> bool:
    """Tell whether a name says that a file is Python."""
    return not is_notebook_name(name) and _SCRIPT.search(name.lower()) is not None


def could_be_submission(name: str) -> bool:
    """Tell whether a file of this name can be a hand-in at all."""
    plain = os.path.splitext(name)[1].lower() in (".json", *_TEXT_SUFFIXES)  # noqa: PTH122 # a name, no path
    return not is_companion(name) and (is_notebook_name(name) or is_script_name(name) or plain)


def is_companion(name: str) -> bool:
    """Tell whether a file or folder is one that a program left beside the real ones."""
    left = name.startswith((".", "~$", "__MACOSX", "__pycache__"))
    return left or name.lower() in {"desktop.ini", "thumbs.db", "icon\r"}


def without_suffixes(name: str) -> str:
    """Return a name without any suffix of a hand-in: ``ada.ipynb.txt`` is ada's."""
    while found := _SUFFIX.search(name):
        name = name[: found.start()]
    return name


def plain_stem(name: str) -> str:
    """Return a file's name without suffixes and without what a copy of it was given.

    "Copy of notebook (1).ipynb.txt" is "notebook".
    """
    stem, before = name.lower(), ""
    while stem != before:
        before, stem = stem, _COPY.sub("", without_suffixes(stem)).strip()
    return _COPY_OF.sub("", stem)


_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive or an Office document", "Unpack it, and hand in the notebook."),
    (b"%PDF", "a PDF", "Hand in the notebook (.ipynb) that it was made from."),
    (b"\x1f\x8b", "a compressed archive", "Unpack it, and hand in the notebook."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it, and hand in the notebook."),
    (b"Rar!", "a RAR archive", "Unpack it, and hand in the notebook."),
    (b"\x89PNG", "a picture", "Hand in the notebook (.ipynb) itself."),
    (b"\xff\xd8\xff", "a picture", "Hand in the notebook (.ipynb) itself."),
    (b"\x00\x05\x16\x07", "a companion file of macOS", "Hand in the file without ._ in its name."),
    (b"\x00\x05\x16\x00", "a companion file of macOS", "Hand in the file without ._ in its name."),
)


def refuse_other_kinds(file: FileRead) -> None:
    """Raise SubmissionError for a file whose first bytes say that it is something else."""
    for magic, what, remedy in _MAGIC:
        if file.data.startswith(magic):
            raise SubmissionError(f"{file.name} is {what}, not a notebook", remedy)
    head = file.data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        raise SubmissionError(
            f"{file.name} is a web page (HTML), not a notebook",
            "In Jupyter: File, Download (or Save Notebook As), and hand in the .ipynb file.",
        )
    if head.startswith(b"version https://git-lfs"):
        raise SubmissionError(
            f"{file.name} is a pointer of Git LFS, not the file", "git lfs pull, then hand it in."
        )


def is_script(name: str, text: str) -> bool:
    """Tell whether a file is run as Python, by its name, or by its text where that does not say.

    Raises
    ------
    SubmissionError
        When it is neither a notebook nor Python.
    """
    braces = text.lstrip().startswith("{")
    if is_notebook_name(name):
        return False
    if is_script_name(name):
        # A notebook that was saved or renamed as .py is still one: as Python it does nothing.
        return not (braces and '"cells"' in text and '"nbformat"' in text)
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 # a name, no path
    if braces and suffix in (".json", *_TEXT_SUFFIXES):
        return False
    if braces and '"nbformat"' in text:
        return False
    if suffix in _TEXT_SUFFIXES and _PYTHON.search(text):
        return True
    raise SubmissionError(
        f"{name} is neither a notebook (.ipynb) nor a Python file (.py)",
        "Hand in the notebook itself.",
    )
