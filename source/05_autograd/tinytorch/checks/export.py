"""Turn a finished notebook into tinytorch/core/autograd.py."""

from __future__ import annotations

import ast
import builtins
import itertools
import symtable
from collections.abc import Iterable
from dataclasses import dataclass

from .notebook import Cell, Unreadable

HEADER = '''"""Autograd, exported from {name} by `python -m tinytorch complete`.

Change the notebook and export again: this file is overwritten.
"""
'''
FOOTER = '''# Importing this module switches autograd on; enable_autograd() may be called again.
def _switch_on():
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()):
        enable_autograd()


_switch_on()
'''
SWITCH = "enable_autograd"

IDLE_CALLS = frozenset({
    "print", "display", "help", "check", "enable_autograd", "plt", "pyplot", "fig", "ax", "axes",
    "get_ipython", "sns",
})  # fmt: skip


ASKED_FOR = frozenset({"Function", "Tensor", "enable_autograd", "checkpoint"})


@dataclass(frozen=True)
class Statement:
    """A top-level statement of a cell: its text, the names that it makes and needs."""

    cell: Cell
    text: str
    makes: frozenset[str]
    needs: frozenset[str]
    imports: bool
    idle: bool


def export(cells: list[Cell], name: str, ended: dict[int, int], everything: bool = False) -> str:
    """Return the text of the module.

    Finished solution cells go in whole, but for prints, plots and checks; of other cells only what
    the assignment asks for by name, and what those need. At the end the module switches itself on.

    Parameters
    ----------
    ended
        Numbers of cells that an exception ended, with its line: what follows did not run.
    everything
        Take all statements of all cells but the checks: for code that works by side effects.

    Raises
    ------
    Unreadable
        For a solution cell that is not Python; other such cells are left out.
    """
    usable = [cell for cell in cells if cell.kind != "check" and not cell.unfinished]
    statements = [found for cell in usable for found in _statements(cell, ended)]
    active = [found for found in statements if not found.idle]
    kept = active if everything else _needed(active)
    future = [found for found in kept if found.text.lstrip().startswith("from __future__")]
    rest = [found for found in kept if found not in future]
    blocks = [found.text.strip("\n") for found in future]
    for _, group in itertools.groupby(rest, key=lambda found: found.cell.number):
        blocks.append("\n".join(found.text for found in group).strip("\n"))
    if any(SWITCH in found.makes for found in kept):
        blocks.append(FOOTER.rstrip())
    return "\n\n\n".join([HEADER.format(name=name).rstrip(), *blocks]) + "\n"


def unfinished(cells: Iterable[Cell]) -> list[str]:
    """Return the names of the solution cells that are left out because they are not finished."""
    return [cell.name for cell in cells if cell.kind == "solution" and cell.unfinished]


def _needed(statements: list[Statement]) -> list[Statement]:
    """Keep solutions, and of imports and other cells what makes a name that is needed."""
    kept = [
        not found.imports
        and (found.cell.kind == "solution" or any(map(_is_asked_for, found.makes)))
        for found in statements
    ]
    while True:
        chosen = [found for found, keep in zip(statements, kept, strict=True) if keep]
        made = frozenset().union(*(found.makes for found in chosen))
        missing = frozenset().union(*(found.needs for found in chosen)) - made - set(dir(builtins))
        more = [
            keep or bool(found.makes & missing)
            for found, keep in zip(statements, kept, strict=True)
        ]
        if more == kept:
            return chosen
        kept = more


def _is_asked_for(name: str) -> bool:
    return name in ASKED_FOR or name.lower().endswith("backward")


def _statements(cell: Cell, ended: dict[int, int]) -> list[Statement]:
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        if cell.kind != "solution":
            return []
        raise Unreadable(f"{cell.place}, line {error.lineno}: {error.msg}.") from None
    lines = cell.source.split("\n")
    found, start = [], 0
    for statement in tree.body:
        # Comments above a statement go with it.
        text = "\n".join(lines[start : statement.end_lineno])
        start = statement.end_lineno or start
        if cell.number in ended and start >= ended[cell.number]:
            break
        found.append(
            Statement(
                cell,
                text,
                _makes(statement),
                _needs(statement),
                isinstance(statement, ast.Import | ast.ImportFrom),
                _is_idle(statement),
            )
        )
    return found


def _makes(statement: ast.stmt) -> frozenset[str]:
    table = symtable.symtable(ast.unparse(statement), "<statement>", "exec")
    return frozenset(
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    )


def _needs(statement: ast.stmt) -> frozenset[str]:
    return frozenset(_globals(symtable.symtable(ast.unparse(statement), "<statement>", "exec")))


def _globals(table: symtable.SymbolTable) -> Iterable[str]:
    """Yield the names that a piece of code looks up in its module."""
    at_top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (at_top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


def _is_idle(statement: ast.stmt) -> bool:
    """Tell whether a statement only shows or checks something."""
    if isinstance(statement, ast.Assert | ast.Pass):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    if isinstance(statement.value, ast.Constant):
        return True
    if not isinstance(statement.value, ast.Call):
        return False
    called: ast.expr = statement.value.func
    while isinstance(called, ast.Attribute | ast.Call):
        called = called.value if isinstance(called, ast.Attribute) else called.func
    return isinstance(called, ast.Name) and called.id in IDLE_CALLS
