"""The noise that measures rounding: what right solutions round must be in it."""

import numpy as np
import pytest

from autograder.grading.rounding import SINGLE_ROUNDOFF, Noise, NoisyTape, spread_of
from autograder.operations import operations
from reference import Tape


def spread_in_roundings(program, seed=b"rounding"):
    """Return the spread of a program's gradient, relative to it, in single roundings."""
    exact = program(Tape(operations()))
    noise = Noise("a case", seed)
    noisy = [program(NoisyTape(noise)) for _ in range(12)]
    return spread_of(exact, noisy) / np.abs(exact) / SINGLE_ROUNDOFF


def two_diamonds(tape):
    x = tape.leaf(np.ones(3))
    nearly = tape.constant(np.full(3, 0.999))
    h = tape.apply("sub", x, tape.apply("mul", x, nearly))
    output = tape.apply("sub", h, tape.apply("mul", h, nearly))
    return tape.gradients(output, np.ones(3))[x]


def test_paths_that_cancel_are_walked_one_by_one():
    # The gradient is 1e-6, the sum of four paths of order one.
    assert spread_in_roundings(two_diamonds).min() > 1e5


def test_gradient_of_paths_that_do_not_cancel_has_a_small_spread():
    def program(tape):
        x = tape.leaf(np.ones(3))
        h = tape.apply("add", x, tape.apply("mul", x, 0.999))
        return tape.gradients(tape.apply("add", h, tape.apply("mul", h, 0.999)), np.ones(3))[x]

    assert spread_in_roundings(program).max() < 10


@pytest.mark.parametrize("probability", [0.9, 0.99, 0.999])
def test_softmax_of_a_sure_prediction_is_rounded_before_one_is_taken_off(probability):
    def program(tape):
        odds = np.log(probability / (1 - probability))
        logits = tape.leaf([[odds, 0.0]])
        loss = tape.apply("cross_entropy", logits, tape.constant([0]))
        return tape.gradients(loss)[logits]

    right_class, _ = spread_in_roundings(program)[0]
    assert right_class > 0.5 * probability / (1 - probability)


def test_gelu_is_rounded_where_its_slope_vanishes():
    def program(tape):
        x = tape.leaf([-0.75])
        return tape.gradients(tape.apply("gelu", x), np.ones(1))[x]

    assert spread_in_roundings(program)[0] > 20


@pytest.mark.parametrize("doublings", [1, 5, 24])
def test_noisy_gradients_are_right_however_many_paths_there_are(doublings):
    def program(tape):
        x = y = tape.leaf(np.array([1.0, -2.0]))
        for _ in range(doublings):
            y = tape.apply("add", y, y)
        return tape.gradients(y, np.ones(2))[x]

    exact, noisy = program(Tape(operations())), program(NoisyTape(Noise("a case", b"seed")))
    assert not np.array_equal(exact, noisy)
    np.testing.assert_allclose(noisy, exact, rtol=1e-5)


def test_many_sums_into_one_leaf_are_rounded_each():
    def program(tape):
        x = tape.leaf(np.linspace(1, 2, 5))
        y = x
        for _ in range(300):
            y = tape.apply("add", y, x)
        return tape.gradients(y, np.ones(5))[x]

    # Rounding the 301 products alone would give about a twentieth of a rounding of the sum each.
    assert np.median(spread_in_roundings(program)) > 2


def test_noise_depends_on_case_and_seed_alone():
    values = np.ones(4)
    again = Noise("a case", b"seed")(values)
    np.testing.assert_array_equal(Noise("a case", b"seed")(values), again)
    assert not np.array_equal(Noise("another", b"seed")(values), again)
    assert not np.array_equal(Noise("a case", b"other")(values), again)


def test_indices_stay_as_they_are():
    inputs = {0: np.array([1, 2]), 1: np.array([1.0, 2.0])}
    noisy = Noise("a case", b"seed").on_inputs(inputs)
    np.testing.assert_array_equal(noisy[0], inputs[0])
    assert not np.array_equal(noisy[1], inputs[1])
