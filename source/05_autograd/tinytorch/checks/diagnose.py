"""What is probably wrong: exactly known, alike, or facts only. Never a guess stated as a fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import data
from .compare import Mismatch, compare
from .run import Outcome, Report

Json = dict[str, Any]
CLOSE, NEARLY = 1e-5, 1e-2


@dataclass(frozen=True)
class Diagnosis:
    """One or two sentences that say how sure they are, and a question that leads on.

    label says in a word how sure: Likely, Perhaps, or Seen for facts. ops names the operations
    whose rule is under suspicion, if any is.
    """

    sentence: str
    hint: str
    ops: tuple[str, ...] = ()
    label: str = "Seen"


def diagnose(report: Report) -> Diagnosis:
    """Return what can be said of the first failing case."""
    first = report.failing[0]
    if first.failure is not None:
        return Diagnosis(_of_exception(first), report.check["hint"])
    exact, alike = _candidates(report)
    mistakes = data.load()["mistakes"]
    if exact:
        sentences = dict.fromkeys(mistakes[found]["sentence"] for found in exact)
        either = ", or when ".join(list(sentences)[:2])
        return Diagnosis(
            f"Exactly these numbers come out when {either}.",
            mistakes[exact[0]]["hint"],
            tuple(mistakes[exact[0]]["ops"]),
            "Likely",
        )
    if alike:
        return Diagnosis(
            f"It looks as if {mistakes[alike[0]]['sentence']}, but not every case fits that.",
            mistakes[alike[0]]["hint"],
            tuple(mistakes[alike[0]]["ops"]),
            "Perhaps",
        )
    return Diagnosis(_fact(first, first.mismatches[0]), report.check["hint"])


def _candidates(report: Report) -> tuple[list[str], list[str]]:
    """Return the mistakes that fit every case, and those that fit the first failing one only."""
    exact, alike = [], []
    for mistake in report.failing[0].case["mistakes"]:
        if all(_fits(outcome, mistake) for outcome in report.outcomes):
            exact.append(mistake)
        elif _fits(report.failing[0], mistake):
            alike.append(mistake)
    return exact, alike


def _fits(outcome: Outcome, mistake: str) -> bool:
    """Tell whether a case came out as it would with that mistake."""
    predicted = outcome.case["mistakes"].get(mistake)
    if predicted is None:
        # The mistake changes nothing here, or cannot be run here: then an exception fits too.
        return outcome.passed or outcome.failure is not None
    if outcome.failure is not None:
        return False
    for name, actual in outcome.observed.items():
        if name not in predicted:
            if compare(name, outcome.case["expected"][name], actual) is not None:
                return False
        elif not _as_predicted(predicted[name], actual):
            return False
    return True


def _as_predicted(predicted: Any, actual: Any) -> bool:
    if not isinstance(predicted, dict):
        return predicted == actual if isinstance(actual, str) else predicted is actual
    if not isinstance(actual, np.ndarray):
        return False
    wanted = data.array(predicted)
    if wanted.shape != actual.shape:
        return False
    scale = float(np.max(np.abs(wanted), initial=0.0))
    return bool(np.allclose(actual, wanted, rtol=CLOSE, atol=CLOSE * scale))


def _of_exception(outcome: Outcome) -> str:
    failure = outcome.failure
    if failure is None:
        return ""
    if failure.type == "ContractError":
        return f"The form is not as agreed: {failure.message}."
    if failure.op == "observe" and failure.type in {"IndexError", "TypeError", "AttributeError"}:
        return "What came back does not have the agreed form: an entry for each input."
    if failure.type == "RecursionError":
        return "Python ran out of nested calls: the recursion is too deep."
    return f"Your code raised {failure.type} before it gave a result."


def _fact(outcome: Outcome, found: Mismatch) -> str:
    special = {
        "missing": "A fact: no gradient arrived, there is None. Either the operation left no node "
        "on its result, or the walk did not get here.",
        "unexpected": "A fact: there is a gradient, and nobody asked for one.",
        "dtype": f"A fact: the numbers have dtype {getattr(found.actual, 'dtype', '?')}, "
        "a gradient is floating point.",
        "nonfinite": "A fact: there is inf or nan among the numbers.",
    }
    if found.kind in special:
        return special[found.kind]
    if found.kind == "text":
        actual = "nothing was raised" if found.actual == "nothing" else f"{found.actual} was raised"
        if found.expected == "nothing":
            return f"A fact: {actual}, and the call should return quietly."
        return f"A fact: {actual}, it should be {found.expected}."
    if found.kind == "shape":
        return _fact_of_shape(found)
    return _fact_of_value(outcome, found)


def _fact_of_shape(found: Mismatch) -> str:
    actual, expected = found.actual.shape, found.expected.shape
    start = f"A fact: the shape is {actual}, it should be {expected}"
    if actual == expected[::-1]:
        return f"{start}: the axes are turned around."
    if tuple(n for n in expected if n != 1) == actual:
        return f"{start}: an axis of length 1 is gone."
    if actual == () or found.actual.size == 1:
        return f"{start}: one number came back where each element needs its own."
    if len(actual) >= len(expected) and found.actual.size > found.expected.size:
        return f"{start}: the axes that broadcasting repeated are not summed."
    return f"{start}."


def _fact_of_value(outcome: Outcome, found: Mismatch) -> str:
    actual, expected = found.actual, found.expected
    if outcome.case["expected"][found.name]["what"] == "data":
        return "A fact: the operation no longer computes the value that it computed before."
    ratio = _constant_ratio(actual, expected)
    if not np.any(actual):
        return "A fact: all of the gradient is zero."
    if ratio == -1:
        return "A fact: every number is right but for its sign."
    if ratio is not None:
        return f"A fact: every number is {ratio:.4g} times what it should be."
    if expected.ndim == 2 and expected.shape[0] == expected.shape[1] and _close(actual.T, expected):
        return "A fact: these are the right numbers, transposed."
    for declared in outcome.case["program"]["inputs"]:
        given = data.array(outcome.case["inputs"][str(declared["id"])])
        if given.shape == actual.shape and _close(actual, given):
            return f"A fact: this is {declared['name']} itself."
    if np.allclose(actual, expected, rtol=NEARLY, atol=0):
        return (
            "A fact: every number is right to two digits or more, and not to six: is it measured?"
        )
    right = int(found.expected.size - np.sum(found.wrong))
    if right:
        return f"A fact: {right} of {expected.size} numbers are right, the others are not."
    return "No likely mistake that we know of would give these numbers."


def _constant_ratio(actual: np.ndarray, expected: np.ndarray) -> float | None:
    """Return the factor between two arrays, if it is the same everywhere."""
    if expected.size < 2 or not np.all(expected):
        return None
    ratios = actual / expected
    if not np.allclose(ratios, ratios.flat[0], rtol=CLOSE, atol=0) or not ratios.flat[0]:
        return None
    return float(f"{ratios.flat[0]:.5g}")


def _close(left: np.ndarray, right: np.ndarray) -> bool:
    return bool(np.allclose(left, right, rtol=CLOSE, atol=1e-9))
