"""Let a submission's imports mean what they mean where it was written.

Three things are looked up for code of a submission, and for no other code, once Python itself has
found nothing:

- the handout and the submission under other names: ``core.tensor``, ``tensor_dev``, ``.autograd``;
- a package that is not here: a stand-in, unless the import is *guarded*, which means that the code
  around it says what to do without;
- a name that a module lacks: a stand-in too.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import os
import re
import sys
import types
from pathlib import Path
from typing import Any

from .guards import guards, importing_frame, is_guarded
from .handout import CORE, HANDOUT, answer_missing_names, import_handout
from .standins import StandIn, StandInModule
from .uses import use, used_labels

_MODULE = re.compile(r"([a-z]+?)(?:_dev|_solution)?\Z")
_NUMBERED = re.compile(r"\d+_([a-z]+)\Z")
# Libraries with modules of the same names as the handout's.
_LIBRARIES = frozenset(
    re.findall(
        r"\w+",
        """torch tensorflow keras tf_keras jax flax mxnet paddle chainer theano tinygrad sklearn
        haiku equinox mindspore sonnet transformers fastai lightning pytorch_lightning numpy scipy
        torchvision optax micrograd""",
    )
)


class Home:
    """Where the submission's names are."""

    namespace: dict[str, Any] = {}  # noqa: RUF012 # replaced before anything runs


# What a runner of statements calls.


def install(namespace: dict[str, Any]) -> None:
    """Serve the imports of a submission from here on.

    Parameters
    ----------
    namespace
        Where its cells run. It gets a ``__package__``, so that relative imports have a meaning.
    """
    Home.namespace = namespace
    namespace["__package__"] = CORE
    for name in HANDOUT:
        answer_missing_names(f"{CORE}.{name}")
    sys.meta_path.append(LastResort())


def begin_statement() -> None:
    """Forget what the statement before asked for."""
    guards.refused = guards.insist = False


def after_cells() -> None:
    """Get ready for the cases: they use all of the handout, and are no statement of a cell."""
    begin_statement()
    import_handout()


def used() -> list[str]:
    """Return, and forget, what was replaced by stand-ins since the last call."""
    labels = list(used_labels)
    used_labels.clear()
    return labels


def should_run_again(statement: ast.stmt) -> bool:
    """Tell whether a statement that raised gave up because a guarded import was refused.

    If so, run it again: this time its imports are stand-ins.
    """
    if (
        not guards.refused
        or guards.insist
        or not isinstance(statement, ast.Try | ast.TryStar | ast.With | ast.If)
    ):
        return False
    guards.insist = True
    return True


def complete(statement: ast.stmt) -> bool:
    """Bind what a refused import would have bound, where the code around it has bound nothing.

    Returns
    -------
    bool
        Whether to run the statement again, as after :func:`should_run_again`: functions or classes
        that stand behind the import in the same block were left out with it.
    """
    if not guards.refused or guards.insist:
        return False
    nodes = _now(statement)
    left_out = any(
        isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in Home.namespace
        for node in nodes
    )
    if left_out:
        guards.insist = True
        return True
    kept = dict(used_labels)  # the code around it has said what to do without: nothing to tell
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if _bound_name(node, alias) not in Home.namespace:
                    bind(node, alias)
    used_labels.clear()
    used_labels.update(kept)
    return False


def bind_each(statement: ast.stmt, error: BaseException) -> bool:
    """After an import statement failed, bind its names one by one; False if it is none.

    A name that a module lacks becomes a stand-in, the others are bound as they are.
    """
    if not isinstance(statement, ast.Import | ast.ImportFrom) or not isinstance(
        error, ImportError | AttributeError
    ):
        return False
    for alias in statement.names:
        bind(statement, alias)
    return True


def bind(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> None:
    """Bind one name of an import statement, to a stand-in if there is nothing else."""
    if alias.name == "*":
        return
    name = _bound_name(node, alias)
    place = alias.name if isinstance(node, ast.Import) else node.module or ""
    guards.binding = True
    try:
        module = _import(place, getattr(node, "level", 0))
        if isinstance(node, ast.Import):
            value: Any = module if alias.asname else sys.modules[place.partition(".")[0]]
        else:
            value = _member(module, place, alias.name)
    except BaseException:  # a module of the submission's may raise anything
        label = place.partition(".")[0] or alias.name
        use(label)
        value = StandIn(label, alias.name)
    finally:
        guards.binding = False
    Home.namespace[name] = value


def _import(place: str, level: int) -> Any:
    if level:
        # Beyond the top there is nothing; the last part of the name says what is meant.
        parts = [*CORE.split(".")[: max(0, 3 - level)], *filter(None, place.split("."))]
        place = ".".join(parts)
    found = _alias_of(place) or place
    return importlib.import_module(found)


def _member(module: Any, place: str, name: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError:
        pass
    found = _alias_of(f"{module.__name__}.{name}")
    if found:
        return importlib.import_module(found)
    home = _home_of(module.__name__, name)
    if home is not None:
        return vars(home)[name]
    where = "handout" if module.__name__.startswith("tinytorch") else place.partition(".")[0]
    use(f"{where}:{name}")
    return StandIn(f"{where}:{name}", name)


def _home_of(package: str, name: str) -> types.ModuleType | None:
    """Return the handout's module with a name that its package does not pass on.

    A student's own package may pass on more.
    """
    if package not in {CORE, CORE.partition(".")[0]}:
        return None
    parts = (importlib.import_module(f"{CORE}.{part}") for part in HANDOUT)
    return next((part for part in parts if name in vars(part)), None)


def _bound_name(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    return alias.asname or (
        alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name
    )


def _now(node: ast.AST) -> list[ast.AST]:
    """Return a node and what lies in it, without the bodies of functions and classes."""
    found, waiting = [], [node]
    while waiting:
        node = waiting.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return found


# Where Python has found nothing.


class LastResort(importlib.abc.MetaPathFinder):
    """The last finder: other names of the handout, then stand-ins."""

    def find_spec(
        self, fullname: str, path: Any, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for an import in code of the submission."""
        frame = importing_frame()
        if frame is None:
            return None
        own = _look_here(fullname, path)
        if own is not None or target is not None:
            return own
        alias = _alias_of(fullname)
        if alias:
            return importlib.machinery.ModuleSpec(fullname, Alias(alias))
        package, _, name = fullname.rpartition(".")
        if is_guarded(frame) or _home_of(package, name) is not None:
            return None
        return importlib.machinery.ModuleSpec(fullname, Empty(), is_package=True)


def _look_here(fullname: str, path: Any) -> importlib.machinery.ModuleSpec | None:
    """Find a module that a cell has written into the working directory.

    What is listed of a folder there may be as old as one tick of a clock, so it is listed again.
    """
    here = os.getcwd()  # noqa: PTH109 # no pathlib for each import
    folders = [here] if path is None else [folder for folder in path if folder.startswith(here)]
    for folder in folders:
        finder = sys.path_importer_cache.get(folder)
        if finder is not None and hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()
    return importlib.machinery.PathFinder.find_spec(fullname, folders)


class Alias(importlib.abc.Loader):
    """Gives a module that is there under another name: the same object."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._spec: Any = None

    def create_module(self, _spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the module itself."""
        module = importlib.import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Give it back the description that the import system has just overwritten."""
        module.__spec__ = self._spec


class Empty(importlib.abc.Loader):
    """Makes stand-ins of packages."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Make one that knows what it stands for."""
        top, _, rest = spec.name.partition(".")
        label = top
        if rest and not isinstance(sys.modules.get(top), StandInModule):
            label = f"{'handout' if top == 'tinytorch' else top}:{rest.rpartition('.')[2]}"
        numbered = _NUMBERED.match(spec.name.rpartition(".")[2])
        if top in _LIBRARIES and not numbered:
            use(label)
            return StandInModule(spec.name, label)
        return Folder(spec.name, label, numbered[1] if numbered else "")

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


class Folder(StandInModule):
    """A package that may be a folder of the student's own: it holds the course's modules too.

    Parameters
    ----------
    part
        The module that a numbered folder is about: "tensor" for ``01_tensor``.
    """

    def __init__(self, name: str, label: str, part: str) -> None:
        super().__init__(name, label)
        self.__dict__["_part"] = "autograd" if name == "autograd" else part

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            alias = _alias_of(f"{self.__name__}.{name}")
            if alias:
                return importlib.import_module(alias)
            for part in (self.__dict__["_part"], *(HANDOUT if _is_folder(self.__name__) else ())):
                module = sys.modules.get(f"{CORE}.{part}")
                if module is not None and name in vars(module):
                    return vars(module)[name]
            use(self.__dict__["_label"])
        return super().__getattr__(name)


def _is_folder(name: str) -> bool:
    return re.fullmatch(r"(\w+\.)*(core|src|source|modules?|\w*tinytorch\w*)", name) is not None


def _alias_of(fullname: str) -> str | None:
    """Return the real name of a module of the course that is imported from somewhere else."""
    found = _MODULE.match(fullname.rpartition(".")[2])
    if found is None or fullname.partition(".")[0] in _LIBRARIES or fullname == "autograd":
        return None
    name = f"{CORE}.{found[1]}"
    return name if name != fullname and found[1] in (*HANDOUT, "autograd") else None


def alias_of_file(path: Path) -> str | None:
    """Return the handout's module that a file of the course would hold: ``01_tensor/tensor.py``."""
    return _alias_of(f"file.{re.sub(r'^[0-9]+_', '', path.stem)}")
