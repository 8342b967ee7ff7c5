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

from autograder.grading.diagnosis.archive import Archive
from autograder.grading.diagnosis.claim import Claim
from autograder.grading.diagnosis.contrast import only_with
from autograder.grading.diagnosis.failures import is_unfinished, looks_unpacked, speaks_of_tensors
from autograder.grading.diagnosis.hypotheses import Hypotheses
from autograder.grading.diagnosis.looked import claim_of
from autograder.grading.diagnosis.misconception import Misconception
from autograder.grading.diagnosis.observed import by_enabling_again, by_facts, by_name, by_order
from autograder.grading.diagnosis.programs import (
    gives_a_gradient,
    goes_backward,
    has_number,
    observed_value,
    rules_of,
    tested_rule,
)
from autograder.grading.diagnosis.simple import changing, leaf_claim, looks_like_leaves, of_form
from autograder.grading.diagnosis.trace import Edge, Judged, judge_trace
from autograder.grading.verdicts import Verdict
from autograder.kernel import looked as sights
from autograder.model import SUREST, Sureness
from autograder.operations import operations
from autograder.sandbox.frames import Error
from autograder.sandbox.records import CaseOutput, Lost

SEVERAL = 2
MOST = 0.8
ROUNDING = 1e-4
NAMED_FACTS = frozenset({"unbroadcast-wrong-operand", "finite-differences", "transposed"})
"""Facts that are a mistake of the catalogue by themselves."""


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
        self._usual_records = frozenset(
            (step.op, rule)
            for place, found in judged.items()
            if verdicts[place].status == "passed"
            for step, rule in found.recorded
        )
        self._judged = {
            place: found.without(unusual)
            for place, found in judged.items()
            if verdicts[place].status != "passed"
        }
        self._usual = frozenset(
            kind
            for place, found in judged.items()
            if verdicts[place].status == "passed" and goes_backward(verdicts[place].case.program)
            for kind in found.looked.kinds
        )
        self._hypotheses = Hypotheses(archive, verdicts, outputs, judged)

    def claim(self, place: int) -> Claim | None:
        """Return what can be said of a failing case, or None where nothing can.

        What was seen in this very case comes first, then what its code raised, then the surest
        hypothesis that nothing contradicts, then facts.
        """
        verdict = self._verdicts[place]
        if verdict.status != "failed" or is_unfinished(verdict.failure):
            return None
        if verdict.failure is not None and verdict.failure.op == "start":
            return None  # what enable_autograd() raised says it all
        judged = self._judged.get(place)
        found = (
            by_name(verdict)
            or self._by_form(verdict, judged)
            or self._changed_input(place, judged)
            or self._by_results(verdict, judged)
            or (
                self._by_hypothesis(place, judged)
                if verdict.failure is None
                else self._behind_exception(place, verdict.failure, judged)
            )
            or by_order(self._archive, place, verdict, self._outputs[place])
            or self._by_other_results(verdict, judged)
            or by_facts(
                self._archive,
                place,
                verdict,
                self._outputs[place],
                judged,
                watched=self._hypotheses.watched,
            )
        )
        found = found and msgspec.structs.replace(found, traced=judged is not None)
        return self._with_contrast(place, found)

    def _with_contrast(self, place: int, found: Claim | None) -> Claim | None:
        """Add with which option alone an operation fails, where nothing names the mistake."""
        plain = found is None or (found.sure in {"", "perhaps"} and not found.mistakes)
        option = only_with(place, self._verdicts) if plain else None
        if option is None:
            return found
        if found is None:
            return Claim(code="", says="only-raised", only_with=option, raised=True)
        return msgspec.structs.replace(found, only_with=option)

    def _judge(self, place: int, traced: CaseOutput) -> Judged:
        case = self._archive.cases[place]
        return judge_trace(
            case.program,
            self._archive.inputs(place),
            traced.applications,
            traced.results,
            traced.nodes,
        )

    # What was seen.

    def _by_form(self, verdict: Verdict, judged: Judged | None) -> Claim | None:
        """Name what shows in the form of things: nothing returned, or no tuple."""
        failure = verdict.failure
        if failure is not None and failure.type == "ContractError" and failure.form:
            return of_form(tested_rule(verdict.case), failure.form, None)
        if judged is None:
            return None
        wrong = judged.first_wrong
        if wrong is not None and wrong.fault == "form":
            return of_form(wrong.rule, wrong.form, wrong.step)
        if judged.broken is not None and judged.broken[1] in {"nothing", "array"}:
            step, nothing = judged.broken[0], judged.broken[1] == "nothing"
            return Claim(
                code="forgets-return" if nothing else "returns-array", says="returns-nothing",
                sure="seen", part="tracking", node=step.out, step=step, form=judged.broken[1],
            )  # fmt: skip
        return None

    def _changed_input(self, place: int, judged: Judged | None) -> Claim | None:
        """Say that an array which the caller passed in came back changed."""
        case = self._archive.cases[place]
        arrays = {declared.id for declared in case.program.inputs if declared.role == "array"}
        values = [
            mismatch for mismatch in self._verdicts[place].mismatches if mismatch.kind == "value"
        ]
        if not any(observed_value(case, mismatch) in arrays for mismatch in values):
            return self._changed_operand(place)
        rules = rules_of(case) or (judged.changing if judged is not None else ())
        if rules:
            return changing(rules[0])
        return Claim(code="changes-callers-array", says="changes-callers", sure="seen", part="walk")

    def _changed_operand(self, place: int) -> Claim | None:
        """Say that the numbers of an input have changed, where the program changes none."""
        program = self._archive.cases[place].program
        if any(step.op == "descend" for step in program.steps):
            return None
        inputs = {declared.id for declared in program.inputs}
        wanted = self._archive.expected[place]
        for mismatch in self._verdicts[place].mismatches:
            value = observed_value(self._archive.cases[place], mismatch)
            is_data = mismatch.kind == "value" and wanted[mismatch.name].what == "data"
            if value in inputs and is_data:
                rule = tested_rule(self._archive.cases[place])
                sure: Sureness = "seen" if rule else ""  # an engine may have done it
                return Claim(code="changes-operand", says="changes-operand", sure=sure, rule=rule)
        return None

    def _by_results(self, verdict: Verdict, judged: Judged | None) -> Claim | None:
        """Say what is wrong about results and nodes, where it explains whatever came of it."""
        if judged is None:
            return None
        raised, looked = verdict.failure is not None, judged.looked
        base = any(found.looked.backwards == "Function" for found in self._judged.values())
        sight = sights.first(looked, self._usual, reversed_base=base) or (
            sights.beside(looked, self._usual) if raised else None
        )
        return claim_of(sight, verdict.case.program, raised=raised)

    def _by_other_results(self, verdict: Verdict, judged: Judged | None) -> Claim | None:
        """Say what else is wrong about results and nodes."""
        if judged is None or verdict.failure is not None:
            return None
        sight = sights.beside(judged.looked, self._usual) or sights.last(
            judged.looked, self._usual, ran=bool(judged.calls)
        )
        return claim_of(sight, verdict.case.program, raised=False)

    # What was raised.

    def _behind_exception(self, place: int, failure: Error, judged: Judged | None) -> Claim | None:
        """Say what an exception shows beside its own words, which come first."""
        if looks_unpacked(failure):
            return Claim(
                code="saved-not-unpacked", says="not-unpacked", sure="perhaps",
                rule=self._raising(place, judged), raised=True,
            )  # fmt: skip
        if judged is not None and judged.tensors and speaks_of_tensors(failure):
            return Claim(
                code="rule-returns-tensor", says="returns-tensor", sure="perhaps",
                rule=judged.tensors[0], raised=True,
            )  # fmt: skip
        if judged is not None and judged.miscounted:
            rule, form = judged.miscounted[0]
            return Claim(
                code="wrong-number-of-entries", says="returned", sure="seen", rule=rule, form=form,
                raised=True,
            )  # fmt: skip
        rule = self._raising(place, judged)
        behind = [
            (misconception, places)
            for misconception, places in self._hypotheses.behind_exception(place)
            if not rule or misconception.about in {"", rule}
        ]
        if behind:
            best, places = max(behind, key=lambda found: len(found[1]))
            return Claim(
                code=best.id, says="behind-exception",
                sure="likely"
                if rule and rule == best.about and not self._has_options(place, rule)
                else "perhaps",
                rule=best.about, part=best.part, mistakes=(best,), cases=len(places), raised=True,
            )  # fmt: skip
        if rule:
            return Claim(code="rule-raised", says="rule-raised", rule=rule, raised=True)
        return None

    def _raising(self, place: int, judged: Judged | None) -> str:
        """Return the rule whose call raised, where that was seen; the outer one of two."""
        if judged is not None and judged.first_wrong is not None:
            wrong = [edge for edge in judged.edges if edge.fault == "raised"]
            return wrong[-1].rule if wrong else ""
        case = self._verdicts[place].case
        failure = self._verdicts[place].failure
        called = failure is not None and failure.op == "apply" and failure.cell is not None
        return tested_rule(case) if called else ""

    # Hypotheses.

    def _by_hypothesis(self, place: int, judged: Judged | None) -> Claim | None:
        """Return the surest of the hypotheses that nothing contradicts."""
        start = self._by_start(place, judged)
        if start is not None:
            return start
        numbers = self._by_numbers(place, judged)
        calls = self._by_calls(place, judged) or self._by_leaves(place, judged)
        if numbers is not None and calls is not None and numbers.rule == calls.rule:
            calls = None  # the name of a mistake says more than "this call is wrong"
        candidates = [
            found
            for found in (
                by_enabling_again(self._verdicts, place), self._wrapped_again, numbers, calls
            )
            if found is not None
        ]  # fmt: skip
        if candidates:
            return min(candidates, key=lambda found: SUREST.index(found.sure))
        return self._by_record(judged) or self._same_as_elsewhere(place)

    def _by_start(self, place: int, judged: Judged | None) -> Claim | None:
        """Say that backward() starts with another gradient than the one that it was given."""
        start = "" if judged is None else judged.start
        sure: Sureness = "seen"
        if not start and gives_a_gradient(self._archive.cases[place].program):
            start, sure = self._start, ""  # a fact about another case
        if not start:
            return None
        code = "seeds-ones" if start == "ones" else "wrong-start"
        return Claim(code=code, says="starts-with", sure=sure, part="walk", form=start)

    @cached_property
    def _start(self) -> str:
        """What backward() was seen to start with in other cases, where it was given a gradient."""
        return next((found.start for found in self._judged.values() if found.start), "")

    def _by_record(self, judged: Judged | None) -> Claim | None:
        """Say that a result remembers the rule of another operation, if none does so rightly."""
        for step, rule in () if judged is None else judged.recorded:
            if (step.op, rule) not in self._usual_records:
                return Claim(
                    code="wrong-rule-recorded", says="wrong-rule-recorded", sure="seen",
                    part="tracking", node=step.out, step=step, recorded=rule,
                )  # fmt: skip
        return None

    def _has_options(self, place: int, rule: str) -> bool:
        """Tell whether an operation has options here that the engine may have lost.

        Where a case that builds the rule by hand fails, the rule is wrong by itself.
        """
        op = operations().operation_of.get(rule)
        alone = [
            verdict.status == "passed"
            for verdict in self._verdicts
            if tested_rule(verdict.case) == rule
        ]
        return all(alone) and any(
            step.op == op and step.options.keys() - {"form", "instance"}
            for step in self._archive.cases[place].program.steps
        )

    def _by_numbers(self, place: int, judged: Judged | None) -> Claim | None:
        candidates = [
            found
            for found in self._hypotheses.of_case(place)
            if not self._hypotheses.is_cleared(found[0], judged)
        ]
        if not candidates:
            return None
        best = max(len(places) for _, places in candidates)
        chosen = [misconception for misconception, places in candidates if len(places) == best]
        first = chosen[0]
        seen_in_calls = judged is not None and any(
            edge.fault and edge.rule == first.about for edge in judged.edges
        )
        node = None if judged is None or judged.first_wrong is None else judged.first_wrong.step
        if first.untracked and judged is not None and looks_like_leaves(judged):
            return leaf_claim(judged)
        return Claim(
            code=first.id,
            says="exactly",
            sure=self._how_sure(place, first, best, seen_in_calls=seen_in_calls),
            rule=first.about,
            part=first.part,
            mistakes=tuple(chosen),
            cases=best,
            node=node if seen_in_calls else None,
        )

    def _how_sure(
        self, place: int, misconception: Misconception, places: int, *, seen_in_calls: bool
    ) -> Sureness:
        """Weigh a mistake by the cases of the check: those that it explains, and those that passed.

        That no case contradicts it is known already.
        """
        if misconception.about in self._helped or self._has_options(place, misconception.about):
            return "perhaps"
        check = self._verdicts[place].case.check
        own = [
            (other, verdict)
            for other, verdict in enumerate(self._verdicts)
            if verdict.case.check == check
        ]
        explained = all(
            verdict.status == "passed"
            or other in self._hypotheses.fitting[misconception.id][1]
            or self._hypotheses.raises_as_well(other, misconception)
            for other, verdict in own
        )
        if seen_in_calls and (explained or places >= SEVERAL):
            return "certain"
        if places >= SEVERAL or (explained and len(own) >= SEVERAL):
            return "likely"
        return "perhaps"

    @cached_property
    def _wrapped_again(self) -> Claim | None:
        """Tell whether rule after rule hands on a power of two: wrapped by each enable_autograd."""
        wrong = [edge for judged in self._judged.values() for edge in judged.edges if edge.fault]
        factors = [edge.fact.factor for edge in wrong if edge.fact and edge.fact.factor]
        doubled = [factor for factor in factors if factor > 1 and np.log2(factor) % 1 < ROUNDING]
        rules = {edge.rule for edge in wrong}
        if len(rules) < SEVERAL or len(doubled) < MOST * len(wrong) or max(doubled) == min(doubled):
            return None
        return Claim(code="enable-twice", says="enabled-twice", sure="likely", part="tracking")

    def _by_calls(self, place: int, judged: Judged | None) -> Claim | None:
        """Name the first operation that is not tracked, or the first call that went wrong."""
        if judged is None:
            return None
        if judged.broken is not None and judged.broken[1] == "constant":
            step = judged.broken[0]
            return Claim(
                code="scalar-untracked" if has_number(step) else f"{step.op}-not-tracked",
                says="not-tracked", sure="seen", part="tracking", node=step.out, step=step,
            )  # fmt: skip
        wrong = next((edge for edge in judged.edges if self._is_suspect(edge)), None)
        if wrong is None or wrong.rule in judged.changing:
            return changing(judged.changing[0]) if judged.changing else None
        seen = "" if wrong.fact is None else wrong.fact.id
        doubtful = self._acquitted(wrong.rule) or self._has_options(place, wrong.rule)
        elsewhere = self._same_as_elsewhere(place) if doubtful else None
        if elsewhere is not None and elsewhere.mistakes[0].in_calls:
            return elsewhere
        return Claim(
            code=seen if seen in NAMED_FACTS else f"rule-{wrong.fault}",
            says="wrong-call",
            sure="perhaps" if doubtful else "seen",
            rule=wrong.rule,
            node=wrong.step,
            operand=wrong.operand,
            fault=str(wrong.fault),
            fact=wrong.fact,
        )

    def _by_leaves(self, place: int, judged: Judged | None) -> Claim | None:
        """Say that a result looks like a leaf, unless this engine keeps its nodes elsewhere."""
        missing = [found.kind == "missing" for found in self._verdicts[place].mismatches]
        if judged is None or judged.calls or not missing or not missing[0]:
            return None
        if self._hypotheses.keeps_nodes_elsewhere or not looks_like_leaves(judged):
            return None
        return leaf_claim(judged)

    def _is_suspect(self, edge: Edge) -> bool:
        """Tell whether a call is wrong, and the rule does not pass its own check by itself.

        A rule with options, or one that meets other shapes, has more to get wrong than the cases
        show that build it by hand.
        """
        op = operations().operation_of.get(edge.rule, "")
        plain = edge.fault == "value" and op in operations().having(by_itself=True)
        return bool(edge.fault) and not (plain and self._acquitted(edge.rule))

    @cached_property
    def _helped(self) -> frozenset[str]:
        """The rules that call other rules: what comes out of them may be those others' doing."""
        return frozenset().union(*(judged.helped for judged in self._judged.values()))

    def _acquitted(self, rule: str) -> bool:
        """Tell whether a rule calls others, or passes every case that builds it by hand."""
        alone = [
            verdict.status == "passed"
            for verdict in self._verdicts
            if tested_rule(verdict.case) == rule
        ]
        return rule in self._helped or (bool(alone) and all(alone))

    def _same_as_elsewhere(self, place: int) -> Claim | None:
        """Point to the mistake that explains the most cases, where it must be at work here too."""
        misconception = self._hypotheses.elsewhere(place)
        if misconception is None or self._hypotheses.is_cleared(
            misconception, self._judged.get(place)
        ):
            return None
        return Claim(
            code=misconception.id, says="elsewhere", sure="perhaps", rule=misconception.about,
            part=misconception.part, mistakes=(misconception,),
        )  # fmt: skip
