"""The comparison that vouches for the rules is itself put to the test."""

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from gradient_comparison import (
    AGAINST_DIFFERENCES,
    FORWARD,
    RULES,
    assert_close,
    check_operation,
    draw,
    numerical_gradient,
)

ORACLES: dict[str, tuple[Callable[..., Any], int]] = {
    "mul": (lambda a, b: a * b, 2),
    "div": (lambda a, b: a / b, 2),
    "matmul": (anp.matmul, 2),
    "tanh": (anp.tanh, 1),
    "sum": (anp.sum, 1),
}


def operands(op: str, rng: np.random.Generator) -> list[Any]:
    return [draw(rng, (3, 3)) for _ in range(ORACLES[op][1])]


def spoil(vjp: Callable[..., Any], factor: float) -> Callable[..., Any]:
    return lambda *arguments, **options: factor * vjp(*arguments, **options)


CASES = [(op, which) for op, (_, count) in ORACLES.items() for which in range(count)]


@pytest.mark.parametrize(("op", "which"), CASES)
@pytest.mark.parametrize("factor", [1.0005, 0.9995, -1.0, 0.0])
def test_a_rule_off_by_a_factor_is_rejected(
    op: str, which: int, factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    check_operation(op, ORACLES[op][0], operands(op, rng), rng)
    rules = list(RULES[op])
    rules[which] = spoil(rules[which], factor)
    monkeypatch.setitem(RULES, op, tuple(rules))
    with pytest.raises(AssertionError, match="expected"):
        check_operation(op, ORACLES[op][0], operands(op, rng), rng)


@pytest.mark.parametrize(("op", "which"), CASES)
def test_finite_differences_alone_reject_a_rule_off_by_a_twentieth_of_a_percent(
    op: str, which: int
) -> None:
    rng = np.random.default_rng(0)
    values = operands(op, rng)
    out = np.asarray(FORWARD[op](*values))
    g = draw(rng, out.shape)
    numerical = numerical_gradient(FORWARD[op], values, which, g)
    right = numerical_gradient(ORACLES[op][0], values, which, g)
    assert_close(right, numerical, AGAINST_DIFFERENCES)
    with pytest.raises(AssertionError, match="expected"):
        assert_close(1.0005 * right, numerical, AGAINST_DIFFERENCES, scale=1.0)


def test_one_wrong_element_of_ten_thousand_is_rejected() -> None:
    expected = draw(np.random.default_rng(0), (100, 100))
    actual = expected.copy()
    actual[37, 41] *= 1.0005
    with pytest.raises(AssertionError, match=r"37.*41"):
        assert_close(actual, expected, AGAINST_DIFFERENCES, scale=1.5)


def test_a_nan_is_rejected() -> None:
    with pytest.raises(AssertionError):
        assert_close(np.array([np.nan]), np.array([1.0]), AGAINST_DIFFERENCES, scale=1.0)


def test_another_shape_of_equal_elements_is_rejected() -> None:
    with pytest.raises(AssertionError, match="shape"):
        assert_close(np.ones((1, 2)), np.ones(2), AGAINST_DIFFERENCES, scale=1.0)


def test_a_zero_for_a_tiny_gradient_is_rejected() -> None:
    with pytest.raises(AssertionError, match="expected"):
        assert_close(np.zeros(2), np.full(2, 1e-8), AGAINST_DIFFERENCES, scale=1e-8)
