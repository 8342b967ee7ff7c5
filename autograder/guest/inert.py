"""Stand-ins for what a submission may call and grading does not need: present and silent.

A submission that draws is as right as one that does not, so its plots must not cost it a cell. And
the public checks of the handout define nothing: running them takes as long as all hidden cases.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np


class Inert:
    """Answers every attribute, call, index and context with something equally inert."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert()

    def __call__(self, *args: Any, **options: Any) -> Any:  # noqa: D102
        return Inert()

    def __getitem__(self, key: Any) -> Any:
        return Inert()

    def __setitem__(self, key: Any, value: Any) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter((Inert(), Inert()))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *details: object) -> None:
        return None


class InertProgress(Inert):
    """A progress bar that shows nothing and hands its items on: loops run as they should."""

    def __init__(self, iterable: Iterable[Any] | None = None, *args: Any, **options: Any) -> None:
        self._items = () if iterable is None else iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)  # type: ignore[arg-type] # as with the real one


def progress_range(*bounds: int, **_: Any) -> InertProgress:
    """Stand in for trange."""
    return InertProgress(range(*bounds))


def subplots(nrows: int = 1, ncols: int = 1, *_: Any, **__: Any) -> tuple[Any, Any]:
    """Return a figure and axes that unpack as Matplotlib's do."""
    axes = np.empty((nrows, ncols), dtype=object)
    for place in np.ndindex(nrows, ncols):
        axes[place] = Inert()
    squeezed = axes.squeeze()
    return Inert(), squeezed.item() if squeezed.ndim == 0 else squeezed


# What a program relies on: its loops must run, and its axes must unpack.
MEANINGFUL: dict[str, Any] = {
    "subplots": subplots,
    "tqdm": InertProgress,
    "tqdm_notebook": InertProgress,
    "trange": progress_range,
    "tnrange": progress_range,
}


class InertModule(types.ModuleType):
    """A module of which every name exists."""

    __path__ = []  # noqa: RUF012 # a package without a place

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return MEANINGFUL.get(name) or Inert()


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the packages named to it, and everything below them."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(
        self, fullname: str, path: Any, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for our packages, in the last place: an installed one is found before."""
        if fullname.partition(".")[0] in self._packages:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Make the inert module."""
        return InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


def silence_checks() -> None:
    """Let ``check(...)`` of the handout, which is imported already, do nothing."""
    checks = types.ModuleType("tinytorch.checks")
    checks.__dict__["check"] = lambda *_names, **_options: None
    sys.modules["tinytorch.checks"] = checks
    sys.modules["tinytorch"].__dict__["checks"] = checks


def install(packages: Sequence[str]) -> None:
    """Let ``import`` of the packages succeed where they are not installed."""
    sys.meta_path.append(Finder(packages))
