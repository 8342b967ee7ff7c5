"""The handout, as the worker has imported it and as a submission meets it."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import linecache
import sys
import types
from collections.abc import Sequence
from opcode import opmap
from pathlib import Path
from typing import Any

from .guards import importing_frame, is_guarded
from .standins import StandIn
from .uses import use

HANDOUT = ("tensor", "activations", "layers", "losses")
CORE = "tinytorch.core"
_IMPORT_FROM = opmap["IMPORT_FROM"]


class Waiting(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hands a module of the handout over at its first import, as if it were run only then.

    So a module that is imported after another one was reloaded is made anew, as at home: it must
    meet the new Tensor.
    """

    def find_spec(
        self, fullname: str, _path: Any, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for a module that waits; anything else is for Python to find."""
        if not fullname.startswith(f"{CORE}."):
            return None
        if target is None and fullname in _waiting and self._is_first():
            return importlib.machinery.ModuleSpec(fullname, self)
        if fullname.rpartition(".")[2] in HANDOUT:
            _waiting.clear()  # reloaded, or removed and imported again
        return None

    @staticmethod
    def _is_first() -> bool:
        """Tell whether the module of Tensor is the one that those who wait have met."""
        name = f"{CORE}.tensor"
        return name in _waiting or sys.modules.get(name) is _met.get(name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the module that waits."""
        return _waiting.pop(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Import what it imports, and give it back its own description."""
        module.__spec__ = module.__dict__.pop("__waited__")
        if module.__name__ != f"{CORE}.tensor":
            importlib.import_module(f"{CORE}.tensor")


_waiting: dict[str, types.ModuleType] = {}
_met: dict[str, types.ModuleType] = {}


def let_handout_wait() -> None:
    """Put the imported modules of the handout aside, before the worker forks."""
    core = sys.modules[CORE]
    for name in HANDOUT:
        module = sys.modules.pop(f"{CORE}.{name}")
        module.__dict__["__waited__"] = module.__spec__
        core.__dict__.pop(name, None)
        _waiting[module.__name__] = _met[module.__name__] = module
    sys.meta_path.insert(0, Waiting())


def import_handout() -> None:
    """Import what of the handout the submission has not: the cases use all of it."""
    for name in HANDOUT:
        try:
            importlib.import_module(f"{CORE}.{name}")
        except BaseException:  # a module of the student's may raise anything
            if _theirs.texts.pop(f"{CORE}.{name}", None) is None:
                raise
            importlib.import_module(f"{CORE}.{name}")


def use_theirs(modules: Sequence[Sequence[str]]) -> None:
    """Let modules of the student's stand for the handout's, whose others are then made anew.

    Parameters
    ----------
    modules
        Pairs of the handout's name for it and its text.
    """
    given = {name: text for name, text in modules if name in HANDOUT}
    if not given:
        return
    core = Path(sys.modules[CORE].__file__ or "").parent
    for name in HANDOUT:
        file = f"<submission: {CORE}.{name}>"
        if name not in given:  # the course's own, which lacks names like those that wait
            file = str(core / f"{name}.py")
            given[name] = Path(file).read_text(encoding="utf-8")
        _theirs.texts[f"{CORE}.{name}"] = file, given[name]
    _waiting.clear()
    sys.meta_path.insert(0, _theirs)


class Theirs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports modules of the student's from memory, by the names of the handout's."""

    def __init__(self) -> None:
        self.texts: dict[str, tuple[str, str]] = {}

    def find_spec(
        self, fullname: str, _path: Any, _target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for a module of the student's; anything else is for Python to find."""
        if fullname not in self.texts:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, _spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        """Leave it to Python."""
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        """Run its text, as code of the submission."""
        name, text = self.texts[module.__name__]
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        answer_missing_names(module.__name__)
        exec(compile(text, name, "exec"), module.__dict__)  # noqa: S102 # what the sandbox is for


_theirs = Theirs()


def silence_checks() -> None:
    """Let ``check(...)`` of the handout do nothing: its cases take as long as the hidden ones."""
    checks = types.ModuleType("tinytorch.checks")
    checks.__dict__["check"] = lambda *_names, **_options: None
    sys.modules["tinytorch.checks"] = checks
    sys.modules["tinytorch"].__dict__["checks"] = checks


def answer_missing_names(module_name: str) -> None:
    """Let ``from tinytorch.core.tensor import other`` give a stand-in, and nothing else do so."""
    module = _waiting.get(module_name) or sys.modules.get(module_name)
    if module is not None:
        module.__dict__["__getattr__"] = _Missing(module_name)


class _Missing:
    """The ``__getattr__`` of a module of the handout."""

    def __init__(self, module_name: str) -> None:
        self._module = module_name

    def __call__(self, name: str) -> Any:
        """Answer an import of a name; ``hasattr`` and ``getattr`` stay honest."""
        frame = sys._getframe(1)
        importing = frame.f_code.co_code[frame.f_lasti] == _IMPORT_FROM
        if importing and not name.startswith("__"):
            outer = importing_frame()
            if outer is not None and not is_guarded(outer):
                use(f"handout:{name}")
                return StandIn(f"handout:{name}", name)
        raise AttributeError(f"module {self._module!r} has no attribute {name!r}")
