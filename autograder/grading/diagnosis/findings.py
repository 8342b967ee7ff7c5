"""Weigh the evidence of one submission: which mistake explains which cases, and how surely.

Three lines of evidence, none of which touches a score:

numbers
    What came is what a misconception gives on the same inputs, in this case and over the others,
    and no case passed that the misconception would have broken.
calls
    The traced calls of rules: which one handed on a wrong gradient, or never ran.
facts
    What the arrays show by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec
import numpy as np

from autograder.cases.registry import Case
from autograder.grading.compare import Mismatch
from autograder.grading.diagnosis import words
from autograder.grading.diagnosis.archive import Archive
from autograder.grading.diagnosis.claim import Claim
from autograder.grading.diagnosis.facts import Fact, of_paths, of_shape, of_values
from autograder.grading.diagnosis.misconception import Misconception
from autograder.grading.diagnosis.predict import (
    Prediction,
    is_as_predicted,
    operations_of,
)
from autograder.grading.diagnosis.trace import Judged, judge_trace
from autograder.grading.oracle import Expected
from autograder.grading.verdicts import Verdict
from autograder.sandbox.session import CaseOutput, Lost
from reference import unbroadcast

SEVERAL, MANY = 2, 5
MOST = 0.8
ROUNDING = 1e-4


def explore(
    archive: Archive,
    verdicts: Sequence[Verdict],
    outputs: Sequence[CaseOutput | Lost],
    traces: Mapping[int, CaseOutput],
) -> dict[str, Claim]:
    """Return what can be said of each failing case, by its id.

    Parameters
    ----------
    outputs
        What the cases gave, in the order of the verdicts.
    traces
        What some of them gave once more, with their calls of rules.
    """
    with np.errstate(all="ignore"):  # of numbers near the largest there are
        investigation = Investigation(archive, verdicts, outputs, traces)
        claims = {
            verdict.case.id: investigation.claim(place) for place, verdict in enumerate(verdicts)
        }
    return {case: claim for case, claim in claims.items() if claim is not None}


class Investigation:
    """One submission: its verdicts, what its cases gave, and the traces of some of them."""

    def __init__(
        self,
        archive: Archive,
        verdicts: Sequence[Verdict],
        outputs: Sequence[CaseOutput | Lost],
        traces: Mapping[int, CaseOutput],
    ) -> None:
        self._archive = archive
        self._verdicts = verdicts
        self._outputs = outputs
        judged = {place: self._judge(place, traced) for place, traced in traces.items()}
        unusual = frozenset(
            edge.rule
            for place, found in judged.items()
            if verdicts[place].status == "passed"
            for edge in found.edges
            if edge.fault
        )
        self._judged = {
            place: found.without(unusual)
            for place, found in judged.items()
            if verdicts[place].status != "passed"
        }
        self._fitting = self._find_fitting()

    def claim(self, place: int) -> Claim | None:
        """Return what can be said of a failing case, or None where nothing can."""
        verdict = self._verdicts[place]
        if verdict.status != "failed" or words.is_unfinished(verdict.failure):
            return None
        judged = self._judged.get(place)
        found = (
            self._by_form(verdict, judged)
            or self._wrapped_again
            or self._by_numbers(place, judged)
            or self._changed_input(place, judged)
            or self._by_calls(judged)
            or self._same_as_elsewhere(place)
            or self._by_facts(place, judged)
        )
        return found and msgspec.structs.replace(found, traced=judged is not None)

    # The numbers.

    def _find_fitting(self) -> dict[str, tuple[Misconception, list[int]]]:
        """Return the misconceptions that some case fits and no passed case rules out."""
        fitting: dict[str, tuple[Misconception, list[int]]] = {}
        for place, verdict in enumerate(self._verdicts):
            output = self._outputs[place]
            if verdict.status != "failed" or isinstance(output, Lost) or output.failure is not None:
                continue
            for misconception in self._archive.concerned(place):
                if self._fits(output, self._archive.predict(place, misconception), place):
                    fitting.setdefault(misconception.id, (misconception, []))[1].append(place)
        return {id_: found for id_, found in fitting.items() if not self._is_ruled_out(found[0])}

    def _fits(self, output: CaseOutput, prediction: Prediction, place: int) -> bool:
        """Tell whether a case came out exactly as it would with the misconception."""
        if not prediction.differing:
            return False
        wrong = {mismatch.name for mismatch in self._verdicts[place].mismatches}
        return wrong <= prediction.differing.keys() and all(
            name in output.observed and is_as_predicted(value, output.observed[name])
            for name, value in prediction.differing.items()
        )

    def _is_ruled_out(self, misconception: Misconception) -> bool:
        """Tell whether a case passed that would have failed."""
        for place, verdict in enumerate(self._verdicts):
            if verdict.status == "passed" and misconception in self._archive.concerned(place):
                predicted = self._archive.predict(place, misconception)
                if _must_fail(predicted, self._archive.expected[place]):
                    return True
        return False

    def _by_numbers(self, place: int, judged: Judged | None) -> Claim | None:
        candidates = [
            (misconception, places)
            for misconception, places in self._fitting.values()
            if place in places or self._raises_as_well(place, misconception)
        ]
        candidates = [found for found in candidates if not _is_cleared(found[0], judged)]
        if not candidates:
            return None
        best = max(len(places) for _, places in candidates)
        chosen = [misconception for misconception, places in candidates if len(places) == best]
        first = chosen[0]
        seen_in_calls = judged is not None and any(
            edge.fault and edge.rule == first.about for edge in judged.edges
        )
        node = None if judged is None or judged.first_wrong is None else judged.first_wrong.step
        if first.untracked and judged is not None and _looks_like_leaves(judged):
            return _leaf_claim(judged)
        return Claim(
            id=first.id,
            sentence=words.exactly([misconception.sentence for misconception in chosen], best),
            hint=first.hint,
            sure=self._how_sure(place, first, best, seen_in_calls=seen_in_calls),
            rule=first.about,
            node=node if seen_in_calls else None,
        )

    def _raises_as_well(self, place: int, misconception: Misconception) -> bool:
        """Tell whether a case that raised could not have been run with the misconception."""
        if self._verdicts[place].failure is None:
            return False
        if misconception not in self._archive.concerned(place):
            return False
        return self._archive.predict(place, misconception).impossible

    def _how_sure(
        self, place: int, misconception: Misconception, places: int, *, seen_in_calls: bool
    ) -> str:
        """Weigh a mistake by the cases of the check: those that it explains, and those that passed.

        That no passed case rules it out is known already.
        """
        if misconception.about in self._helped:
            return words.PERHAPS
        check = self._verdicts[place].case.check
        own = [
            (other, verdict)
            for other, verdict in enumerate(self._verdicts)
            if verdict.case.check == check
        ]
        explained = all(
            verdict.status == "passed"
            or other in self._fitting[misconception.id][1]
            or self._raises_as_well(other, misconception)
            for other, verdict in own
        )
        if seen_in_calls and (explained or places >= SEVERAL):
            return words.CERTAIN
        if places >= SEVERAL or (explained and len(own) >= SEVERAL):
            return words.LIKELY
        return words.PERHAPS

    # The calls.

    def _judge(self, place: int, traced: CaseOutput) -> Judged:
        case = self._archive.cases[place]
        return judge_trace(
            case.program, self._archive.inputs(place), traced.applications, traced.results
        )

    def _by_form(self, verdict: Verdict, judged: Judged | None) -> Claim | None:
        """Name what shows in the form of things: nothing returned, no tuple, tensors for arrays."""
        failure = verdict.failure
        if failure is not None and failure.type == "ContractError" and failure.op == "apply":
            return Claim(
                "bare-array", words.BARE_ARRAY, words.BARE_ARRAY_HINT, words.CERTAIN,
                rule=words.tested_rule(verdict.case),
            )  # fmt: skip
        if failure is not None and words.looks_unpacked(failure):
            wrong = None if judged is None else judged.first_wrong
            rule = words.tested_rule(verdict.case) if wrong is None else wrong.rule
            return Claim(
                id="saved-not-unpacked",
                sentence=words.NOT_UNPACKED,
                hint=words.NOT_UNPACKED_HINT,
                sure=words.LIKELY if rule and rule not in self._helped else words.PERHAPS,
                rule=rule,
            )
        if judged is None:
            return None
        return self._by_form_of_calls(failure is not None, judged)

    def _by_form_of_calls(self, raised: bool, judged: Judged) -> Claim | None:
        wrong = judged.first_wrong
        if wrong is not None and wrong.fault == "form":
            return Claim(
                "bare-array", words.bare_array(wrong.rule), words.BARE_ARRAY_HINT, words.CERTAIN,
                rule=wrong.rule, node=wrong.step,
            )  # fmt: skip
        if judged.broken is not None and judged.broken[1] == "nothing":
            step = judged.broken[0]
            return Claim(
                "forgets-return", words.returns_nothing(step), words.RETURNS_NOTHING_HINT,
                words.CERTAIN, node=step.out,
            )  # fmt: skip
        if raised and judged.tensors:
            return Claim(
                "rule-returns-tensor", words.returns_tensor(judged.tensors[0]),
                words.RETURNS_TENSOR_HINT, words.PERHAPS, rule=judged.tensors[0],
            )  # fmt: skip
        return None

    @cached_property
    def _wrapped_again(self) -> Claim | None:
        """Tell whether rule after rule hands on a power of two: wrapped by each enable_autograd."""
        wrong = [edge for judged in self._judged.values() for edge in judged.edges if edge.fault]
        factors = [edge.fact.factor for edge in wrong if edge.fact and edge.fact.factor]
        doubled = [factor for factor in factors if factor > 1 and np.log2(factor) % 1 < ROUNDING]
        rules = {edge.rule for edge in wrong}
        if len(rules) < SEVERAL or len(doubled) < MOST * len(wrong) or max(doubled) == min(doubled):
            return None
        return Claim("enable-twice", words.ENABLED_TWICE, words.ENABLED_TWICE_HINT, words.LIKELY)

    def _by_calls(self, judged: Judged | None) -> Claim | None:
        """Name the first operation that is not tracked, or the first call that went wrong."""
        if judged is None:
            return None
        wrong = judged.first_wrong
        if judged.broken is not None and judged.broken[1] == "constant":
            step = judged.broken[0]
            return Claim(
                words.untracked_id(step), words.not_tracked(step), words.NOT_TRACKED_HINT,
                words.SEEN, node=step.out,
            )  # fmt: skip
        if wrong is None:
            return None
        if wrong.rule in judged.changing:
            return _changing(wrong.rule)
        seen = "" if wrong.fact is None else wrong.fact.id
        return Claim(
            id=seen if seen in words.NAMED_FACTS else f"rule-{wrong.fault}",
            sentence=words.wrong_call(wrong),
            hint=words.WRONG_CALL_HINT,
            sure=words.PERHAPS if self._acquitted(wrong.rule) else words.SEEN,
            rule=wrong.rule,
            node=wrong.step,
        )

    @cached_property
    def _helped(self) -> frozenset[str]:
        """The rules that call other rules: what comes out of them may be those others' doing."""
        return frozenset().union(*(judged.helped for judged in self._judged.values()))

    def _acquitted(self, rule: str) -> bool:
        """Tell whether a rule calls others, or passes every case that builds it by hand."""
        alone = [
            verdict.status == "passed"
            for verdict in self._verdicts
            if words.tested_rule(verdict.case) == rule
        ]
        return rule in self._helped or (bool(alone) and all(alone))

    def _same_as_elsewhere(self, place: int) -> Claim | None:
        """Point to the mistake that explains the most cases, where it could be at work here too."""
        case = self._archive.cases[place]
        used = operations_of(case.program)
        candidates = [
            (len(places), misconception)
            for misconception, places in self._fitting.values()
            if len(places) >= MANY and misconception.operations and misconception.operations & used
        ]
        if not candidates:
            return None
        _, misconception = max(candidates, key=lambda found: found[0])
        return Claim(
            id=misconception.id,
            sentence=words.same_as_elsewhere(misconception.sentence),
            hint=misconception.hint,
            sure=words.PERHAPS,
            rule=misconception.about,
        )

    # The facts.

    def _by_facts(self, place: int, judged: Judged | None) -> Claim | None:
        verdict, output = self._verdicts[place], self._outputs[place]
        if verdict.failure is not None or isinstance(output, Lost) or not verdict.mismatches:
            return None
        mismatch = verdict.mismatches[0]
        fact = self._fact(place, mismatch, output)
        rules_right = judged is not None and bool(judged.edges) and judged.first_wrong is None
        if fact is None and not rules_right:
            return None
        sentence = words.fact(verdict.case, mismatch, fact)
        return Claim(
            id=words.MISMATCHES[mismatch.kind][0] if fact is None else fact.id,
            sentence=f"{sentence} {words.RULES_RIGHT}" if rules_right else sentence,
            hint=words.ENGINE_HINT if rules_right else words.hint_of(mismatch),
            rule=words.tested_rule(verdict.case),
        )

    def _changed_input(self, place: int, judged: Judged | None) -> Claim | None:
        """Say that an array which the caller passed in came back changed."""
        case = self._archive.cases[place]
        arrays = {declared.id for declared in case.program.inputs if declared.role == "array"}
        values = [
            mismatch for mismatch in self._verdicts[place].mismatches if mismatch.kind == "value"
        ]
        if not any(_observed_value(case, mismatch) in arrays for mismatch in values):
            return None
        rules = words.rules_of(case) or (judged.changing if judged is not None else ())
        if rules:
            return _changing(rules[0])
        return Claim("changes-callers-array", words.CHANGES_CALLERS, words.CHANGES_HINT, words.SEEN)

    def _fact(self, place: int, mismatch: Mismatch, output: CaseOutput) -> Fact | None:
        case = self._archive.cases[place]
        wanted = self._archive.expected[place][mismatch.name]
        if mismatch.kind == "text":
            return words.of_error(wanted.value, output.observed.get(mismatch.name))
        actual = output.observed.get(mismatch.name)
        if not isinstance(wanted.value, np.ndarray) or not isinstance(actual, np.ndarray):
            return None
        if mismatch.kind == "shape":
            return of_shape(actual.shape, wanted.value.shape)
        if mismatch.kind != "value":
            return None
        given = np.asarray(actual, dtype=np.float64)
        if wanted.what == "grad":
            paths = self._archive.paths(place).get(_observed_value(case, mismatch), [])
            found = of_paths(given, paths)
            if found is not None:
                return found
        arrays = [
            np.asarray(array, dtype=np.float64) for array in self._archive.inputs(place).values()
        ]
        return of_values(given, wanted.value, arrays)


def _observed_value(case: Case, mismatch: Mismatch) -> int:
    """Return the id of the value whose observation differs."""
    return next(
        step.args[0]
        for step in case.program.observations
        if step.options["name"] == mismatch.name and isinstance(step.args[0], int)
    )


def _must_fail(prediction: Prediction, expected: Mapping[str, Expected]) -> bool:
    """Tell whether no engine could have turned what is predicted into what is right.

    A gradient of another shape may still be spread or summed on its way.
    """
    return any(
        not isinstance(value, np.ndarray)
        or not isinstance(right := expected[name].value, np.ndarray)
        or value.shape == right.shape
        for name, value in prediction.differing.items()
    )


def _is_cleared(misconception: Misconception, judged: Judged | None) -> bool:
    """Tell whether the calls speak against it: its rule is right, or another one is wrong."""
    if judged is None:
        return False
    if misconception.about:
        return judged.cleared(misconception.about)
    if misconception.untracked and judged.broken is None:
        return True
    if misconception.unbroadcast is not unbroadcast:
        return False  # rules that sum broadcast axes themselves all look wrong then
    return judged.first_wrong is not None


def _changing(rule: str) -> Claim:
    return Claim(
        "changes-incoming", words.changes_incoming(rule), words.CHANGES_HINT, words.SEEN, rule=rule
    )


def _looks_like_leaves(judged: Judged) -> bool:
    """Tell whether results ask for gradients and carry no node, and no rule ever ran."""
    return not judged.edges and judged.broken is not None and judged.broken[1] == "leaf"


def _leaf_claim(judged: Judged) -> Claim | None:
    if judged.broken is None:
        return None
    step = judged.broken[0]
    return Claim(
        "requires-grad-only", words.looks_like_a_leaf(step), words.NOT_TRACKED_HINT, words.LIKELY,
        node=step.out,
    )  # fmt: skip
