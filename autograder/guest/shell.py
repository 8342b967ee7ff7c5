"""IPython, for what is not plain Python: magics, shell lines, help, prompts that were pasted.

The shell is made once, in the worker, and each child gives it the submission's namespace. It keeps
no history, has no profile and writes nothing. Cells of plain Python never come here.
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Callable
from typing import Any

from IPython.core.debugger import Pdb
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from IPython.utils.text import SList
from traitlets.config import Config

from .home import go_on

RunBody = Callable[[str], None]
"""Runs the body of a cell magic, statement by statement, in the submission's namespace."""

RUN_BY_IPYTHON = frozenset(
    {"time", "timeit", "capture", "pwd", "cd", "env", "set_env", "who", "who_ls", "whos", "reset",
     "precision", "psearch", "xdel", "reset_selective", "writefile", "file"}
)  # fmt: skip
WITHOUT_EFFECT = frozenset(
    {"matplotlib", "load_ext", "reload_ext", "unload_ext", "autoreload", "config", "html", "HTML",
     "javascript", "js", "latex", "markdown", "svg", "SVG", "pdb", "xmode", "colors", "aimport",
     "pinfo", "pinfo2", "pdoc", "psource", "pfile", "lsmagic", "magic", "quickref", "load",
     "automagic", "autosave", "notebook", "history", "hist", "rehashx", "dhist", "logstop", "debug",
     "tb", "gui", "page", "dirs", "bookmark", "alias_magic", "autocall", "connect_info",
     "doctest_mode", "tensorboard", "watermark"}
)  # fmt: skip
"""Magics that show something or set up the notebook's own surface: nothing is lost without them."""
WRITES = frozenset({"writefile", "file"})
BODY_IS_PYTHON = frozenset({"time", "prun", "python_body"})
_PYLAB = (
    "import numpy\nimport numpy as np\nfrom numpy import *\nfrom matplotlib import pyplot as plt\n"
)


class _NoProfile(ProfileDir):
    """A profile without a folder."""

    def check_dirs(self) -> None:
        """Make nothing."""


class ZMQInteractiveShell(InteractiveShell):
    """The shell of a submission; notebooks ask for the name of its class.

    Attributes
    ----------
    run_body
        See :data:`RunBody`; set by whoever runs cells.
    skipped
        Whether a magic or a shell line was left out that installs, runs or writes something.
    """

    def __init__(self, **options: Any) -> None:
        self.run_body: RunBody = _no_body
        self.skipped = False
        super().__init__(**options)  # type: ignore[no-untyped-call] # IPython names its arguments only

    def enter(self, module: Any) -> None:
        """Work in a submission's module from now on."""
        self.user_module = module
        self.user_ns = module.__dict__
        self.user_ns_hidden = {}
        self.init_user_ns()
        self.user_ns.update(dict.fromkeys(("_", "__", "___", "_i", "_ii", "_iii"), ""))

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run what computes, leave out what reaches outside."""
        if magic_name == "prun":
            return self.run_body(line)
        if magic_name == "pylab":
            return self.run_body(_PYLAB)
        if magic_name == "run":
            return self._run_file(line)
        if magic_name not in RUN_BY_IPYTHON:
            return self._leave_out(magic_name)
        if magic_name == "timeit":
            line = once(line)
        return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run the body of ``%%time`` and ``%%capture``, leave out ``%%bash`` and the like."""
        if magic_name in BODY_IS_PYTHON:
            return self.run_body(cell)
        if magic_name not in RUN_BY_IPYTHON:
            return self._leave_out(magic_name)
        if magic_name == "timeit":
            line = once(line)
        try:
            return super().run_cell_magic(magic_name, line, cell)  # type: ignore[no-untyped-call] # as above
        except OSError:
            if magic_name not in WRITES:
                raise
            return self._leave_out(magic_name)

    def _run_file(self, line: str) -> None:
        """Run a file that a cell has written; there are no others."""
        words = [word for word in line.split() if not word.startswith("-")]
        name = words[0].strip("\"'") if words else ""
        try:
            with open(name if name.endswith(".py") else f"{name}.py", encoding="utf-8") as file:  # noqa: PTH123 # a name of the student's own
                text = file.read()
        except (OSError, ValueError):
            return self._leave_out("run")
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec", dont_inherit=True), self.user_ns)  # noqa: S102 # what the sandbox is for
        return None

    def run_cell(self, raw_cell: str, *_: Any, **__: Any) -> None:
        """Run code that a magic holds, as the rest of the cell is run."""
        self.run_body(raw_cell)

    def system(self, cmd: str) -> None:
        """Leave a shell line out."""
        self.skipped = True

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Leave a shell line out whose output is wanted: there is none."""
        self.skipped = True
        return SList() if split else ""

    def showtraceback(self, *_: Any, **__: Any) -> None:
        """Let an exception inside a magic end the statement, as it ends it without the magic."""
        raise  # noqa: PLE0704 # IPython calls this while it handles one

    showsyntaxerror = showtraceback

    def ask_exit(self) -> None:
        """Go on: ``exit`` in a cell ends a kernel, and no grading."""

    def enable_gui(self, gui: Any = None) -> None:
        """Show nothing."""

    def enable_matplotlib(self, gui: Any = None) -> tuple[str, str]:
        """Draw nothing."""
        return "inline", "inline"

    def _leave_out(self, name: str) -> None:
        self.skipped = self.skipped or name not in WITHOUT_EFFECT


def once(line: str) -> str:
    """Return a ``%timeit`` line that runs once: what is measured here matters to nobody."""
    options, words = "", line.split(" ")
    while words and (
        not words[0] or words[0].startswith("-") or (options and words[0].isdecimal())
    ):
        options += words.pop(0)
    rest = " ".join(words)
    kept = [letter for letter in "oqct" if letter in options]
    return " ".join(["-n1 -r1", *(f"-{letter}" for letter in kept), rest])


def start_shell() -> ZMQInteractiveShell:
    """Make the one shell of this process: no history, no profile, no colours."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autocall = 0
    config.IPKernelApp = Config()  # notebooks look for it to know that they are one
    Pdb.interaction = go_on  # type: ignore[method-assign, assignment] # nobody types
    nowhere = _NoProfile()
    shell: ZMQInteractiveShell = ZMQInteractiveShell.instance(
        config=config, profile_dir=nowhere, ipython_dir=os.sep
    )
    return shell


def _no_body(_source: str) -> None:
    raise RuntimeError("no submission has been entered")
