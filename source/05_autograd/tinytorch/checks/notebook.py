"""A notebook, or a .py file, as cells of plain Python that run without Jupyter."""

from __future__ import annotations

import ast
import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import data

WITH_PYTHON_BODY = ("time", "timeit", "capture", "prun")


class Unreadable(Exception):
    """The file cannot be used; the message says which and what to do."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its number in the notebook, its name there, and what it is for.

    kind is "solution" for a place to write in, "check" for a check, and "other".
    """

    number: int
    name: str
    source: str
    kind: str

    @property
    def place(self) -> str:
        """Where the cell is, in words."""
        return f"cell {self.number} ({self.name})" if self.name else f"cell {self.number}"

    @property
    def unfinished(self) -> bool:
        """Whether it still holds the line that is to be replaced."""
        return _stub().search(self.source) is not None


@functools.lru_cache(maxsize=1)
def _stub() -> re.Pattern[str]:
    """Return what stands where code is to be written, whatever its spaces."""
    lines = str(data.load()["stub"]).strip().splitlines()
    words = (r"\s*".join(map(re.escape, line.split())) for line in lines)
    return re.compile(r"\s*\n\s*".join(words))


def read(path: Path) -> list[Cell]:
    """Return the code cells of a notebook; a .py file is one cell.

    Raises
    ------
    Unreadable
        When there is no such file, or it is something else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is not a text file in UTF-8.") from None
    if path.suffix == ".py":
        return [Cell(1, path.name, _plain_python(text), "solution")]
    try:
        cells = json.loads(text)["cells"]
        found = [_cell(number, cell) for number, cell in enumerate(cells, start=1)]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unreadable(
            f"{path} is not a notebook that can be read. Open it in Jupyter and save it again."
        ) from None
    return [cell for cell in found if cell is not None]


def _cell(number: int, cell: dict[str, Any]) -> Cell | None:
    if cell["cell_type"] != "code":
        return None
    described = cell.get("metadata", {}).get("nbgrader", {})
    kind = "check" if described.get("grade") else "other"
    kind = "solution" if described.get("solution") else kind
    name = str(described.get("grade_id", ""))
    return Cell(number, name, _plain_python("".join(cell["source"])), kind)


def _plain_python(source: str) -> str:
    """Take magics and shell lines out of a cell that is not Python as it stands."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return _without_magics(source)
    return source


def _without_magics(source: str) -> str:
    lines = source.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        name = lines[first][2:].split(maxsplit=1)[0]
        if name not in WITH_PYTHON_BODY:
            return ""
        lines[first] = ""
    return "\n".join(map(_without_magic, lines))


def _without_magic(line: str) -> str:
    """Replace one line's magic by nothing, keeping the line; ``%time`` keeps its statement."""
    indent = line[: len(line) - len(line.lstrip())]
    text = line.strip()
    timed = re.match(r"%(?:time|timeit|prun)\s+((?!-).*)", text)
    if timed:
        return indent + timed[1]
    if text.startswith(("%", "!", "?")) or re.fullmatch(r"[\w.]+\?{1,2}", text):
        return f"{indent}pass"
    return re.sub(r"=\s*[%!].*$", "= None", line) if re.match(r"[\w,\s.]*=\s*[%!]", text) else line
