"""Gradient rules: in Checkpoint 1 on instances, in Checkpoint 2 through tensors."""

from autograder.cases import Recorder, case, entry


def _both_entries(t: Recorder, name: str, *shape: int) -> None:
    a, b, g = t.leaf(*shape), t.leaf(*shape), t.array(*shape)
    applied = t.rule(name, a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


def _same_operand_twice(t: Recorder, name: str) -> None:
    a, g = t.leaf(2, 3), t.array(2, 3)
    applied = t.rule(name, a, a).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


def _single_precision(t: Recorder, name: str) -> None:
    a, b = t.leaf(2, 3, dtype="float32"), t.leaf(2, 3, dtype="float32")
    applied = t.rule(name, a, b).apply(t.array(2, 3, dtype="float32"))
    t.observe(entry(applied, 0), entry(applied, 1))


# Checkpoint 1.


@case(check="add", kind="gradient")
def add_passes_the_gradient_on(t: Recorder) -> None:
    """d(a+b)/da and d(a+b)/db are 1, each times the incoming gradient."""
    _both_entries(t, "AddBackward", 3, 4)


@case(check="add", kind="gradient")
def add_works_for_vectors_and_stacks(t: Recorder) -> None:
    """AddBackward works for any number of axes."""
    _both_entries(t, "AddBackward", 5)
    _both_entries(t, "AddBackward", 2, 3, 2)


@case(check="add", kind="gradient")
def add_of_a_tensor_to_itself(t: Recorder) -> None:
    """AddBackward(a, a) still has two entries."""
    _same_operand_twice(t, "AddBackward")


@case(check="add", kind="gradient")
def add_in_single_precision(t: Recorder) -> None:
    """AddBackward works in float32, the default."""
    _single_precision(t, "AddBackward")


@case(check="mul", kind="gradient")
def product_rule(t: Recorder) -> None:
    """d(a·b)/da is b and d(a·b)/db is a, each times the incoming gradient."""
    _both_entries(t, "MulBackward", 3, 4)


@case(check="mul", kind="gradient")
def mul_works_for_vectors_and_stacks(t: Recorder) -> None:
    """MulBackward works for any number of axes."""
    _both_entries(t, "MulBackward", 5)
    _both_entries(t, "MulBackward", 2, 3, 2)


@case(check="mul", kind="gradient")
def mul_of_a_tensor_by_itself(t: Recorder) -> None:
    """MulBackward(a, a) has two entries, a times the incoming gradient each."""
    _same_operand_twice(t, "MulBackward")


@case(check="mul", kind="gradient")
def mul_in_single_precision(t: Recorder) -> None:
    """MulBackward works in float32, the default."""
    _single_precision(t, "MulBackward")


@case(check="mul", kind="gradient")
def mul_of_large_values(t: Recorder) -> None:
    """MulBackward is exact for large values, as a derivative by formula is."""
    a, b, g = t.leaf(3, scale=2.0**24), t.leaf(3, scale=2.0**20), t.array(3)
    applied = t.rule("MulBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="sub", kind="gradient")
def sub_turns_the_second_sign(t: Recorder) -> None:
    """d(a−b)/da is 1 and d(a−b)/db is −1, each times the incoming gradient."""
    _both_entries(t, "SubBackward", 3, 4)


@case(check="sub", kind="gradient")
def sub_works_for_vectors_and_stacks(t: Recorder) -> None:
    """SubBackward works for any number of axes."""
    _both_entries(t, "SubBackward", 5)
    _both_entries(t, "SubBackward", 2, 3, 2)


@case(check="sub", kind="gradient")
def sub_of_a_tensor_from_itself(t: Recorder) -> None:
    """SubBackward(a, a) has two entries of opposite sign."""
    _same_operand_twice(t, "SubBackward")


@case(check="sub", kind="gradient")
def sub_in_single_precision(t: Recorder) -> None:
    """SubBackward works in float32, the default."""
    _single_precision(t, "SubBackward")


@case(check="div", kind="gradient")
def quotient_rule(t: Recorder) -> None:
    """d(a/b)/da is 1/b and d(a/b)/db is −a/b², each times the incoming gradient."""
    _both_entries(t, "DivBackward", 3, 4)


@case(check="div", kind="gradient")
def div_works_for_vectors_and_stacks(t: Recorder) -> None:
    """DivBackward works for any number of axes."""
    _both_entries(t, "DivBackward", 5)
    _both_entries(t, "DivBackward", 2, 3, 2)


@case(check="div", kind="gradient")
def div_of_a_tensor_by_itself(t: Recorder) -> None:
    """DivBackward(a, a) has two entries of opposite sign."""
    _same_operand_twice(t, "DivBackward")


@case(check="div", kind="gradient")
def div_in_single_precision(t: Recorder) -> None:
    """DivBackward works in float32, the default."""
    _single_precision(t, "DivBackward")


@case(check="div", kind="gradient")
def div_of_large_values(t: Recorder) -> None:
    """DivBackward is exact for large values, as a derivative by formula is."""
    a, b, g = t.leaf(3, scale=2.0**24), t.leaf(3, scale=2.0**12), t.array(3)
    applied = t.rule("DivBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


def _matmul_entries(t: Recorder, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = t.leaf(*left), t.leaf(*right)
    g = t.array(*left[:-1], right[-1])
    applied = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="matmul", kind="gradient")
def matmul_rule(t: Recorder) -> None:
    """d(A@B)/dA is G@Bᵀ and d(A@B)/dB is Aᵀ@G, for the incoming gradient G."""
    _matmul_entries(t, (3, 4), (4, 2))


@case(check="matmul", kind="gradient")
def matmul_of_square_matrices(t: Recorder) -> None:
    """The transposes are in the right places where shapes cannot tell."""
    _matmul_entries(t, (3, 3), (3, 3))


@case(check="matmul", kind="gradient")
def matmul_of_a_row_and_a_column(t: Recorder) -> None:
    """A row times a column, and a column times a row."""
    _matmul_entries(t, (1, 4), (4, 1))
    _matmul_entries(t, (3, 1), (1, 2))


@case(check="matmul", kind="gradient")
def matmul_of_a_matrix_by_itself(t: Recorder) -> None:
    """MatmulBackward(a, a) has two different entries."""
    a, g = t.leaf(3, 3), t.array(3, 3)
    applied = t.rule("MatmulBackward", a, a).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="matmul", kind="gradient")
def matmul_in_single_precision(t: Recorder) -> None:
    """MatmulBackward works in float32, the default."""
    a, b = t.leaf(2, 3, dtype="float32"), t.leaf(3, 4, dtype="float32")
    applied = t.rule("MatmulBackward", a, b).apply(t.array(2, 4, dtype="float32"))
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="sum", kind="gradient")
def sum_spreads_the_gradient(t: Recorder) -> None:
    """Each element of a sum receives the incoming gradient."""
    a, g = t.leaf(3, 4), t.array()
    t.observe(entry(t.rule("SumBackward", a).apply(g), 0))


@case(check="sum", kind="gradient")
def sum_spreads_over_any_shape(t: Recorder) -> None:
    """SumBackward's entry has its operand's shape, for vectors and stacks as well."""
    for shape in ((5,), (2, 3, 2), (1, 4)):
        a, g = t.leaf(*shape), t.array()
        t.observe(entry(t.rule("SumBackward", a).apply(g), 0))


@case(check="sum", kind="gradient")
def sum_in_single_precision(t: Recorder) -> None:
    """SumBackward works in float32, the default."""
    a = t.leaf(2, 3, dtype="float32")
    t.observe(entry(t.rule("SumBackward", a).apply(t.array(dtype="float32")), 0))


# Checkpoint 2: scalars.


@case(check="scalars", kind="gradient")
def add_and_subtract_a_number(t: Recorder) -> None:
    """x + 3 and x − 3 are right and pass the gradient on."""
    x, w, g, h = t.leaf(2, 3), t.leaf(2, 3), t.array(2, 3), t.array(2, 3)
    y, z = x + 3.0, w - 0.75
    t.backward(y, g)
    t.backward(z, h)
    t.observe(y.data, z.data, x.grad, w.grad)


@case(check="scalars", kind="gradient")
def multiply_and_divide_by_a_number(t: Recorder) -> None:
    """x * 2.5 and x / 4 scale the gradient."""
    x, y, g = t.leaf(2, 3), t.leaf(2, 3), t.array(2, 3)
    a, b = x * 2.5, y / 4
    t.backward(a, g)
    t.backward(b, g)
    t.observe(a.data, b.data, x.grad, y.grad)


@case(check="scalars", kind="gradient")
def a_number_on_the_left_of_plus(t: Recorder) -> None:
    """3 + x is tracked."""
    x, g = t.leaf(2, 3), t.array(2, 3)
    y = 3 + x
    t.backward(y, g)
    t.observe(y.data, x.grad)


@case(check="scalars", kind="gradient")
def a_number_on_the_left_of_minus(t: Recorder) -> None:
    """2.5 − x is right, and its gradient turns the sign."""
    x, g = t.leaf(2, 3), t.array(2, 3)
    y = 2.5 - x
    t.backward(y, g)
    t.observe(y.data, x.grad)


@case(check="scalars", kind="gradient")
def a_number_on_the_left_of_times(t: Recorder) -> None:
    """−3 * x is tracked."""
    x, g = t.leaf(2, 3), t.array(2, 3)
    y = -3 * x
    t.backward(y, g)
    t.observe(y.data, x.grad)


@case(check="scalars", kind="gradient")
def a_number_on_the_left_of_divide(t: Recorder) -> None:
    """3 / x is right, and its gradient is −3/x²."""
    x, g = t.leaf(2, 3), t.array(2, 3)
    y = 3 / x
    t.backward(y, g)
    t.observe(y.data, x.grad)


@case(check="scalars", kind="gradient")
def numbers_inside_an_expression(t: Recorder) -> None:
    """Numbers on both sides inside one expression."""
    x, g = t.leaf(4), t.array(4)
    t.backward((2 * x + 1) / 4 - (0.5 - x * 3), g)
    t.observe(x.grad)


# Checkpoint 2: mean, power, activations, losses.


@case(check="mean", kind="gradient")
def mean_of_everything(t: Recorder) -> None:
    """Each element of a mean receives the incoming gradient divided by their number."""
    x, y, g = t.leaf(3, 4), t.leaf(5), t.array()
    t.backward(x.mean())
    t.backward(y.mean(), g)
    t.observe(x.grad, y.grad)


@case(check="mean", kind="gradient")
def mean_over_one_axis(t: Recorder) -> None:
    """A mean over one axis divides by that axis's length only."""
    for axis, rest in ((0, (4,)), (1, (3,)), (-1, (3,))):
        x, g = t.leaf(3, 4), t.array(*rest)
        t.backward(x.mean(axis=axis), g)
        t.observe(x.grad)


@case(check="mean", kind="gradient")
def mean_keeps_axes(t: Recorder) -> None:
    """keepdims changes the shape of the result, not the gradient."""
    x, y, z = t.leaf(3, 4), t.leaf(2, 3, 4), t.leaf(3, 2)
    t.backward(x.mean(axis=1, keepdims=True), t.array(3, 1))
    t.backward(y.mean(axis=1, keepdims=True), t.array(2, 1, 4))
    t.backward(z.mean(keepdims=True), t.array(1, 1))
    t.observe(x.grad, y.grad, z.grad)


@case(check="mean", kind="gradient")
def mean_over_two_axes(t: Recorder) -> None:
    """A mean over a tuple of axes divides by the product of their lengths."""
    x, y = t.leaf(2, 3, 4), t.leaf(2, 3, 4)
    t.backward(x.mean(axis=(0, 2)), t.array(3))
    t.backward(y.mean(axis=(-1, 1), keepdims=True), t.array(2, 1, 1))
    t.observe(x.grad, y.grad)


@case(check="mean", kind="gradient")
def mean_of_a_square(t: Recorder) -> None:
    """A mean over either axis of a square matrix."""
    x, y, g = t.leaf(3, 3), t.leaf(3, 3), t.array(3)
    a, b = x.mean(axis=0), y.mean(axis=1)
    t.backward(a, g)
    t.backward(b, g)
    t.observe(a.data, b.data, x.grad, y.grad)


@case(check="pow", kind="gradient")
def square_and_cube(t: Recorder) -> None:
    """d(xⁿ)/dx is n·xⁿ⁻¹."""
    x, y, g = t.leaf(2, 3), t.leaf(2, 3), t.array(2, 3)
    t.backward(x**2, g)
    t.backward(y**3, g)
    t.observe(x.grad, y.grad)


@case(check="pow", kind="gradient")
def negative_exponents(t: Recorder) -> None:
    """The rule holds for negative exponents."""
    x, y, g = t.leaf(4), t.leaf(4), t.array(4)
    t.backward(x**-1, g)
    t.backward(y**-2, g)
    t.observe(x.grad, y.grad)


@case(check="pow", kind="gradient")
def fractional_exponents(t: Recorder) -> None:
    """The rule holds for fractional exponents of positive numbers."""
    x, y, g = t.leaf(4, draw="positive"), t.leaf(4, draw="positive"), t.array(4)
    t.backward(x**0.5, g)
    t.backward(y**2.5, g)
    t.observe(x.grad, y.grad)


@case(check="pow", kind="gradient")
def zeroth_power(t: Recorder) -> None:
    """x ** 0 is constant: its gradient is zero."""
    x, c, g = t.leaf(3), t.constant(3), t.array(3)
    t.backward(x**0, g)
    t.backward(x * c, g)
    t.observe(x.grad)


@case(check="pow", kind="gradient")
def first_power_and_its_result(t: Recorder) -> None:
    """x ** 1 passes the gradient on, and powers of tensors are right."""
    x, y, g = t.leaf(3), t.leaf(3), t.array(3)
    a, b = x**1, y**4
    t.backward(a, g)
    t.backward(b, g)
    t.observe(a.data, b.data, x.grad, y.grad)


@case(check="relu", kind="gradient")
def relu_passes_positive_inputs(t: Recorder) -> None:
    """The gradient passes unchanged where the input was positive, else it is zero."""
    x, y, g, h = t.leaf(3, 4), t.leaf(6), t.array(3, 4), t.array(6)
    a = t.relu(x)
    t.backward(a, g)
    t.backward(t.relu(y), h)
    t.observe(a.data, x.grad, y.grad)


@case(check="relu", kind="gradient")
def relu_at_zero(t: Recorder) -> None:
    """At exactly zero the derivative is 0, as pinned."""
    x, g = t.leaf(8, draw="kinked"), t.array(8)
    t.backward(t.relu(x), g)
    t.observe(x.grad)


@case(check="relu", kind="gradient")
def relu_inside_a_graph(t: Recorder) -> None:
    """An operation before ReLU and one after it."""
    x, c, d, g = t.leaf(3, 2), t.constant(3, 2), t.constant(3, 2), t.array(3, 2)
    t.backward(t.relu(x * c) * d, g)
    t.observe(x.grad)


@case(check="sigmoid", kind="gradient")
def sigmoid_rule(t: Recorder) -> None:
    """ds/dx is s(1 − s), times the incoming gradient."""
    x, y, g, h = t.leaf(3, 4), t.leaf(5, scale=3.0), t.array(3, 4), t.array(5)
    a = t.sigmoid(x)
    t.backward(a, g)
    t.backward(t.sigmoid(y), h)
    t.observe(a.data, x.grad, y.grad)


@case(check="sigmoid", kind="gradient")
def sigmoid_inside_a_graph(t: Recorder) -> None:
    """An operation before the sigmoid and one after it."""
    x, c, d, g = t.leaf(3, 2), t.constant(3, 2), t.constant(3, 2), t.array(3, 2)
    t.backward(t.sigmoid(x * c) * d, g)
    t.observe(x.grad)


@case(check="mse", kind="gradient")
def mse_rule(t: Recorder) -> None:
    """d(mean((p − y)²))/dp is 2(p − y)/n, where n counts all elements."""
    p, y = t.leaf(4, 3), t.constant(4, 3)
    loss = t.mse(p, y)
    t.backward(loss)
    t.observe(loss.data, p.grad)


@case(check="mse", kind="gradient")
def mse_times_the_incoming_gradient(t: Recorder) -> None:
    """The gradient of a weighted loss carries the weight."""
    p, y, g = t.leaf(5), t.constant(5), t.array()
    t.backward(t.mse(p, y), g)
    q, z = t.leaf(2, 3), t.constant(2, 3)
    t.backward(t.mse(q, z), t.array())
    t.observe(p.grad, q.grad)


@case(check="mse", kind="gradient")
def mse_of_a_computed_prediction(t: Recorder) -> None:
    """The gradient goes on through what computed the prediction."""
    x, c, y = t.leaf(3, 2), t.constant(3, 2), t.constant(3, 2)
    t.backward(t.mse(x * c, y))
    t.observe(x.grad, y.grad)


@case(check="cross-entropy", kind="gradient")
def cross_entropy_rule(t: Recorder) -> None:
    """d(loss)/d(logits) is (softmax − one-hot), averaged over the batch."""
    x, y = t.leaf(5, 3), t.labels(5, 3)
    loss = t.cross_entropy(x, y)
    t.backward(loss)
    t.observe(loss.data, x.grad)


@case(check="cross-entropy", kind="gradient")
def cross_entropy_times_the_incoming_gradient(t: Recorder) -> None:
    """The gradient of a weighted loss carries the weight."""
    x, y, g = t.leaf(4, 5, scale=2.0), t.labels(4, 5), t.array()
    t.backward(t.cross_entropy(x, y), g)
    z, w = t.leaf(3, 4), t.labels(3, 4)
    t.backward(t.cross_entropy(z, w), t.array())
    t.observe(x.grad, z.grad)


@case(check="cross-entropy", kind="gradient")
def cross_entropy_of_computed_logits(t: Recorder) -> None:
    """The gradient goes on through what computed the logits."""
    x, c, y = t.leaf(3, 4), t.constant(3, 4), t.labels(3, 4)
    t.backward(t.cross_entropy(x * c, y))
    t.observe(x.grad)


# Stretch.


@case(check="neg", kind="gradient")
def negation(t: Recorder) -> None:
    """d(−x)/dx is −1, times the incoming gradient."""
    x, c, g = t.leaf(2, 3), t.constant(2, 3), t.array(2, 3)
    y = -x
    t.backward(y * c, g)
    t.observe(y.data, x.grad)


@case(check="softmax", kind="gradient")
def softmax_over_the_last_axis(t: Recorder) -> None:
    """The gradient of softmax couples the elements of a row, and only those."""
    x, g = t.leaf(3, 4), t.array(3, 4)
    y = t.softmax(x)
    t.backward(y, g)
    t.observe(y.data, x.grad)


@case(check="softmax", kind="gradient")
def softmax_over_another_axis(t: Recorder) -> None:
    """Softmax along the first axis, and on a stack."""
    x, g = t.leaf(3, 4), t.array(3, 4)
    a = t.forward("softmax", x, dim=0)
    t.backward(a, g)
    y, h = t.leaf(2, 3, 4), t.array(2, 3, 4)
    b = t.softmax(y, dim=1)
    t.backward(b, h)
    t.observe(a.data, b.data, x.grad, y.grad)


@case(check="gelu", kind="gradient")
def gelu_rule(t: Recorder) -> None:
    """The gradient of the handout's form of GELU, not of another approximation."""
    x, y, g, h = t.leaf(3, 4), t.leaf(5, scale=2.0), t.array(3, 4), t.array(5)
    t.backward(t.gelu(x), g)
    t.backward(t.gelu(y), h)
    t.observe(x.grad, y.grad)


@case(check="bce", kind="gradient")
def bce_rule(t: Recorder) -> None:
    """The gradient of binary cross-entropy, averaged over all elements."""
    p, y, g = t.leaf(4, 2, draw="probability"), t.constant(4, 2, draw="binary"), t.array()
    loss = t.bce(p, y)
    t.backward(loss, g)
    t.observe(loss.data, p.grad)


@case(check="bce", kind="gradient")
def bce_of_a_sigmoid(t: Recorder) -> None:
    """Binary cross-entropy after a sigmoid, weighted."""
    x, y = t.leaf(5), t.constant(5, draw="binary")
    t.backward(t.bce(t.sigmoid(x), y) * 3)
    t.observe(x.grad)
