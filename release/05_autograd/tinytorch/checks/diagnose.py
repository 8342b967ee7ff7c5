"""What is probably wrong: exactly known, alike, or facts only. Never a guess stated as a fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import data
from .compare import Mismatch, compare
from .evidence import Evidence
from .kernel import looked, raised, words
from .kernel.facts import Fact, of_shape, of_values
from .run import Failure, Outcome, Report

Json = dict[str, Any]
CLOSE = 1e-5


@dataclass(frozen=True)
class Diagnosis:
    """One or two sentences that say how sure they are, and a question that leads on.

    label says in a word how sure: Likely, Perhaps, or Seen for facts. ops names the operations
    whose rule is under suspicion, if any is. code names a mistake that other checks may show too.
    """

    sentence: str
    hint: str
    ops: tuple[str, ...] = ()
    label: str = "Seen"
    code: str = ""


def diagnose(report: Report) -> Diagnosis:
    """Return what can be said of the first failing case.

    What was seen in this very case comes first, then what its code raised, then a mistake that
    would give exactly these numbers, then the calls of rules, then facts.
    """
    first, seen = report.failing[0], report.evidence
    return (
        _of_form(first, seen)
        or _of_results(first, seen)
        or _of_failure(report, first)
        or _of_exact(report)
        or _of_calls(first, seen)
        or _of_alike(report)
        or _of_other_results(first, seen)
        or _of_facts(report, first, seen)
    )


def _of_form(first: Outcome, seen: Evidence) -> Diagnosis | None:
    """Name what shows in the form of things: nothing returned, or no tuple."""
    if seen.form is not None:
        rule, form = seen.form
        code = f"{rule} returns {form}"
        return Diagnosis(words.returned(rule, form), words.returned_hint(form), code=code)
    failure = first.failure
    if failure is not None and failure.type == "ContractError" and failure.form:
        rule = _built(first.case)
        code = f"{rule} returns {failure.form}"
        said = words.returned(rule, failure.form)
        return Diagnosis(said, words.returned_hint(failure.form), code=code)
    if seen.broken is not None and seen.broken[1] in {"nothing", "array"}:
        name = _operation(first.case, seen.broken[0])
        said = words.returns_no_tensor(name, seen.broken[1])
        return Diagnosis(said, words.RETURNS_NOTHING_HINT)
    return None


def _of_results(first: Outcome, seen: Evidence) -> Diagnosis | None:
    """Say what is wrong about results and nodes, where it explains whatever came of it."""
    found = looked.first(seen.looked, seen.usual, reversed_base=seen.reversed_base)
    if found is None and first.failure is not None:
        found = looked.beside(seen.looked, seen.usual)
    return _of_sight(first, found)


def _of_other_results(first: Outcome, seen: Evidence) -> Diagnosis | None:
    """Say what else is wrong about results and nodes."""
    found = looked.beside(seen.looked, seen.usual) or looked.last(
        seen.looked, seen.usual, ran=bool(seen.calls)
    )
    return _of_sight(first, found)


def _of_sight(first: Outcome, found: looked.Sight | None) -> Diagnosis | None:
    if found is None:
        return None
    name = "" if found.step is None else _operation(first.case, found.step)
    sentence, hint = words.sight(found.code, name, found.operand, found.form)
    code = f"{found.code} {name}"
    return Diagnosis(f"{_of_exception(first)} {sentence}".lstrip(), hint, code=code)


def _of_failure(report: Report, first: Outcome) -> Diagnosis | None:
    if first.failure is None:
        return None
    return Diagnosis(_of_exception(first), _hint(first, report.check["hint"]))


def _of_exact(report: Report) -> Diagnosis | None:
    exact, _ = _candidates(report)
    if not exact:
        return None
    mistakes = data.load()["mistakes"]
    sentence = words.exactly([mistakes[found]["sentence"] for found in exact], len(report.failing))
    mistake = mistakes[exact[0]]
    state = not mistake["ops"] and not mistake["part"]  # kept on a class: one case is little
    doubtful = report.evidence.helped or (state and len(report.failing) == 1)
    sure = "Perhaps" if doubtful else "Likely"
    return Diagnosis(sentence, mistake["hint"], tuple(mistake["ops"]), sure, exact[0])


def _of_calls(first: Outcome, seen: Evidence) -> Diagnosis | None:
    """Name the first operation that is not tracked, or the first call that went wrong."""
    if seen.broken is not None and seen.broken[1] == "constant":
        name = _operation(first.case, seen.broken[0])
        code = f"{name} is not tracked"
        return Diagnosis(words.not_tracked(name), words.NOT_TRACKED_HINT, code=code)
    no_gradient = bool(first.mismatches) and first.mismatches[0].kind == "missing"
    if seen.broken is not None and seen.broken[1] == "leaf" and not seen.calls and no_gradient:
        name = _operation(first.case, seen.broken[0])
        return Diagnosis(words.looks_like_a_leaf(name), words.NOT_TRACKED_HINT)
    if seen.changing:
        code = f"{seen.changing} changes what it is given"
        return Diagnosis(words.changes_incoming(seen.changing), words.CHANGES_HINT, code=code)
    if seen.wrong is None:
        return None
    wrong = seen.wrong
    return Diagnosis(
        words.wrong_call(wrong.rule, wrong.operand, wrong.fault.kind, wrong.fault.fact),
        words.WRONG_CALL_HINT,
        _ops(first.case, wrong.step),
        code=f"{wrong.rule} {wrong.operand} {wrong.fault.kind}",
    )


def _of_alike(report: Report) -> Diagnosis | None:
    _, alike = _candidates(report)
    if not alike:
        return None
    mistake = data.load()["mistakes"][alike[0]]
    sentence = f"It looks as if {mistake['sentence']}, but not every case fits that."
    return Diagnosis(sentence, mistake["hint"], tuple(mistake["ops"]), "Perhaps", alike[0])


def _of_facts(report: Report, first: Outcome, seen: Evidence) -> Diagnosis:
    if _changes_an_input(first):
        return Diagnosis(words.INPUT_CHANGED, words.CHANGES_HINT)
    sentence = _fact(first, first.mismatches[0])
    if sentence == words.SAVED:
        return Diagnosis(sentence, words.SAVED_HINT)
    cleared = any(step[0] == "zero_grad" for step in first.case["program"]["steps"])
    goes_back = any(step[0] == "backward" for step in first.case["program"]["steps"])
    missing = first.mismatches[0].kind == "missing" and bool(first.case["differentiable"])
    if missing and goes_back and seen.broken is None and not seen.calls:
        return Diagnosis(f"No gradient arrived, there is None. {words.NOTHING_RAN}",
                         words.ENGINE_HINT)  # fmt: skip
    if seen.all_right and seen.broken is None:
        where = words.RULES_RIGHT_OR_CLEARED if cleared else words.RULES_RIGHT
        return Diagnosis(f"{sentence} {where}", words.ENGINE_HINT)
    return Diagnosis(sentence, report.check["hint"])


def _changes_an_input(outcome: Outcome) -> bool:
    """Tell whether an input came out with other numbers, where the case itself changes none."""
    program = outcome.case["program"]
    steps, inputs = program["steps"], {declared["id"] for declared in program["inputs"]}
    seen = {step[3]["name"]: step[2][0] for step in steps if step[0] == "observe"}
    return not any(step[0] == "descend" for step in steps) and any(
        outcome.case["expected"][found.name]["what"] == "data" and seen[found.name] in inputs
        for found in outcome.mismatches
        if found.kind == "value"
    )


def _built(case: Json) -> str:
    """Return the rule that a case builds by hand, if it builds that one alone."""
    steps = case["program"]["steps"]
    built = {str(step[3]["name"]) for step in steps if step[0] == "rule"}
    return built.pop() if len(built) == 1 else ""


def _operation(case: Json, step: int) -> str:
    """Return what the operation of a step is called."""
    found = next(one for one in case["program"]["steps"] if one[1] == step)
    told = data.operations().get(found[0])
    name = words.LAYERS.get(found[0], found[0]) if told is None else told[1].label
    return words.operation(name, with_number=any(isinstance(arg, list) for arg in found[2]))


def _ops(case: Json, step: int) -> tuple[str, ...]:
    return tuple(one[0] for one in case["program"]["steps"] if one[1] == step)


def _candidates(report: Report) -> tuple[list[str], list[str]]:
    """Return the mistakes that fit every case, and those that fit the first failing one only."""
    exact, alike = [], []
    mistakes = data.load()["mistakes"]
    for mistake in report.failing[0].case["mistakes"]:
        if mistake in report.evidence.contradicted:
            continue
        if _is_ruled_out(mistakes[mistake], report):
            continue
        if all(_fits(outcome, mistake) for outcome in report.outcomes):
            exact.append(mistake)
        elif _fits(report.failing[0], mistake) and not _is_contradicted(report, mistake):
            alike.append(mistake)
    return exact, alike


def _is_ruled_out(mistake: Json, report: Report) -> bool:
    """Tell whether what was looked at in the first failing case speaks against a mistake."""
    seen = report.evidence
    state = "" if seen.broken is None else seen.broken[1]
    if mistake["untracked"]:  # its result has a node, or it ran where nobody looks
        return state in {"", "silent"} or _hides(report.failing[0].case, seen)
    rules = {data.operations()[op][0] for op in mistake["ops"]}
    if rules:
        return rules <= seen.cleared
    nothing_ran = not state and not seen.calls and bool(report.failing[0].case["differentiable"])
    return nothing_ran or (mistake["part"] == "walk" and state in {"constant", "silent"})


def _hides(case: Json, seen: Evidence) -> bool:
    """Tell whether the first result without a node is that of a function within the case."""
    broken = -1 if seen.broken is None else seen.broken[0]
    return any(step[1] == broken and step[0] == "checkpoint" for step in case["program"]["steps"])


def _is_contradicted(report: Report, mistake: str) -> bool:
    """Tell whether a case of this check passes that the mistake would have changed."""
    return any(found.passed and mistake in found.case["mistakes"] for found in report.outcomes)


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


class _Own:
    """The notebook's own words: at home all of them may be told."""

    def take(self, word: str) -> bool:
        return bool(word)

    def assigns(self, name: str) -> bool:
        return bool(name)


def _hint(first: Outcome, of_check: str) -> str:
    """Return what to look at after an exception; a check's hint is about wrong numbers."""
    failure = first.failure
    if failure is not None and failure.type == "Absent":
        return "Is it defined, put in its place, and spelled as in the assignment?"
    if failure is None or first.raised is None or first.stopped:
        return of_check
    found = _explained(failure)
    if found.id == "wrong-call" and not failure.source and f"{failure.op}`" not in found.what:
        return f"The case calls {failure.op}: which function stands in its place?"
    return found.hint


def _explained(failure: Failure) -> raised.Raised:
    return raised.of_exception(failure.type, failure.message, failure.source, _Own())


def _of_exception(outcome: Outcome) -> str:
    failure = outcome.failure
    if failure is None:
        return ""
    if failure.type == "ContractError":
        return f"The form is not as agreed: {failure.message}."
    if failure.type == "Absent":
        return f"{failure.message}."
    if failure.op == "observe" and failure.type in {"IndexError", "TypeError", "AttributeError"}:
        return "What came back does not have the agreed form: one entry per input."
    if failure.type == "TookTooLong":
        return (
            "It did not come to an end in time: either a loop does not end, or a part that is used "
            "twice is computed twice, and four times when that is used twice, and so on."
        )
    what = _explained(failure).what
    if what:
        return f"Your code raised {failure.type}: {what}."
    return f"Your code raised {failure.type} before it gave a result."


def _fact(outcome: Outcome, found: Mismatch) -> str:
    rule = _built(outcome.case)
    if outcome.case["expected"][found.name]["what"] == "saved":
        return words.SAVED
    special = {
        "missing": f"{rule} returned None where a gradient was due."
        if rule
        else "No gradient arrived, there is None. Either an operation left no node on its result,"
        " or the walk did not get here.",
        "unexpected": "There is a gradient, and nobody asked for one.",
        "dtype": f"The numbers have dtype {getattr(found.actual, 'dtype', '?')}, "
        "a gradient is floating point.",
        "nonfinite": "There is inf or nan among the numbers.",
    }
    if found.kind in special:
        return special[found.kind]
    if found.kind == "text":
        actual = "Nothing was raised" if found.actual == "nothing" else f"{found.actual} was raised"
        if found.expected == "nothing":
            return f"{actual}, and the call should return quietly."
        return f"{actual}, it should be {found.expected}."
    if found.kind == "shape":
        return words.fact(of_shape(np.shape(found.actual), np.shape(found.expected)))
    return _fact_of_value(outcome, found)


def _fact_of_value(outcome: Outcome, found: Mismatch) -> str:
    if outcome.case["expected"][found.name]["what"] == "data":
        return "The data of this tensor is not what it should be at the end."
    inputs = (data.array(array) for array in outcome.case["inputs"].values())
    given = [np.asarray(array, dtype=np.float64) for array in inputs]
    seen = of_values(np.asarray(found.actual, dtype=np.float64), found.expected, given)
    if seen is None:
        return words.FITS_NONE
    whole = seen.id == "handed-on" and not _built(outcome.case)
    return words.fact(Fact("same-as-input") if whole else seen)
