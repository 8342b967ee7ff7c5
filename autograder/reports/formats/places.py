"""In which line of a file each line of a code cell stands: what a forge annotates is the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

_SOURCE = re.compile(r'^\s*"source": \[$')


def lines_of_cells(
    text: str, cells: Mapping[int, str], *, script: bool
) -> dict[int, tuple[int, ...]]:
    """Return for each code cell the lines of the file, from 1, that hold its lines.

    Parameters
    ----------
    text
        The file.
    cells
        Its code cells by number, in order.
    script
        Whether it is a ``.py`` file. Else it is a notebook, and only the layout in which Jupyter
        saves one is understood: one line of source on one line of the file.
    """
    if script:
        return {index: tuple(range(1, _count(source) + 1)) for index, source in cells.items()}
    blocks = list(_blocks(text.splitlines()))
    found: dict[int, tuple[int, ...]] = {}
    place = 0
    for index, source in sorted(cells.items()):
        wanted = source.splitlines(keepends=True)
        for at in range(place, len(blocks)):
            start, block = blocks[at]
            if block == wanted:
                found[index] = tuple(range(start, start + len(block)))
                place = at + 1
                break
    return found


def _count(source: str) -> int:
    return source.count("\n") + 1


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield where each list of source lines begins, and what it holds."""
    place = 0
    while place < len(lines):
        if not _SOURCE.match(lines[place]):
            place += 1
            continue
        place += 1
        start = place + 1
        block: list[str] = []
        while place < len(lines) and (line := _string(lines[place])) is not None:
            block.append(line)
            place += 1
        yield start, block


def _string(line: str) -> str | None:
    try:
        value = json.loads(line.strip().removesuffix(","))
    except ValueError:
        return None
    return value if isinstance(value, str) else None
