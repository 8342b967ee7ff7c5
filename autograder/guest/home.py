"""What a program finds at home and not in the sandbox: a person, a terminal, other programs.

Nothing of it can be had. It answers as where nobody types, and no other program is installed.
"""

from __future__ import annotations

import bdb
import builtins
import errno
import functools
import getpass
import importlib.machinery
import importlib.metadata
import importlib.util
import io
import json
import locale
import os
import pdb
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np

from . import aliases, imports
from .guards import is_guarded
from .standins import VERSION, StandIn

NOT_FOUND = 127
"""What a shell says of a command that it does not know."""
MOST_ASKED = 10_000
"""Answers that nobody types; a loop that waits for another one ends."""


def furnish() -> None:
    """Replace what would ask for more than there is; once, before the worker forks."""
    builtins.input = getpass.getpass = NoInput()
    _pass_breakpoints()
    for name in ("USER", "LOGNAME"):
        os.environ.setdefault(name, "student")
    os.getlogin = lambda: "student"
    os.get_terminal_size = lambda *_: os.terminal_size((80, 24))
    os.system = lambda command: NOT_FOUND << 8  # noqa: ARG005 # its name is public
    subprocess.Popen = NoProgram  # type: ignore[misc, assignment] # its place is taken
    os.utime = _set_times(os.utime)
    _keep_numpy_whole()
    aliases.restore(np)
    _write_stand_ins(json.JSONEncoder.default)
    _set_locale(locale.setlocale)
    _find_versions(importlib.metadata.version)
    _find_files(importlib.util.spec_from_file_location)


def _keep_numpy_whole() -> None:
    """Let NumPy's own modules find each other in a copy of its names.

    ``np.broadcast_to`` calls ``np.array``: a function of that name with another signature, which a
    submission puts there for itself, is no reason for NumPy to fail.
    """
    own = types.ModuleType(np.__name__, np.__doc__)
    vars(own).update(vars(np))
    for name, module in list(sys.modules.items()):
        if name.startswith("numpy.") and vars(module).get("np") is np:
            vars(module)["np"] = own


def _write_stand_ins(real: Any) -> None:
    def default(encoder: Any, o: Any) -> Any:
        """Write a stand-in as the text that it is printed as."""
        return repr(o) if isinstance(o, StandIn) else real(encoder, o)

    json.JSONEncoder.default = default  # type: ignore[method-assign, assignment]


class NoInput:
    """``input`` where nobody types: an empty line, each time until it is asked without end."""

    def __init__(self) -> None:
        self._asked = 0

    def __call__(self, *_prompt: object, **_options: object) -> str:
        """Answer with nothing."""
        self._asked += 1
        if self._asked > MOST_ASKED:
            raise EOFError("EOF when reading a line")
        return ""


def _pass_breakpoints() -> None:
    """Let a debugger go on where it would wait for a person: one was left in a rule."""
    sys.breakpointhook = lambda *_, **__: None
    bdb.Bdb.set_trace = lambda *_, **__: None  # type: ignore[method-assign] # it stops nowhere
    pdb.Pdb.interaction = go_on  # type: ignore[method-assign, assignment] # as above


def go_on(debugger: pdb.Pdb, *_details: Any, **_options: Any) -> None:
    """Answer a debugger that asks what to do."""
    debugger.set_continue()


def _set_times(real: Any) -> Any:
    @functools.wraps(real)
    def utime(path: Any, *times: Any, **options: Any) -> None:
        """Leave the times of a file as they are, where they cannot be set."""
        try:
            real(path, *times, **options)
        except PermissionError:
            os.stat(path)  # noqa: PTH116 # raises where there is no such file

    return utime


class NoProgram:
    """``subprocess.Popen`` where no program is installed, and a shell that finds none."""

    def __init__(self, args: Any, *_more: Any, **options: Any) -> None:
        if not options.get("shell"):
            name = args if isinstance(args, str | bytes | os.PathLike) else next(iter(args), "")
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(name))
        self.args, self.returncode, self.pid = args, NOT_FOUND, 0
        self._text = bool(
            options.get("text") or options.get("universal_newlines") or options.get("encoding")
        )
        self.stdin, self.stdout, self.stderr = (
            self._stream() if options.get(name) == subprocess.PIPE else None
            for name in ("stdin", "stdout", "stderr")
        )

    def __class_getitem__(cls, _kind: object) -> type:
        return cls

    def _stream(self) -> Any:
        return io.StringIO() if self._text else io.BytesIO()

    def __enter__(self) -> NoProgram:
        return self

    def __exit__(self, *_details: object) -> None:
        return None

    def communicate(self, *_args: Any, **_options: Any) -> tuple[Any, Any]:
        """Return what nobody has written."""
        nothing = "" if self._text else b""
        return nothing if self.stdout else None, nothing if self.stderr else None

    def poll(self, *_args: Any, **_options: Any) -> int:
        """Return what a shell says of an unknown command."""
        return NOT_FOUND

    wait = poll

    def kill(self, *_args: Any) -> None:
        """Do nothing: it has ended."""

    terminate = send_signal = kill


def _set_locale(real: Any) -> None:
    unknown = locale.Error

    def setlocale(category: int, locale: Any = None) -> str:
        """Set a locale; one that is not installed here counts as set."""
        try:
            return str(real(category, locale))
        except unknown:
            return locale if isinstance(locale, str) else "C.UTF-8"

    locale.setlocale = setlocale


def _find_versions(real: Any) -> None:
    def version(distribution_name: str) -> str:
        """Return a package's version: of what is imported, its own; of what is not here, some."""
        try:
            return str(real(distribution_name))
        except importlib.metadata.PackageNotFoundError:
            known = getattr(sys.modules.get(distribution_name), "__version__", None)
            if known is None and is_guarded(sys._getframe(1)):
                raise
            return known if isinstance(known, str) else VERSION

    importlib.metadata.version = version


def _find_files(real: Any) -> None:
    def spec_from_file_location(name: str, location: Any = None, **options: Any) -> Any:
        """Find the handout's module where a file of the course is named that is not here."""
        if location is not None and not Path(location).exists():
            alias = imports.alias_of_file(Path(location))
            if alias:
                return importlib.machinery.ModuleSpec(name, imports.Alias(alias))
        return real(name, location, **options)

    importlib.util.spec_from_file_location = spec_from_file_location
