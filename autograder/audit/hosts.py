"""The right submissions that mutants are made from."""

from __future__ import annotations

import ast
from pathlib import Path

CELL_MARK = "\n# %% next cell\n"


def topological_source(notebook: Path) -> str:
    """Return the code of the solution notebook as one module, without its check cells."""
    import nbformat

    cells = nbformat.read(notebook, as_version=4).cells
    code = [
        cell.source
        for cell in cells
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade")
    ]
    return CELL_MARK.join(source for source in code if _defines_names(source)) + "\n"


def recursive_source(course: Path) -> str:
    """Return the recursive variant's code."""
    return (course / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")


def _defines_names(source: str) -> bool:
    """Tell whether a cell holds only definitions and imports: the others are examples."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.Import, ast.ImportFrom)
    return all(isinstance(statement, kinds) for statement in ast.parse(source).body)
