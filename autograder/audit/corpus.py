"""All the wrong submissions: the catalogue in several styles, and the mechanical mutants."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from autograder.audit.hosts import (
    recursive_source,
    topological_source,
    transplant,
    variant_source,
)
from autograder.audit.mechanical import mechanical_mutants
from autograder.audit.mutants import (
    ENGINE,
    Edit,
    Misconception,
    apply_edits,
    load_catalogue,
    load_slips,
    load_transplants,
)
from autograder.contract import Contract, declared
from autograder.errors import CaseError
from autograder.model import Record
from autograder.settings import faults_of, read_yaml, told

HOSTS = ("topological", "recursive")
QUICK_STRIDE = 9
QUICK_PAIRS = 2
QUICK_TRANSPLANTS = 5
PAIR_APART = 17
"""How far apart in the catalogue the two mistakes of a pair stand."""
EQUIVALENT = Path("tests") / "mutants" / "equivalent.yaml"


class Sample(Record, frozen=True):
    """One wrong submission.

    Attributes
    ----------
    name
        Unique; a mechanical mutant is named by what it changes.
    family
        ``catalogue``, ``pairs``, ``slips`` or ``mechanical``.
    host
        The right submission that it was made from.
    check
        The check that must notice it, where the catalogue names one.
    sentence
        How it is wrong.
    source
        The whole module.
    parts
        The rules that are wrong, or ``engine``.
    named
        The diagnoses that name the mistake, where the catalogue says so.
    never
        What no finding may say of it.
    proof
        Why no allowed program can tell it from the host; empty for a real mutant.
    """

    name: str
    family: str
    host: str
    check: str
    sentence: str
    source: str
    parts: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    proof: str = ""


class Corpus:
    """The wrong submissions of a course.

    Parameters
    ----------
    course
        The course's folder.
    notebook
        The solution notebook.
    names
        What its classes are called; as the course declares them by default.
    graded
        The checks of which mutants are wanted; all of them, if left out.
    unmade
        Takes the names of entries that cannot be made from the solution as it is now; without it
        they are errors.
    """

    def __init__(
        self,
        course: Path,
        notebook: Path,
        names: Contract | None = None,
        graded: Collection[str] | None = None,
        unmade: dict[str, str] | None = None,
    ) -> None:
        self._course = course
        self._graded = graded
        self._unmade = unmade
        names = declared() if names is None else names
        self._rules = {names[key]: key for key in names.operations}
        self.hosts = {
            "topological": topological_source(notebook),
            "recursive": recursive_source(course),
        }
        self._transplants = load_transplants(course)
        self.hosts |= {name: variant_source(course, name) for name in self._transplants}
        self._proofs = load_equivalents(course / EQUIVALENT)

    def _is_graded(self, check: str) -> bool:
        return self._graded is None or check in self._graded

    def _entries(self) -> list[Misconception]:
        return [entry for entry in load_catalogue(self._course) if self._is_graded(entry.check)]

    def _edited(self, host: str, edits: Sequence[Edit], name: str) -> str | None:
        """Return a host after edits; None where its text no longer has what they change."""
        try:
            return apply_edits(self.hosts[host], edits, name)
        except CaseError as error:
            if self._unmade is None:
                raise
            self._unmade[name] = error.message
            return None

    def catalogue(self) -> Iterator[Sample]:
        """Yield each misconception in each style that can have it."""
        for entry in self._entries():
            for host in HOSTS:
                edits = entry.edits(host)
                if not edits:
                    if not entry.impossible:
                        raise CaseError(f"misconception {entry.id}: no edit for {host}, and no why")
                    continue
                source = self._edited(host, edits, f"{entry.id} ({host})")
                if source is None:
                    continue
                yield Sample(
                    name=f"{entry.id} ({host})",
                    family="catalogue",
                    host=host,
                    check=entry.check,
                    sentence=entry.sentence,
                    source=source,
                    parts=(entry.part(host),),
                    named=(entry.id, *entry.named),
                )

    def transplants(self) -> Iterator[Sample]:
        """Yield the catalogue's wrong rules of the solution in engines of other styles."""
        for entry in self._entries():
            part = entry.part("topological")
            for host, rules in self._transplants.items():
                if part not in rules:
                    continue
                wrong = self._edited("topological", entry.topological, entry.id)
                if wrong is None:
                    continue
                yield Sample(
                    name=f"{entry.id} ({host})",
                    family="catalogue",
                    host=host,
                    check=entry.check,
                    sentence=entry.sentence,
                    source=transplant(self.hosts[host], wrong, part),
                    parts=(part,),
                    named=(entry.id, *entry.named),
                )

    def pairs(self) -> Iterator[Sample]:
        """Yield mutants with two mistakes of the catalogue, in two different parts."""
        entries = [entry for entry in self._entries() if entry.topological]
        for first, second in zip(entries, entries[PAIR_APART:], strict=False):
            parts = (first.part("topological"), second.part("topological"))
            edits = [*first.topological, *second.topological]
            try:
                source = apply_edits(self.hosts["topological"], edits, first.id)
            except CaseError:  # both change the same text
                continue
            if parts[0] != parts[1]:
                yield Sample(
                    name=f"{first.id} with {second.id}",
                    family="pairs",
                    host="topological",
                    check="",
                    sentence=f"{first.sentence}; {second.sentence}",
                    source=source,
                    parts=parts,
                )

    def slips(self) -> Iterator[Sample]:
        """Yield the everyday slips."""
        for slip in load_slips(self._course):
            if not self._is_graded(slip.check):
                continue
            source = self._edited("topological", slip.edits, slip.id)
            if source is None:
                continue
            yield Sample(
                name=slip.id,
                family="slips",
                host="topological",
                check=slip.check,
                sentence=slip.id.replace("-", " "),
                source=source,
                parts=(slip.part,),
                named=() if "*" in slip.codes else tuple(slip.codes),
                never=tuple(slip.never),
            )

    def mechanical(self) -> Iterator[Sample]:
        """Yield every small change of the solution."""
        names: dict[str, int] = {}
        for mutant in mechanical_mutants(self.hosts["topological"]):
            names[mutant.key] = names.get(mutant.key, 0) + 1
            repeat = names[mutant.key]
            name = mutant.key if repeat == 1 else f"{mutant.key} ({repeat})"
            yield Sample(
                name=name,
                family="mechanical",
                host="topological",
                check="",
                sentence=mutant.operator,
                source=mutant.source,
                parts=(self._part(mutant.place),),
                proof=self._proofs.get(name, ""),
            )

    def selection(self, mechanical: Sequence[Sample], *, full: bool) -> list[Sample]:
        """Return every mutant, or of the many kinds a fixed selection."""
        return [
            *self.catalogue(),
            *list(self.transplants())[:: 1 if full else QUICK_TRANSPLANTS],
            *list(self.pairs())[:: 1 if full else QUICK_PAIRS],
            *self.slips(),
            *mechanical[:: 1 if full else QUICK_STRIDE],
        ]

    def stale_proofs(self, samples: list[Sample]) -> list[str]:
        """Return the names that are declared equivalent and do not exist, in parts that do."""
        there = self._defined()
        gone = self._proofs.keys() - {sample.name for sample in samples}
        return sorted(name for name in gone if _place(name) in there)

    def _defined(self) -> set[str]:
        """Return the names that the solution defines at its top level."""
        kinds = (ast.ClassDef, ast.FunctionDef)
        tree = ast.parse(self.hosts["topological"])
        return {node.name for node in tree.body if isinstance(node, kinds)} | {"module"}

    def _part(self, place: str) -> str:
        """Return the rule in whose class a place lies; all else is the engine."""
        return self._rules.get(place.partition(".")[0], ENGINE)

    def diff(self, sample: Sample) -> str:
        """Return what the mutant changes, as a unified diff without context."""
        lines = difflib.unified_diff(
            self.hosts[sample.host].splitlines(), sample.source.splitlines(), lineterm="", n=0
        )
        return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def _place(name: str) -> str:
    """Return the outermost class or function in which a mutant lies, by its name."""
    return name.partition(":")[0].partition(".")[0]


class _Proven(Record, frozen=True, forbid_unknown_fields=True):
    """Mutants that one proof is about."""

    proof: str
    mutants: tuple[str, ...]


def load_equivalents(path: Path) -> dict[str, str]:
    """Return the proof of each mutant that is declared equivalent, by its name.

    Raises
    ------
    CaseError
        When the file is no list of proofs and mutants, with the line; or names a mutant twice.
    """
    if not path.is_file():
        return {}
    raw = read_yaml(path, CaseError) or []
    faults = told(path, faults_of(raw, tuple[_Proven, ...]))
    if faults:
        raise CaseError("\n".join(faults))
    proofs: dict[str, str] = {}
    for group in msgspec.convert(raw, tuple[_Proven, ...]):
        for name in group.mutants:
            if name in proofs:
                raise CaseError(f"{path}: {name!r} is declared twice")
            proofs[name] = group.proof
    return proofs
