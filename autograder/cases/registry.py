"""Find the hidden cases of a course, record them, and give the whole set a digest."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Set
from pathlib import Path
from types import ModuleType

import msgspec

from autograder.cases.program import Program
from autograder.cases.record import Recorder
from autograder.cases.terms import Terms, digest_of, terms_of
from autograder.config import Config
from autograder.errors import CaseError
from autograder.model import Kind, Record
from autograder.operations import operations
from autograder.settings import did_you_mean, line_of, load_python, read_yaml, what_raised

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
    by_place, faults = _record_each(folder)
    recorded = sorted(
        (msgspec.structs.replace(found, sentence=say(found.sentence)) for _, found in by_place),
        key=lambda found: order.get(found.check, len(order)),
    )
    known = order.keys() | {check.id for check in config.ungraded}
    known |= {check for operation in operations().values() for check in operation.checks}
    try:
        known |= texts_of(folder.parent).keys()
    except CaseError as error:
        faults.append(error.message)
        known |= {found.check for found in recorded}  # which nobody can tell now
    kind = "public" if folder.name == "public" else "hidden"
    faults += _mistakes(by_place, known)
    if not faults:  # else the missing ones may be those that cannot be read
        covered = {found.check for found in recorded}
        faults += [
            f"check {empty!r} has no {kind} case, so it could give no points"
            for empty in order
            if empty not in covered
        ]
    _refuse(faults)
    cases = [found for found in recorded if found.check in order]
    terms = terms_of(cases, config)
    return CaseSet(cases=tuple(cases), digest=digest_of(terms), terms=terms)


def texts_of(tests: Path) -> dict[str, object]:
    """Return what the course says of each of its checks, by id: also of those it leaves out."""
    path = tests / TEXTS
    if not path.is_file():
        return {}
    found = read_yaml(path, CaseError)
    if not isinstance(found, dict):
        raise CaseError(f"{path}: says nothing of any check")
    return found


def record_all(folder: Path) -> list[Case]:
    """Record every case below a folder, whatever the course grades.

    Raises
    ------
    CaseError
        With a line for each file that cannot be read, and each case that cannot be recorded.
    """
    found, faults = _record_each(folder)
    _refuse(faults)
    return [case for _, case in found]


def _refuse(faults: Iterable[str]) -> None:
    said = "\n".join(dict.fromkeys(faults))
    if said:
        raise CaseError(said)


def _record_each(folder: Path) -> tuple[list[tuple[str, Case]], list[str]]:
    """Return the cases below a folder, each with its place, and what is wrong with others."""
    if not folder.is_dir():
        raise CaseError(f"There are no {folder.name} cases: {folder} is not a folder")
    cases: list[tuple[str, Case]] = []
    functions, faults = _functions(folder)
    failed: dict[str, list[str]] = {}
    for function, check, kind in functions:
        code = function.__code__
        place = f"{_shown(Path(code.co_filename))}, line {code.co_firstlineno}"
        try:
            cases.append((place, _record(function, check, kind)))
        except CaseError as error:
            failed.setdefault(error.message, []).append(f"{place}: {function.__name__}")
    for message, places in failed.items():
        more = f" (and so in {len(places) - 1} more cases)" if len(places) > 1 else ""
        faults.append(f"{places[0]}: {message}{more}")
    return cases, faults


def _shown(path: Path) -> str:
    """Return a file of cases as seen from the course's folder: tests/hidden/shape.py."""
    return "/".join(path.parts[-3:])


def _functions(folder: Path) -> tuple[list[tuple[CaseFunction, str, Kind]], list[str]]:
    """Return the functions of a folder and of the declared operations, each with check and kind.

    Files that cannot be read are told in the second list.
    """
    found: list[tuple[CaseFunction, str, Kind]] = []
    faults = []
    for path in sorted(folder.glob("*.py")):
        try:
            module = load_python(path, f"_autograder_hidden_{path.stem}", CaseError)
        except CaseError as error:
            faults.append(error.message.replace(str(path), _shown(path), 1))
            continue
        found += [(function, *getattr(function, _MARK)) for function in _marked(module)]
    for operation in operations().values():
        found += [(declared, operation.checks[0], "gradient") for declared in operation.cases]
    return found, faults


def _record(function: CaseFunction, check: str, kind: Kind) -> Case:
    recorder = Recorder()
    try:
        function(recorder)
        program = recorder.program()
    except CaseError:
        raise
    except (Exception, SystemExit) as error:
        where = line_of(error, Path(function.__code__.co_filename)).removeprefix(", ")
        raise CaseError(f"{where}: {what_raised(error)}".removeprefix(": ")) from error
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
        for function, check, _ in _functions(folder)[0]
    }  # fmt: skip


def _marked(module: ModuleType) -> Iterable[CaseFunction]:
    return [value for value in vars(module).values() if hasattr(value, _MARK)]


def _mistakes(cases: Iterable[tuple[str, Case]], known: Set[str]) -> list[str]:
    """Name the cases of unknown checks, without a sentence, and of a name that is taken."""
    seen: set[str] = set()
    wrong = []
    for place, found in cases:
        where = f"{place}: case {found.id}"
        if found.check not in known:
            hint = did_you_mean(found.check, known)
            wrong.append(f"{where}: config.yaml has no check {found.check!r}{hint}")
        if not found.sentence:
            wrong.append(f"{where}: has no docstring for the student to read")
        if found.id in seen:
            wrong.append(f"{where}: is defined twice")
        seen.add(found.id)
    return wrong
