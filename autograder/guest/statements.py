"""A cell's top-level statements: read them, also around errors of syntax, and run them one by one.

A statement that fails costs itself; the next one still runs.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import inspect
import re
import types
from collections.abc import Callable
from typing import Any

FUTURE_FLAGS = 0
for _name in __future__.all_feature_names:
    FUTURE_FLAGS |= getattr(__future__, _name).compiler_flag
_RUNS_A_LOOP = frozenset({"run", "run_until_complete"})
BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What ``compile`` raises for a text that is no Python."""

_BINDING = re.compile(
    r"(?m)^(?:class|def|async def|import)?[ \t]*([A-Za-z_]\w*)[ \t]*(?:[=(:\[]|$)"
)

Namespace = dict[str, Any]


class Text:
    """A piece of a cell as Python: its statements, or the error that it has none.

    Parameters
    ----------
    source
        The text.
    name
        The file name of its code.
    offset
        Lines of the cell before it.
    """

    def __init__(self, source: str, name: str, offset: int = 0) -> None:
        self.source = source
        self.name = name
        self.offset = offset

    def code(self, flags: int) -> types.CodeType | None:
        """Return the code of the whole text, or None where it must be taken apart."""
        try:
            code: types.CodeType = compile(self.source, self.name, "exec", flags, dont_inherit=True)
        except BROKEN:
            return None
        return code

    def statements(self) -> list[ast.stmt]:
        """Return its statements, in order; raises one of ``BROKEN`` where it is no Python."""
        return self._moved(ast.parse(self.source, self.name), self.offset).body

    def salvage(self) -> list[ast.stmt | SyntaxError]:
        """Return each statement that is whole, and one error for what stands between two of them.

        The error's line is where that begins, and its text all of it.
        """
        import parso

        found: list[ast.stmt | SyntaxError] = []
        lines = self.source.splitlines(keepends=True)
        broken = 0  # the line where what is not Python begins

        def close(line: int) -> None:
            nonlocal broken
            if broken:
                text = "".join(lines[broken - 1 : line - 1])
                place = (self.name, broken + self.offset, None, text)
                found.append(SyntaxError("not Python", place))
            broken = 0

        for child in parso.parse(self.source).children:
            line, column = child.start_pos
            if child.type == "endmarker":
                break
            whole = None
            block = found[-1] if column and found and not broken else None
            if isinstance(block, _BLOCKS):  # it goes on in what is no Python
                broken = _start(block)[0] - self.offset
                found.pop()
            # What is indented behind a broken line belongs to it.
            if child.type not in {"error_node", "error_leaf"} and not (broken and column):
                whole = self._whole(child.get_code(include_prefix=False), line)
            if whole is None and child.get_code().strip():
                if not column:
                    close(line)
                broken = broken or line
            elif whole is not None:
                close(line)
                found += whole
        close(len(lines) + 1)
        return found

    def _whole(self, part: str, line: int) -> list[ast.stmt] | None:
        try:
            return self._moved(ast.parse(part, self.name), line - 1 + self.offset).body
        except BROKEN:
            return None

    @staticmethod
    def _moved(tree: ast.Module, lines: int) -> ast.Module:
        if lines:
            ast.increment_lineno(tree, lines)
        return tree


def broken_line(text: str) -> int:
    """Return the line of a text at which Python sees that it is not Python."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        return min(max(1, error.lineno or 1), len(text.splitlines()) or 1)
    except BROKEN:
        return 1
    return 1


def _starts_a_loop(code: types.CodeType) -> bool:
    """Tell whether a statement seems to run a loop of its own, which no loop may run within."""
    inner = (each for each in code.co_consts if isinstance(each, types.CodeType))
    return bool(_RUNS_A_LOOP & set(code.co_names)) or any(map(_starts_a_loop, inner))


class Interpreter:
    """Runs statements in one namespace and carries the flags of ``from __future__`` on.

    Parameters
    ----------
    show
        Receives the value of an expression that ends a cell, as a kernel's display hook does.

    Attributes
    ----------
    within_loop
        Whether statements run while the loop of ``await`` does, as in a kernel: where one makes a
        task of its own.
    """

    def __init__(self, namespace: Namespace, show: Callable[[Any], None]) -> None:
        self.namespace = namespace
        self.flags = 0
        self.within_loop = False
        self._show = show
        self._loop: asyncio.AbstractEventLoop | None = None

    def run_code(self, code: types.CodeType) -> None:
        """Run a whole text."""
        self.flags |= code.co_flags & FUTURE_FLAGS
        exec(code, self.namespace)  # noqa: S102 # the sandbox's purpose

    def run_statement(self, statement: ast.stmt, name: str, *, last: bool) -> None:
        """Run one statement; a last expression is shown."""
        tree: ast.Module | ast.Expression
        if last and isinstance(statement, ast.Expr):
            tree, mode = ast.Expression(statement.value), "eval"
        else:
            tree, mode = ast.Module([statement], []), "exec"
        code = self._compiled(tree, name, mode)
        self.flags |= code.co_flags & FUTURE_FLAGS
        waits = bool(code.co_flags & inspect.CO_COROUTINE)
        if self.within_loop and not waits and not _starts_a_loop(code):
            value = self._finish(self._later(code))
        else:
            value = eval(code, self.namespace)  # noqa: S307 # the sandbox's purpose
            value = self._finish(value) if waits else value
        if mode == "eval":
            self._show(value)

    async def _later(self, code: types.CodeType) -> Any:
        return eval(code, self.namespace)  # noqa: S307 # as above

    def _compiled(self, tree: ast.AST, name: str, mode: str) -> types.CodeType:
        try:
            return compile(tree, name, mode, self.flags, dont_inherit=True)  # type: ignore[no-any-return, call-overload] # a tree of this mode
        except SyntaxError:
            flags = self.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            return compile(tree, name, mode, flags, dont_inherit=True)  # type: ignore[no-any-return, call-overload] # as above

    def _finish(self, coroutine: Any) -> Any:
        """Run a top-level ``await``, on the one loop that all cells share."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(coroutine)


def failing_statement(
    error: BaseException, code: types.CodeType, statements: list[ast.stmt]
) -> int | None:
    """Return the place of the statement of ``code`` that raised, or None where nothing tells."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code is not code:
        frame = frame.tb_next
    if frame is None:
        return None
    line, column = _position(code, frame)
    for place, statement in enumerate(statements):
        start = _start(statement)
        end = (statement.end_lineno or statement.lineno, statement.end_col_offset or 0)
        if start <= (line, column) <= end:
            return place
    return None


def _start(statement: ast.stmt) -> tuple[int, int]:
    """Return where a statement begins, its decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    return min((node.lineno, node.col_offset) for node in (statement, *decorators))


def _position(code: types.CodeType, frame: types.TracebackType) -> tuple[int, int]:
    positions = list(code.co_positions())
    line, _, column, _ = positions[frame.tb_lasti // 2]
    return (frame.tb_lineno if line is None else line), column or 0


_BLOCKS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
"""Expressions whose names are their own."""


def bound_names(statement: ast.stmt | SyntaxError) -> set[str]:
    """Return the names that a top-level statement would have bound."""
    if isinstance(statement, SyntaxError):
        return set(_BINDING.findall(statement.text or ""))
    names: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
        elif not isinstance(node, _SCOPES):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            waiting += ast.iter_child_nodes(node)
    return names
