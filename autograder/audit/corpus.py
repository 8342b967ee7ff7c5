"""All the wrong submissions: the catalogue in both styles, and the mechanical mutants."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import yaml

from autograder.audit.hosts import recursive_source, topological_source
from autograder.audit.mechanical import mechanical_mutants
from autograder.audit.mutants import apply_edits, load_catalogue
from autograder.cases.names import OPERATION_OF
from autograder.errors import CaseError
from autograder.model import Record

HOSTS = ("topological", "recursive")
QUICK_STRIDE = 9
ENGINE = "engine"
EQUIVALENT = Path("tests") / "mutants" / "equivalent.yaml"


class Sample(Record, frozen=True):
    """One wrong submission.

    Attributes
    ----------
    name
        Unique; a mechanical mutant is named by what it changes.
    family
        ``catalogue`` or ``mechanical``.
    host
        The right submission that it was made from.
    check
        The check that must notice it, where the catalogue names one.
    sentence
        How it is wrong.
    source
        The whole module.
    part
        The rule that is wrong, or ``engine``, where that is known.
    named
        The diagnoses that name the mistake, where the catalogue says so.
    proof
        Why no allowed program can tell it from the host; empty for a real mutant.
    """

    name: str
    family: str
    host: str
    check: str
    sentence: str
    source: str
    part: str = ""
    named: tuple[str, ...] = ()
    proof: str = ""


class Corpus:
    """The wrong submissions of a course.

    Parameters
    ----------
    course
        The course's folder.
    notebook
        The solution notebook.
    """

    def __init__(self, course: Path, notebook: Path) -> None:
        self._course = course
        self.hosts = {
            "topological": topological_source(notebook),
            "recursive": recursive_source(course),
        }
        self._proofs = load_equivalents(course / EQUIVALENT)

    def catalogue(self) -> Iterator[Sample]:
        """Yield each misconception in each style that can have it."""
        for entry in load_catalogue(self._course):
            for host in HOSTS:
                edits = entry.edits(host)
                if not edits:
                    if not entry.impossible:
                        raise CaseError(f"misconception {entry.id}: no edit for {host}, and no why")
                    continue
                source = apply_edits(self.hosts[host], edits, f"{entry.id} ({host})")
                yield Sample(
                    name=f"{entry.id} ({host})",
                    family="catalogue",
                    host=host,
                    check=entry.check,
                    sentence=entry.sentence,
                    source=source,
                    named=(entry.id, *entry.named),
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
                part=_part(mutant.place),
                proof=self._proofs.get(name, ""),
            )

    def stale_proofs(self, samples: list[Sample]) -> list[str]:
        """Return the names that are declared equivalent and do not exist."""
        return sorted(self._proofs.keys() - {sample.name for sample in samples})

    def diff(self, sample: Sample) -> str:
        """Return what the mutant changes, as a unified diff without context."""
        lines = difflib.unified_diff(
            self.hosts[sample.host].splitlines(), sample.source.splitlines(), lineterm="", n=0
        )
        return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def _part(place: str) -> str:
    """Return the rule in whose class a place lies; all else is the engine."""
    outermost = place.partition(".")[0]
    return outermost if outermost in OPERATION_OF else ENGINE


def load_equivalents(path: Path) -> dict[str, str]:
    """Return the proof of each mutant that is declared equivalent, by its name."""
    if not path.is_file():
        return {}
    proofs: dict[str, str] = {}
    for group in yaml.safe_load(path.read_text(encoding="utf-8")):
        for name in group["mutants"]:
            if name in proofs:
                raise CaseError(f"{path}: {name!r} is declared twice")
            proofs[name] = group["proof"]
    return proofs
