"""The instructor's view of one submission: every failing hidden case in full, kept private."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from autograder.cases.inputs import draw_inputs
from autograder.cases.registry import Case
from autograder.cases.secret import find_seed
from autograder.course.feedback import FeedbackRoom
from autograder.course.files import write_atomically
from autograder.course.layout import Layout
from autograder.course.reader import Reader
from autograder.grading.compare import Mismatch
from autograder.grading.grader import Exam, Graded, Grader
from autograder.grading.oracle import Expected
from autograder.grading.verdicts import Verdict
from autograder.model import Result, encode_result
from autograder.operations import operations
from autograder.reports.drawing import draw
from autograder.reports.graph import program_graph
from autograder.reports.inspection import Inspected, Observation, array_text, listing
from autograder.sandbox.isolation import Tier
from autograder.sandbox.records import CaseOutput, Lost

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def inspect_submission(
    layout: Layout, room: FeedbackRoom, exam: Exam, tier: Tier, student: str
) -> tuple[Path, Result]:
    """Grade a submission again and write its page; return both."""
    submission, target = layout.submission(student), layout.inspection(student)
    with exam.worker(tier) as worker:
        graded = Grader(exam, worker).grade(submission, keep_outputs=True)
    seed = find_seed(layout.course, exam.seed_digest)
    inspected = inspect_cases(exam, graded, seed)
    with Reader(layout) as reader:
        review = reader.review(student)
    # The result beside the page is what the replay needs; the recorded one may be of another file.
    record = target.with_suffix(".json")
    replay = f"autograder run {_shown(submission, layout)} --seed-from {_shown(record, layout)}"
    target.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    page = room.render(student, graded.result, review, inspected=inspected, replay=replay)
    write_atomically(record, encode_result(graded.result), PRIVATE_FILE)
    write_atomically(target, page, PRIVATE_FILE)
    return target, graded.result


def _shown(path: Path, layout: Layout) -> str:
    return shlex.quote(str(path.relative_to(layout.course)))


def inspect_cases(exam: Exam, graded: Graded, seed: bytes) -> dict[str, list[Inspected]]:
    """Return every failing case with its numbers, by check.

    Parameters
    ----------
    graded
        With its outputs kept.
    seed
        The one that the exam was made with.
    """
    found: dict[str, list[Inspected]] = {}
    for verdict, output, expected in zip(
        graded.verdicts, graded.outputs, exam.expected, strict=bool(graded.verdicts)
    ):
        if verdict.status != "passed":
            inputs = draw_inputs(verdict.case.program, verdict.case.id, seed)
            shown = _inspect_case(verdict, output, expected, inputs)
            found.setdefault(verdict.case.check, []).append(shown)
    return found


def _inspect_case(
    verdict: Verdict,
    output: CaseOutput | Lost,
    expected: Mapping[str, Expected],
    inputs: Mapping[int, NDArray[np.generic]],
) -> Inspected:
    case = verdict.case
    observed = {} if isinstance(output, Lost) else output.observed
    wrong = {mismatch.name: mismatch for mismatch in verdict.mismatches}
    targets = {str(step.options["name"]): step.args[0] for step in case.program.observations}
    return Inspected(
        case=case.id,
        sentence=case.sentence,
        ended=_ending(verdict),
        listing=listing(case.program),
        inputs=tuple((f"v{id_}", array_text(array)) for id_, array in inputs.items()),
        observations=tuple(
            Observation(
                name=f"{name} of v{targets[name]}",
                expected=array_text(wanted.value),
                actual=array_text(observed[name]) if name in observed else "not observed",
                verdict=_facts(wrong[name]) if name in wrong else "",
            )
            for name, wanted in expected.items()
        ),
        drawing=_draw(case, {targets[name] for name in wrong}),
    )


def _draw(case: Case, wrong: set[object]) -> Markup:
    """Draw the case with a mark at every value that came out wrong."""
    graph = program_graph(case.program)
    if graph is None:
        return Markup()
    return draw(
        graph,
        name="case-" + case.id.replace("/", "-"),
        title=f"Computation graph of {case.id}",
        marked=frozenset(node.id for node in graph.nodes if node.id in wrong),
    )


def _ending(verdict: Verdict) -> str:
    """Say how a failing case ended, and which rules it is charged to."""
    if not verdict.blamed:
        return _how_it_ended(verdict)
    rules = ", ".join(operations().rule_of[op] for op in verdict.blamed)
    ending = f"Right but for {rules}; {verdict.excused:.0%} of the case counts."
    return f"{_how_it_ended(verdict)} {ending}".lstrip()


def _how_it_ended(verdict: Verdict) -> str:
    """Say how a case ended that gave no values to compare, in the exception's own words."""
    if verdict.lost is not None:
        return f"Lost: {verdict.lost.reason} {verdict.lost.detail}".rstrip()
    if verdict.failure is None:
        return ""
    failure = verdict.failure
    place = "" if failure.line is None else f", line {failure.line}"
    place += "" if failure.cell is None else f" of code cell {failure.cell + 1}"
    return f"At step {failure.op}{place}: {failure.type}: {failure.message}"


def _facts(mismatch: Mismatch) -> str:
    text = f"{mismatch.kind}: expected {mismatch.expected}, got {mismatch.actual}"
    if mismatch.size:
        text += f"; {mismatch.differing} of {mismatch.size} elements are wrong"
        text += f", the worst at {mismatch.worst}" if mismatch.worst else ""
    return text
