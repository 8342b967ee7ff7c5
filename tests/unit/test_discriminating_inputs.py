"""The hidden cases' inputs are such that wrong gradients show, with any seed."""

import numpy as np
import pytest

from autograder.cases import load_cases
from autograder.cases.inputs import draw_inputs
from autograder.grading.oracle import expected_values

SEEDS = [f"seed-{number}".encode() for number in range(40)]


@pytest.fixture(scope="module")
def case_set(course, config):
    return load_cases(course / "tests" / "hidden", config)


def float_inputs(case, seed):
    drawn = draw_inputs(case.program, case.id, seed)
    return [
        (declared, drawn[declared.id])
        for declared in case.program.inputs
        if declared.dtype != "int64" and declared.draw != "binary"
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_inputs_have_both_signs_a_mean_away_from_zero_and_no_twins(case_set, seed):
    for case in case_set.cases:
        for declared, array in float_inputs(case, seed):
            values = array.ravel() / declared.scale
            if declared.draw == "normal":
                assert np.abs(values).min() >= 0.499, case.id
                assert np.abs(values).max() <= 1.501, case.id
                if array.size > 1:
                    assert (values > 0).any(), case.id
                    assert (values < 0).any(), case.id
            if array.size >= 8:
                assert abs(values.mean()) > 0.02, case.id
            if array.size < 1000 and declared.draw != "kinked":
                assert len(np.unique(values)) == array.size, case.id


def is_guessable(expected, inputs):
    """Tell whether an observation can be right without any gradient having been computed."""
    value = expected.value
    if not isinstance(value, np.ndarray) or expected.what == "less":
        return True  # a name, nothing, or a measurement that the submission's process makes itself
    if any(value.shape == array.shape and (value == array).all() for array in inputs):
        return expected.what not in {"entry", "saved"}  # to hand on may well be the rule
    return bool((value == 0).all() or (value == 1).all())


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_no_case_is_passed_by_guessing(case_set, seed):
    for case in case_set.cases:
        inputs = [array for _, array in float_inputs(case, seed)]
        expected = expected_values(case, seed)
        if any(one.what == "form" for one in expected.values()):
            continue  # it promises a form, and numbers are the business of the rule's own check
        assert not all(is_guessable(one, inputs) for one in expected.values()), case.id


@pytest.mark.parametrize("seed", SEEDS)
def test_no_incoming_gradient_is_all_ones(case_set, seed):
    for case in case_set.cases:
        for declared, array in float_inputs(case, seed):
            if declared.role == "array":
                assert not np.allclose(array, 1.0, atol=1e-6), case.id


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_expected_gradients_are_of_order_one_and_not_all_zero(case_set, seed):
    large = ("large_values",)
    for case in case_set.cases:
        if case.id.endswith(large) or "deep" in case.check:
            continue
        for name, expected in expected_values(case, seed).items():
            if expected.what not in {"grad", "entry"} or expected.value is None:
                continue
            magnitude = np.abs(expected.value)
            assert magnitude.max() > 1e-3, (case.id, name)
            assert magnitude.max() < 1e3, (case.id, name)


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_tolerance_is_never_wider_than_a_hundredth_of_a_percent(case_set, config, seed):
    for case in case_set.cases:
        for name, expected in expected_values(case, seed).items():
            if expected.spread is None or not np.any(expected.value):
                continue
            factor = config.tolerance.float32 if expected.single else config.tolerance.float64
            scale = np.abs(expected.value).max()
            assert (factor * expected.spread).max() <= 1e-4 * scale, (case.id, name)


def test_matrices_are_not_square_except_where_that_is_the_point(case_set):
    square = ("square", "itself", "cube", "two_leaves", "diamond", "squared", "shared_layer")
    for case in case_set.cases:
        shapes = {i.shape for i in case.program.inputs if len(i.shape) >= 2 and max(i.shape) > 1}
        if shapes and not any(word in case.id for word in square):
            assert any(len(set(shape[-2:])) > 1 for shape in shapes), case.id


def test_every_kind_and_every_coverage_area_has_cases(case_set):
    kinds = {case.kind for case in case_set.cases}
    assert kinds == {"gradient", "accumulation", "shape", "graph", "contract", "training"}
    assert len(case_set.cases) >= 150
