"""The backward pass: what it visits, how often, and whose arrays it hands out."""

import itertools
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradient_comparison import OPERATIONS, PROPERTY, RULES, assert_close, draw, numerical_gradient
from hypothesis import given
from hypothesis import strategies as st

from reference import (
    ImpossibleOperation,
    NonScalarOutput,
    Tape,
    TapeError,
    UnknownOperation,
    Variable,
    WrongGradientShape,
    WrongOperands,
    WrongOptions,
    WrongRounding,
)


@pytest.fixture
def applications(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the applications of every rule, by operation."""
    counts: Counter[str] = Counter()

    def counted(op: str, vjp: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            counts[op] += 1
            return vjp(*arguments, **options)

        return call

    for op, rules in list(RULES.items()):
        monkeypatch.setitem(RULES, op, tuple(vjp and counted(op, vjp) for vjp in rules))
    return counts


def test_a_variable_used_twice_by_one_operation_receives_both_gradients() -> None:
    tape = Tape(OPERATIONS)
    x = tape.leaf([3.0, -2.0])
    y = tape.apply("mul", x, x)
    assert tape.gradients(y, np.array([1.0, 10.0]))[x].tolist() == [6.0, -40.0]


def test_a_diamond_sums_both_paths() -> None:
    tape = Tape(OPERATIONS)
    x = tape.leaf(2.0)
    square, cube = tape.apply("mul", x, x), tape.apply("pow", x, exponent=3)
    y = tape.apply("mul", square, cube)
    gradients = tape.gradients(y)
    assert gradients[x] == 5 * 2.0**4
    assert gradients[square] == cube.value
    assert gradients[cube] == square.value


def test_a_variable_used_early_and_late_waits_for_both_uses() -> None:
    tape = Tape(OPERATIONS)
    x = tape.leaf(0.5)
    inner = tape.apply("tanh", x)
    y = inner
    for _ in range(3):
        y = tape.apply("sigmoid", y)
    y = tape.apply("add", y, inner)

    def function(value: Any) -> Any:
        top = np.tanh(value)
        deep = top
        for _ in range(3):
            deep = 1 / (1 + np.exp(-deep))
        return deep + top

    expected = numerical_gradient(function, [np.array(0.5)], 0, np.ones(()))
    assert_close(tape.gradients(y)[x], expected, 1e-9)


@PROPERTY
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_a_random_graph_agrees_with_finite_differences(data: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    leaves = [draw(rng, (2, 3)), draw(rng, (3,))]
    steps = []
    for count in range(2, 10):
        operand = st.integers(0, count - 1)
        op = data.draw(st.sampled_from(["add", "sub", "mul", "tanh", "sigmoid", "neg"]))
        steps.append((op, [data.draw(operand) for _ in RULES[op]]))

    def record(tape: Tape, values: tuple[Any, ...]) -> tuple[list[Variable], Variable]:
        variables = [tape.leaf(value) for value in values]
        for op, positions in steps:
            variables.append(tape.apply(op, *(variables[i] for i in positions)))
        ends = [tape.apply("mean", variable) for variable in variables]
        output = ends[0]
        for end in ends[1:]:
            output = tape.apply("add", output, end)
        return variables, output

    tape = Tape(OPERATIONS)
    variables, output = record(tape, tuple(leaves))
    gradients = tape.gradients(output)
    for which in range(2):
        expected = numerical_gradient(
            lambda *values: record(Tape(OPERATIONS), values)[1].value, leaves, which, np.ones(())
        )
        scale = 1.0 + float(np.abs(expected).max())
        assert_close(gradients[variables[which]], expected, 1e-6, scale)


@pytest.mark.parametrize("doublings", [5, 10, 20])
def test_doubling_applies_each_rule_once_however_much_is_shared(
    doublings: int, applications: Counter[str]
) -> None:
    tape = Tape(OPERATIONS)
    x = y = tape.leaf(1.0)
    for _ in range(doublings):
        y = tape.apply("add", y, y)
    assert tape.gradients(y)[x] == 2.0**doublings
    assert applications == {"add": 2 * doublings}


def test_a_chain_of_twenty_thousand_operations_works(applications: Counter[str]) -> None:
    tape = Tape(OPERATIONS)
    x = y = tape.leaf(1.0)
    for _ in range(20_000):
        y = tape.apply("neg", y)
    assert tape.gradients(y)[x] == 1.0
    assert applications == {"neg": 20_000}


def test_no_rule_runs_for_a_constant_or_off_the_path(applications: Counter[str]) -> None:
    tape = Tape(OPERATIONS)
    x = tape.leaf(2.0)
    y = tape.apply("mul", x, 3.0)
    tape.apply("tanh", y)
    aside = tape.apply("sigmoid", tape.constant(1.0))
    gradients = tape.gradients(tape.apply("add", y, aside))
    assert applications == {"mul": 1, "add": 1}
    assert aside not in gradients


def test_gradients_hold_every_differentiable_variable_reached_and_no_other() -> None:
    tape = Tape(OPERATIONS)
    x, c, unused = tape.leaf(2.0), tape.constant(3.0), tape.leaf(4.0)
    y = tape.apply("mul", x, c)
    tape.apply("add", y, unused)
    z = tape.apply("neg", y)
    assert tape.gradients(z).keys() == {x, y, z}


def test_the_gradient_of_a_leaf_with_respect_to_itself_is_one() -> None:
    tape = Tape(OPERATIONS)
    x = tape.leaf([[5.0]])
    assert tape.gradients(x)[x].tolist() == [[1.0]]


def test_a_broadcast_operand_receives_a_gradient_of_its_own_shape() -> None:
    tape = Tape(OPERATIONS)
    a, b, c = tape.leaf(np.ones((2, 3, 4))), tape.leaf(np.ones((3, 1))), tape.leaf(2.0)
    y = tape.apply("mul", tape.apply("add", a, b), c)
    gradients = tape.gradients(y, np.ones((2, 3, 4)))
    assert [gradients[v].shape for v in (a, b, c)] == [(2, 3, 4), (3, 1), ()]
    assert gradients[b].tolist() == [[16.0]] * 3
    assert gradients[c] == 48.0


def aliasing_graph(tape: Tape) -> tuple[Variable, np.ndarray[Any, Any]]:
    """Return an output all of whose rules pass their gradient on as it is or as a view of it."""
    a, b = tape.leaf(np.ones((2, 3))), tape.leaf(np.ones((2, 3)))
    y = tape.apply("add", a, b)
    y = tape.apply("transpose", tape.apply("add", y, 0.0))
    y = tape.apply("reshape", y, shape=6)
    y = tape.apply("sum", y, axis=0, keepdims=True)
    y = tape.apply("add", y, tape.leaf(np.zeros(1)))
    return y, np.full(1, 2.0)


def test_returned_gradients_share_memory_with_nothing() -> None:
    tape = Tape(OPERATIONS)
    output, gradient = aliasing_graph(tape)
    gradients = tape.gradients(output, gradient)
    for first, second in itertools.combinations(gradients.values(), 2):
        assert not np.shares_memory(first, second)
    given = [gradient, *(variable.value for variable in gradients)]
    for ours, other in itertools.product(gradients.values(), given):
        assert not np.shares_memory(ours, other)


def test_returned_gradients_are_writable_contiguous_float64() -> None:
    tape = Tape(OPERATIONS)
    output, gradient = aliasing_graph(tape)
    for variable, array in tape.gradients(output, gradient).items():
        assert type(array) is np.ndarray
        assert array.shape == variable.value.shape
        assert array.dtype == np.float64
        assert array.flags.writeable and array.flags.c_contiguous and array.flags.owndata


def test_the_callers_gradient_is_not_changed() -> None:
    tape = Tape(OPERATIONS)
    x = tape.leaf(np.ones(3))
    gradient = np.array([1.0, 2.0, 3.0])
    gradients = tape.gradients(tape.apply("add", x, x), gradient)
    assert gradient.tolist() == [1.0, 2.0, 3.0]
    assert gradients[x].tolist() == [2.0, 4.0, 6.0]


def test_no_rule_writes_to_the_gradient_that_it_receives() -> None:
    rng = np.random.default_rng(0)
    square = draw(rng, (3, 3))
    options = {"pow": {"exponent": 2}, "reshape": {"shape": 9}, "getitem": {"index": 1}}
    for op, rules in RULES.items():
        tape = Tape(OPERATIONS)
        operands = [tape.constant([0, 1, 2]) if vjp is None else tape.leaf(square) for vjp in rules]
        output = tape.apply(op, *operands, **options.get(op, {}))
        gradient = draw(rng, output.value.shape)
        kept = tape.gradients(output, gradient)[output]
        assert kept.tolist() == gradient.tolist(), op


def test_a_second_pass_over_one_tape_starts_afresh() -> None:
    tape = Tape(OPERATIONS)
    x = tape.leaf(3.0)
    y = tape.apply("mul", x, x)
    assert tape.gradients(y)[x] == tape.gradients(y)[x] == 6.0


def test_leaves_and_constants_are_copies_of_what_was_given() -> None:
    tape = Tape(OPERATIONS)
    given = np.ones(2)
    x, c = tape.leaf(given), tape.constant(given)
    given[:] = 5.0
    assert x.value.tolist() == c.value.tolist() == [1.0, 1.0]


def test_an_index_array_may_be_reused_after_recording() -> None:
    tape = Tape(OPERATIONS)
    x, index = tape.leaf([1.0, 2.0, 3.0]), np.array([0])
    y = tape.apply("getitem", x, index=index)
    index[0] = 2
    assert tape.gradients(y)[x].tolist() == [1.0, 0.0, 0.0]


def test_values_are_read_only() -> None:
    tape = Tape(OPERATIONS)
    x = tape.leaf([1.0, 2.0])
    for variable in (x, tape.apply("neg", x), tape.apply("reshape", x, shape=(2, 1))):
        with pytest.raises(ValueError, match="read-only"):
            variable.value[...] = 0.0


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64, np.bool_, np.float32])
def test_arithmetic_on_any_constant_is_float64(dtype: Any) -> None:
    tape = Tape(OPERATIONS)
    c = tape.constant(np.array([1, 1], dtype=dtype))
    assert tape.apply("neg", c).value.tolist() == [-1.0, -1.0]
    assert tape.apply("pow", c, exponent=-1).value.dtype == np.float64
    assert tape.apply("mul", 2, c).value.dtype == np.float64


def test_arithmetic_on_integer_constants_does_not_overflow() -> None:
    tape = Tape(OPERATIONS)
    large = tape.constant([2**40])
    assert tape.apply("mul", large, large).value.tolist() == [2.0**80]


def test_variables_are_equal_to_themselves_only() -> None:
    tape = Tape(OPERATIONS)
    x, y = tape.leaf(1.0), tape.leaf(1.0)
    assert x != y
    assert len({x, y, x}) == 2


def test_repr_names_the_operation_and_not_its_ancestors() -> None:
    tape = Tape(OPERATIONS)
    x = tape.leaf(np.ones((2, 3)))
    shown = [repr(v) for v in (x, tape.constant(1), tape.apply("tanh", x))]
    assert shown == [
        "Variable(leaf, shape=(2, 3))",
        "Variable(constant, shape=())",
        "Variable(tanh, shape=(2, 3))",
    ]


def test_rounding_receives_every_result_and_every_product_once() -> None:
    seen: list[float] = []

    def rounding(value: Any) -> Any:
        seen.append(float(value))
        return value

    tape = Tape(OPERATIONS, rounding)
    x = tape.leaf(3.0)
    y = tape.apply("neg", tape.apply("mul", x, 5.0))
    z = tape.apply("mul", y, x)
    assert seen == [15.0, -15.0, -45.0]
    seen.clear()
    tape.gradients(z)
    assert seen == [3.0, -15.0, -3.0, -15.0]


def test_rounding_changes_what_is_computed_from_a_value() -> None:
    tape = Tape(OPERATIONS, lambda value: 2 * value)
    x = tape.leaf(3.0)
    y = tape.apply("mul", x, 5.0)
    z = tape.apply("add", y, 1.0)
    assert (x.value, y.value, z.value) == (3.0, 30.0, 62.0)
    assert tape.gradients(z)[x] == 1.0 * 2 * 5.0 * 2


def test_rounding_receives_a_product_before_it_is_summed_over_broadcast_axes() -> None:
    shapes: list[tuple[int, ...]] = []

    def rounding(value: Any) -> Any:
        shapes.append(value.shape)
        return value

    tape = Tape(OPERATIONS, rounding)
    x = tape.leaf(1.0)
    y = tape.apply("mul", x, tape.constant(np.ones((2, 3))))
    assert tape.gradients(y, np.ones((2, 3)))[x] == 6.0
    assert shapes == [(2, 3), (2, 3)]


def test_relative_noise_of_rounding_reaches_the_gradient_at_its_own_size() -> None:
    rng = np.random.default_rng(0)
    a, b = draw(rng, (4, 5)), draw(rng, (5, 3))

    def gradient(rounding: Any) -> Any:
        tape = Tape(OPERATIONS, rounding)
        x = tape.leaf(a)
        y = tape.apply("mean", tape.apply("tanh", tape.apply("matmul", x, tape.constant(b))))
        return tape.gradients(y)[x]

    noisy = gradient(lambda v: v * (1 + 1e-6 * rng.uniform(-1, 1, v.shape)))
    error = np.max(np.abs(noisy - gradient(None)))
    assert 1e-9 < error < 1e-4


def test_rounding_can_neither_change_nor_keep_the_arrays_of_the_tape() -> None:
    kept: list[Any] = []

    def rounding(value: Any) -> Any:
        assert not value.flags.writeable
        own = value.copy()
        kept.append(own)
        return own

    tape = Tape(OPERATIONS, rounding)
    x = tape.leaf([1.0, 2.0])
    y = tape.apply("neg", x)
    gradients = tape.gradients(y, np.ones(2))
    for own in kept:
        own[:] = 99.0
    assert y.value.tolist() == [-1.0, -2.0]
    assert gradients[x].tolist() == [-1.0, -1.0]


def test_rounding_that_changes_a_shape_is_an_error() -> None:
    tape = Tape(OPERATIONS, lambda value: np.zeros(value.size + 5))
    with pytest.raises(WrongRounding, match=r"result of neg.*\(2,\).*\(7,\)"):
        tape.apply("neg", tape.leaf([1.0, 2.0]))


def test_an_output_of_several_elements_needs_a_gradient() -> None:
    tape = Tape(OPERATIONS)
    y = tape.apply("neg", tape.leaf([1.0, 2.0]))
    with pytest.raises(NonScalarOutput, match=r"neg, shape=\(2,\)"):
        tape.gradients(y)
    assert issubclass(NonScalarOutput, ValueError)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 2), (2, 1)])
def test_a_gradient_of_another_shape_is_an_error_even_if_it_broadcasts(
    shape: tuple[int, ...],
) -> None:
    tape = Tape(OPERATIONS)
    y = tape.apply("neg", tape.leaf([1.0, 2.0]))
    with pytest.raises(WrongGradientShape, match="neg"):
        tape.gradients(y, np.ones(shape))


def test_an_output_that_is_not_differentiable_has_no_gradients() -> None:
    tape = Tape(OPERATIONS)
    assert tape.gradients(tape.apply("neg", tape.constant([1.0, 2.0]))) == {}


def test_an_unknown_operation_is_named_beside_the_known_ones() -> None:
    with pytest.raises(UnknownOperation, match=r"'conv'.*matmul"):
        Tape(OPERATIONS).apply("conv", 1.0)


@pytest.mark.parametrize(
    ("op", "options"), [("pow", {}), ("sum", {"dim": 0}), ("neg", {"axis": 0}), ("getitem", {})]
)
def test_a_missing_or_unknown_option_is_an_error(op: str, options: dict[str, Any]) -> None:
    tape = Tape(OPERATIONS)
    with pytest.raises(WrongOptions, match=op):
        tape.apply(op, tape.leaf([1.0]), **options)


@pytest.mark.parametrize(
    ("op", "shapes", "options"),
    [
        ("add", [(2,), (3,)], {}),
        ("matmul", [(2, 3), (2, 3)], {}),
        ("matmul", [(), (3,)], {}),
        ("sum", [(2,)], {"axis": 1}),
        ("sum", [(2,)], {"axis": "rows"}),
        ("reshape", [(2, 3)], {"shape": (4,)}),
        ("transpose", [(2, 3)], {"dim0": 0}),
        ("transpose", [(2, 3)], {"dim0": 0, "dim1": 2}),
        ("getitem", [(2,)], {"index": 2}),
        ("softmax", [(2,)], {"dim": 1}),
        ("pow", [(2,)], {"exponent": np.ones(2)}),
        ("cross_entropy", [(2, 3), (2,)], {}),
    ],
)
def test_what_numpy_refuses_is_reported_with_operation_and_shapes(
    op: str, shapes: list[tuple[int, ...]], options: dict[str, Any]
) -> None:
    tape = Tape(OPERATIONS)
    with pytest.raises(ImpossibleOperation, match=re.escape(f"{op} of shapes {shapes[0]}")):
        tape.apply(op, *(tape.leaf(np.ones(shape)) for shape in shapes), **options)


@pytest.mark.parametrize("classes", [[0, 3], [-1, 0], [0], [[0, 1]], [0.0, 1.0]])
def test_cross_entropy_refuses_what_is_no_class_index(classes: Any) -> None:
    tape = Tape(OPERATIONS)
    with pytest.raises(ImpossibleOperation, match="cross_entropy"):
        tape.apply("cross_entropy", tape.leaf(np.ones((2, 3))), tape.constant(classes))


@pytest.mark.parametrize("operands", [(), (1.0,), (1.0, 2.0, 3.0), ("a", 1.0), ([1.0], 1.0)])
def test_operands_of_the_wrong_number_or_kind_are_an_error(operands: tuple[Any, ...]) -> None:
    with pytest.raises(WrongOperands, match="mul"):
        Tape(OPERATIONS).apply("mul", *operands)


def test_a_variable_of_another_tape_is_an_error() -> None:
    tape, other = Tape(OPERATIONS), Tape(OPERATIONS)
    x = other.leaf(1.0)
    with pytest.raises(WrongOperands, match=r"operand 1 of add.*another tape"):
        tape.apply("add", tape.leaf(1.0), x)
    with pytest.raises(WrongOperands, match="another tape"):
        tape.gradients(x)


@pytest.mark.parametrize("value", ["text", 1j, None, np.array([1j])])
def test_only_real_numbers_can_be_recorded(value: Any) -> None:
    for record in (Tape(OPERATIONS).leaf, Tape(OPERATIONS).constant):
        with pytest.raises(WrongOperands, match="real numbers"):
            record(value)


@pytest.mark.parametrize("error", TapeError.__subclasses__())
def test_every_error_is_also_a_builtin_one(error: type[TapeError]) -> None:
    assert issubclass(error, (LookupError, TypeError, ValueError))
