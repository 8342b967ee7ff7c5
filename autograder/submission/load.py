"""Read a notebook or a ``.py`` file. The text is hostile; nothing of it runs here."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from autograder.errors import SubmissionError
from autograder.model import Record
from autograder.sandbox.session import Cell

MAX_BYTES = 20 << 20
NOTEBOOK_MODULE = "__main__"
FILE_MODULE = "submission"

_MAGIC_LINE = re.compile(r"^\s*(?:[%!?]|.*\?\s*$|[\w,\s.]*=\s*[%!])", re.MULTILINE)


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
    if path.suffix == ".ipynb":
        sources, module_name = _notebook_sources(data, path), NOTEBOOK_MODULE
    elif path.suffix == ".py":
        sources, module_name = [_decode(data, path)], FILE_MODULE
    else:
        raise SubmissionError(
            f"{path.name} is neither a notebook (.ipynb) nor a Python file (.py)",
            "Hand in the notebook itself.",
        )
    return Submission(
        name=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        cells=tuple(
            Cell(index=index, source=source, transformed=_without_magics(source))
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


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SubmissionError(
                f"{path.name} is larger than {MAX_BYTES >> 20} MiB",
                "Clear its outputs (Kernel, Restart & Clear Output), save, and hand it in again.",
            )
        return path.read_bytes()
    except OSError as error:
        raise SubmissionError(f"{path} cannot be read: {error.strerror}") from None


def _decode(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SubmissionError(
            f"{path.name} is not UTF-8 text", "Save it as UTF-8 and hand it in again."
        ) from None


def _notebook_sources(data: bytes, path: Path) -> list[str]:
    import nbformat
    from nbformat import reader

    try:
        notebook = nbformat.convert(reader.reads(_decode(data, path)), 4)
        cells: list[Any] = list(notebook["cells"])
        return [_source_text(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
    except SubmissionError:
        raise
    except Exception as error:  # whatever nbformat meets in a file that is not a notebook
        raise SubmissionError(
            f"{path.name} is not a notebook that can be read ({type(error).__name__})",
            "Open it in Jupyter, save it, and hand it in again.",
        ) from None


def _source_text(source: object) -> str:
    if isinstance(source, str):
        return encodable(source)
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return encodable("".join(source))
    raise TypeError("a cell's source is not text")


def encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can spell and UTF-8 cannot, by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _without_magics(source: str) -> str | None:
    """Return the cell with magics and shell lines as calls, or None where it has none."""
    if not _MAGIC_LINE.search(source):
        return None
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        transformed = TransformerManager().transform_cell(source)
    except (SyntaxError, RecursionError, ValueError):
        return None
    return str(transformed)
