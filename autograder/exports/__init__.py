"""Targets of ``export``, found by the entry point group ``autograder.exports``, ours without it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from importlib.metadata import entry_points

from autograder.errors import UsageError
from autograder.exports.base import Target

GROUP = "autograder.exports"


def all_targets() -> dict[str, Target]:
    """Return the targets by name: those in this folder, and those that other packages register."""
    found: dict[str, Target] = {}
    for module in pkgutil.iter_modules(__path__):
        for one in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if inspect.isclass(one) and issubclass(one, Target) and not inspect.isabstract(one):
                found[one.name] = one()
    for point in entry_points(group=GROUP):
        if point.name not in found:
            found[point.name] = point.load()()
    return dict(sorted(found.items()))


def find_target(name: str) -> Target:
    """Return a target by its name.

    Raises
    ------
    UsageError
        When there is none.
    """
    targets = all_targets()
    if name not in targets:
        raise UsageError(f"There is no target {name!r}", f"--to {'|'.join(targets)}|jplag")
    return targets[name]
