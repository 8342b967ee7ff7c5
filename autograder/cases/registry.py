"""Find the hidden cases of a course, record them, and give the whole set a digest."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import msgspec

from autograder.cases.program import Program
from autograder.cases.record import Recorder
from autograder.config import Check, Config
from autograder.errors import CaseError
from autograder.model import Kind, Record

CaseFunction = Callable[[Recorder], None]

_MARK = "__autograder_case__"


class Case(Record, frozen=True):
    """One hidden case. ``sentence`` is the docstring: all of it that a student ever reads."""

    id: str
    check: str
    kind: Kind
    sentence: str
    program: Program


class CaseSet(Record, frozen=True):
    """All the cases of a course, in the order in which they are graded."""

    cases: tuple[Case, ...]
    digest: str

    def of_check(self, check_id: str) -> tuple[Case, ...]:
        """Return the cases of one check."""
        return tuple(case for case in self.cases if case.check == check_id)


def case(*, check: str, kind: Kind) -> Callable[[CaseFunction], CaseFunction]:
    """Mark a function as a hidden case of ``check``. Its docstring is its public sentence."""

    def mark(function: CaseFunction) -> CaseFunction:
        setattr(function, _MARK, (check, kind))
        return function

    return mark


def load_cases(folder: Path, config: Config) -> CaseSet:
    """Record every case below ``folder``.

    Raises
    ------
    CaseError
        For a case without a sentence, of an unknown check, with a name taken, one that observes
        nothing; for a check without cases: it would give points for nothing.
    """
    order = {check.id: place for place, check in enumerate(config.all_checks)}
    cases = sorted(_record_all(folder), key=lambda found: order.get(found.check, len(order)))
    _refuse_mistakes(cases, config.all_checks)
    return CaseSet(cases=tuple(cases), digest=_digest(cases, config))


def _record_all(folder: Path) -> list[Case]:
    if not folder.is_dir():
        raise CaseError(f"There are no hidden cases: {folder} is not a folder")
    cases = []
    for path in sorted(folder.glob("*.py")):
        for function in _marked(_load_module(path)):
            check, kind = getattr(function, _MARK)
            recorder = Recorder()
            try:
                function(recorder)
                program = recorder.program()
            except CaseError as error:
                raise CaseError(f"{path.name}: {function.__name__}: {error.message}") from None
            cases.append(
                Case(
                    id=f"{check}/{function.__name__}",
                    check=check,
                    kind=kind,
                    sentence=(inspect.getdoc(function) or "").split("\n")[0],
                    program=program,
                )
            )
    return cases


def _load_module(path: Path) -> ModuleType:
    name = f"_autograder_hidden_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CaseError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CaseError(f"{path}: {type(error).__name__}: {error}") from error
    return module


def _marked(module: ModuleType) -> Iterable[CaseFunction]:
    return [value for value in vars(module).values() if hasattr(value, _MARK)]


def _refuse_mistakes(cases: list[Case], checks: tuple[Check, ...]) -> None:
    kinds = {check.id: check.kind for check in checks}
    seen: set[str] = set()
    for found in cases:
        if found.check not in kinds:
            raise CaseError(f"case {found.id}: config.yaml has no check {found.check!r}")
        if not found.sentence:
            raise CaseError(f"case {found.id}: has no docstring for the student to read")
        if found.id in seen:
            raise CaseError(f"case {found.id}: is defined twice")
        seen.add(found.id)
    for empty in kinds.keys() - {found.check for found in cases}:
        raise CaseError(f"check {empty!r} has no hidden case, so it could give no points")


def _digest(cases: list[Case], config: Config) -> str:
    """Digest all that decides a score beside the seed: cases, points, limits, tolerance."""
    decisive = [cases, config.all_checks, config.checkpoints, config.limits, config.tolerance]
    return hashlib.sha256(msgspec.json.encode(decisive, order="deterministic")).hexdigest()[:16]
