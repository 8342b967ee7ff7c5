"""Wrong submissions, made from right ones by small edits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from autograder.config import base_of
from autograder.errors import CaseError
from autograder.grading.diagnosis.misconceptions import misconceptions
from autograder.operations import OPERATIONS, operations
from autograder.settings import load_python
from reference import KeptOnClass, Mistake

Edit = tuple[str, str, str]
ENGINE = "engine"
CATALOGUE = Path("tests") / "mutants" / "catalogue.py"
SLIPS = Path("tests") / "slips" / "slips.py"
_ANCHOR = re.compile(r"class (\w+)")


@dataclass(frozen=True)
class Misconception:
    """One entry of the catalogue.

    Attributes
    ----------
    id, sentence
        A name, and how the mistake looks, for a reader. A mistake that the diagnosis knows has its
        sentence there, and none here.
    check
        The check that must notice it first of all.
    topological, recursive
        Edits of the two host submissions; empty where the style cannot have the mistake.
    impossible
        Why, if so.
    named
        Other diagnoses that name this mistake: another word for it, or one that gives the very
        same numbers.
    rule
        The rule that the edits are about, where no class in the text says so.
    """

    id: str
    check: str
    sentence: str = ""
    topological: Sequence[Edit] = ()
    recursive: Sequence[Edit] = ()
    impossible: str = ""
    named: Sequence[str] = ()
    rule: str = ""

    def part(self, host: str) -> str:
        """Return the rule in whose class a mutant makes all of its edits, else the engine."""
        if self.rule:
            return self.rule
        found = [_ANCHOR.match(anchor) for anchor, _, _ in self.edits(host)]
        classes = {match[1] if match else ENGINE for match in found}
        return classes.pop() if len(classes) == 1 else ENGINE

    def edits(self, host: str) -> Sequence[Edit]:
        """Return the edits for one of the hosts."""
        return self.topological if host == "topological" else self.recursive


@dataclass(frozen=True)
class Slip:
    """One everyday slip in the solution.

    Attributes
    ----------
    check, part
        The check that it breaks, and what it changes: a rule's class, or ``engine``.
    codes
        The findings that name it; a star where any will do.
    says, hints
        What the finding's text and hint must hold.
    never
        What no finding of it may say.
    """

    id: str
    check: str
    part: str
    codes: Sequence[str]
    edits: Sequence[Edit]
    says: Sequence[str] = ()
    hints: Sequence[str] = ()
    never: Sequence[str] = ()


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
    known = {found.id: found.sentence for found in misconceptions()}
    catalogue: tuple[Misconception, ...] = tuple(
        replace(entry, sentence=entry.sentence or known.get(entry.id, entry.id))
        for entry in _load(course / CATALOGUE).CATALOGUE
    )
    # An edition's catalogue has those of the course that it is based on, in its own words.
    own = (course / OPERATIONS).is_dir() or base_of(course) is None
    return (*catalogue, *_declared()) if own else catalogue


def _declared() -> Iterator[Misconception]:
    """Yield the mistakes whose code stands with the operation."""
    for operation in operations().values():
        for mistake in operation.mistakes:
            if isinstance(mistake, KeptOnClass) or not mistake.code:
                continue
            id_, sentence = f"{operation.name}-drops-gradient", f"{operation.rule} forgets its G"
            if isinstance(mistake, Mistake):
                id_, sentence = mistake.id, mistake.sentence
            yield Misconception(
                id=id_,
                check=operation.checks[0],
                sentence=sentence,
                topological=((f"class {operation.rule}(", *mistake.code),),
                impossible="the mistake is declared with the operation, for the solution",
            )


def load_common(course: Path) -> tuple[str, ...]:
    """Return the ids of the mistakes that a simulated class makes."""
    common: tuple[str, ...] = _load(course / CATALOGUE).COMMON
    return common


def load_transplants(course: Path) -> dict[str, frozenset[str]]:
    """Return the variants that take rules of the solution as they are, and which rules."""
    found: dict[str, frozenset[str]] = _load(course / CATALOGUE).HOSTS
    return found


def load_slips(course: Path) -> tuple[Slip, ...]:
    """Return the course's everyday slips; none where it has no such folder."""
    if not (course / SLIPS).parent.is_dir():
        return ()
    slips: tuple[Slip, ...] = _load(course / SLIPS).SLIPS
    return slips


def _load(path: Path) -> ModuleType:
    return load_python(path, f"_autograder_{path.stem}", CaseError)
