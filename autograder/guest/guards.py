"""Which imports are a submission's, and which of them say what to do where they fail."""

from __future__ import annotations

import ast
import importlib
import linecache
import sys
import sysconfig
import types
from pathlib import Path

MAX_FRAMES = 200
_CATCHES_IMPORTS = frozenset(("ImportError", "ModuleNotFoundError", "PackageNotFoundError"))
_CATCHES_ALL = _CATCHES_IMPORTS | {"Exception", "BaseException"}
_THROUGH = ("<frozen importlib", str(Path(importlib.__file__ or "").parent / "__init__.py"))
_BESIDE = Path(__file__).resolve().parent.parent
"""Inside the walls, the folder of all that may be imported."""


class Guards:
    """What the statement that is running has met.

    Attributes
    ----------
    refused
        Whether a guarded import was refused in it.
    insist
        Whether it runs once more, with every import a stand-in.
    binding
        Whether it is the grader that imports for it, name by name.
    known
        Text of files, and their guarded lines.
    """

    def __init__(self) -> None:
        self.refused = False
        self.insist = False
        self.binding = False
        self.known: dict[str, tuple[str, frozenset[int], frozenset[int]]] = {}


guards = Guards()
guards = Guards()
_NUMPY = Path(sys.modules["numpy"].__file__ or "").parent.parent
_LIBRARIES = ("<frozen", sysconfig.get_path("stdlib"), str(_BESIDE), str(_NUMPY))


def importing_frame() -> types.FrameType | None:
    """Return the frame that imports if it runs code of the submission, else None."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith(_THROUGH):
        frame = frame.f_back
    if frame is None or guards.binding:
        return frame
    name = frame.f_code.co_filename
    return None if name.startswith(_LIBRARIES) else frame


def is_guarded(frame: types.FrameType) -> bool:
    """Tell whether the code says what to do where an import fails.

    The innermost frame counts with any handler that would catch the failure, the calls around it
    only where they name ImportError: ``except Exception`` around a long call means something else.
    """
    if guards.insist or guards.binding:
        return False
    innermost: bool = True
    found: types.FrameType | None = frame
    for _ in range(MAX_FRAMES):
        if found is None:
            break
        name = found.f_code.co_filename
        if not name.startswith(_LIBRARIES):
            every, specific = guarded_lines(name)
            if found.f_lineno in (every if innermost else specific):
                guards.refused = True
                return True
            innermost = False
        found = found.f_back
    return False


def guarded_lines(filename: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the lines in which a failing import is caught: by anything, and by name."""
    text = "".join(linecache.getlines(filename))
    known = guards.known.get(filename)
    if known is not None and known[0] == text:
        return known[1], known[2]
    every: set[int] = set()
    specific: set[int] = set()
    try:
        tree: ast.AST = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = ast.Module(body=[], type_ignores=[])
    for node in ast.walk(tree):
        caught = _caught(node)
        if caught & _CATCHES_ALL:
            lines = {line for part in node.body for line in _lines_now(part)}  # type: ignore[attr-defined] # only nodes with a body catch
            every |= lines
            specific |= lines if caught & _CATCHES_IMPORTS else set()
    guards.known[filename] = (text, frozenset(every), frozenset(specific))
    return frozenset(every), frozenset(specific)


def _caught(node: ast.AST) -> set[str]:
    """Return the names of exceptions that a ``try``, or a ``with suppress(...)``, catches."""
    names: set[str] = set()
    if isinstance(node, ast.Try | ast.TryStar):
        for handler in node.handlers:
            names |= {"BaseException"} if handler.type is None else _names(handler.type)
    elif isinstance(node, ast.With):
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and _names(call.func) & {"suppress"}:
                names |= {name for argument in call.args for name in _names(argument)}
    return names


def _names(node: ast.AST) -> set[str]:
    return {found.id if isinstance(found, ast.Name) else found.attr for found in ast.walk(node)
            if isinstance(found, ast.Name | ast.Attribute)}  # fmt: skip


def _lines_now(statement: ast.stmt) -> set[int]:
    """Return the lines of a statement, without the bodies of functions in it."""
    lines = set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines -= set(range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1))
    return lines
