"""The layouts, found by the entry point group ``autograder.sources``, ours even without it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from importlib.metadata import entry_points

from autograder.collect.sources.base import Place, Source
from autograder.errors import UsageError

GROUP = "autograder.sources"


def all_sources() -> dict[str, Source]:
    """Return the sources by name: those in this folder, and those that other packages register."""
    found: dict[str, Source] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name != "base":
            for one in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
                if inspect.isclass(one) and issubclass(one, Source) and not inspect.isabstract(one):
                    found[one.name] = one()
    for point in entry_points(group=GROUP):
        if point.name not in found:
            found[point.name] = point.load()()
    return found


def pick(place: Place, wanted: str = "") -> Source:
    """Return the source that reads a place: the one that was asked for, or the first to know it.

    Raises
    ------
    UsageError
        When there is none.
    """
    sources = all_sources()
    if wanted:
        if wanted not in sources:
            raise UsageError(
                f"There is no layout {wanted!r}", f"--from {'|'.join(sorted(sources))}"
            )
        return sources[wanted]
    for source in sorted(sources.values(), key=lambda one: one.rank):
        if source.recognises(place):
            return source
    raise UsageError(
        f"{place.name}: this is no layout that collect knows",
        f"Say which one it is: --from {'|'.join(sorted(sources))}",
    )
