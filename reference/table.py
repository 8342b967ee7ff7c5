"""All operations of a course, and reading them from its folder."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from .operation import Draw, Operation, Rules, undefined

FOLDER = "operations"
DECLARED = "OPERATION"
"""What each file of the folder defines."""
WORDS = frozenset({"label", "written", "sign", "mistakes", "text", "cases"})
"""Columns that only say something; what cases are is in the terms of an exam already."""
_NEEDED = (
    "name", "rule", "gradient", "domain", "label", "written", "words", "checks", "example",
)  # fmt: skip


class Undeclared(Exception):  # noqa: N818 - it says what is missing, and where
    """A declaration that is missing, incomplete or no Python.

    Attributes
    ----------
    faults
        One line each: file, field, and what is wrong.
    """

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class Operations(Mapping[str, Operation]):
    """The operations of a course by name, and what is looked up most.

    Attributes
    ----------
    forward, rules
        Functions and gradient rules by operation.
    rule_of, operation_of
        The class of an operation, and the operation of a class.
    digest
        Of all that decides an expected value or a point: reworded sentences change nothing.
    """

    def __init__(self, operations: Iterable[Operation], digest: str = "") -> None:
        self._by_name = {operation.name: operation for operation in operations}
        self.digest = digest
        self.forward: dict[str, Callable[..., Any]] = {
            name: operation.forward for name, operation in self._by_name.items()
        }
        self.rules: dict[str, Rules] = {
            name: operation.gradient for name, operation in self._by_name.items()
        }
        self.rule_of = {name: operation.rule for name, operation in self._by_name.items()}
        self.operation_of = {rule: name for name, rule in self.rule_of.items()}
        self._signatures: dict[str, inspect.Signature] = {}

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __getitem__(self, name: str) -> Operation:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name  # each step of each program asks

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def signature(self, name: str) -> inspect.Signature:
        """Return the signature of an operation; finding it takes longer than most operations."""
        if name not in self._signatures:
            self._signatures[name] = inspect.signature(self.forward[name])
        return self._signatures[name]

    def options(self, name: str) -> dict[str, Any]:
        """Return the options of an operation with their defaults, in order."""
        parameters = self.signature(name).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}

    def having(self, **columns: object) -> frozenset[str]:
        """Return the operations whose columns have some values."""
        return frozenset(
            name
            for name, operation in self._by_name.items()
            if all(getattr(operation, column) == value for column, value in columns.items())
        )

    def written_with(self, operator: str) -> str:
        """Return the operation that a program writes with a sign; empty where there is none."""
        return next(
            (name for name, one in self._by_name.items() if one.run.operator == operator), ""
        )


def read_operations(folder: Path, checks: tuple[str, ...] = ()) -> Operations:
    """Read every file of a folder: each declares one operation.

    Parameters
    ----------
    checks
        Ids of a course's checks: operations come in the order of theirs, and others last.

    Raises
    ------
    Undeclared
        With every fault of every file at once.
    """
    paths = sorted(folder.glob("*.py"))
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return _read(folder, digest.hexdigest()[:16], tuple(path.stem for path in paths), checks)


@functools.lru_cache(maxsize=16)
def _read(
    folder: Path, version: str, stems: tuple[str, ...], checks: tuple[str, ...]
) -> Operations:
    package = _package(folder, version)
    found: list[Operation] = []
    faults: list[str] = []
    for stem in stems:
        where = f"{folder.parent.name}/{FOLDER}/{stem}.py"
        try:
            module = importlib.import_module(f"{package}.{stem}")
        except (Exception, SystemExit) as error:
            line = _line_of(error, str(folder / f"{stem}.py"))
            said = error.msg if isinstance(error, SyntaxError) else str(error)
            faults.append(f"{where}{line}: {type(error).__name__}{f': {said}' if said else ''}")
            continue
        declared = getattr(module, DECLARED, None)
        if not isinstance(declared, Operation):
            faults.append(f"{where}: it defines no {DECLARED} = Operation(…)")
            continue
        faults += [f"{where}: {fault}" for fault in faults_of(declared)]
        found.append(declared)
    names = [operation.name for operation in found] + [operation.rule for operation in found]
    faults += [
        f"{folder.parent.name}/{FOLDER}/: {name} is declared twice"
        for name in names
        if names.count(name) > 1
    ]
    if not stems:
        faults.append(f"{folder}: no operation is declared")
    if faults:
        raise Undeclared(dict.fromkeys(faults))
    place = {check: number for number, check in enumerate(checks)}
    found.sort(key=lambda one: min(place.get(check, len(place)) for check in one.checks))
    return Operations(found, _digest(folder, stems))


def _line_of(error: BaseException, file: str) -> str:
    """Return ", line 3" for where in a file an exception came from; empty where not in it."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return f", line {error.lineno}" if error.lineno else ""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    return f", line {lines[-1]}" if lines else ""


def _package(folder: Path, version: str) -> str:
    """Make a package of a folder, so that its files can import from each other."""
    name = f"_operations_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}_{version}"
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package
    return name


def faults_of(operation: Operation) -> list[str]:
    """Return what is missing in a declaration, by column."""
    name = operation.name or "an operation without a name"
    faults = [f"{column} of {name} not defined" for column in _NEEDED
              if not getattr(operation, column)]  # fmt: skip
    run = operation.run
    if not any((run.operator, run.method, run.made, run.function)):
        faults.append(f"run of {name} not defined: an operator, a method, a class or a function")
    if operation.forward is undefined:
        return [*faults, f"forward of {name} not defined"]
    kinds = [
        parameter.kind for parameter in inspect.signature(operation.forward).parameters.values()
    ]
    operands = kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD)
    faults += [
        f"{column} of {name} has {count} entries, and forward takes {operands} operands"
        for column in ("gradient", "domain", "example")
        if 0 != (count := len(getattr(operation, column))) != operands
    ]
    faults += [f"domain of {name}: {draw!r} is no way to draw" for draw in operation.domain
               if draw not in get_args(Draw)]  # fmt: skip
    return faults


def _digest(folder: Path, stems: Iterable[str]) -> str:
    """Digest the code of the declarations without the columns that only say something."""
    digest = hashlib.sha256()
    for stem in stems:
        tree = ast.parse((folder / f"{stem}.py").read_bytes())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                node.keywords = [each for each in node.keywords if each.arg not in WORDS]
            if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node):
                node.body = node.body[1:]
        digest.update(stem.encode() + b"\0" + ast.dump(tree).encode() + b"\0")
    return digest.hexdigest()[:16]
