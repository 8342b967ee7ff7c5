"""Public cases of Checkpoint 2: the engine, and the rules reached through tensors."""

from autograder.cases import Recorder, Value, case


@case(check="tracking", kind="graph")
def a_sum_is_tracked(t: Recorder) -> None:
    """z = x + c computes the same value as before, and backward reaches x."""
    x, c, g = t.leaf(2, 3, name="x"), t.constant(2, 3, name="c"), t.array(2, 3, name="G")
    z = x + c
    t.backward(z, g)
    t.observe(z.data, x.grad)


@case(check="tracking", kind="graph")
def differences_are_tracked(t: Recorder) -> None:
    """z = c - x is tracked too: the tensor that wants the gradient may stand on the right."""
    x, c, g = t.leaf(2, 3, name="x"), t.constant(2, 3, name="c"), t.array(2, 3, name="G")
    z = c - x
    t.backward(z, g)
    t.observe(z.data, x.grad)


@case(check="tracking", kind="graph")
def products_are_tracked(t: Recorder) -> None:
    """z = (c * x) / d is tracked."""
    x, g = t.leaf(2, 3, name="x"), t.array(2, 3, name="G")
    z = (t.constant(2, 3, name="c") * x) / t.constant(2, 3, name="d")
    t.backward(z, g)
    t.observe(z.data, x.grad)


@case(check="tracking", kind="graph")
def matmul_is_tracked(t: Recorder) -> None:
    """x @ w and x.matmul(w) are two methods, and both are tracked."""
    x, y, w = t.leaf(2, 3, name="x"), t.leaf(2, 3, name="y"), t.constant(3, 2, name="w")
    g = t.array(2, 2, name="G")
    first, second = t.matmul(x, w, form="operator"), t.matmul(y, w, form="method")
    t.backward(first, g)
    t.backward(second, g)
    t.observe(first.data, x.grad, second.data, y.grad)


@case(check="tracking", kind="graph")
def reductions_and_powers_are_tracked(t: Recorder) -> None:
    """x.sum(), x.mean() and x ** 2 are tracked."""
    x, y, z = t.leaf(2, 2, name="x"), t.leaf(2, 2, name="y"), t.leaf(2, 2, name="z")
    total, mean, square = x.sum(), y.mean(), (z**2).sum()
    for result in (total, mean, square):
        t.backward(result)
    t.observe(total.data, x.grad, mean.data, y.grad, square.data, z.grad)


@case(check="tracking", kind="graph")
def augmented_assignment_is_tracked(t: Recorder) -> None:
    """y += x is an operation like y = y + x."""
    x, c, g = t.leaf(3, name="x"), t.constant(3, name="c"), t.array(3, name="G")
    y = c * 2.0
    y += x
    t.backward(y, g)
    t.observe(y.data, x.grad)


@case(check="tracking", kind="graph")
def twice_is_the_same_as_once(t: Recorder) -> None:
    """Calling enable_autograd() again changes nothing."""
    x, w, g = t.leaf(3, name="x"), t.leaf(3, name="w"), t.array(3, name="G")
    t.enable(times=2)
    z = x * w
    t.backward(z, g)
    t.observe(z.data, x.grad, w.grad)


@case(check="chain-rule", kind="graph")
def two_operations(t: Recorder) -> None:
    """y = x * w + b, one number each, as in the first picture."""
    x, w, b = t.leaf(1, name="x"), t.leaf(1, name="w"), t.leaf(1, name="b")
    t.backward(x * w + b)
    t.observe(x.grad, w.grad, b.grad)


@case(check="chain-rule", kind="graph")
def a_quotient_of_a_difference(t: Recorder) -> None:
    """z = (c - x) / d, started with a gradient G of its shape."""
    x, d = t.leaf(1, 3, name="x"), t.leaf(1, 3, name="d")
    c, g = t.constant(1, 3, name="c"), t.array(1, 3, name="G")
    t.backward((c - x) / d, g)
    t.observe(x.grad, d.grad)


@case(check="chain-rule", kind="graph")
def a_layer(t: Recorder) -> None:
    """y = x @ W + b, then its square: three operations in a row."""
    x, w, b = t.leaf(2, 3, name="x"), t.leaf(3, 2, name="W"), t.leaf(2, 2, name="b")
    h = x @ w + b
    t.backward(h**2, t.array(2, 2, name="G"))
    t.observe(x.grad, w.grad, b.grad)


@case(check="deep-chain", kind="graph")
def three_hundred_additions(t: Recorder) -> None:
    """x = x + 1, 300 times."""
    x = t.leaf(2, name="x")
    y: Value = x
    for _ in range(300):
        y = y + 1.0
    t.backward(y, t.array(2, name="G"))
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def a_square(t: Recorder) -> None:
    """y = x * x uses x twice."""
    x, g = t.leaf(3, name="x"), t.array(3, name="G")
    t.backward(x * x, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def two_paths_from_a_result(t: Recorder) -> None:
    """h = x * c, then y = h * d + h * e: the result h is used on two paths."""
    x, c = t.leaf(3, name="x"), t.constant(3, name="c")
    d, e, g = t.constant(3, name="d"), t.constant(3, name="e"), t.array(3, name="G")
    h = x * c
    t.backward(h * d + h * e, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def a_short_path_and_a_long_one(t: Recorder) -> None:
    """h = x * c, then h * d * e + h: the long path arrives later, and h must wait for it."""
    x, y, c = t.leaf(3, name="x"), t.leaf(3, name="y"), t.constant(3, name="c")
    d, e, g = t.constant(3, name="d"), t.constant(3, name="e"), t.array(3, name="G")
    h, k = x * c, y * c
    t.backward((h * d) * e + h, g)
    t.backward(k + (k * d) * e, g)
    t.observe(x.grad, y.grad)


@case(check="paths", kind="accumulation")
def shared_by_other_operations(t: Recorder) -> None:
    """h = x / c, then h ** 2, h - d and h * h: a result used by four kinds of operations."""
    x, c, d, g = (
        t.leaf(3, name="x"),
        t.constant(3, name="c"),
        t.constant(3, name="d"),
        t.array(3, name="G"),
    )
    h = x / c
    t.backward((h**2 - h) * d + h * h, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def adding_changes_nobody_elses_array(t: Recorder) -> None:
    """h = a + b, then h + a * c: the second part of a's gradient is no part of b's."""
    a, b, p, q = (t.leaf(3, name=name) for name in "abpq")
    c, g = t.constant(3, name="c"), t.array(3, name="G")
    t.backward((a + b) + a * c, g)
    t.backward(p * c + (p + q), g)
    t.observe(a.grad, b.grad, p.grad, q.grad, g)


@case(check="calls", kind="accumulation")
def two_calls(t: Recorder) -> None:
    """Two backward calls, y = x * c and z = x * d: .grad holds the sum."""
    x, c, d = t.leaf(3, name="x"), t.constant(3, name="c"), t.constant(3, name="d")
    t.backward((x * c).sum())
    t.backward((x * d).sum())
    t.observe(x.grad)


@case(check="calls", kind="accumulation")
def forgetting(t: Recorder) -> None:
    """After zero_grad() the sum starts anew."""
    x, c, d = t.leaf(3, name="x"), t.constant(3, name="c"), t.constant(3, name="d")
    t.backward((x * c).sum())
    t.zero_grad(x)
    t.observe(x.grad)
    t.backward((x * d).sum())
    t.observe(x.grad)


@case(check="backward-contract", kind="contract")
def several_elements_need_a_gradient(t: Recorder) -> None:
    """backward() without a gradient on three elements raises ValueError."""
    x = t.leaf(3, name="x")
    t.observe(t.backward_error(x * 2.0))


@case(check="backward-contract", kind="contract")
def nobody_asked(t: Recorder) -> None:
    """backward() on a tensor with requires_grad=False returns quietly."""
    x = t.constant(1, name="x")
    t.observe(t.backward_error(x * 2.0), x.grad)


@case(check="backward-contract", kind="contract")
def constants_get_nothing(t: Recorder) -> None:
    """A tensor that did not ask for a gradient gets none."""
    x, c, g = t.leaf(3, name="x"), t.constant(3, name="c"), t.array(3, name="G")
    t.backward(x * c, g)
    t.observe(x.grad, c.grad)


@case(check="backward-contract", kind="contract")
def two_gradients_are_two_arrays(t: Recorder) -> None:
    """After z = a + b, overwriting a.grad leaves b.grad and G as they were."""
    a, b, g = t.leaf(3, name="a"), t.leaf(3, name="b"), t.array(3, name="G")
    t.backward(a + b, g)
    t.overwrite(a.grad, 0.0)
    t.observe(b.grad, g)


@case(check="backward-contract", kind="contract")
def callers_array_stays(t: Recorder) -> None:
    """Two backward calls with one array G leave G as it was."""
    a, b, g = t.leaf(3, name="a"), t.leaf(3, name="b"), t.array(3, name="G")
    t.backward(a + b, g)
    t.backward(a + b, g)
    t.observe(a.grad, g)


@case(check="broadcasting", kind="shape")
def a_row(t: Recorder) -> None:
    """z = x + row with shapes (2, 3) and (3,): the row was used for every row of x."""
    x, row, g = t.leaf(2, 3, name="x"), t.leaf(3, name="row"), t.array(2, 3, name="G")
    t.backward(x + row, g)
    t.observe(x.grad, row.grad)


@case(check="broadcasting", kind="shape")
def a_column(t: Recorder) -> None:
    """z = x * column with shapes (2, 3) and (2, 1): an axis of length 1 was repeated."""
    x, column, g = t.leaf(2, 3, name="x"), t.leaf(2, 1, name="column"), t.array(2, 3, name="G")
    t.backward(x * column, g)
    t.observe(x.grad, column.grad)


@case(check="broadcasting", kind="shape")
def a_single_number(t: Recorder) -> None:
    """z = x / s with s of shape (): s was used everywhere."""
    x, s, g = t.leaf(2, 3, name="x"), t.leaf(name="s"), t.array(2, 3, name="G")
    t.backward(x / s, g)
    t.observe(x.grad, s.grad)


@case(check="scalars", kind="gradient")
def numbers_on_the_right(t: Recorder) -> None:
    """((x + 1) * 3 - 2) / 4 with Python numbers."""
    x, g = t.leaf(3, name="x"), t.array(3, name="G")
    z = ((x + 1.0) * 3.0 - 2.0) / 4.0
    t.backward(z, g)
    t.observe(z.data, x.grad)


@case(check="scalars", kind="gradient")
def a_number_minus(t: Recorder) -> None:
    """z = 5 - x."""
    x, g = t.leaf(3, name="x"), t.array(3, name="G")
    z = 5.0 - x
    t.backward(z, g)
    t.observe(z.data, x.grad)


@case(check="scalars", kind="gradient")
def a_number_divided(t: Recorder) -> None:
    """z = 6 / x."""
    x, g = t.leaf(3, name="x"), t.array(3, name="G")
    z = 6.0 / x
    t.backward(z, g)
    t.observe(z.data, x.grad)


@case(check="scalars", kind="gradient")
def numbers_on_the_left(t: Recorder) -> None:
    """z = 2 * (1 + x)."""
    x, g = t.leaf(3, name="x"), t.array(3, name="G")
    z = 2.0 * (1.0 + x)
    t.backward(z, g)
    t.observe(z.data, x.grad)


@case(check="sum-axes", kind="shape")
def sum_of_rows(t: Recorder) -> None:
    """x.sum(axis=1) for x of shape (2, 3): one sum for each row."""
    x, g = t.leaf(2, 3, name="x"), t.array(2, name="G")
    t.backward(x.sum(axis=1), g)
    t.observe(x.grad)


@case(check="sum-axes", kind="shape")
def sum_of_rows_of_a_square(t: Recorder) -> None:
    """x.sum(axis=1) for a square x, where the wrong axis has the right shape."""
    x, g = t.leaf(2, 2, name="x"), t.array(2, name="G")
    t.backward(x.sum(axis=1), g)
    t.observe(x.grad)


@case(check="sum-axes", kind="shape")
def sum_that_keeps_its_axis(t: Recorder) -> None:
    """x.sum(axis=-1, keepdims=True)."""
    x, g = t.leaf(2, 3, name="x"), t.array(2, 1, name="G")
    t.backward(x.sum(axis=-1, keepdims=True), g)
    t.observe(x.grad)


@case(check="sum-axes", kind="shape")
def sum_over_two_axes(t: Recorder) -> None:
    """x.sum(axis=(0, 2)) for x of shape (2, 3, 2)."""
    x, g = t.leaf(2, 3, 2, name="x"), t.array(3, name="G")
    t.backward(x.sum(axis=(0, 2)), g)
    t.observe(x.grad)


@case(check="sum-axes", kind="shape")
def two_sums_at_once(t: Recorder) -> None:
    """x.sum(axis=0) - y.sum(axis=1), both square: each node remembers its own axis."""
    x, y, g = t.leaf(2, 2, name="x"), t.leaf(2, 2, name="y"), t.array(2, name="G")
    t.backward(x.sum(axis=0) - y.sum(axis=1), g)
    t.observe(x.grad, y.grad)


@case(check="mean", kind="gradient")
def mean_of_all(t: Recorder) -> None:
    """x.mean() * 3 for x of shape (2, 3)."""
    x = t.leaf(2, 3, name="x")
    t.backward(x.mean() * 3.0)
    t.observe(x.grad)


@case(check="mean", kind="gradient")
def mean_of_columns(t: Recorder) -> None:
    """x.mean(axis=0) for x of shape (2, 3): two elements in each mean."""
    x, g = t.leaf(2, 3, name="x"), t.array(3, name="G")
    t.backward(x.mean(axis=0), g)
    t.observe(x.grad)


@case(check="mean", kind="gradient")
def mean_of_rows(t: Recorder) -> None:
    """x.mean(axis=1) for a square x of shape (3, 3), where the wrong axis has the right shape."""
    x, g = t.leaf(3, 3, name="x"), t.array(3, name="G")
    t.backward(x.mean(axis=1), g)
    t.observe(x.grad)


@case(check="mean", kind="gradient")
def two_means_at_once(t: Recorder) -> None:
    """x.mean(axis=1) - y.mean(axis=0), both square: each node remembers its own axis."""
    x, y, g = t.leaf(2, 2, name="x"), t.leaf(2, 2, name="y"), t.array(2, name="G")
    t.backward(x.mean(axis=1) - y.mean(axis=0), g)
    t.observe(x.grad, y.grad)


@case(check="matmul-broadcast", kind="shape")
def a_batch_times_one_matrix(t: Recorder) -> None:
    """A @ B for A (2, 2, 3) and one B (3, 2) that serves both matrices of the batch."""
    a, b, g = t.leaf(2, 2, 3, name="A"), t.leaf(3, 2, name="B"), t.array(2, 2, 2, name="G")
    t.backward(a @ b, g)
    t.observe(a.grad, b.grad)


@case(check="matmul-broadcast", kind="shape")
def one_matrix_times_a_batch(t: Recorder) -> None:
    """A @ B for one A (2, 3) and B (2, 3, 2)."""
    a, b, g = t.leaf(2, 3, name="A"), t.leaf(2, 3, 2, name="B"), t.array(2, 2, 2, name="G")
    t.backward(a @ b, g)
    t.observe(a.grad, b.grad)


@case(check="pow", kind="gradient")
def a_cube(t: Recorder) -> None:
    """z = x ** 3."""
    x, g = t.leaf(4, name="x"), t.array(4, name="G")
    t.backward(x**3, g)
    t.observe(x.grad)


@case(check="pow", kind="gradient")
def two_powers(t: Recorder) -> None:
    """x ** 2 - y ** 3 in one graph: each node remembers its own exponent."""
    x, y, g = t.leaf(3, name="x"), t.leaf(3, name="y"), t.array(3, name="G")
    t.backward(x**2 - y**3, g)
    t.observe(x.grad, y.grad)


@case(check="relu", kind="gradient")
def relu(t: Recorder) -> None:
    """ReLU of numbers below, at and above 0, with gradients of both signs."""
    x, g = t.leaf(2, 4, draw="kinked", name="x"), t.array(2, 4, name="G")
    t.backward(t.relu(x), g)
    t.observe(x.grad)


@case(check="relu", kind="gradient")
def two_relus(t: Recorder) -> None:
    """relu(relu(x) - c): two ReLUs in one graph, each with an input of its own."""
    x, c, g = t.leaf(2, 4, name="x"), t.constant(2, 4, name="c"), t.array(2, 4, name="G")
    t.backward(t.relu(t.relu(x) - c), g)
    t.observe(x.grad)


@case(check="relu", kind="gradient")
def one_relu_twice(t: Recorder) -> None:
    """One object relu = ReLU(), called on x and then on y: relu(x) - relu(y)."""
    x, y, g = t.leaf(2, 4, name="x"), t.leaf(2, 4, name="y"), t.array(2, 4, name="G")
    t.backward(t.relu(x, instance=1) - t.relu(y, instance=1), g)
    t.observe(x.grad, y.grad)


@case(check="relu", kind="contract")
def relu_leaves_its_input_alone(t: Recorder) -> None:
    """The numbers of x after going backward through ReLU: the same as before."""
    x, g = t.leaf(2, 4, name="x"), t.array(2, 4, name="G")
    t.backward(t.relu(x), g)
    t.observe(x.data, x.grad)


@case(check="mse", kind="contract")
def mse_leaves_its_inputs_alone(t: Recorder) -> None:
    """The numbers of p and y after going backward through MSELoss: the same as before."""
    p, y = t.leaf(2, 3, name="p"), t.constant(2, 3, name="y")
    t.backward(t.mse(p, y))
    t.observe(p.data, y.data, p.grad)


@case(check="cross-entropy", kind="contract")
def cross_entropy_leaves_its_inputs_alone(t: Recorder) -> None:
    """The numbers of the logits after going backward through the loss: the same as before."""
    z, y = t.leaf(2, 3, name="z"), t.labels(2, 3, name="y")
    t.backward(t.cross_entropy(z, y))
    t.observe(z.data, z.grad)


@case(check="sigmoid", kind="gradient")
def sigmoid(t: Recorder) -> None:
    """Sigmoid of a vector."""
    x, g = t.leaf(4, scale=0.5, name="x"), t.array(4, name="G")
    t.backward(t.sigmoid(x), g)
    t.observe(x.grad)


@case(check="sigmoid", kind="gradient")
def two_sigmoids(t: Recorder) -> None:
    """sigmoid(sigmoid(x) - c): two sigmoids in one graph, each with an output of its own."""
    x, c, g = t.leaf(4, name="x"), t.constant(4, name="c"), t.array(4, name="G")
    t.backward(t.sigmoid(t.sigmoid(x) - c), g)
    t.observe(x.grad)


@case(check="sigmoid", kind="gradient")
def one_sigmoid_twice(t: Recorder) -> None:
    """One object sigmoid = Sigmoid(), called on x and then on y: sigmoid(x) - sigmoid(y)."""
    x, y, g = t.leaf(4, name="x"), t.leaf(4, name="y"), t.array(4, name="G")
    t.backward(t.sigmoid(x, instance=1) - t.sigmoid(y, instance=1), g)
    t.observe(x.grad, y.grad)


@case(check="mse", kind="gradient")
def mse(t: Recorder) -> None:
    """MSELoss of predictions and targets of shape (2, 3), times 5."""
    p, target = t.leaf(2, 3, name="p"), t.constant(2, 3, name="target")
    t.backward(t.mse(p, target) * 5.0)
    t.observe(p.grad)


@case(check="cross-entropy", kind="gradient")
def cross_entropy(t: Recorder) -> None:
    """CrossEntropyLoss of two rows of three logits, times 5."""
    logits, labels = t.leaf(2, 3, scale=0.5, name="logits"), t.labels(2, 3, name="labels")
    t.backward(t.cross_entropy(logits, labels) * 5.0)
    t.observe(logits.grad)


@case(check="training", kind="training")
def gradients_of_a_network(t: Recorder) -> None:
    """A linear layer, ReLU, another layer, MSE: the gradient of every parameter."""
    x, y = t.constant(4, 2, name="x"), t.constant(4, 1, name="y")
    w1, b1 = t.leaf(2, 3, name="W1"), t.leaf(3, name="b1")
    w2, b2 = t.leaf(3, 1, name="W2"), t.leaf(1, name="b2")
    t.backward(t.mse(t.linear(t.relu(t.linear(x, w1, b1)), w2, b2), y))
    t.observe(w1.grad, b1.grad, w2.grad, b2.grad)


@case(check="training", kind="training")
def two_steps_of_training(t: Recorder) -> None:
    """Two steps of gradient descent: the parameters afterwards."""
    x, y = t.constant(4, 2, name="x"), t.labels(4, 2, name="y")
    w, b = t.leaf(2, 2, name="W"), t.leaf(2, name="b")
    for _ in range(2):
        t.backward(t.cross_entropy(t.linear(x, w, b), y))
        t.descend([w, b], 0.5)
    t.observe(w.data, b.data)
