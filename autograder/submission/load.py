"""Read a notebook or a ``.py`` file. The text is hostile; nothing of it runs here."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from autograder.cells import Cell
from autograder.errors import SubmissionError
from autograder.model import Record
from autograder.submission.document import Document, NotebookCell, read_document
from autograder.submission.files import (
    FileRead,
    is_script,
    is_script_name,
    read_file,
    refuse_other_kinds,
)
from autograder.submission.texts import decode

_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)


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
    script
        The file's name where it is a ``.py``: it runs as a script does.
    document
        All cells of a notebook as it was read; none of a ``.py``.
    notes
        What to tell about the file, in whole sentences.
    modules
        The student's own earlier modules that run with it: the handout's name, and the text.
    """

    name: str
    sha256: str
    cells: tuple[Cell, ...]
    script: str = ""
    document: Document = ()
    notes: tuple[str, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()


def load_submission(path: Path) -> Submission:
    """Read a submission.

    Raises
    ------
    SubmissionError
        When it is missing, too large, or neither a notebook nor a Python file.
    """
    return parse_submission(read_file(path))


@lru_cache(maxsize=1)
def parse_submission(file: FileRead) -> Submission:
    """Make a submission of a file that was read; the last one is kept, since it is shown next."""
    refuse_other_kinds(file)
    text = decode(file)
    if is_script(file.name, text):
        return Submission(
            name=file.name,
            sha256=file.sha256,
            cells=(Cell(index=0, source=text),) if text.strip() else (),
            script=file.name,
            notes=_notes_on(text),
        )
    document = read_document(file.name, text)
    code = [cell.source for cell in document if cell.cell_type == "code"]
    return Submission(
        name=file.name,
        sha256=file.sha256,
        cells=tuple(
            Cell(index=index, source=source) for index, source in enumerate(code) if source.strip()
        ),
        document=document,
    )


def is_script_file(file: FileRead) -> bool:
    """Tell whether a file would run as Python; one that is no text is what its name says."""
    try:
        return is_script(file.name, decode(file))
    except SubmissionError:
        return is_script_name(file.name)


def shown_document(submission: Submission) -> Document:
    """Return what people are shown: a notebook's cells, or the one of a ``.py``."""
    return submission.document or tuple(
        NotebookCell(cell_type="code", source=cell.source) for cell in submission.cells
    )


def _notes_on(text: str) -> tuple[str, ...]:
    found = _CONFLICT.search(text)
    if found is None or "\n>>>>>>> " not in text:
        return ()
    line = text.count("\n", 0, found.start()) + 1
    return (f"The file still holds the conflict markers of a Git merge, from line {line} on.",)
