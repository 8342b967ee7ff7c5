"""Wrong submissions, made from right ones by small edits."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CaseError

Edit = tuple[str, str, str]


@dataclass(frozen=True)
class Misconception:
    """One entry of the catalogue.

    Attributes
    ----------
    id, sentence
        A name, and how the mistake looks, for a reader.
    check
        The check that must notice it first of all.
    topological, recursive
        Edits of the two host submissions; empty where the style cannot have the mistake.
    impossible
        Why, if so.
    named
        Other diagnoses that name this mistake: another word for it, or one that gives the very
        same numbers.
    """

    id: str
    check: str
    sentence: str
    topological: Sequence[Edit] = ()
    recursive: Sequence[Edit] = ()
    impossible: str = ""
    named: Sequence[str] = ()

    def edits(self, host: str) -> Sequence[Edit]:
        """Return the edits for one of the hosts."""
        return self.topological if host == "topological" else self.recursive


def apply_edits(source: str, edits: Sequence[Edit], name: str) -> str:
    """Return ``source`` after the edits.

    Raises
    ------
    CaseError
        When an anchor or the text to replace is not there: the mutant would be no mutant.
    """
    for anchor, old, new in edits:
        start = source.find(anchor)
        place = source.find(old, start) if start >= 0 else -1
        if place < 0:
            raise CaseError(f"mutant {name}: there is no {old!r} after {anchor!r}")
        source = source[:place] + new + source[place + len(old) :]
    return source


def load_catalogue(course: Path) -> tuple[Misconception, ...]:
    """Return the course's misconceptions."""
    path = course / "tests" / "mutants" / "catalogue.py"
    spec = importlib.util.spec_from_file_location("_autograder_catalogue", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise CaseError(f"There is no catalogue {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    catalogue: tuple[Misconception, ...] = module.CATALOGUE
    return catalogue
