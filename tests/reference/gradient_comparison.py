"""What the tests of the reference compare it with, and how."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from numpy.typing import NDArray

from reference import Operation, Operations, Tape, read_operations

DECLARED = read_operations(Path(__file__).resolve().parents[2] / "reference" / "operations")
TANH = Operation(
    name="tanh",
    rule="TanhBackward",
    forward=lambda x: np.tanh(x),  # noqa: PLW0108 # a ufunc has no signature to inspect
    gradient=(lambda g, out, x: g * (1 - out**2),),
)
"""An operation that the course does not have: the tape takes any."""
OPERATIONS = Operations([*DECLARED.values(), TANH])
FORWARD, RULES = OPERATIONS.forward, OPERATIONS.rules

Floats = NDArray[np.float64]

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)

# Two right float64 evaluations differ by some hundred roundings; the five-point difference below
# is within 1e-8 of the derivative for the inputs of `draw`.
AGAINST_DERIVATIVES = 1e-11
AGAINST_DIFFERENCES = 1e-7
DIFFERENCE_STEP = 3e-4


def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Return numbers of order one, of both signs, of non-zero mean, and away from kinks at 0."""
    return np.asarray(rng.uniform(0.5, 1.5, shape) * rng.choice([1.0, 1.0, -1.0], shape))


def assert_close(actual: Floats, expected: Floats, rtol: float, scale: float = 0.0) -> None:
    """Require equal shapes and every element within `rtol` of the expected one.

    `scale` is the size of the terms that may have cancelled in an element: a thousandth of `rtol`
    of it is allowed besides, so that a true zero need not be matched to the last bit.
    """
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    assert actual.dtype == expected.dtype == np.float64
    assert np.isfinite(expected).all(), "the expected values are not finite: choose other inputs"
    error = np.abs(actual - expected)
    accepted = error <= rtol * (np.abs(expected) + 1e-3 * scale)
    if not accepted.all():
        worst = np.unravel_index(np.argmax(np.where(accepted, -1.0, error)), error.shape)
        raise AssertionError(f"at {worst}: {actual[worst]!r}, expected {expected[worst]!r}")


def numerical_gradient(
    function: Callable[..., Any], operands: list[Any], which: int, g: Floats
) -> Floats:
    """Differentiate <g, function> by five-point central differences, one element at a time.

    Reference: Fornberg, Mathematics of Computation 51 (1988), table 1: error of order step^4.
    """
    gradient = np.zeros(operands[which].shape)
    for index in np.ndindex(gradient.shape):
        for steps, weight in ((1, 2 / 3), (2, -1 / 12)):
            for sign in (1, -1):
                moved = operands[which].copy()
                moved[index] += sign * steps * DIFFERENCE_STEP
                trial = [*operands[:which], moved, *operands[which + 1 :]]
                gradient[index] += sign * weight * np.sum(g * function(*trial)) / DIFFERENCE_STEP
    return gradient


def reference_gradients(
    op: str, operands: list[Any], g: Floats, **options: Any
) -> tuple[Floats, list[Floats]]:
    """Return the result of one operation and the gradient of each operand that has a rule."""
    tape = Tape(OPERATIONS)
    variables = [
        tape.constant(x) if vjp is None else tape.leaf(x)
        for x, vjp in zip(operands, RULES[op], strict=True)
    ]
    output = tape.apply(op, *variables, **options)
    gradients = tape.gradients(output, g)
    return output.value, [gradients[x] for x in variables if x.differentiable]


def check_operation(
    op: str,
    oracle: Callable[..., Any],
    operands: list[Any],
    rng: np.random.Generator,
    **options: Any,
) -> None:
    """Compare the value and all gradients of one operation with HIPS autograd and differences."""
    from autograd import make_vjp

    forward = np.asarray(FORWARD[op](*operands, **options))
    g = draw(rng, forward.shape)
    value, gradients = reference_gradients(op, operands, g, **options)
    assert_close(value, np.asarray(oracle(*operands), dtype=float), AGAINST_DERIVATIVES, 1.0)
    for which, gradient in enumerate(gradients):
        vjp, _ = make_vjp(oracle, which)(*operands)
        expected = np.asarray(vjp(g), dtype=np.float64)
        scale = max(np.abs(g).max(initial=0.0), np.abs(expected).max(initial=0.0))
        assert_close(gradient, expected, AGAINST_DERIVATIVES, scale)
        numerical = numerical_gradient(lambda *x: FORWARD[op](*x, **options), operands, which, g)
        assert_close(gradient, numerical, AGAINST_DIFFERENCES, scale)
