"""Run a submission's cells, in order, the way a kernel would."""

from __future__ import annotations

import ast
import copy
import io
import types
from collections import deque
from typing import Any

from .student import Student, describe_error, plain

MAX_SKIPPED = 100
MAGIC_WITH_PYTHON_BODY = frozenset({"time", "timeit", "capture", "prun"})


class Ring(io.TextIOBase):
    """A text stream that keeps only the last ``limit`` characters."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: deque[str] = deque()
        self._kept = 0

    def write(self, text: str) -> int:
        """Keep the end of what was written so far."""
        text = str(text)
        kept = text[-self._limit :] if self._limit else ""
        if kept:
            self._chunks.append(kept)
            self._kept += len(kept)
        while len(self._chunks) > 1 and self._kept - len(self._chunks[0]) >= self._limit:
            self._kept -= len(self._chunks.popleft())
        return len(text)

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def tail(self) -> str:
        """Return what was kept."""
        kept = "".join(self._chunks)[-self._limit :] if self._limit else ""
        return plain(kept, self._limit)


class Shell:
    """What ``get_ipython()`` returns: runs Python inside magics, skips the rest and says so."""

    def __init__(self, student: Student) -> None:
        self._student = student
        self.skipped: list[str] = []

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> None:
        """Run the statement of ``%time``; skip every other line magic."""
        if name in MAGIC_WITH_PYTHON_BODY:
            self._run(line)
        else:
            self._skip(f"%{name}")

    def run_cell_magic(self, name: str, _line: str, body: str, *_: Any, **__: Any) -> None:
        """Run the body of ``%%time`` and the like; skip ``%%bash`` and the like."""
        if name in MAGIC_WITH_PYTHON_BODY:
            self._run(body)
        else:
            self._skip(f"%%{name}")

    def system(self, command: str, *_: Any, **__: Any) -> None:
        """Skip a shell command."""
        self._skip(f"!{command.split(maxsplit=1)[0] if command.split() else ''}")

    def getoutput(self, command: str, *_: Any, **__: Any) -> list[str]:
        """Skip a shell command whose output was wanted."""
        self.system(command)
        return []

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_options: None

    def _skip(self, what: str) -> None:
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(plain(what))

    def _run(self, source: str) -> None:
        exec(compile(source, "<magic>", "exec", dont_inherit=True), self._student.namespace)  # noqa: S102 # the sandbox's purpose


def run_cell(cell: dict[str, Any], student: Student) -> dict[str, Any]:
    """Run one cell; report ``status`` and what was skipped.

    A cell is compiled as it stands. Only if that fails, its ``transformed`` text is tried, in
    which the host has rewritten magics and shell lines as calls of ``get_ipython()``.
    """
    shell = Shell(student)
    student.namespace["get_ipython"] = lambda: shell
    student.namespace.setdefault("display", lambda *_args, **_options: None)
    name = f"<cell {cell['index']}>"
    try:
        source, code = _compile(cell, name)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return {"status": "syntax-error", "error": describe_error(error), "skipped": []}
    tree: ast.Module | None = None
    missing: list[str] = []
    while True:
        try:
            exec(code, student.namespace)  # noqa: S102 # the sandbox's purpose
        except ImportError as error:
            tree = _after_failed_import(tree or ast.parse(source, name), error, name)
            if tree is None:
                return _failed(error, shell, missing)
            missing.append(plain(str(error.name)))
            code = compile(tree, name, "exec", dont_inherit=True)
        except BaseException as error:  # SystemExit of a cell ends the cell only
            return _failed(error, shell, missing)
        else:
            return {"status": "ok", "error": None, "skipped": shell.skipped, "missing": missing}


def _compile(cell: dict[str, Any], name: str) -> tuple[str, types.CodeType]:
    """Return the text that could be compiled, and its code."""
    source: str = cell["source"]
    transformed: str | None = cell.get("transformed")
    try:
        return source, compile(source, name, "exec", dont_inherit=True)
    except SyntaxError:
        if transformed is None:
            raise
        return transformed, compile(transformed, name, "exec", dont_inherit=True)


def _failed(error: BaseException, shell: Shell, missing: list[str]) -> dict[str, Any]:
    return {
        "status": "error",
        "error": describe_error(error),
        "skipped": shell.skipped,
        "missing": missing,
    }


def _after_failed_import(tree: ast.Module, error: ImportError, name: str) -> ast.Module | None:
    """Return what is left to run after a top-level import that does not work here.

    The student has a package, or a name in it, that we do not have, so the rest of the cell still
    counts, and so do the other names of the same statement.
    """
    frame: types.TracebackType | None = error.__traceback__
    line = None
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == name:
            if frame.tb_frame.f_code.co_name != "<module>":
                return None
            line = frame.tb_lineno
        frame = frame.tb_next
    for place, statement in enumerate(tree.body):
        if line is not None and statement.lineno <= line <= (statement.end_lineno or line):
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                return None
            return ast.Module(
                body=[*_each_by_itself(statement), *tree.body[place + 1 :]], type_ignores=[]
            )
    return None


def _each_by_itself(statement: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
    """Return one guarded import for each name of an import statement that failed."""
    alone: list[ast.stmt] = []
    for alias in statement.names:
        single = copy.copy(statement)
        single.names = [alias]
        handler = ast.ExceptHandler(
            type=ast.Name("ImportError", ast.Load()), name=None, body=[ast.Pass()]
        )
        guarded = ast.Try(body=[single], handlers=[handler], orelse=[], finalbody=[])
        alone.append(ast.fix_missing_locations(ast.copy_location(guarded, statement)))
    return alone
