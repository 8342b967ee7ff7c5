"""Hypotheses about one submission: which mistakes predict what came, and which are contradicted.

A mistake is a hypothesis for a case only if it changes what this very case gives. It is dropped
for all cases when any of them speaks against it: an observation that it would have made wrong and
that is right, in a case that passed or not; a result that carries a node although the mistake says
that it does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np

from autograder.cases.names import operations_of
from autograder.cases.program import Step
from autograder.grading.diagnosis.archive import Archive
from autograder.grading.diagnosis.misconception import Misconception
from autograder.grading.diagnosis.predict import Prediction, is_as_predicted
from autograder.grading.diagnosis.trace import Judged
from autograder.grading.oracle import Expected
from autograder.grading.verdicts import Verdict
from autograder.sandbox.records import CaseOutput, Lost
from reference import unbroadcast

MANY = 5
OF_NUMBERS = frozenset({"ValueError", "IndexError", "TypeError", "AxisError"})
"""What NumPy raises for shapes and axes that do not fit: a wrong formula can cause it."""


class Hypotheses:
    """The mistakes that what the cases gave leaves possible.

    Parameters
    ----------
    judged
        The cases that were traced, whether they passed or not.
    """

    def __init__(
        self,
        archive: Archive,
        verdicts: Sequence[Verdict],
        outputs: Sequence[CaseOutput | Lost],
        judged: Mapping[int, Judged],
    ) -> None:
        self._archive = archive
        self._verdicts = verdicts
        self._outputs = outputs
        self._judged = judged
        self.fitting = self._find_fitting()

    def of_case(self, place: int) -> list[tuple[Misconception, list[int]]]:
        """Return the mistakes that give exactly this case's values, and all cases they explain."""
        found = [found for found in self.fitting.values() if place in found[1]]
        return found or self._of_long_case(place)

    def _of_long_case(self, place: int) -> list[tuple[Misconception, list[int]]]:
        """Return the same for a case that is too long to be run with every mistake.

        Only wrong rules that fit other cases are tried: they take no longer than right ones.
        """
        output = self._outputs[place]
        if self._archive.concerned(place) or isinstance(output, Lost) or output.failure:
            return []
        used = operations_of(self._archive.cases[place].program)
        return [
            found
            for found in self.fitting.values()
            if found[0].about
            and found[0].operations & used
            and self._fits(output, self._archive.predict(place, found[0]), place)
        ]

    def behind_exception(self, place: int) -> list[tuple[Misconception, list[int]]]:
        """Return the mistakes, seen in other cases, with which this one could not be run."""
        return [found for found in self.fitting.values() if self.raises_as_well(place, found[0])]

    def elsewhere(self, place: int) -> Misconception | None:
        """Return the mistake of the most other cases that must change this one, and may have."""
        used = operations_of(self._archive.cases[place].program)
        candidates = [
            (len(places), misconception)
            for misconception, places in self.fitting.values()
            if len(places) >= MANY
            and (misconception.in_calls or misconception.operations & used)
            and self._may_be_at_work(place, misconception)
        ]
        return max(candidates, key=lambda found: found[0])[1] if candidates else None

    def _may_be_at_work(self, place: int, misconception: Misconception) -> bool:
        """Tell whether a mistake changes this case, and nothing that it changes came out right."""
        if misconception not in self._archive.concerned(place):
            return False
        prediction = self._archive.predict(place, misconception)
        if self._verdicts[place].failure is not None:
            return self.raises_as_well(place, misconception)
        wrong = {mismatch.name for mismatch in self._verdicts[place].mismatches}
        return bool(prediction.differing) and prediction.differing.keys() <= wrong

    def raises_as_well(self, place: int, misconception: Misconception) -> bool:
        """Tell whether a case that raised could not have been run with the mistake."""
        failure = self._verdicts[place].failure
        if failure is None or failure.type not in OF_NUMBERS:
            return False
        if misconception not in self._archive.concerned(place):
            return False
        return self._archive.predict(place, misconception).impossible

    def _find_fitting(self) -> dict[str, tuple[Misconception, list[int]]]:
        """Return the mistakes that some case fits and no case contradicts."""
        fitting: dict[str, tuple[Misconception, list[int]]] = {}
        for place, verdict in enumerate(self._verdicts):
            output = self._outputs[place]
            if verdict.status != "failed" or isinstance(output, Lost) or output.failure is not None:
                continue
            for misconception in self._archive.concerned(place):
                if self._fits(output, self._archive.predict(place, misconception), place):
                    fitting.setdefault(misconception.id, (misconception, []))[1].append(place)
        return {id_: found for id_, found in fitting.items() if not self._is_contradicted(*found)}

    def _fits(self, output: CaseOutput, prediction: Prediction, place: int) -> bool:
        """Tell whether a case came out exactly as it would with the mistake."""
        if not prediction.differing:
            return False
        wrong = {mismatch.name for mismatch in self._verdicts[place].mismatches}
        return wrong <= prediction.differing.keys() and all(
            name in output.observed and is_as_predicted(value, output.observed[name])
            for name, value in prediction.differing.items()
        )

    def _is_contradicted(self, misconception: Misconception, places: Sequence[int]) -> bool:
        return (
            any(
                self._speaks_against(place, misconception)
                for place in range(len(self._verdicts))
                if misconception in self._archive.concerned(place)
            )
            or (misconception.untracked and not self._seen_untracked(misconception))
            or (not misconception.untracked and any(map(self._nothing_ran, places)))
        )

    def _nothing_ran(self, place: int) -> bool:
        """Tell whether results were tracked and no rule ran: all other mistakes run some rule."""
        judged = self._judged.get(place)
        return judged is not None and self.watched and not judged.calls and bool(judged.tracked)

    @cached_property
    def keeps_nodes_elsewhere(self) -> bool:
        """Whether a case passed in which results carry no node where we look for it."""
        return any(
            judged.untracked and self._verdicts[place].status == "passed"
            for place, judged in self._judged.items()
        )

    @cached_property
    def watched(self) -> bool:
        """Whether any call of a rule could be seen: an engine may call them in its own way."""
        return any(judged.calls for judged in self._judged.values())

    def _speaks_against(self, place: int, misconception: Misconception) -> bool:
        """Tell whether something is right in a case that the mistake would have made wrong."""
        verdict = self._verdicts[place]
        expected = self._archive.expected[place]
        right = set(expected)
        if verdict.status != "passed":
            if verdict.failure is not None or verdict.lost is not None:
                return False
            right -= {mismatch.name for mismatch in verdict.mismatches}
        return _must_fail(self._archive.predict(place, misconception), expected, right)

    def _seen_untracked(self, misconception: Misconception) -> bool:
        """Tell whether a result was seen to carry no node, and none was seen that carries one."""
        concerned = getattr(misconception.machine, "concerned", _nothing)
        judged = self._judged.values()
        return any(
            concerned(step, found.asking[step.out]) for found in judged for step in found.untracked
        ) and not any(
            concerned(step, found.asking[step.out]) for found in judged for step in found.tracked
        )

    def is_cleared(self, misconception: Misconception, judged: Judged | None) -> bool:
        """Tell whether this case's calls speak against it: its rule is right, another is not."""
        if judged is None:
            return False
        if misconception.about:
            return judged.cleared(misconception.about) or judged.never_ran(misconception.about)
        if misconception.untracked:
            concerned = getattr(misconception.machine, "concerned", _nothing)
            return not any(concerned(step, judged.asking[step.out]) for step in judged.untracked)
        state = "" if judged.broken is None else judged.broken[1]
        if misconception.part == "walk" and state in {"constant", "silent"}:
            return True  # an operation was seen that is not tracked: no walk can cause that
        if misconception.unbroadcast is not unbroadcast or misconception.in_calls:
            return False  # rules that sum broadcast axes themselves all look wrong then
        return judged.first_wrong is not None


def _nothing(_step: Step, _asking: Sequence[bool]) -> bool:
    return False


def _must_fail(
    prediction: Prediction, expected: Mapping[str, Expected], right: Collection[str]
) -> bool:
    """Tell whether no engine could have turned what is predicted into what is right.

    A gradient of another shape may still be spread or summed on its way.
    """
    return any(
        name in right
        and (
            not isinstance(value, np.ndarray)
            or not isinstance(wanted := expected[name].value, np.ndarray)
            or value.shape == wanted.shape
        )
        for name, value in prediction.differing.items()
    )
