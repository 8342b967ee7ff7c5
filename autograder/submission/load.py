"""Read a notebook or a ``.py`` file. The text is hostile; nothing of it runs here."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import Any

from autograder.errors import SubmissionError
from autograder.model import Record
from autograder.sandbox.session import Cell

MAX_BYTES = 20 << 20
NOTEBOOK_MODULE = "__main__"
FILE_MODULE = "submission"

MAX_CELLS = 5000
MAX_CONTAINERS = 300_000
"""Lists and dictionaries of a notebook's JSON: nbformat takes about 600 bytes and 8 µs for each."""
MAX_MAGIC_WORK = 500_000
"""Characters that IPython may read to rewrite a submission's magics; it reads a cell again for each
magic in it, at about 10 µs a character."""

_ASSIGNED_TO = re.compile(r"[\w,\s.]*")


class Submission(Record, frozen=True):
    """What is graded.

    Attributes
    ----------
    name
        The file's name, for reports.
    sha256
        Of the file's bytes, in hexadecimal.
    cells
        Code cells in order. ``index`` counts code cells from 0.
    module_name
        What ``__name__`` is for them: a notebook is ``__main__``, a file is imported.
    """

    name: str
    sha256: str
    cells: tuple[Cell, ...]
    module_name: str


def load_submission(path: Path) -> Submission:
    """Read a submission.

    Raises
    ------
    SubmissionError
        When it is missing, too large, or neither a notebook nor a Python file.
    """
    data = _read(path)
    name = printable(path.name)
    if path.suffix == ".ipynb":
        sources, module_name = _notebook_sources(data, path), NOTEBOOK_MODULE
    elif path.suffix == ".py":
        sources, module_name = [_decode(data, path)], FILE_MODULE
    else:
        raise SubmissionError(
            f"{name} is neither a notebook (.ipynb) nor a Python file (.py)",
            "Hand in the notebook itself.",
        )
    magics = _Magics()
    return Submission(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        cells=tuple(
            Cell(index=index, source=source, transformed=magics.without(source))
            for index, source in enumerate(sources)
            if source.strip()
        ),
        module_name=module_name,
    )


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, and nothing for one that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def printable(name: str) -> str:
    """Return a file's name as text that can be encoded, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "replace")


def read_notebook(path: Path) -> Any:
    """Return a notebook in nbformat's version 4, not validated.

    Raises
    ------
    SubmissionError
        When it is missing, too large, too intricate, or no notebook.
    """
    return _parse_notebook(_read(path), path)


def source_text(source: object) -> str:
    """Return a cell's source, with U+FFFD for halves of surrogate pairs: those are no text.

    Raises
    ------
    TypeError
        When it is no text.
    """
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise TypeError("a cell's source is not text")
    # As UTF-16, so that two halves that belong together become one character.
    return source.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _read(path: Path) -> bytes:
    name = printable(path.name)
    try:
        # Not blocking: a named pipe would wait for a writer for ever.
        with open(path, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SubmissionError(f"{name} is not a regular file")
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "its name is no file's name"
        raise SubmissionError(f"{printable(str(path))} cannot be read: {why}") from None
    if len(data) > MAX_BYTES:
        raise SubmissionError(
            f"{name} is larger than {MAX_BYTES >> 20} MiB",
            "Clear its outputs (Kernel, Restart & Clear Output), save, and hand it in again.",
        )
    return data


def _open_without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NONBLOCK)


def _decode(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SubmissionError(
            f"{printable(path.name)} is not UTF-8 text", "Save it as UTF-8 and hand it in again."
        ) from None


def _parse_notebook(data: bytes, path: Path) -> Any:
    from autograder.submission.notebooks import nbformat

    name, text = printable(path.name), _decode(data, path)
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS:
        raise SubmissionError(
            f"{name} holds too many outputs",
            "Clear its outputs (Kernel, Restart & Clear Output), save, and hand it in again.",
        )
    try:
        notebook = nbformat.convert(nbformat.reader.reads(text), 4)
        count = len(notebook["cells"])
    except Exception as error:  # whatever nbformat meets in a file that is not a notebook
        raise _no_notebook(name, error) from None
    if count > MAX_CELLS:
        raise SubmissionError(f"{name} has more than {MAX_CELLS} cells", "Is it the right file?")
    return notebook


def _notebook_sources(data: bytes, path: Path) -> list[str]:
    notebook = _parse_notebook(data, path)
    try:
        cells: list[Any] = list(notebook["cells"])
        return [source_text(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
    except (AttributeError, KeyError, TypeError) as error:
        raise _no_notebook(printable(path.name), error) from None


def _no_notebook(name: str, error: Exception) -> SubmissionError:
    return SubmissionError(
        f"{name} is not a notebook that can be read ({type(error).__name__})",
        "Open it in Jupyter, save it, and hand it in again.",
    )


class _Magics:
    """Rewrites magics and shell lines of one submission, within one budget for all its cells."""

    def __init__(self) -> None:
        self._left = MAX_MAGIC_WORK

    def without(self, source: str) -> str | None:
        """Return the cell with magics and shell lines as calls, or None where it has none."""
        if not any(_looks_like_magic(line) for line in source.splitlines()):
            return None
        from IPython.core.inputtransformer2 import TransformerManager

        # IPython begins again after each magic that it has found.
        manager: Any = TransformerManager()
        find_and_rewrite_one = manager.do_one_token_transform

        def within_budget(lines: list[str]) -> Any:
            self._left -= sum(map(len, lines))
            if self._left < 0:
                raise ValueError("more magics than anybody needs")
            return find_and_rewrite_one(lines)

        manager.do_one_token_transform = within_budget
        try:
            return str(manager.transform_cell(source))
        except Exception:  # whatever IPython meets in a text that is not Python
            return None


def _looks_like_magic(line: str) -> bool:
    text = line.strip()
    if text.startswith(("%", "!", "?")) or text.endswith("?"):
        return True
    target, equals, value = text.partition("=")
    assigns = bool(equals) and value.lstrip().startswith(("%", "!"))
    return assigns and _ASSIGNED_TO.fullmatch(target) is not None
