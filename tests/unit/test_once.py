"""Charging a slip once: which cases are tried again, what is excused, and what never is."""

import numpy as np
import pytest

from autograder.cases.names import operations_of
from autograder.cases.registry import load_cases
from autograder.grading.once import excuse
from autograder.grading.outcome import note_of
from autograder.grading.score import score_checks
from autograder.grading.verdicts import Verdict
from autograder.guest import linear
from autograder.sandbox.frames import Error


@pytest.fixture(scope="module")
def cases(course, config):
    return load_cases(course / "tests" / "hidden", config).cases


def judged(cases, failing):
    """Return verdicts in which the cases fail whose check or id is named."""
    error = Error("ValueError", "")
    return [
        Verdict(case, "failed", failure=error)
        if {case.check, case.id} & set(failing)
        else Verdict(case, "passed")
        for case in cases
    ]


def all_right(wanted):
    """Answer that with placebos everything is right."""
    return frozenset(wanted)


def nothing_right(_wanted):
    return frozenset()


def total(config, verdicts):
    return sum(check.score for check in score_checks(config, verdicts))


def lost(config, verdicts):
    full = sum(check.points for check in config.all_checks)
    return round(full - total(config, verdicts), 2)


def test_a_case_counts_when_only_a_rule_is_at_fault_that_has_lost_its_own_check(config, cases):
    failing = ["mul", "paths/square_by_multiplication", "calls/two_graphs_on_one_leaf"]
    after = excuse(config, judged(cases, failing), all_right)
    excused = {verdict.case.id for verdict in after if verdict.excused}
    assert excused == {"paths/square_by_multiplication", "calls/two_graphs_on_one_leaf"}
    assert lost(config, after) == 6.0
    assert "MulBackward" in note_of(after)[0]


def test_a_case_that_fails_with_placebos_as_well_is_charged(config, cases):
    failing = ["mul", "paths/square_by_multiplication"]
    verdicts = judged(cases, failing)
    after = excuse(config, verdicts, nothing_right)
    assert lost(config, after) == lost(config, verdicts) == 6.3
    assert note_of(after) == ()


def test_a_case_is_tried_again_only_where_it_uses_a_broken_rule(config, cases):
    tried = {}

    def retry(wanted):
        tried.update({cases[place].id: ops for place, ops in wanted.items()})
        return frozenset()

    failing = ["mul", "paths/square_by_multiplication", "paths/doubling_by_addition"]
    excuse(config, judged(cases, failing), retry)
    assert tried == {"paths/square_by_multiplication": {"mul"}}


@pytest.mark.parametrize(("others", "pays"), [(2, 1.2 + 2 * 0.3), (10, 1.2 + 10 * 0.3), (99, 6.0)])
def test_a_rule_pays_for_other_cases_until_it_has_paid_its_own_points(config, cases, others, pays):
    """One of five own cases is lost, and many others that use the rule."""
    checks = ("paths", "chain-rule", "calls", "backward-contract")
    using = [
        case.id
        for check in checks
        for case in cases
        if case.check == check and "mul" in operations_of(case.program)
    ][:others]
    after = excuse(config, judged(cases, ["mul/mul_of_large_values", *using]), all_right)
    assert len(using) > min(others, 20) - 1
    assert lost(config, after) == pytest.approx(pays, abs=0.6)
    assert lost(config, after) <= 6.0


def test_the_own_check_and_what_tests_the_rule_in_another_way_are_never_excused(config, cases):
    failing = ["mul", "broadcasting", "matmul", "matmul-broadcast", "sum", "sum-axes"]
    after = excuse(config, judged(cases, failing), all_right)
    by_check = {verdict.case.check for verdict in after if "mul" in verdict.blamed}
    assert not by_check & {"mul", "broadcasting"}
    assert not [v for v in after if v.case.check == "matmul-broadcast" and "matmul" in v.blamed]


def test_a_rule_through_tensors_is_not_blamed_where_a_rule_by_hand_is_at_fault(config, cases):
    """ReLU's own case with a product in it fails for the product: ReLU stays innocent."""
    failing = ["mul", "relu/relu_inside_a_graph", "training/a_shared_layer"]
    tried = []

    def retry(wanted):
        tried.append({cases[place].id: ops for place, ops in wanted.items()})
        return frozenset(wanted)

    after = excuse(config, judged(cases, failing), retry)
    assert tried == [{"relu/relu_inside_a_graph": {"mul"}}]
    assert lost(config, after) == 6.5


def test_what_is_excused_never_lifts_a_submission_to_full_marks(config, cases):
    after = excuse(config, judged(cases, ["mul/product_rule", "paths"]), all_right)
    assert lost(config, after) >= 1.2


@pytest.mark.parametrize("shape", [(), (1,), (3, 2), (2, 3, 4)])
def test_a_placebo_after_a_placebo_multiplies_by_a_gain_near_one(shape):
    gradient = np.random.default_rng(0).normal(size=shape)
    once = linear.entry(gradient, "mul", 0, shape, 7)
    twice = linear.entry(once, "mul", 0, shape, 7)
    gain = twice.ravel()[0] / once.ravel()[0]
    assert once.shape == shape
    assert linear.LEAST_GAIN <= gain <= linear.LEAST_GAIN + linear.GAIN_RANGE


def test_a_placebo_is_linear_and_differs_by_operation_rank_and_case():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))

    def entry(gradient, op="mul", rank=0, nonce=1):
        return linear.entry(gradient, op, rank, (4,), nonce)

    assert np.allclose(entry(2 * a - b), 2 * entry(a) - entry(b))
    variants = [entry(a), entry(a, op="add"), entry(a, rank=1), entry(a, nonce=2)]
    assert len({tuple(found) for found in variants}) == 4
    assert entry(a) is not entry(a)
