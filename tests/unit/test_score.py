import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cases import Recorder
from autograder.cases.registry import Case
from autograder.grading.compare import Mismatch
from autograder.grading.score import score_checkpoints, score_checks, score_extra_credit
from autograder.grading.verdicts import Verdict
from autograder.model import EXTRA_CREDIT
from autograder.sandbox.frames import Error
from autograder.sandbox.records import Lost


def a_case(check, name="one", engine=False):
    t = Recorder()
    x = t.leaf(2)
    if engine:
        t.backward(x * x, t.array(2))
    t.observe(x.grad)
    return Case(f"{check}/{name}", check, "gradient", "A public sentence.", t.program())


def verdict(check, status, **details):
    return Verdict(a_case(check), status, **details)


def by_id(results):
    return {result.id: result for result in results}


def test_check_earns_the_share_of_its_cases_rounded_to_a_hundredth(config):
    mismatch = Mismatch("x", "value", "1", "2")
    verdicts = [
        verdict("add", "passed"),
        verdict("add", "passed"),
        verdict("add", "failed", mismatches=(mismatch,)),
    ]
    result = by_id(score_checks(config, verdicts))["add"]
    assert result.score == 3.33
    assert result.status == "failed"


def test_check_without_any_verdict_is_an_error_and_earns_nothing(config):
    results = score_checks(config, [])
    assert all(result.score == 0 and result.status == "error" for result in results)


def test_check_with_a_lost_case_is_an_error_and_keeps_its_share(config):
    verdicts = [verdict("mul", "passed"), verdict("mul", "error", lost=Lost("timeout"))]
    result = by_id(score_checks(config, verdicts))["mul"]
    assert (result.status, result.score) == ("error", 3.0)
    assert result.diagnosis.id == "timeout"


def test_check_whose_prerequisite_earned_nothing_is_skipped(config):
    failure = Error("AttributeError", "")
    verdicts = [verdict(check, "failed", failure=failure) for check in ("tracking", "paths")]
    results = by_id(score_checks(config, verdicts))
    assert results["tracking"].status == "failed"
    assert results["paths"].status == "skipped"
    assert results["tracking"].title in results["paths"].diagnosis.message


def test_check_that_earns_something_is_never_skipped(config):
    failure = Error("AttributeError", "")
    verdicts = [verdict("tracking", "failed", failure=failure), verdict("paths", "passed")]
    assert by_id(score_checks(config, verdicts))["paths"].status == "passed"


def test_extra_credit_is_outside_both_checkpoints(config):
    checks = score_checks(config, [verdict("neg", "passed")])
    assert score_extra_credit(checks).score == 1
    assert [found.score for found in score_checkpoints(config.checkpoints, checks)] == [0, 0]
    assert by_id(checks)["neg"].checkpoint == EXTRA_CREDIT


@pytest.mark.parametrize(("passing", "passed"), [(9, True), (4, False)])
def test_checkpoint_is_passed_at_its_mark(config, passing, passed):
    first = [check for check in config.checks if check.checkpoint == "checkpoint-1"]
    checks = score_checks(config, [verdict(check.id, "passed") for check in first[:passing]])
    assert score_checkpoints(config.checkpoints, checks)[0].passed is passed


HOSTILE = st.text(min_size=4, max_size=40).filter(lambda text: text.strip() and text.isprintable())


@settings(deadline=None, derandomize=True, max_examples=80)
@given(type_=HOSTILE, message=HOSTILE, op=st.sampled_from(["apply", "start", "backward", "mul"]))
def test_no_text_from_the_sandbox_reaches_a_diagnosis(config, type_, message, op):
    canary = "zqx"
    failure = Error(f"{canary}{type_}", f"{canary}{message}", op=op)
    lost = Lost("garbled", detail=f"{canary}{message}")
    mismatch = Mismatch(canary, "value", f"{canary}1", f"{canary}2")
    verdicts = [
        verdict("add", "failed", failure=failure),
        verdict("mul", "error", lost=lost),
        verdict("sub", "failed", mismatches=(mismatch,)),
    ]
    text = msgspec.json.encode(score_checks(config, verdicts)).decode()
    assert canary not in text


def test_builtin_exception_is_named_with_its_line(config):
    failure = Error("ZeroDivisionError", "by hidden 0.123", cell=3, line=7)
    result = by_id(score_checks(config, [verdict("add", "failed", failure=failure)]))["add"]
    assert result.diagnosis.message.startswith("Line 7 of code cell 4: a number is divided by zero")
    assert "0.123" not in result.diagnosis.message
