"""What arrays show by themselves, and what must not be said of them."""

import numpy as np
import pytest

from autograder.kernel import words
from autograder.kernel.facts import factor_between, of_paths, of_shape, of_values, simple

EXPECTED = np.array([[1.5, -2.0, 0.5], [0.75, 3.0, -1.25]])
SQUARE = np.array([[1.5, -2.0], [0.75, 3.0]])


@pytest.mark.parametrize(
    ("actual", "id_"),
    [
        (0 * EXPECTED, "all-zero"),
        (-EXPECTED, "sign"),
        (2.5 * EXPECTED, "constant-factor"),
        (np.abs(EXPECTED), "some-signs"),
        (EXPECTED * (1 + 1e-3 * np.sin(EXPECTED)), "finite-differences"),
        (EXPECTED * [[1], [3]], "right-in-places"),
        (EXPECTED + 1.0, None),
    ],
)
def test_wrong_values_are_described(actual, id_):
    fact = of_values(actual, EXPECTED, [])
    assert (fact and fact.id) == id_


def test_a_transposed_square_is_recognised_and_an_array_that_was_handed_on():
    assert of_values(SQUARE.T, SQUARE, []).id == "transposed"
    assert of_values(EXPECTED + 7, EXPECTED, [EXPECTED + 7]).id == "handed-on"


@pytest.mark.parametrize(
    ("factor", "text"), [(2.0, "2"), (-0.5, "−1/2"), (1 / 3, "1/3"), (0.7312, ""), (1234.0, "")]
)
def test_only_simple_factors_are_named_since_others_could_carry_a_secret(factor, text):
    assert simple(factor) == text
    sentence = words.fact(of_values(factor * EXPECTED, EXPECTED, []))
    assert str(factor)[:4] not in sentence or text


def test_a_factor_needs_more_than_one_number():
    assert factor_between(np.array([2.0]), np.array([1.0])) is None
    assert factor_between(2 * EXPECTED, EXPECTED) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("actual", "expected", "id_", "said"),
    [
        ((), (2, 3), "one-number", ""),
        ((3, 2), (2, 3), "axes-reversed", ""),
        ((3,), (3, 1), "axis-lost", "Axis 1"),
        ((2, 3), (3,), "not-summed", "Axis 0"),
        ((2, 3), (2, 1), "not-summed", "Axis 1"),
        ((2,), (2, 3), "axis-missing", ""),
        ((5, 5), (2, 3), "wrong-shape", ""),
    ],
)
def test_wrong_shapes_are_described_without_a_length(actual, expected, id_, said):
    fact = of_shape(actual, expected)
    assert fact.id == id_
    assert said in words.fact(fact)
    assert "5" not in words.fact(fact)


def test_the_other_inputs_shape_is_recognised():
    assert of_shape((3, 1), (2, 3), [(3, 1)]).id == "unbroadcast-wrong-operand"


def test_missing_and_double_paths_are_told_apart():
    paths = [EXPECTED, 0.5 + EXPECTED**2, np.cos(EXPECTED)]
    assert of_paths(paths[0] + paths[2], paths).id == "path-missing"
    assert of_paths(sum(paths) + paths[1], paths).id == "path-double"
    assert of_paths(sum(paths), paths) is None
    assert of_paths(EXPECTED + 3, paths) is None
