"""The comparison's own mutants: what it must reject, and what it must accept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cases import load_cases
from autograder.config import Tolerance
from autograder.errors import InfrastructureError
from autograder.grading.compare import compare
from autograder.grading.oracle import Expected, expected_values
from autograder.grading.rounding import SINGLE_ROUNDOFF

TOLERANCE = Tolerance()


def expected(value, what="grad", single=False):
    """One rounding of spread: the least that the oracle ever gives."""
    array = np.asarray(value, dtype=np.float64)
    return Expected(what, array, np.abs(array) * SINGLE_ROUNDOFF, single)


def kind(wanted, actual):
    found = compare("x", wanted, actual, TOLERANCE)
    return None if found is None else found.kind


@pytest.fixture(scope="module")
def hidden(course, config):
    """Every array that a hidden case expects."""
    return [
        wanted
        for case in load_cases(course / "tests" / "hidden", config).cases
        for wanted in expected_values(case, b"comparison").values()
        if isinstance(wanted.value, np.ndarray)
        and wanted.what not in {"less", "form"}
        and wanted.value.any()
    ]


def test_exact_values_are_accepted_in_both_precisions(hidden):
    assert all(kind(wanted, wanted.value) is None for wanted in hidden)
    assert all(kind(wanted, wanted.value.astype(np.float32)) is None for wanted in hidden)


def test_of_a_form_the_shape_counts_and_any_numbers_will_do():
    form = expected(np.ones((2, 3)), what="form")
    assert kind(form, np.full((2, 3), -7.0)) is None
    assert kind(form, np.ones((3, 2))) == "shape"
    assert kind(form, np.ones((2, 3), dtype=np.int64)) == "dtype"
    assert kind(form, None) == "missing"
    assert kind(Expected("form", None), np.ones(3)) == "unexpected"


def test_flipped_sign_is_rejected(hidden):
    assert all(kind(wanted, -wanted.value) == "value" for wanted in hidden)


def test_factor_of_a_hundred_thousandth_is_rejected_in_float64(hidden):
    exact = [wanted for wanted in hidden if not wanted.single]
    rejected = [kind(wanted, wanted.value * 1.00001) == "value" for wanted in exact]
    assert np.mean(rejected) > 0.99  # three-step training and 300-step chains round the most


def test_factor_of_a_thousandth_is_rejected_in_float32(hidden):
    for wanted in hidden:
        assert kind(wanted, (wanted.value * 1.001).astype(np.float32)) == "value"


def test_other_shapes_are_rejected(hidden):
    for wanted in hidden:
        if wanted.what == "grad":
            assert kind(wanted, wanted.value[None]) == "shape"
            if wanted.value.size > 1:
                assert kind(wanted, wanted.value.ravel()[:-1]) == "shape"


def test_transposed_square_is_rejected(hidden):
    squares = [w for w in hidden if w.value.ndim == 2 and w.value.shape[0] == w.value.shape[1] > 1]
    assert squares
    assert all(kind(wanted, wanted.value.T) == "value" for wanted in squares)


def test_one_element_of_ten_thousand_is_rejected_and_found():
    value = np.linspace(0.5, 1.5, 10_000).reshape(100, 100)
    given_value = value.copy()
    given_value[61, 7] *= 1.0001
    found = compare("x", expected(value), given_value, TOLERANCE)
    assert found.kind == "value"
    assert found.worst == (61, 7)
    assert (found.differing, found.size) == (1, 10_000)


def test_tiny_gradient_returned_as_zero_is_rejected():
    assert kind(expected([1e-8, 2e-8]), np.zeros(2)) == "value"
    assert kind(expected([1e-30]), np.zeros(1)) == "value"


def test_zero_must_be_zero_where_no_rounding_moves_it():
    assert kind(expected([0.0, 1.0]), np.array([1e-12, 1.0])) == "value"
    assert kind(expected([0.0, 1.0]), np.array([-0.0, 1.0])) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_value_that_is_not_finite_is_rejected(bad):
    assert kind(expected([1.0, 2.0]), np.array([1.0, bad])) == "nonfinite"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_expected_value_that_is_not_finite_judges_nothing(bad):
    wanted = Expected("grad", np.array([bad]), np.array([1.0]))
    with pytest.raises(InfrastructureError):
        compare("x", wanted, np.array([bad]), TOLERANCE)


@pytest.mark.parametrize("dtype", ["int64", "bool"])
def test_integers_and_booleans_are_rejected_as_gradients(dtype):
    assert kind(expected([1.0, 1.0]), np.ones(2, dtype=dtype)) == "dtype"


def test_missing_gradient_and_text_are_rejected():
    assert kind(expected([1.0]), None) == "missing"
    assert kind(expected([1.0]), "1.0") == "text"


@pytest.mark.parametrize("nothing", [None, np.zeros(3), np.array([]), np.zeros((2, 2), np.float32)])
def test_no_gradient_may_be_none_zeros_or_empty(nothing):
    assert kind(Expected("grad", None), nothing) is None


@pytest.mark.parametrize("something", [np.ones(2), np.array([0.0, np.nan]), "None"])
def test_no_gradient_may_be_nothing_else(something):
    assert kind(Expected("grad", None), something) == "unexpected"


def test_text_where_numbers_belong_is_wrong_and_no_accident():
    assert kind(expected([1.0, 2.0]), "ValueError") == "text"


def test_names_of_errors_are_compared_as_they_are():
    assert kind(Expected("value", "ValueError"), "ValueError") is None
    assert kind(Expected("value", "ValueError"), "TypeError") == "text"
    assert kind(Expected("value", "ValueError"), np.ones(1)) == "text"


@pytest.mark.parametrize(
    ("actual", "result"),
    [
        (np.array([6.0, 10.0]), None), (np.array([8.0, 10.0]), "cost"),
        (np.array([0.0, 9.0]), "cost"), (np.array([np.nan, 9.0]), "cost"),
        (np.array([1.0]), "cost"), (None, "cost"), ("1 2", "cost"),
    ],
)  # fmt: skip
def test_measurement_must_be_below_its_share_of_the_other(actual, result):
    assert kind(Expected("less", np.array(0.7)), actual) == result


def test_tolerance_does_not_grow_with_the_array():
    for size in (10, 1_000, 100_000):
        value = np.ones(size)
        assert kind(expected(value), value * (1 + 1e-6)) == "value"


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.lists(st.floats(0.01, 100) | st.floats(-100, -0.01), min_size=1, max_size=20),
    st.sampled_from([1e-4, -1e-4, 1e-3]),
)
def test_single_rounding_is_accepted_and_a_ten_thousandth_is_not(values, error):
    wanted = expected(values)
    assert kind(wanted, wanted.value.astype(np.float32)) is None
    assert kind(wanted, wanted.value * (1 + error)) == "value"
    assert kind(wanted, (wanted.value * (1 + error)).astype(np.float32)) == "value"
