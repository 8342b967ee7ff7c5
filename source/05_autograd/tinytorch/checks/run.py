"""Run public cases on the names of a notebook."""

from __future__ import annotations

import contextlib
import importlib
import io
import linecache
import sys
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import data, evidence
from .compare import Mismatch, compare
from .evidence import Evidence
from .patience import IMPATIENT, SECONDS, TookTooLong, patience
from .runner import interpreter
from .runner.lookup import Absent, MissingName, Names
from .runner.student import ContractError, HANDOUT_MODULES, Student, describe_error
from .runner.trace import Trace

ROOM = 1500
"""Nested calls that the grader allows beside its own, so that both agree on deep chains."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """An exception in a case: what was raised, and the innermost place in the notebook's code.

    ``of`` is the class of the object whose method that was; it may have inherited the method.
    """

    op: str
    type: str
    message: str
    function: str
    line: int
    source: str
    form: str = ""
    of: str = ""

    @property
    def inherited(self) -> bool:
        """Whether the method was that of a base class."""
        owner, dot, _ = self.function.rpartition(".")
        return bool(dot and self.of) and owner != self.of


class Interrupted(KeyboardInterrupt):
    """Somebody pressed Ctrl-C, or Stop, while a case ran; the message says where it stood."""

    def _render_traceback_(self) -> list[str]:
        """Let Jupyter show the message alone."""
        return [str(self)]


@dataclass(frozen=True)
class Outcome:
    """What became of one case."""

    case: Json
    observed: dict[str, Any]
    mismatches: tuple[Mismatch, ...]
    failure: Failure | None

    @property
    def passed(self) -> bool:
        """Whether everything was right."""
        return self.failure is None and not self.mismatches

    @property
    def raised(self) -> Failure | None:
        """What the notebook's code raised; nothing where we met what the contract does not allow."""
        ours = {Absent.__name__, ContractError.__name__}
        found = self.failure
        return None if found is not None and found.type in ours else found

    @property
    def stopped(self) -> bool:
        """Whether it took too long."""
        return self.failure is not None and self.failure.type == TookTooLong.__name__

    @property
    def unfinished(self) -> str:
        """What is not written yet, or an empty string."""
        if self.failure is None:
            return ""
        if self.failure.type == MissingName.__name__:
            return self.failure.message.partition(" ")[0]
        if self.failure.type != "NotImplementedError":
            return ""
        name = self.failure.function
        return f"{self.failure.of}.{name.rpartition('.')[2]}" if self.failure.inherited else name


@dataclass(frozen=True)
class Report:
    """One check: its cases, in order, and what else is seen of the first that fails."""

    check: Json
    outcomes: tuple[Outcome, ...]
    evidence: Evidence = evidence.NONE

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return all(outcome.passed for outcome in self.outcomes)

    @property
    def failing(self) -> tuple[Outcome, ...]:
        """The cases that did not pass, the most basic first."""
        return tuple(outcome for outcome in self.outcomes if not outcome.passed)

    @property
    def unfinished(self) -> str:
        """What is not written yet, when that is the first thing in the way."""
        return "" if self.passed else self.failing[0].unfinished


class Here(Student):
    """The names of a notebook, found as the grader finds them."""

    def __init__(self, namespace: Json) -> None:
        self.namespace = namespace
        self.names = Names(namespace, data.contract())
        for part in HANDOUT_MODULES:
            importlib.import_module(f"tinytorch.core.{part}")

    def enable(self) -> None:
        """Call enable_autograd(), without what it prints and warns of."""
        silent = io.StringIO()
        with (
            contextlib.redirect_stdout(silent),
            contextlib.redirect_stderr(silent),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            super().enable()


class _Keep:
    """Keeps observed arrays as they are."""

    def add(self, array: np.ndarray) -> np.ndarray:
        """Return the array."""
        return array


class _KeepCopies:
    """Keeps arrays as they are now: a rule may still write into them."""

    def add(self, array: np.ndarray) -> np.ndarray:
        """Return a copy."""
        return np.array(array)


def run_check(check: Json, namespace: Json) -> Report:
    """Run all cases of a check on the names of a notebook."""
    (report,) = run_checks([check], namespace)
    return report


def run_checks(checks: list[Json], namespace: Json) -> list[Report]:
    """Run checks on the names of a notebook. Whoever waited long once waits no more.

    Cases that call enable_autograd() again run last, as in grading: what that spoils is theirs.
    """
    here, seconds = Here(namespace), SECONDS
    found: dict[int, Outcome] = {}
    with _room_for_recursion():
        cases = [case for check in checks for case in check["cases"]]
        for case in sorted(cases, key=_enables_again):
            outcome = _run_case(case, here, case["program"]["cpu_seconds"] or seconds)
            found[id(case)] = outcome
            if outcome.stopped:
                seconds = IMPATIENT
        reports = [
            Report(check, tuple(found[id(case)] for case in check["cases"])) for check in checks
        ]
        return [
            replace(report, evidence=_evidence(report, here, seconds)) for report in reports
        ]


def _enables_again(case: Json) -> bool:
    return any(step[0] == "enable" for step in case["program"]["steps"])


def _evidence(report: Report, here: Here, seconds: float) -> Evidence:
    """Run the first failing case once more, with each call of a rule noted."""
    if report.passed or report.unfinished or report.failing[0].stopped:
        return evidence.NONE
    case = report.failing[0].case
    # Numbers of a case that raised are not compared with any mistake's.
    mistakes = [] if report.failing[0].failure else list(case["mistakes"])
    watched = Trace(here, _KeepCopies())
    # Classes of the notebook may do anything when they are wrapped: then less is known of the case.
    with contextlib.suppress(Exception), watched:
        _run_case(case, here, seconds, watched)
    found = evidence.of_calls(case, watched.applications, watched.results, watched.nodes)
    if found.looked.kinds:
        found = replace(found, **_usual(here))
    ruled_out = evidence.contradicted(
        report.check, mistakes, lambda other: _run_case(other, here, IMPATIENT).passed
    )
    return replace(found, contradicted=frozenset(ruled_out))


def _goes_backward(case: Json) -> bool:
    return any(step[0] == "backward" for step in case["program"]["steps"])


def _builds_base(case: Json) -> bool:
    steps = case["program"]["steps"]
    return any(step[0] == "rule" and step[3]["name"] == "Function" for step in steps)


def _usual(here: Here) -> Json:
    """Look at cases that pass: what is so there as well is how this notebook works."""
    usual: set[str] = set()
    backwards = False
    firsts = [
        next((case for case in check["cases"] if _goes_backward(case)), None)
        for check in data.checks()
    ]
    base = [case for check in data.checks() for case in check["cases"] if _builds_base(case)]
    for case in [*base, *(found for found in firsts if found is not None)]:
        watched = Trace(here, _KeepCopies())
        with contextlib.suppress(Exception), np.errstate(all="ignore"), watched:
            passed = _run_case(case, here, IMPATIENT, watched).passed
            looked = evidence.look_at(case, watched.results, watched.nodes)
            usual |= looked.kinds if passed and _goes_backward(case) else set()
            backwards = backwards or looked.backwards == "Function"
    return {"usual": frozenset(usual), "reversed_base": backwards}


def _run_case(
    case: Json, here: Here, seconds: float, watched: Trace | None = None
) -> Outcome:
    inputs = {int(key): data.array(value) for key, value in case["inputs"].items()}
    with patience(seconds):
        reply = interpreter.run(
            case["program"],
            inputs,
            here,
            _Keep(),
            lambda error: _describe(error, here.namespace),
            note_value=None if watched is None else watched.note_value,
            note_input=None if watched is None else watched.note_input,
        )
    observed = {
        name: found.get("array", found.get("text")) for name, found in reply["observed"].items()
    }
    mismatches = (compare(name, case["expected"][name], value) for name, value in observed.items())
    failure = reply["failure"]
    return Outcome(
        case,
        observed,
        tuple(found for found in mismatches if found is not None),
        None if failure is None else Failure(**failure),
    )


def _describe(error: BaseException, namespace: Json) -> Json:
    """Say what was raised, and where in the notebook's own code."""
    described = describe_error(error)
    function, line, source, of = "", 0, "", ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is namespace:
            function, line = _function_name(frame), number
            of = type(frame.f_locals.get("self")).__name__
            source = linecache.getline(frame.f_code.co_filename, number, namespace).strip()
    if isinstance(error, KeyboardInterrupt):
        where = f" in {function}, line {line} of its cell: {source}" if function else ""
        raise Interrupted(f"Stopped{where}") from None
    return {
        "type": described["type"],
        "message": described["message"],
        "function": function,
        "line": line,
        "source": source,
        "form": described.get("form", ""),
        "of": of,
    }


def _function_name(frame: Any) -> str:
    """Return the name of the running function, with that of the class that it was written in."""
    name = str(frame.f_code.co_name)
    for owner in type(frame.f_locals.get("self")).__mro__:
        written = vars(owner).get(name)
        if getattr(written, "__code__", None) is frame.f_code:
            return f"{owner.__name__}.{name}"
    return name


@contextlib.contextmanager
def _room_for_recursion() -> Iterator[None]:
    usual = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(max(usual, depth + ROOM))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)
