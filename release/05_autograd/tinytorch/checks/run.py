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
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import data
from .compare import Mismatch, compare
from .runner import interpreter
from .runner.student import HANDOUT_MODULES, MissingName, Student, describe_error

ROOM = 1500
"""Nested calls that the grader allows beside its own, so that both agree on deep chains."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """An exception in a case: what was raised, and the innermost place in the notebook's code."""

    op: str
    type: str
    message: str
    function: str
    line: int
    source: str


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
    def unfinished(self) -> str:
        """What is not written yet, or an empty string."""
        if self.failure is None:
            return ""
        if self.failure.type == MissingName.__name__:
            return self.failure.message.partition(" ")[0]
        return self.failure.function if self.failure.type == "NotImplementedError" else ""


@dataclass(frozen=True)
class Report:
    """One check: its cases, in order."""

    check: Json
    outcomes: tuple[Outcome, ...]

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


def run_check(check: Json, namespace: Json) -> Report:
    """Run all cases of a check on the names of a notebook."""
    here = Here(namespace)
    with _room_for_recursion():
        return Report(check, tuple(_run_case(case, here) for case in check["cases"]))


def _run_case(case: Json, here: Here) -> Outcome:
    inputs = {int(key): data.array(value) for key, value in case["inputs"].items()}
    reply = interpreter.run(
        case["program"],
        inputs,
        here,
        _Keep(),
        lambda error: _describe(error, here.namespace),
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
    if isinstance(error, KeyboardInterrupt):
        raise error
    described = describe_error(error)
    function, line, source = "", 0, ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is namespace:
            function, line = _function_name(frame), number
            source = linecache.getline(frame.f_code.co_filename, number, namespace).strip()
    return {
        "type": described["type"],
        "message": described["message"],
        "function": function,
        "line": line,
        "source": source,
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
