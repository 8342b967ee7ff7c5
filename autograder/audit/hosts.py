"""The right submissions that mutants are made from."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from autograder.errors import CaseError

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


def variant_source(course: Path, name: str) -> str:
    """Return the code of a correct variant."""
    return (course / "tests" / "variants" / f"{name}.py").read_text(encoding="utf-8")


def transplant(host: str, donor: str, name: str) -> str:
    """Return a host with a donor's class in place of its own, behind its own name.

    Raises
    ------
    CaseError
        When one of them has no such class at its top level.
    """
    own, given = _find_class(host, name), _find_class(donor, name)
    whole = ast.get_source_segment(donor, given)
    if whole is None or own.end_lineno is None:
        raise CaseError(f"the class {name} has no text")
    lines = host.splitlines()
    return "\n".join([*lines[: own.end_lineno], "", "", whole, *lines[own.end_lineno :]]) + "\n"


def _find_class(source: str, name: str) -> ast.ClassDef:
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ClassDef) and statement.name == name:
            return statement
    raise CaseError(f"there is no class {name} to take or to replace")


def _is_solution(cell: Any) -> bool:
    meta = cell.metadata.get("nbgrader", {})
    return bool(meta.get("solution")) and not meta.get("grade")


def _only_imports(source: str) -> bool:
    kinds = (ast.Import, ast.ImportFrom)
    return all(isinstance(statement, kinds) for statement in ast.parse(source).body)
