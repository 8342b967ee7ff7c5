"""The right submissions that mutants are made from."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

CELL_MARK = "\n# %% next cell\n"


def topological_source(notebook: Path) -> str:
    """Return the code of the solution notebook as one module: its imports and solution cells."""
    from autograder.submission.notebooks import nbformat

    cells = nbformat.read(notebook, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    kept = [cell.source for cell in code if _is_solution(cell) or _only_imports(cell.source)]
    return CELL_MARK.join(kept) + "\n"


def recursive_source(course: Path) -> str:
    """Return the recursive variant's code."""
    return (course / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")


def _is_solution(cell: Any) -> bool:
    meta = cell.metadata.get("nbgrader", {})
    return bool(meta.get("solution")) and not meta.get("grade")


def _only_imports(source: str) -> bool:
    kinds = (ast.Import, ast.ImportFrom)
    return all(isinstance(statement, kinds) for statement in ast.parse(source).body)
