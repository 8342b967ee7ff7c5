"""Networks: layers, activations and losses together, step by step."""

from autograder.cases import Recorder, case


@case(check="training", kind="training")
def regression_in_three_steps(t: Recorder) -> None:
    """Two linear layers with ReLU and MSE: the parameters after each of three steps."""
    x, y = t.constant(5, 3), t.constant(5, 2)
    w1, b1, w2, b2 = t.leaf(3, 4), t.leaf(4), t.leaf(4, 2), t.leaf(2)
    parameters = [w1, b1, w2, b2]
    for _ in range(3):
        hidden = t.relu(t.linear(x, w1, b1))
        t.backward(t.mse(t.linear(hidden, w2, b2), y))
        t.descend(parameters, 0.0625)
    t.observe(*(parameter.data for parameter in parameters))


@case(check="training", kind="training")
def classification_in_three_steps(t: Recorder) -> None:
    """Two linear layers with Sigmoid and cross-entropy: the parameters after three steps."""
    x, y = t.constant(6, 2), t.labels(6, 3)
    w1, b1, w2 = t.leaf(2, 4), t.leaf(4), t.leaf(4, 3)
    parameters = [w1, b1, w2]
    for _ in range(3):
        hidden = t.sigmoid(t.linear(x, w1, b1))
        t.backward(t.cross_entropy(t.linear(hidden, w2), y))
        t.descend(parameters, 0.25)
    t.observe(*(parameter.data for parameter in parameters))


@case(check="training", kind="training")
def the_modules_own_network(t: Recorder) -> None:
    """A two-layer network written with tensors: the gradient of every parameter and the input."""
    x, w1, b1, w2 = t.leaf(1, 3), t.leaf(3, 2), t.leaf(1, 2), t.leaf(2, 1)
    output = (x.matmul(w1) + b1).matmul(w2)
    t.backward((output**2).sum())
    t.observe(x.grad, w1.grad, b1.grad, w2.grad)


@case(check="training", kind="training")
def a_shared_layer(t: Recorder) -> None:
    """One layer used twice receives both contributions."""
    x, w, b, y = t.constant(4, 3), t.leaf(3, 3), t.leaf(3), t.constant(4, 3)
    hidden = t.relu(t.linear(x, w, b))
    t.backward(t.mse(t.linear(hidden, w, b), y))
    t.observe(w.grad, b.grad)
