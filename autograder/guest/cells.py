"""Run a submission's cells, in order, the way a kernel would."""

from __future__ import annotations

import ast
import linecache
import re
import traceback
import types
from collections.abc import Callable, Sequence
from typing import Any

from . import guards, imports
from .shell import ZMQInteractiveShell
from .standins import StandIn, StandInModule
from .statements import (
    BROKEN,
    Interpreter,
    Text,
    bound_names,
    broken_line,
    failing_statement,
)
from .student import Student, describe_error
from .versions import needed_version

MAX_LOSSES = 8
"""Of one cell; more of them tell nobody more."""

_USES_VALUES = re.compile(
    r"O(?<!\wO)ut\[|_(?<![\w}\"']_)(?:oh\b|\d+\b"
    r"|(?<!for _)(?<!, _)(?<!lambda _)_{0,2}\b(?![{\"']|\s*(?:,|=[^=]| in )))"
)
"""What looks like the value of an earlier cell; keeping those takes each cell apart."""

_NEEDS_LOOP = re.compile(r"\b(?:create_task|ensure_future|get_running_loop|current_task)\b")
"""What asks for the loop that runs, in a statement without ``await``."""

_PROMPT = re.compile(r"\s*In \[\d+\]: ")
"""A pasted prompt; `In [3]: x = 1` is Python too, and means something else."""

_ABSENT = object()

Json = dict[str, Any]
Report = Callable[[Json], None]


class Kernel:
    """Runs one submission's cells in its namespace.

    Parameters
    ----------
    script
        The file's name where the submission is a ``.py``: it runs as a script does.
    sources
        The texts of all cells.
    wanted
        Names of the assignment: a statement that would have bound one of them matters.
    report
        Sends a frame: where a cell is run with care, one before each of its statements.
    """

    def __init__(
        self,
        student: Student,
        shell: ZMQInteractiveShell,
        sources: Sequence[str],
        wanted: frozenset[str],
        report: Report,
    ) -> None:
        self._namespace = student.namespace
        self._shell = shell
        self._wanted = wanted
        self._report = report
        self._keeps_values = any(_USES_VALUES.search(source) for source in sources)
        self._interpreter = Interpreter(student.namespace, self._show)
        if "__file__" not in student.namespace:  # a script has no loop
            self._interpreter.within_loop = any(map(_NEEDS_LOOP.search, sources))
        self._count = 0
        self._cell: _Cell | None = None
        shell.enter(student.module)
        shell.run_body = self._run_body

    def run(self, cell: Json) -> Json:
        """Run one cell; return its report: what was lost, and whether a magic was left out."""
        self._count += 1
        self._shell.execution_count = self._count
        self._shell.skipped = False
        self._cell = current = _Cell(cell)
        current.remember()
        names = self._namespace
        names["_iii"], names["_ii"], names["_i"] = (
            names.get("_ii"),
            names.get("_i"),
            names["In"][-1],
        )
        names["In"].append(current.source)
        if cell.get("fallback"):
            self._run_damaged(current, Text(cell["fallback"], "<released>"))
        else:
            self._run_text(current.source)
        return {
            "type": "cell",
            "index": current.index,
            "losses": current.losses,
            "skipped": self._shell.skipped,
            "restored": current.restored,
            "stand_ins": bool(imports.used()),
        }

    def _run_damaged(self, current: _Cell, released: Text) -> None:
        """Run a cell that is not as it was released, and the released text after it where needed.

        It is needed where a statement was lost that it has too, or a name of it stands for what is
        not here, or is missing, since its line was deleted. A line that somebody added may fail:
        that is no damage. What the submission's own text has bound stays.
        """
        code = released.code(0)
        bound = [bound_names(statement) for statement in (released.statements() if code else ())]
        names = set().union(*bound)
        before = {name: self._namespace.get(name) for name in names}
        self._run_text(current.source)
        whole = {name for name in names if self._is_whole(name)}
        lost = current.lost if all(bound) else current.lost | ({""} if current.losses else set())
        if code is None or not (lost & (names | {""}) or names - whole):
            return
        own = {name: self._namespace[name] for name in whole}
        try:
            self._interpreter.run_code(code)
        except BaseException:  # the released text needs what is missing
            return
        current.restored = True
        for name, value in own.items():
            if value is not before[name]:
                self._namespace[name] = value

    def _is_whole(self, name: str) -> bool:
        """Tell whether a name is bound, and not to a stand-in for what is not here."""
        value = self._namespace.get(name, _ABSENT)
        return value is not _ABSENT and not issubclass(type(value), StandIn | StandInModule)

    def _run_text(self, source: str, offset: int = 0) -> None:
        """Run a text at once, and from the statement on that fails, one by one."""
        assert self._cell is not None  # noqa: S101 # run() has set it
        current = self._cell
        text = Text(source, current.name, offset)
        apart = current.careful or self._keeps_values or self._interpreter.within_loop
        apart = bool(apart or offset or _PROMPT.match(source))
        code = None if apart else text.code(self._interpreter.flags)
        if code is None:
            self._run_statements(self._statements(text))
            return
        imports.begin_statement()
        try:
            self._interpreter.run_code(code)
        except BaseException as error:  # whatever the submission raises ends the statement only
            self._go_on(error, code, text)
        else:
            if guards.guards.refused:
                self._settle_all(text.statements())

    def _go_on(self, error: BaseException, code: types.CodeType, text: Text) -> None:
        """Lose the statement that raised, and run those after it."""
        assert self._cell is not None  # noqa: S101 # run() has set it
        statements = text.statements()
        place = failing_statement(error, code, statements)
        if place is None:
            self._cell.lose(error, None, self._wanted)
            return
        if guards.guards.refused:
            self._settle_all(statements[:place])
        lost = self._settle(statements[place], error)
        if lost is not None:
            self._cell.lose(lost, statements[place], self._wanted)
        self._run_statements(list(statements[place + 1 :]))

    def _settle_all(self, statements: list[ast.stmt]) -> None:
        """Bind what refused imports would have bound, in statements that ran."""
        for statement in statements:
            self._settle(statement, None)

    def _statements(self, text: Text) -> list[ast.stmt | SyntaxError]:
        """Return the statements of a text: as it stands, as IPython reads it, or what is whole."""
        try:
            if not _PROMPT.match(text.source):
                return [*text.statements()]
        except BROKEN:
            pass
        read = self._read_by_ipython(text)
        try:
            return [*read.statements()]
        except BROKEN:
            return read.salvage()

    def _read_by_ipython(self, text: Text) -> Text:
        """Return the text with magics, shell lines and prompts made Python."""
        try:
            plain: str = self._shell.transform_cell(text.source)
        except Exception:  # whatever IPython meets in a text that is not Python
            return text
        # IPython drops empty lines at the top.
        dropped = len(text.source) - len(text.source.lstrip("\r\n"))
        first = text.source[:dropped].count("\n")
        return Text(plain, text.name, text.offset + first)

    def _run_statements(self, statements: list[ast.stmt | SyntaxError]) -> None:
        assert self._cell is not None  # noqa: S101 # run() has set it
        current = self._cell
        for place, statement in enumerate(statements):
            if not self._is_due(statement):
                continue
            if isinstance(statement, SyntaxError):
                current.lose(statement, statement, self._wanted)
                continue
            last = place == len(statements) - 1 and not current.is_silent
            imports.begin_statement()
            lost = self._settle(statement, self._attempt(statement, last=last))
            if lost is not None:
                current.lose(lost, statement, self._wanted)

    def _is_due(self, statement: ast.stmt | SyntaxError) -> bool:
        """Say where the cell stands, if it is run with care; no statement ends a child twice."""
        assert self._cell is not None  # noqa: S101 # run() has set it
        number = self._cell.number
        self._cell.number += 1
        if number in self._cell.skip:
            return False
        if self._cell.careful:
            place = {"index": self._cell.index, "number": number, "line": statement.lineno}
            matters = _matters(statement, self._wanted)
            self._report({"type": "statement", **place, "wanted": matters})
        return True

    def _attempt(self, statement: ast.stmt, *, last: bool = False) -> BaseException | None:
        assert self._cell is not None  # noqa: S101 # run() has set it
        try:
            self._interpreter.run_statement(statement, self._cell.name, last=last)
        except BaseException as error:  # whatever the submission raises
            return error
        return None

    def _settle(self, statement: ast.stmt, error: BaseException | None) -> BaseException | None:
        """After a statement ran, see to imports that were refused; return why it is lost, if so."""
        while True:
            if error is None:
                if not imports.complete(statement):
                    return None
            elif not imports.should_run_again(statement):
                return None if imports.bind_each(statement, error) else error
            error = self._attempt(statement)

    def _run_body(self, body: str) -> None:
        """Run what a magic holds: the end of the cell, or one line of it."""
        assert self._cell is not None  # noqa: S101 # run() has set it
        whole = self._cell.source
        at_end = whole.rstrip().endswith(body.rstrip()) and body.strip()
        offset = whole[: whole.rstrip().rindex(body.rstrip())].count("\n") if at_end else 0
        self._run_text(body, offset)

    def _show(self, value: Any) -> None:
        """Keep the last value where a kernel keeps it."""
        if value is None:
            return
        names = self._namespace
        names["__"], names["___"] = names.get("_", ""), names.get("__", "")
        names["_"] = names[f"_{self._count}"] = value
        names["Out"][self._count] = value


class _Cell:
    """One cell while it runs."""

    def __init__(self, described: Json) -> None:
        self.index: int = described["index"]
        self.source: str = described["source"]
        self.careful: bool = described.get("careful", False)
        self.skip = frozenset(described.get("skip", ()))
        self.name = f"<cell {self.index}>"
        self.is_silent = self.source.rstrip().endswith(";")
        self.number = 0
        self.restored = False
        self.losses: list[Json] = []
        self.lost: set[str] = set()  # names that nothing was bound to, "" for what binds none

    def remember(self) -> None:
        """Let ``inspect`` and tracebacks find the text."""
        lines = self.source.splitlines(keepends=True)
        linecache.cache[self.name] = (len(self.source), None, lines, self.name)

    def lose(
        self,
        error: BaseException,
        statement: ast.stmt | SyntaxError | None,
        wanted: frozenset[str],
    ) -> None:
        """Note a statement that was lost, at the line of this cell where it stood."""
        if isinstance(error, SystemExit):
            return
        self.lost |= {""} if statement is None else bound_names(statement)
        if len(self.losses) >= MAX_LOSSES:
            return
        described = describe_error(error)
        line, needs, broken = _line_in(self.name, error, statement), None, False
        if isinstance(error, SyntaxError) and error.filename == self.name:
            needs, broken = needed_version(error.text or ""), True
            line = (error.lineno or 1) + broken_line(error.text or "") - 1
        self.losses.append(
            {
                "error": {**described, "cell": self.index, "line": line},
                "syntax": broken,
                "needs": needs or "",
                "wanted": _matters(statement, wanted),
            }
        )


def _line_in(
    name: str, error: BaseException, statement: ast.stmt | SyntaxError | None
) -> int | None:
    """Return the line of a cell at which a statement stopped, seen from the top."""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == name:
            return number
    return None if statement is None else statement.lineno


def _matters(statement: ast.stmt | SyntaxError | None, wanted: frozenset[str]) -> bool:
    """Tell what defines something of the assignment, or a helper for it, from what only shows."""
    if statement is None:
        return False
    defines = isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.Import | ast.ImportFrom)
    return defines or bool(bound_names(statement) & wanted)
