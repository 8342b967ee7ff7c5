"""State lives on the node: two operations of one kind in one graph, one object called twice."""

from autograder.cases import Recorder, case, entry


@case(check="relu", kind="gradient")
def two_relus_in_one_graph(t: Recorder) -> None:
    """Two ReLUs in one graph: each remembers its own input."""
    x, c, g = t.leaf(5, 7), t.constant(5, 7), t.array(5, 7)
    t.backward(t.relu(t.relu(x) - c), g)
    t.observe(x.grad)


@case(check="relu", kind="gradient")
def one_relu_called_twice(t: Recorder) -> None:
    """One ReLU object called on two tensors: the second call leaves the first alone."""
    x, y, g = t.leaf(5, 7), t.leaf(5, 7), t.array(5, 7)
    t.backward(t.relu(x, instance=1) - t.relu(y, instance=1), g)
    t.observe(x.grad, y.grad)


@case(check="sigmoid", kind="gradient")
def two_sigmoids_in_one_graph(t: Recorder) -> None:
    """Two sigmoids in one graph: each remembers its own output."""
    x, c, g = t.leaf(3, 4), t.constant(3, 4), t.array(3, 4)
    t.backward(t.sigmoid(t.sigmoid(x) - c), g)
    t.observe(x.grad)


@case(check="sigmoid", kind="gradient")
def one_sigmoid_called_twice(t: Recorder) -> None:
    """One Sigmoid object called on two tensors: the second call leaves the first alone."""
    x, y, g = t.leaf(2, 4), t.leaf(2, 4), t.array(2, 4)
    t.backward(t.sigmoid(x, instance=1) - t.sigmoid(y, instance=1), g)
    t.observe(x.grad, y.grad)


@case(check="pow", kind="gradient")
def two_powers_in_one_graph(t: Recorder) -> None:
    """Two powers in one graph: each remembers its own exponent."""
    x, y, g = t.leaf(2, 3), t.leaf(2, 3), t.array(2, 3)
    t.backward(x**3 - y**2, g)
    t.observe(x.grad, y.grad)


@case(check="sum-axes", kind="shape")
def two_sums_of_squares_in_one_graph(t: Recorder) -> None:
    """Two sums over different axes in one graph: each remembers its own axis."""
    x, y, g = t.leaf(3, 3), t.leaf(3, 3), t.array(3)
    t.backward(x.sum(axis=0) - y.sum(axis=1), g)
    t.observe(x.grad, y.grad)


@case(check="mean", kind="gradient")
def two_means_of_squares_in_one_graph(t: Recorder) -> None:
    """Two means over different axes in one graph: each remembers its own axis."""
    x, y, g = t.leaf(3, 3), t.leaf(3, 3), t.array(3)
    t.backward(x.mean(axis=0) - y.mean(axis=1), g)
    t.observe(x.grad, y.grad)


@case(check="deep-sharing", kind="graph")
def shared_through_other_operations(t: Recorder) -> None:
    """20 results, each used by a product and by a difference, cost linear time."""
    t.limit_processor_time(0.1)
    x, g = t.leaf(2), t.array(2)
    y = x
    for _ in range(20):
        y = y - y * 0.5
    t.backward(y, g)
    t.observe(x.grad)


def _rule_leaves_its_inputs_alone(t: Recorder, name: str) -> None:
    a, b, g = t.leaf(3, 4), t.leaf(3, 4), t.array(3, 4)
    applied = t.rule(name, a, b).apply(g)
    t.observe(a.data, b.data, entry(applied, 0), entry(applied, 1))


@case(check="add", kind="contract")
def add_leaves_its_inputs_alone(t: Recorder) -> None:
    """AddBackward changes no number of its inputs."""
    _rule_leaves_its_inputs_alone(t, "AddBackward")


@case(check="mul", kind="contract")
def mul_leaves_its_inputs_alone(t: Recorder) -> None:
    """MulBackward changes no number of its inputs."""
    _rule_leaves_its_inputs_alone(t, "MulBackward")


@case(check="sub", kind="contract")
def sub_leaves_its_inputs_alone(t: Recorder) -> None:
    """SubBackward changes no number of its inputs."""
    _rule_leaves_its_inputs_alone(t, "SubBackward")


@case(check="div", kind="contract")
def div_leaves_its_inputs_alone(t: Recorder) -> None:
    """DivBackward changes no number of its inputs."""
    _rule_leaves_its_inputs_alone(t, "DivBackward")


@case(check="matmul", kind="contract")
def matmul_leaves_its_inputs_alone(t: Recorder) -> None:
    """MatmulBackward changes no number of its inputs."""
    a, b, g = t.leaf(3, 4), t.leaf(4, 2), t.array(3, 2)
    applied = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(a.data, b.data, entry(applied, 0), entry(applied, 1))


@case(check="sum", kind="contract")
def sum_leaves_its_input_alone(t: Recorder) -> None:
    """SumBackward changes no number of its input."""
    x, g = t.leaf(3, 4), t.array()
    applied = t.rule("SumBackward", x).apply(g)
    t.observe(x.data, entry(applied, 0))


@case(check="mean", kind="contract")
def mean_leaves_its_input_alone(t: Recorder) -> None:
    """Going backward through a mean changes no number of the input."""
    x, g = t.leaf(3, 4), t.array(4)
    t.backward(x.mean(axis=0), g)
    t.observe(x.data, x.grad)


@case(check="pow", kind="contract")
def pow_leaves_its_input_alone(t: Recorder) -> None:
    """Going backward through a power changes no number of the input."""
    x, g = t.leaf(3, 4), t.array(3, 4)
    t.backward(x**3, g)
    t.observe(x.data, x.grad)


@case(check="relu", kind="contract")
def relu_leaves_its_input_alone(t: Recorder) -> None:
    """Going backward through ReLU changes no number of the input."""
    x, g = t.leaf(3, 5), t.array(3, 5)
    t.backward(t.relu(x), g)
    t.observe(x.data, x.grad)


@case(check="sigmoid", kind="contract")
def sigmoid_leaves_its_input_alone(t: Recorder) -> None:
    """Going backward through a sigmoid changes no number of the input."""
    x, g = t.leaf(3, 4), t.array(3, 4)
    t.backward(t.sigmoid(x), g)
    t.observe(x.data, x.grad)


@case(check="mse", kind="contract")
def mse_leaves_its_inputs_alone(t: Recorder) -> None:
    """Going backward through MSELoss changes neither predictions nor targets."""
    p, y = t.leaf(4, 3), t.constant(4, 3)
    t.backward(t.mse(p, y))
    t.observe(p.data, y.data, p.grad)


@case(check="cross-entropy", kind="contract")
def cross_entropy_leaves_its_inputs_alone(t: Recorder) -> None:
    """Going backward through CrossEntropyLoss changes no number of the logits."""
    z, y = t.leaf(4, 3), t.labels(4, 3)
    t.backward(t.cross_entropy(z, y))
    t.observe(z.data, z.grad)


@case(check="softmax", kind="contract")
def softmax_leaves_its_input_alone(t: Recorder) -> None:
    """Going backward through a softmax changes no number of the input."""
    x, g = t.leaf(3, 4), t.array(3, 4)
    t.backward(t.softmax(x), g)
    t.observe(x.data, x.grad)


@case(check="gelu", kind="contract")
def gelu_leaves_its_input_alone(t: Recorder) -> None:
    """Going backward through GELU changes no number of the input."""
    x, g = t.leaf(3, 4), t.array(3, 4)
    t.backward(t.gelu(x), g)
    t.observe(x.data, x.grad)
