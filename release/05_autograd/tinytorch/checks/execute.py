"""Run the cells of a notebook without Jupyter, and say what went wrong where."""

from __future__ import annotations
import __future__

import ast
import contextlib
import io
import linecache
import os
import sys
import traceback
import types
import warnings
from dataclasses import dataclass
from typing import Any

from .notebook import Cell


@dataclass(frozen=True)
class Problem:
    """An exception that ended a cell; ``line`` is 0 where none is known."""

    cell: Cell
    line: int
    type: str
    message: str

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        return f"{self.cell.place}{line}: {self.type}: {self.message}".rstrip(": ")


class _Jupyter:
    """What get_ipython() returns: takes every call and does nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_options: None


def run_cells(cells: list[Cell], module_name: str) -> tuple[dict[str, Any], list[Problem]]:
    """Run all cells but the checks, in order; an error ends its cell only.

    Returns
    -------
    namespace, problems
    """
    os.environ["MPLBACKEND"] = "Agg"  # no window opens
    module = types.ModuleType(module_name)
    namespace = module.__dict__
    namespace["display"] = lambda *_args, **_options: None
    namespace["get_ipython"] = _Jupyter
    before = sys.modules.get(module_name)
    sys.modules[module_name] = module
    try:
        problems = [_run_cell(cell, namespace) for cell in cells if cell.kind != "check"]
    finally:
        if before is not None:
            sys.modules[module_name] = before
    return namespace, [found for found in problems if found is not None]


def _run_cell(cell: Cell, namespace: dict[str, Any]) -> Problem | None:
    name = f"<cell {cell.number}>"
    lines = cell.source.splitlines(keepends=True)
    linecache.cache[name] = (len(cell.source), None, lines, name)
    silent = io.StringIO()
    try:
        tree = ast.parse(cell.source, name)
        with (
            contextlib.redirect_stdout(silent),
            contextlib.redirect_stderr(silent),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            flags = _future_flags(tree)
            for statement in tree.body:
                _run_statement(statement, name, namespace, flags)
    except KeyboardInterrupt:
        raise
    except SyntaxError as error:
        return Problem(cell, error.lineno or 0, "SyntaxError", str(error.msg))
    except BaseException as error:  # whatever a cell raises ends that cell
        return Problem(cell, _line(error, name), type(error).__name__, _message(error))
    return None


def _future_flags(tree: ast.Module) -> int:
    """Return what ``from __future__ import …`` means for each statement of a cell."""
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def _run_statement(statement: ast.stmt, name: str, namespace: dict[str, Any], flags: int) -> None:
    module = ast.Module(body=[statement], type_ignores=[])
    try:
        exec(compile(module, name, "exec", flags, dont_inherit=True), namespace)
    except ImportError:
        # A package for plots, say, that is not installed here: grading goes on without it too.
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            raise


def _line(error: BaseException, name: str) -> int:
    lines = [n for frame, n in traceback.walk_tb(error.__traceback__)
             if frame.f_code.co_filename == name]  # fmt: skip
    return lines[-1] if lines else 0


def _message(error: BaseException) -> str:
    try:
        return str(error).split("\n")[0][:200]
    except Exception:  # an exception of the student's own may fail to say what it is
        return ""
