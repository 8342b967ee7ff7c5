"""Findings about whole submissions: the right rule is named, the right one is not blamed."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from autograder.audit.corpus import Corpus
from autograder.audit.fairness import variants
from autograder.audit.mutants import apply_edits
from autograder.cases import load_cases
from autograder.cases.inputs import draw_inputs
from autograder.errors import InfrastructureError
from autograder.grading.diagnosis.claim import CLAIMED
from autograder.grading.diagnosis.misconceptions import misconceptions
from autograder.grading.diagnosis.predict import concerned, predict
from autograder.grading.diagnosis.sampling import choose_traced
from autograder.grading.diagnosis.trace import judge_trace
from autograder.grading.grader import Exam, Grader, job_of
from autograder.grading.oracle import expected_values
from autograder.kernel.looked import NOTHING
from autograder.kernel.words import RULES_RIGHT
from autograder.sandbox.records import Lost
from autograder.sandbox.session import Session
from autograder.submission.load import load_submission

COURSE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def corpus(course, solution):
    return Corpus(course, solution)


@pytest.fixture(scope="module")
def told(grader, corpus, tmp_path_factory):
    """Return what the student is told of a host with some edits, by check."""
    folder = tmp_path_factory.mktemp("told")

    def tell(edits: Sequence[tuple[str, str, str]], host: str = "topological"):
        path = folder / "submission.py"
        path.write_text(apply_edits(corpus.hosts[host], edits, "test"), encoding="utf-8")
        result = grader.grade(path).result
        return {check.id: check.diagnosis for check in result.checks if check.status == "failed"}

    return tell


OWN_OPERAND = [
    ("class MulBackward", "grad_output * b.data", "grad_output * a.data"),
    ("class MulBackward", "grad_output * a.data if b", "grad_output * b.data if b"),
]
NO_SQUARE = [("class DivBackward", "b.data**2", "b.data")]


def test_a_wrong_rule_is_named_by_numbers_and_calls_in_every_check_that_it_breaks(told):
    found = told(OWN_OPERAND)
    assert {"mul", "broadcasting"} <= found.keys()
    assert {diagnosis.rule for diagnosis in found.values()} == {"MulBackward"}
    assert found["mul"].id == found["broadcasting"].id == "mul-own-operand"
    assert found["mul"].sure == "certain"
    assert found["mul"].message.startswith("Exactly this comes out when MulBackward multiplies by")


def test_two_mistakes_at_once_are_both_named(told):
    found = told([*OWN_OPERAND, *NO_SQUARE])
    assert (found["mul"].rule, found["div"].rule) == ("MulBackward", "DivBackward")
    assert found["div"].id == "div-no-square"
    assert {diagnosis.rule for diagnosis in found.values()} == {"MulBackward", "DivBackward"}


def test_a_wrong_rule_that_nobody_thought_of_is_found_by_its_calls(told):
    found = told([("class MulBackward", "grad_output * b.data if", "grad_output * b.data**3 if")])
    assert found["broadcasting"].id == "rule-value"
    assert found["broadcasting"].sure == "seen"
    assert found["broadcasting"].rule == "MulBackward"
    assert "for its first input" in found["broadcasting"].message
    assert found["broadcasting"].node is not None


def test_a_wrong_engine_is_blamed_and_no_rule_is(told):
    found = told(
        [("def backward(self", "arrived[key] + fitted if key in arrived else fitted", "fitted")]
    )
    assert found["paths"].id in {"first-path-only", "last-path-only"}
    assert {diagnosis.rule for diagnosis in found.values()} == {""}


def test_a_mistake_that_fits_nothing_is_a_fact_and_says_that_the_rules_are_right(told):
    found = told([("def backward(self", "tensor.grad + grad", "0.3 * tensor.grad + grad")])
    assert found["calls"].sure == ""
    assert RULES_RIGHT in found["calls"].message


def test_a_rule_that_returns_no_tuple_is_told_so_where_backward_trips_over_it(told):
    edit = ("class MeanBackward", "return (grad * (np.size(grad_output) / t.size),)",
            "return grad * (np.size(grad_output) / t.size)")  # fmt: skip
    found = told([edit])
    assert found["mean"].id == "bare-array"
    assert found["mean"].rule == "MeanBackward"


def test_a_fault_of_the_search_costs_no_point_and_is_noted(grader, corpus, tmp_path, monkeypatch):
    path = tmp_path / "submission.py"
    path.write_text(apply_edits(corpus.hosts["topological"], NO_SQUARE, "test"), encoding="utf-8")
    before = grader.grade(path).result

    def fail(*_):
        raise ZeroDivisionError("a number of a case: 1.2345")

    monkeypatch.setattr("autograder.grading.grader.explore", fail)
    after = grader.grade(path).result
    assert after.score == before.score < after.max_score
    assert after.notes[-1] == "No diagnosis: internal error (ZeroDivisionError)."


def test_a_machine_that_cannot_trace_costs_no_point(grader, corpus, tmp_path, monkeypatch):
    path = tmp_path / "submission.py"
    path.write_text(apply_edits(corpus.hosts["topological"], NO_SQUARE, "test"), encoding="utf-8")
    before = grader.grade(path).result

    def fail(*_):
        raise InfrastructureError("something keeps killing the sandbox")

    monkeypatch.setattr(Session, "trace", fail)
    after = grader.grade(path).result
    assert after.score == before.score < after.max_score
    found = {check.id: check.diagnosis for check in after.checks}
    assert found["div"].id == "div-no-square"


def test_a_stub_gets_no_guess(grader, released):
    result = grader.grade(released).result
    assert all(
        check.diagnosis.id in {"missing-name", "not-implemented", "prerequisite"}
        for check in result.checks
        if check.diagnosis
    )


def test_a_base_class_that_is_a_stub_takes_no_rule_away(grader, released):
    """Each rule has its own apply there, and the constructor of all is yet to be written."""
    checks = {check.id: check for check in grader.grade(released).result.checks}
    for check in ("function-base", "add", "mul", "rule-contract"):
        found = checks[check].diagnosis
        assert "of its own" not in found.message
        assert "still raises NotImplementedError" in found.message


@pytest.mark.parametrize(
    "written", ["\n        raise NotImplementedError()", " raise NotImplementedError()"]
)
def test_a_rule_without_its_own_apply_is_told_so(grader, solution, tmp_path, written):
    text = json.loads(solution.read_text(encoding="utf-8"))
    for cell in text["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "class MulBackward" in source:
            cell["source"] = source.replace("def apply(", "def appply(")
        if cell["cell_type"] == "code" and "class Function" in source:
            head, _, body = source.partition("def apply(self, grad_output):")
            assert body
            cell["source"] = f"{head}def apply(self, grad_output):{written}\n"
    path = tmp_path / "05_autograd.ipynb"
    path.write_text(json.dumps(text), encoding="utf-8")
    checks = {check.id: check for check in grader.grade(path).result.checks}
    assert checks["mul"].diagnosis.message.startswith("MulBackward has no `apply` of its own")


def test_no_number_of_a_case_is_in_a_finding(told):
    for edits in (OWN_OPERAND, NO_SQUARE):
        for diagnosis in told(edits).values():
            assert not re.search(r"\d+\.\d{2,}", diagnosis.message + diagnosis.hint)


@pytest.mark.parametrize("path", variants(COURSE), ids=lambda path: path.name)
def test_the_calls_of_a_correct_submission_are_found_right(path, exam, grader, config):
    """All that is judged wrong must belong to a rule that the witnesses would excuse."""
    verdicts = grader.grade(path).verdicts
    submission = load_submission(path)
    places = [
        place
        for place, verdict in enumerate(verdicts)
        if verdict.status == "passed"
        and len(verdict.case.program.steps) <= 40
        and not verdict.case.program.about_cost
    ]
    with exam.worker("L") as worker:
        session = Session(worker, config.limits, job_of(submission))
        prepared = [exam.prepared[place] for place in places]
        outputs = session.run(prepared, traced=True).cases
    wrong, edges = set(), 0
    for place, output in zip(places, outputs, strict=True):
        assert not isinstance(output, Lost)
        judged = judge_trace(
            verdicts[place].case.program, exam.inputs(place), output.applications, output.results,
            output.nodes,
        )  # fmt: skip
        assert judged.looked == NOTHING, verdicts[place].case.id
        edges += len(judged.edges)
        wrong |= {edge.rule for edge in judged.edges if edge.fault}
    assert edges > 200
    assert wrong <= ({"MeanBackward"} if path.name == "mixed_precision.py" else set())


def test_a_rule_that_shares_its_work_with_the_engine_is_not_blamed(exam, grader, course, tmp_path):
    """mixed_precision.py divides by N outside MeanBackward; its mistake here is another one."""
    text = (course / "tests" / "variants" / "mixed_precision.py").read_text(encoding="utf-8")
    broken = re.sub(r"(class SubBackward.*?)-", r"\1+", text, count=1, flags=re.DOTALL)
    assert broken != text
    path = tmp_path / "submission.py"
    path.write_text(broken, encoding="utf-8")
    result = grader.grade(path).result
    blamed = {
        check.diagnosis.rule
        for check in result.checks
        if check.diagnosis and check.diagnosis.sure in CLAIMED
    }
    assert "MeanBackward" not in blamed


def test_what_is_traced_has_witnesses_and_stays_small(grader, corpus, tmp_path):
    path = tmp_path / "submission.py"
    path.write_text(apply_edits(corpus.hosts["recursive"], [
        ("class MulBackward", "grad_output * b.data", "grad_output * a.data")
    ], "test"), encoding="utf-8")  # fmt: skip
    verdicts = grader.grade(path).verdicts
    chosen = choose_traced(verdicts)
    status = [verdicts[place].status for place in chosen]
    assert {"failed", "passed"} == set(status)
    assert len(chosen) <= 40


def test_misconceptions_have_names_of_their_own_and_give_no_code_away():
    ids = [found.id for found in misconceptions()]
    assert len(set(ids)) == len(ids) > 100
    for found in misconceptions():
        assert found.hint, found.id
        assert not re.search(r"\bdef \b|\breturn \w|np\.", found.hint), found.id


def test_every_misconception_shows_in_some_case_and_none_changes_the_inputs(course, config, seed):
    shown = set()
    hidden = load_cases(course / "tests" / "hidden", config).cases
    public = load_cases(course / "tests" / "public", config).cases
    for case in (*hidden, *public):
        inputs = draw_inputs(case.program, case.id, seed)
        before = {key: array.copy() for key, array in inputs.items()}
        expected = expected_values(case, seed)
        for found in concerned(case.program):
            predicted = predict(case.program, inputs, expected, found)
            if predicted.impossible or predicted.differing:
                shown.add(found.id)
        assert all(np.array_equal(inputs[key], before[key]) for key in inputs)
    assert {found.id for found in misconceptions()} - shown == set()


def test_results_do_not_depend_on_what_was_graded_before(course, config, corpus, tmp_path):
    """The archive of predictions is shared by a class; it must not change what is said."""
    path = tmp_path / "submission.py"
    path.write_text(apply_edits(corpus.hosts["topological"], NO_SQUARE, "test"), encoding="utf-8")
    exam = Exam(course, config, b"another seed")
    with exam.worker("L") as worker:
        first = Grader(exam, worker).grade(path).result.checks
        again = Grader(exam, worker).grade(path).result.checks
    assert first == again
