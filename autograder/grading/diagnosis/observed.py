"""What the arrays of one case show by themselves, without any theory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.cases.program import Program
from autograder.grading.compare import Mismatch
from autograder.grading.diagnosis.archive import Archive
from autograder.grading.diagnosis.claim import Claim, Look
from autograder.grading.diagnosis.programs import enables_again, observed_value, tested_rule
from autograder.grading.diagnosis.trace import Judged
from autograder.grading.verdicts import Verdict
from autograder.kernel.facts import Fact, close, of_paths, of_shape, of_values
from autograder.sandbox.records import CaseOutput, Lost

MISMATCHED = {
    "missing": "no-gradient", "unexpected": "unwanted-gradient", "text": "wrong-error",
    "shape": "wrong-shape", "dtype": "wrong-dtype", "nonfinite": "not-finite",
    "cost": "too-costly", "value": "wrong-value",
}  # fmt: skip
"""The code of each kind of mismatch of which nothing more is seen."""


def by_name(verdict: Verdict) -> Claim | None:
    """Say which part has a name that is not the assignment's."""
    questions = {step.out: step for step in verdict.case.program.steps if step.op == "named"}
    answers = [
        (questions[asked], mismatch.actual)
        for mismatch in verdict.mismatches
        if (asked := observed_value(verdict.case, mismatch)) in questions
    ]
    if not answers:
        return None
    return Claim(code="other-name", says="other-name", answers=tuple(answers))


def by_enabling_again(verdicts: Sequence[Verdict], place: int) -> Claim | None:
    """Tell whether wrong values come out only where enable_autograd() is called again."""
    differing = [verdict.case.program for verdict in verdicts if verdict.mismatches]
    if not verdicts[place].mismatches or not all(map(enables_again, differing)):
        return None
    return Claim(code="enable-twice", says="enabled-again", part="tracking")


def by_order(
    archive: Archive, place: int, verdict: Verdict, output: CaseOutput | Lost
) -> Claim | None:
    """Say that each of two entries of a rule stands in the other's place."""
    rule = tested_rule(verdict.case)
    if not rule or isinstance(output, Lost) or verdict.failure is not None:
        return None
    expected = archive.expected[place]
    names = [name for name, wanted in expected.items() if wanted.what == "entry"]
    if len(names) != 2 or {mismatch.name for mismatch in verdict.mismatches} != set(names):
        return None
    for name, other in (names, names[::-1]):
        wanted, actual = expected[other].value, output.observed.get(name)
        if not isinstance(wanted, np.ndarray) or not isinstance(actual, np.ndarray):
            return None
        if not close(np.asarray(actual, dtype=np.float64), wanted):
            return None
    return Claim(code="entries-swapped", says="entries-swapped", sure="seen", rule=rule)


def by_facts(
    archive: Archive,
    place: int,
    verdict: Verdict,
    output: CaseOutput | Lost,
    judged: Judged | None,
    *,
    watched: bool,
) -> Claim | None:
    """Say what the first array that is wrong shows by itself.

    Parameters
    ----------
    watched
        Whether calls of rules could be seen in any case of this submission.
    """
    if verdict.failure is not None or isinstance(output, Lost) or not verdict.mismatches:
        return None
    mismatch = verdict.mismatches[0]
    if archive.expected[place][mismatch.name].what == "saved":
        return Claim(code="wrong-saved", says="fact", what="saved", kind=mismatch.kind)
    seen = _fact(archive, place, mismatch, output)
    unexplained = seen is None and mismatch.kind == "value"
    what = archive.expected[place][mismatch.name].what
    code = MISMATCHED[mismatch.kind] if seen is None else seen.id
    inputs = {declared.id for declared in verdict.case.program.inputs}
    if what == "data" and observed_value(verdict.case, mismatch) not in inputs:
        code = {"missing": "forgets-return", "value": "wrong-result"}.get(mismatch.kind, code)
    return Claim(
        code=code,
        says="fact",
        rule=tested_rule(verdict.case),
        fact=seen,
        what=what,
        kind=mismatch.kind,
        unexplained=unexplained and bool(archive.concerned(place)),
        look=_where_to_look(verdict.case.program, judged, watched=watched),
    )


def _where_to_look(program: Program, judged: Judged | None, *, watched: bool) -> Look:
    """Say that it is the engine, where every rule that ran was seen to be right."""
    ran = {step.op for step in program.steps}
    if judged is None or "backward" not in ran or judged.broken is not None:
        return ""
    if not judged.calls and judged.tracked:
        return "nothing-ran" if watched else "tracked"
    if not judged.whole or not judged.edges or judged.first_wrong is not None:
        return ""
    return "backward-or-zero-grad" if "zero_grad" in ran else "backward"


def _fact(archive: Archive, place: int, mismatch: Mismatch, output: CaseOutput) -> Fact | None:
    case = archive.cases[place]
    wanted = archive.expected[place][mismatch.name]
    if mismatch.kind == "text":
        return _of_error(wanted.value, output.observed.get(mismatch.name))
    actual = output.observed.get(mismatch.name)
    if not isinstance(wanted.value, np.ndarray) or not isinstance(actual, np.ndarray):
        return None
    if mismatch.kind == "shape":
        return of_shape(actual.shape, wanted.value.shape)
    if mismatch.kind != "value":
        return None
    given = np.asarray(actual, dtype=np.float64)
    if wanted.what == "grad":
        found = of_paths(given, archive.paths(place).get(observed_value(case, mismatch), []))
        if found is not None:
            return found
    arrays = [np.asarray(array, dtype=np.float64) for array in archive.inputs(place).values()]
    seen = of_values(given, wanted.value, arrays)
    # Whether a rule handed it on cannot be seen where a whole graph ran.
    whole = seen is not None and seen.id == "handed-on" and wanted.what != "entry"
    return Fact("same-as-input") if whole else seen


def _of_error(expected: object, actual: object) -> Fact:
    """Say what is wrong about an exception; only the assignment's own are named."""
    if not isinstance(expected, str) or not isinstance(actual, str):
        return Fact("not-comparable")
    if expected == "nothing":
        return Fact("raises-without-requires-grad")
    return Fact("raises-nothing" if actual == "nothing" else "wrong-error", error=expected)
