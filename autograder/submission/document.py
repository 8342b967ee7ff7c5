"""A notebook as it was read: its cells in order, typed and bounded. The text is hostile.

Every version of the format is read here: what differs between them is where a cell's text stands.
nbformat itself, which makes Python objects of every output, takes 44 KiB for each in an upgrade.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from autograder.contained import Bounds, Stopped, contained
from autograder.errors import SubmissionError
from autograder.model import Record
from autograder.submission.files import CLEAR_OUTPUTS

MAX_CELLS = 5000
SMALL = 512 << 10
"""Bytes of JSON that are decoded in this process.

msgspec reads them in one pass, skips fields that are not asked for, and refuses deep nesting. The
worst that it makes of a text is a record for three bytes (``{},``): 100 bytes each, so 18 MiB.
"""
BOUNDS = Bounds(seconds=20, cpu_seconds=10, memory_mib=192, reply_mib=24)
"""For any other text, which is decoded in a process of its own: the reply is the cells alone."""
_MAX_NAME = 200
_MAX_TAGS = 20
_KINDS: dict[Any, Literal["code", "markdown", "raw"]] = {
    "code": "code", "markdown": "markdown", "raw": "raw", "heading": "markdown",
    "html": "markdown", "text": "markdown", "plaintext": "markdown",
}  # fmt: skip


class NotebookCell(Record, frozen=True):
    """One cell.

    Attributes
    ----------
    cell_type
        Headings and HTML of older formats are Markdown.
    source
        Its text; halves of surrogate pairs are U+FFFD.
    grade_id
        What nbgrader calls it; empty if it has no such name.
    grade, solution, locked, task
        nbgrader's flags, as the file says.
    id
        The notebook's own name of the cell, from nbformat 4.5 on.
    tags
        The first of its tags.
    """

    cell_type: Literal["code", "markdown", "raw"]
    source: str
    grade_id: str = ""
    grade: bool = False
    solution: bool = False
    locked: bool = False
    task: bool = False
    id: str = ""
    tags: tuple[str, ...] = ()


Document = tuple[NotebookCell, ...]


class _Meta(msgspec.Struct):
    nbgrader: Any = None
    tags: Any = None


class _Cell(msgspec.Struct):
    """What is read of a cell in any version: 4 and 3 (and 2), the code of 3, both kinds of 1."""

    cell_type: Any = None
    metadata: _Meta | None = None
    id: Any = None
    source: str | list[str] | None = None
    input: str | list[str] | None = None
    code: str | list[str] | None = None
    text: str | list[str] | None = None
    level: Any = None


class _Sheet(msgspec.Struct):
    cells: list[_Cell] = []


class _Notebook(msgspec.Struct):
    nbformat: Any = None
    cells: list[_Cell] | None = None
    worksheets: list[_Sheet] | None = None


class _Broken(msgspec.Struct):
    """Why a text is no notebook, from the process that read it."""

    message: str
    remedy: str


_strict = msgspec.json.Decoder(_Notebook)
_reply = msgspec.json.Decoder(Document | _Broken)


def read_document(name: str, text: str) -> Document:
    """Return a notebook's cells; a cell that is none is left out.

    Raises
    ------
    SubmissionError
        When it is no notebook, or too intricate.
    """
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= SMALL:
        try:
            return _document(_cells_of(_strict.decode(data)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, _NoNotebook, TypeError):
            pass  # what is wrong with it is found out, and mended if it can be, below
    try:
        reply: Document | _Broken = _reply.decode(
            contained(lambda: _read_apart(data, text), BOUNDS)
        )
    except Stopped as error:
        raise SubmissionError(f"{name} could not be read: {error}", CLEAR_OUTPUTS) from None
    if isinstance(reply, _Broken):
        raise SubmissionError(f"{name} {reply.message}", reply.remedy)
    return reply


# In the process of its own.


def _read_apart(data: bytes, text: str) -> bytes:
    try:
        try:
            found = _document(_cells_of(_strict.decode(data)))
        except (msgspec.MsgspecError, UnicodeDecodeError, _NoNotebook):
            found = _document(_cells_of(_tolerant(json.loads(text))))
    except json.JSONDecodeError as error:
        return msgspec.json.encode(_explain(error, text))
    except RecursionError:
        return msgspec.json.encode(_Broken("is nested too deeply", _SAVE_AGAIN))
    except _NoNotebook as error:
        return msgspec.json.encode(_Broken(str(error), error.remedy))
    except ValueError:  # a number of more digits than Python reads
        return msgspec.json.encode(_Broken("is not a notebook that can be read", _SAVE_AGAIN))
    return msgspec.json.encode(found)


_SAVE_AGAIN = "Open it in Jupyter, save it, and hand it in again."


class _NoNotebook(Exception):  # noqa: N818 # it says what the text is
    def __init__(self, message: str, remedy: str = _SAVE_AGAIN) -> None:
        super().__init__(message)
        self.remedy = remedy


def _tolerant(found: Any) -> _Notebook:
    """Make of JSON what can be made of it: what is not as it should be is left out."""
    if not isinstance(found, dict):
        raise _NoNotebook("is not a notebook that can be read: it is other JSON")
    sheets = found.get("worksheets")
    cells = found.get("cells")
    if not isinstance(cells, list):
        if not isinstance(sheets, list):
            raise _NoNotebook("is not a notebook that can be read: it has no cells")
        parts = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for part in parts if isinstance(part, list) for cell in part]
    return _Notebook(nbformat=found.get("nbformat"), cells=list(_whole(cells)))


def _whole(cells: list[Any]) -> Iterable[_Cell]:
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        meta = cell.get("metadata")
        fields = {key: value for key, value in cell.items() if key in _Cell.__struct_fields__}
        fields["metadata"] = meta if isinstance(meta, dict) else None
        try:
            yield msgspec.convert(fields, _Cell)
        except msgspec.ValidationError:
            continue


def _explain(error: json.JSONDecodeError, text: str) -> _Broken:
    """Say in words of ours why a text is not JSON."""
    before = text[max(0, error.pos - 200) : error.pos].rstrip()
    if text.startswith("<<<<<<< ") or "\n<<<<<<< " in text:
        line = text.count("\n", 0, ("\n" + text).index("\n<<<<<<< ")) + 1
        return _Broken(
            f"holds the conflict markers of a Git merge (line {line}), so it is no notebook",
            "Choose one of the two versions (git checkout --ours FILE, or --theirs), open it in"
            " Jupyter, save it, and hand it in again.",
        )
    if not text.strip():
        return _Broken("is empty", "Save the notebook, and hand it in again.")
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return _Broken(
            f"ends in the middle (line {text.count(chr(10)) + 1}): part of it is missing",
            "Save or download it again, and hand in the whole file.",
        )
    where = f"is not a notebook that can be read: line {error.lineno} is not valid JSON"
    if before.endswith(",") or "trailing comma" in error.msg:
        return _Broken(
            f"{where}, a comma stands where nothing follows",
            "Remove the comma in a text editor, or open an earlier version in Jupyter.",
        )
    return _Broken(where, _SAVE_AGAIN)


# From what was read to cells.


def _cells_of(notebook: _Notebook) -> list[_Cell]:
    if notebook.cells is not None:
        return notebook.cells
    if notebook.worksheets is None:
        raise _NoNotebook("is not a notebook that can be read: it has no cells")
    return [cell for sheet in notebook.worksheets for cell in sheet.cells]


def _document(cells: list[_Cell]) -> Document:
    if len(cells) > MAX_CELLS:
        raise _NoNotebook(f"has more than {MAX_CELLS} cells", "Is it the right file?")
    return tuple(made for cell in cells if (made := _cell(cell)) is not None)


def _cell(cell: _Cell) -> NotebookCell | None:
    kind = _KINDS.get(cell.cell_type) if isinstance(cell.cell_type, str) else None
    texts = (cell.source, cell.input, cell.code, cell.text)
    source = next((text for text in texts if text is not None), None)
    if kind is None or source is None:
        return None
    text = source_text(source)
    if cell.cell_type == "heading":
        level = cell.level if isinstance(cell.level, int) and 1 <= cell.level <= 6 else 1
        text = f"{'#' * level} {' '.join(text.splitlines())}"
    meta = cell.metadata or _Meta()
    flags = meta.nbgrader if isinstance(meta.nbgrader, dict) else {}
    return NotebookCell(
        cell_type=kind,
        source=text,
        grade_id=_name(flags.get("grade_id")),
        grade=flags.get("grade") is True,
        solution=flags.get("solution") is True,
        locked=flags.get("locked") is True,
        task=flags.get("task") is True,
        id=_name(cell.id),
        tags=tuple(_name(tag) for tag in _list(meta.tags)[:_MAX_TAGS]),
    )


def source_text(source: str | list[str]) -> str:
    """Return a cell's source, with U+FFFD for halves of surrogate pairs: those are no text."""
    text = source if isinstance(source, str) else "".join(source)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # As UTF-16, so that two halves that belong together become one character.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _name(value: object) -> str:
    return source_text(value[:_MAX_NAME]) if isinstance(value, str) else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
