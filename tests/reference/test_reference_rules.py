"""Every rule against HIPS autograd and against finite differences."""

import inspect
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from gradient_comparison import FORWARD, PROPERTY, RULES, check_operation, draw, reference_gradients
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, max_side=3)
PAIRS = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)
MATMUL_PAIRS = hnp.mutually_broadcastable_shapes(
    signature="(m?,k),(k,n?)->(m?,n?)", max_dims=2, max_side=3
)


def log_softmax(x: Any, dim: int) -> Any:
    top = anp.max(x, axis=dim, keepdims=True)
    return x - top - anp.log(anp.sum(anp.exp(x - top), axis=dim, keepdims=True))


def gelu(x: Any) -> Any:
    return 0.5 * x * (1 + anp.tanh(anp.sqrt(2 / anp.pi) * (x + 0.044715 * x**3)))


def bce(p: Any, t: Any) -> Any:
    p = anp.clip(p, 1e-7, 1 - 1e-7)
    return anp.mean(-t * anp.log(p) - (1 - t) * anp.log(1 - p))


def test_every_operation_has_one_rule_for_each_operand() -> None:
    assert RULES.keys() == FORWARD.keys()
    for op, forward in FORWARD.items():
        kinds = [parameter.kind for parameter in inspect.signature(forward).parameters.values()]
        assert len(RULES[op]) == kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD), op


@pytest.mark.parametrize(
    ("op", "oracle"),
    [
        ("add", lambda a, b: a + b),
        ("sub", lambda a, b: a - b),
        ("mul", lambda a, b: a * b),
        ("div", lambda a, b: a / b),
        ("mse", lambda p, t: anp.mean((p - t) ** 2)),
    ],
)
@PROPERTY
@given(shapes=PAIRS, seed=SEEDS)
def test_binary_rule_is_right_for_shapes_that_broadcast(
    op: str, oracle: Any, shapes: Any, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    check_operation(op, oracle, [draw(rng, shape) for shape in shapes.input_shapes], rng)


@pytest.mark.parametrize(
    ("op", "oracle"),
    [
        ("neg", lambda x: -x),
        ("relu", lambda x: anp.maximum(x, 0)),
        ("sigmoid", lambda x: 1 / (1 + anp.exp(-x))),
        ("tanh", anp.tanh),
        ("gelu", gelu),
    ],
)
@PROPERTY
@given(shape=SHAPES, seed=SEEDS)
def test_elementwise_rule_is_right_for_any_shape(
    op: str, oracle: Any, shape: Any, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    check_operation(op, oracle, [draw(rng, shape)], rng)


@PROPERTY
@given(shape=SHAPES, exponent=st.sampled_from([-2, -1, 0, 1, 2, 3, 4.0]), seed=SEEDS)
def test_pow_rule_is_right_for_whole_exponents(shape: Any, exponent: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_operation("pow", lambda a: a**exponent, [draw(rng, shape)], rng, exponent=exponent)


@PROPERTY
@given(shape=SHAPES, exponent=st.floats(-2.5, 3.5), seed=SEEDS)
def test_pow_rule_is_right_for_any_exponent_of_positive_numbers(
    shape: Any, exponent: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    operand = np.asarray(np.abs(draw(rng, shape)))
    check_operation("pow", lambda a: a**exponent, [operand], rng, exponent=exponent)


@pytest.mark.parametrize(("exponent", "slope"), [(0, 0.0), (1, 1.0), (2, 0.0)])
def test_pow_rule_is_finite_at_zero(exponent: int, slope: float) -> None:
    _, (gradient,) = reference_gradients("pow", [np.zeros(2)], np.ones(2), exponent=exponent)
    assert gradient.tolist() == [slope, slope]


@PROPERTY
@given(shapes=MATMUL_PAIRS, seed=SEEDS)
def test_matmul_rule_is_right_for_vectors_matrices_and_broadcast_batches(
    shapes: Any, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    check_operation("matmul", anp.matmul, [draw(rng, s) for s in shapes.input_shapes], rng)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((3,), (4, 3, 2)),
        ((4, 2, 3), (3,)),
        ((2, 3), (3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((2, 3), (5, 3, 4)),
        ((5, 2, 3), (3, 4)),
        ((1, 2, 3), (5, 3, 4)),
        ((2, 1, 2, 3), (5, 3, 4)),
    ],
)
def test_matmul_rule_is_right_for(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    check_operation("matmul", anp.matmul, [draw(rng, left), draw(rng, right)], rng)


@pytest.mark.parametrize("op", ["sum", "mean"])
@PROPERTY
@given(data=st.data(), shape=SHAPES, keepdims=st.booleans(), seed=SEEDS)
def test_reduction_rule_is_right_for_any_axes(
    op: str, data: Any, shape: Any, keepdims: bool, seed: int
) -> None:
    rank = len(shape)
    axes: Any = st.none() | hnp.valid_tuple_axes(rank)
    if rank:
        axes = axes | st.integers(-rank, rank - 1)
    options = {"axis": data.draw(axes), "keepdims": keepdims}
    rng = np.random.default_rng(seed)
    oracle = getattr(anp, op)
    # HIPS autograd takes an empty tuple of axes for "all axes"; NumPy takes it for "none".
    assume(options["axis"] != ())
    check_operation(op, lambda a: oracle(a, **options), [draw(rng, shape)], rng, **options)


@pytest.mark.parametrize("op", ["sum", "mean"])
def test_reduction_over_no_axes_is_the_identity(op: str) -> None:
    g = np.array([2.0, 3.0])
    _, (gradient,) = reference_gradients(op, [np.ones(2)], g, axis=())
    assert gradient.tolist() == g.tolist()


@PROPERTY
@given(data=st.data(), shape=SHAPES, seed=SEEDS)
def test_reshape_rule_is_right(data: Any, shape: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(np.prod(shape))
    new = data.draw(st.sampled_from([size, -1, (size,), (1, -1), (-1, 1), tuple(shape[::-1])]))
    check_operation("reshape", lambda a: anp.reshape(a, new), [draw(rng, shape)], rng, shape=new)


@PROPERTY
@given(data=st.data(), shape=hnp.array_shapes(min_dims=1, max_dims=4, max_side=3), seed=SEEDS)
def test_transpose_rule_is_right_for_any_two_axes(data: Any, shape: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    axis = st.integers(-len(shape), len(shape) - 1)
    i, j = data.draw(axis), data.draw(axis)
    operand = draw(rng, shape)
    check_operation("transpose", lambda a: anp.swapaxes(a, i, j), [operand], rng, dim0=i, dim1=j)


@pytest.mark.parametrize("shape", [(2, 3), (4, 2, 3)])
def test_transpose_without_axes_swaps_the_last_two(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    check_operation("transpose", lambda a: anp.swapaxes(a, -1, -2), [draw(rng, shape)], rng)


@pytest.mark.parametrize("shape", [(), (3,)])
def test_transpose_without_axes_leaves_a_vector_as_it_is(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    check_operation("transpose", lambda a: 1.0 * a, [draw(rng, shape)], rng)


@PROPERTY
@given(data=st.data(), shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), seed=SEEDS)
def test_getitem_rule_is_right_for_ints_and_slices(data: Any, shape: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    index = data.draw(hnp.basic_indices(shape))
    check_operation("getitem", lambda a: a[index], [draw(rng, shape)], rng, index=index)


@PROPERTY
@given(data=st.data(), shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), seed=SEEDS)
def test_getitem_rule_adds_up_repeated_integer_indices(data: Any, shape: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    index = data.draw(hnp.integer_array_indices(shape))
    check_operation("getitem", lambda a: a[index], [draw(rng, shape)], rng, index=index)


def test_getitem_gradient_counts_repetitions() -> None:
    index = np.array([2, 0, 2, 2])
    _, (gradient,) = reference_gradients("getitem", [np.zeros(4)], np.ones(4), index=index)
    assert gradient.tolist() == [1.0, 0.0, 3.0, 0.0]


@PROPERTY
@given(data=st.data(), shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), seed=SEEDS)
def test_softmax_rule_is_right_along_any_axis(data: Any, shape: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    operand = draw(rng, shape)
    check_operation("softmax", lambda x: anp.exp(log_softmax(x, dim)), [operand], rng, dim=dim)


@PROPERTY
@given(n=st.integers(1, 5), c=st.integers(1, 5), seed=SEEDS)
def test_cross_entropy_rule_is_right(n: int, c: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    classes = rng.integers(c, size=n)

    def oracle(logits: Any, classes: Any) -> Any:
        return -anp.mean(log_softmax(logits, 1)[anp.arange(n), classes])

    check_operation("cross_entropy", oracle, [draw(rng, (n, c)), classes], rng)


@PROPERTY
@given(shapes=PAIRS, seed=SEEDS)
def test_bce_rule_is_right_inside_the_clip(shapes: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    prediction, target = (np.asarray(rng.uniform(0.2, 0.8, s)) for s in shapes.input_shapes)
    check_operation("bce", bce, [prediction, target], rng)


def test_bce_rule_is_right_outside_the_clip() -> None:
    rng = np.random.default_rng(0)
    prediction = np.array([-0.1, 1.1, 0.5, 1 + 1e-2])
    check_operation("bce", bce, [prediction, rng.uniform(0.1, 0.9, 4)], rng)


def test_bce_gradient_is_zero_at_certain_predictions() -> None:
    operands = [np.array([0.0, 1.0, 0.5]), np.array([1.0, 0.0, 1.0])]
    _, (gradient, _) = reference_gradients("bce", operands, np.ones(()))
    assert gradient.tolist() == pytest.approx([0.0, 0.0, -2 / 3])


def test_relu_gradient_at_zero_is_zero() -> None:
    _, (gradient,) = reference_gradients(
        "relu", [np.array([-1.0, -0.0, 0.0, 1.0])], np.full(4, 7.0)
    )
    assert gradient.tolist() == [0.0, 0.0, 0.0, 7.0]


@pytest.mark.parametrize("op", ["sigmoid", "softmax", "tanh", "gelu"])
@pytest.mark.filterwarnings("error")
def test_saturated_activation_neither_overflows_nor_warns(op: str) -> None:
    value, (gradient,) = reference_gradients(op, [np.array([-800.0, 0.0, 800.0])], np.ones(3))
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()


@pytest.mark.filterwarnings("error")
def test_cross_entropy_of_large_logits_stays_finite() -> None:
    operands = [np.array([[1000.0, 0.0], [1000.0, 0.0]]), np.array([0, 1])]
    value, (gradient,) = reference_gradients("cross_entropy", operands, np.ones(()))
    assert value == 500.0
    assert gradient.tolist() == [[0.0, 0.0], [0.5, -0.5]]
