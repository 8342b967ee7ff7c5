"""Find the hidden cases of a course, record them, and give the whole set a digest."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Set
from pathlib import Path
from types import ModuleType

import msgspec
import yaml

from autograder.cases.program import Program
from autograder.cases.record import Recorder
from autograder.cases.terms import Terms, digest_of, terms_of
from autograder.config import Config
from autograder.errors import CaseError
from autograder.model import Kind, Record
from autograder.operations import operations

CaseFunction = Callable[[Recorder], None]

_MARK = "__autograder_case__"
TEXTS = Path("public") / "rules.yaml"
"""What the public checks say, below a course's tests."""


class Case(Record, frozen=True):
    """One hidden case. ``sentence`` is the docstring: all of it that a student ever reads."""

    id: str
    check: str
    kind: Kind
    sentence: str
    program: Program


class CaseSet(Record, frozen=True):
    """All the cases of a course, in the order in which they are graded.

    ``terms`` are all that decides a score beside the seed and the grader, and ``digest`` is theirs.
    """

    cases: tuple[Case, ...]
    digest: str
    terms: Terms

    def of_check(self, check_id: str) -> tuple[Case, ...]:
        """Return the cases of one check."""
        return tuple(case for case in self.cases if case.check == check_id)


def case(*, check: str, kind: Kind) -> Callable[[CaseFunction], CaseFunction]:
    """Mark a function as a hidden case of ``check``. Its docstring is its public sentence."""

    def mark(function: CaseFunction) -> CaseFunction:
        setattr(function, _MARK, (check, kind))
        return function

    return mark


def load_cases(folder: Path, config: Config, *, practice: bool = False) -> CaseSet:
    """Record the cases below ``folder`` that a course grades with.

    Cases of a check that the course has, by its texts, and that config.yaml switches off or leaves
    out are not among them.

    Parameters
    ----------
    practice
        Also those of checks that are worth nothing.

    Raises
    ------
    CaseError
        With a line for each case without a sentence, of an unknown check, with a name taken; for
        each check without cases: it would give points for nothing. Also for a case that observes
        nothing.
    """
    checks = config.all_checks + (config.practice if practice else ())
    order = {check.id: place for place, check in enumerate(checks)}
    say = config.wording.of_course
    recorded = sorted(
        (
            msgspec.structs.replace(found, sentence=say(found.sentence))
            for found in record_all(folder)
        ),
        key=lambda found: order.get(found.check, len(order)),
    )
    known = order.keys() | {check.id for check in config.ungraded} | texts_of(folder.parent).keys()
    known |= {check for operation in operations().values() for check in operation.checks}
    kind = "public" if folder.name == "public" else "hidden"
    _refuse_mistakes(recorded, known, order.keys(), kind)
    cases = [found for found in recorded if found.check in order]
    terms = terms_of(cases, config)
    return CaseSet(cases=tuple(cases), digest=digest_of(terms), terms=terms)


def texts_of(tests: Path) -> dict[str, object]:
    """Return what the course says of each of its checks, by id: also of those it leaves out."""
    path = tests / TEXTS
    if not path.is_file():
        return {}
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(found, dict):
        raise CaseError(f"{path}: says nothing of any check")
    return found


def record_all(folder: Path) -> list[Case]:
    """Record every case below a folder, whatever the course grades."""
    if not folder.is_dir():
        raise CaseError(f"There are no {folder.name} cases: {folder} is not a folder")
    return [_record(*found) for found in _functions(folder)]


def _functions(folder: Path) -> Iterator[tuple[CaseFunction, str, Kind]]:
    """Yield the functions of a folder and of the declared operations, each with check and kind."""
    for path in sorted(folder.glob("*.py")):
        for function in _marked(_load_module(path)):
            check, kind = getattr(function, _MARK)
            yield function, check, kind
    for operation in operations().values():
        for declared in operation.cases:
            yield declared, operation.checks[0], "gradient"


def _record(function: CaseFunction, check: str, kind: Kind) -> Case:
    recorder = Recorder()
    where = f"{Path(function.__code__.co_filename).name}: {function.__name__}"
    try:
        function(recorder)
        program = recorder.program()
    except CaseError as error:
        raise CaseError(f"{where}: {error.message}") from None
    except Exception as error:
        raise CaseError(f"{where}: {type(error).__name__}: {error}") from error
    return Case(
        id=f"{check}/{function.__name__}",
        check=check,
        kind=kind,
        sentence=(inspect.getdoc(function) or "").split("\n")[0],
        program=program,
    )


def places_of_cases(folder: Path) -> dict[str, tuple[Path, int]]:
    """Return the file and the line in which each case is defined, by the case's id."""
    return {
        f"{check}/{function.__name__}": (
            Path(function.__code__.co_filename), function.__code__.co_firstlineno
        )
        for function, check, _ in _functions(folder)
    }  # fmt: skip


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


def _refuse_mistakes(cases: list[Case], known: Set[str], wanted: Iterable[str], kind: str) -> None:
    seen: set[str] = set()
    wrong = []
    for found in cases:
        if found.check not in known:
            wrong.append(f"case {found.id}: config.yaml has no check {found.check!r}")
        if not found.sentence:
            wrong.append(f"case {found.id}: has no docstring for the student to read")
        if found.id in seen:
            wrong.append(f"case {found.id}: is defined twice")
        seen.add(found.id)
    covered = {found.check for found in cases}
    wrong += [
        f"check {empty!r} has no {kind} case, so it could give no points"
        for empty in wanted
        if empty not in covered
    ]
    if wrong:
        raise CaseError("\n".join(wrong))
