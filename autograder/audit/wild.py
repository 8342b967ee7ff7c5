"""Right submissions as people really hand them in: changes that a notebook's meaning survives.

A course's ``tests/wild/kinds`` holds the changes. Each is applied to every correct submission, and
the grader must not notice.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.audit.fairness import variants
from autograder.audit.lacking import code_of, lacking
from autograder.config import Config
from autograder.errors import CaseError
from autograder.grading.grader import Exam, Grader
from autograder.model import Record, Result
from autograder.sandbox.isolation import Tier
from autograder.settings import load_python
from autograder.workers.forked import forked, stop_at_exit

KINDS = Path("tests") / "wild" / "kinds"
CHUNK = 8

Group = Literal["same", "layouts", "known-cells", "losses"]


@dataclass(frozen=True)
class HandIn:
    """A file as it arrives."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Transformation:
    """One thing that people do to a right notebook.

    Attributes
    ----------
    id, kind
        A name, and what it is an example of.
    sentence
        What a person did.
    hand_in
        Takes the file of a correct submission; None where the change makes no sense for it.
    group
        ``same``: a real kernel runs it without an error, to the same names. ``layouts``: it runs
        where the handout's modules lie elsewhere. ``known-cells``: cells of the assignment were
        damaged, which the grader mends and a kernel does not. ``losses``: statements in it fail,
        and cost themselves only.
    needs
        Packages that must be there for a real kernel to run it.
    adds
        Public names that a run has afterwards, beside those of the unchanged notebook.
    partial
        Whether it leaves out what the assignment does not ask for.
    may_cost
        Checks that it may cost; for ``losses`` only.
    """

    id: str
    kind: str
    sentence: str
    hand_in: Callable[[Path], HandIn | None]
    group: Group = "same"
    needs: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    partial: bool = False
    may_cost: tuple[str, ...] = ()


class Loss(Record, frozen=True):
    """What one correct submission lost by one change."""

    transformation: str
    host: str
    points: float
    checks: tuple[str, ...]
    told: tuple[str, ...]


class Trial(Record, frozen=True):
    """One grading: a submission that a change could not be made to has ``graded`` false."""

    transformation: str
    host: str
    graded: bool
    loss: Loss | None = None


Pair = tuple[str, Path]


def load_transformations(course: Path) -> dict[str, Transformation]:
    """Return the course's transformations by their ids, in their order.

    Raises
    ------
    CaseError
        When there are none.
    """
    name, folder = "_autograder_wild", course / KINDS
    path = folder / "__init__.py"
    if not path.is_file():
        raise CaseError(f"There are no transformations in {folder}")
    for loaded in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[loaded]
    module = load_python(path, name, CaseError, package=True)
    library: tuple[Transformation, ...] = module.TRANSFORMATIONS
    return {transformation.id: transformation for transformation in library}


def right_submissions(course: Path, solution: Path) -> list[Path]:
    """Return the solved notebook and every correct variant."""
    return [solution, *variants(course)]


def every_pair(library: dict[str, Transformation], hosts: Sequence[Path]) -> list[Pair]:
    """Pair every transformation with every correct submission."""
    return [(name, host) for name in library for host in hosts]


def rotating_pairs(library: dict[str, Transformation], hosts: Sequence[Path]) -> list[Pair]:
    """Pair every transformation with one submission, in turn.

    A submission that a change cannot be made to is passed over.
    """
    pairs = []
    for place, (name, transformation) in enumerate(library.items()):
        turn = [hosts[(place + step) % len(hosts)] for step in range(len(hosts))]
        first = next((host for host in turn if transformation.hand_in(host) is not None), None)
        pairs += [(name, first)] if first else []
    return pairs


def try_wild(
    exam: Exam,
    tier: Tier,
    library: dict[str, Transformation],
    pairs: Sequence[Pair],
    processes: int,
) -> Iterator[Trial]:
    """Grade pairs of a transformation and a correct submission; yield each as it finishes.

    The unchanged submissions are graded first. What they lose of the extra credit, a changed one
    may lose too.
    """
    hosts = sorted({host for _, host in pairs})
    exam.compute()
    with forked(processes, _start, exam, tier, library) as pool:
        passed = dict(zip(hosts, pool.map(_passed_unchanged, hosts), strict=True))
        chunks = [pairs[start : start + CHUNK] for start in range(0, len(pairs), CHUNK)]
        for future in as_completed([pool.submit(_try, chunk, passed) for chunk in chunks]):
            yield from future.result()


_grader: Grader
_config: Config
_library: dict[str, Transformation]
_timed: frozenset[str]


def _start(exam: Exam, tier: Tier, library: dict[str, Transformation]) -> None:
    global _grader, _config, _library, _timed  # noqa: PLW0603 # for the life of a process
    worker = stop_at_exit(exam.worker(tier))
    _grader, _config, _library = Grader(exam, worker), exam.config, library
    # Extra credit for speed may come and go on a busy machine.
    _timed = frozenset(case.check for case in exam.case_set.cases if case.program.about_cost)


def _passed_unchanged(host: Path) -> frozenset[str]:
    return _passed(_grader.grade(host).result)


def _try(pairs: Sequence[Pair], passed: dict[Path, frozenset[str]]) -> list[Trial]:
    return [_try_one(_library[name], host, passed[host]) for name, host in pairs]


def _try_one(transformation: Transformation, host: Path, before: frozenset[str]) -> Trial:
    handed_in = transformation.hand_in(host)
    if handed_in is None:
        return Trial(transformation=transformation.id, host=host.name, graded=False)
    with tempfile.TemporaryDirectory(prefix="autograder-wild-") as folder:
        path = Path(folder) / handed_in.name
        path.write_bytes(handed_in.data)
        result = _grader.grade(path).result
    return Trial(
        transformation=transformation.id,
        host=host.name,
        graded=True,
        loss=_find_loss(transformation, host, before, result),
    )


def _find_loss(
    transformation: Transformation, host: Path, before: frozenset[str], result: Result
) -> Loss | None:
    required = {check.id for check in _config.checks} - lacking(code_of(host), _config)
    owed = (required | (before - _timed)) - set(transformation.may_cost)
    lost = [check.id for check in result.checks if check.id in owed - _passed(result)]
    if not lost:
        return None
    outcome = [result.outcome.message] if result.outcome else []
    return Loss(
        transformation=transformation.id,
        host=host.name,
        points=round(result.max_score - result.score, 2),
        checks=tuple(lost),
        told=(*outcome, *result.notes),
    )


def _passed(result: Result) -> frozenset[str]:
    return frozenset(check.id for check in result.checks if check.status == "passed")
