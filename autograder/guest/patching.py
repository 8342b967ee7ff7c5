"""``enable_autograd()`` once more, where it raised before there was an engine.

A statement in it that fails costs itself, as at the top of a cell: a method's name that is
mistyped is no reason that ``Tensor.backward``, which is set further down, is missing.
"""

from __future__ import annotations

import ast
import linecache
import types
from collections.abc import Sequence
from typing import Any

from .statements import BROKEN, FUTURE_FLAGS

_WITHIN = (ast.For, ast.If, ast.With)
"""Statements in which each statement counts by itself too; a ``while`` might not end."""
_KEPT = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Return, ast.Global, ast.Nonlocal,
    ast.Pass, ast.Break, ast.Continue, ast.Raise,
)  # fmt: skip


def forgiving(function: Any) -> types.FunctionType | None:
    """Return a function in which a statement that fails costs itself; None where none can be made.

    It has the same globals, defaults and lines.
    """
    if not isinstance(function, types.FunctionType) or function.__code__.co_freevars:
        return None
    code = function.__code__
    found = _definition(code)
    if found is None:
        return None
    found.body = _each_apart(found.body)
    found.decorator_list = []
    tree = ast.fix_missing_locations(ast.Module([found], []))
    flags = code.co_flags & FUTURE_FLAGS
    try:
        whole = compile(tree, code.co_filename, "exec", flags, dont_inherit=True)
    except BROKEN:
        return None
    made = next(part for part in whole.co_consts if isinstance(part, types.CodeType))
    again = types.FunctionType(made, function.__globals__, code.co_name, function.__defaults__)
    again.__kwdefaults__ = function.__kwdefaults__
    return again


def _definition(code: types.CodeType) -> ast.FunctionDef | None:
    """Return the statement that a function was made by, from the text of its cell."""
    text = "".join(linecache.getlines(code.co_filename))
    try:
        tree = ast.parse(text)
    except BROKEN:
        return None
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef)
            and node.name == code.co_name
            and code.co_firstlineno in {node.lineno, *(one.lineno for one in node.decorator_list)}
        ):
            return node
    return None


def _each_apart(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    return [_apart(statement) for statement in body]


def _apart(statement: ast.stmt) -> ast.stmt:
    if isinstance(statement, _KEPT):
        return statement
    if isinstance(statement, _WITHIN):
        statement.body = _each_apart(statement.body)
    if isinstance(statement, ast.For | ast.If):
        statement.orelse = _each_apart(statement.orelse)
    nothing = ast.ExceptHandler(type=None, name=None, body=[ast.Pass()])
    return ast.copy_location(ast.Try([statement], [nothing], [], []), statement)
