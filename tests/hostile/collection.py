"""Load the hostile scripts, and put a submission together from one of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE / "scripts"
BASES = ("stub", "solution", "none")

Base = Literal["stub", "solution", "none"]


@dataclass(frozen=True)
class Script:
    """One hostile script.

    Attributes
    ----------
    name
        ``area/file``, unique.
    tries
        What it tries: its docstring, one sentence.
    base
        The notebook that its cell is put into, or "none" where it is the whole submission.
    after
        Whether its cell comes after that notebook's cells, not before them.
    slow
        Whether it uses up a time limit.
    """

    name: str
    area: str
    tries: str
    source: str
    base: Base = "stub"
    after: bool = False
    slow: bool = False

    def cells(self, targets: dict[str, object], base_cells: list[str]) -> list[str]:
        """Return the submission's cells: the prelude first, then base and script in order."""
        base = [] if self.base == "none" else base_cells
        body = [*base, self.source] if self.after else [self.source, *base]
        return [prelude_cell(targets), *body]


def prelude_cell(targets: dict[str, object]) -> str:
    """Return the cell that defines ``attempt``, ``syscall`` and ``TARGETS``."""
    prelude = (HERE / "prelude.py").read_text(encoding="utf-8")
    return f"{prelude}\n\nTARGETS = {targets!r}\n"


def load_scripts() -> tuple[Script, ...]:
    """Return every script, in the order of their names."""
    return tuple(load_script(path) for path in sorted(SCRIPTS.glob("*/*.py")))


def load_script(path: Path) -> Script:
    """Read one script and the marks in its comments: ``base:``, ``after``, ``slow``."""
    source = path.read_text(encoding="utf-8")
    marks = [line[1:].strip() for line in source.splitlines() if line.startswith("# ")]
    chosen = [mark.removeprefix("base:").strip() for mark in marks if mark.startswith("base:")]
    base = chosen[0] if chosen else "stub"
    if base not in BASES:
        raise ValueError(f"{path}: no such base: {base}")
    return Script(
        name=f"{path.parent.name}/{path.stem}",
        area=path.parent.name,
        tries=" ".join((ast.get_docstring(ast.parse(source)) or "").split()),
        source=source,
        base=base,  # type: ignore[arg-type] # checked above
        after="after" in marks,
        slow="slow" in marks,
    )
