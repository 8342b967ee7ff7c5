"""Public cases of the stretch: extra credit."""

from autograder.cases import Recorder, Value, case


@case(check="neg", kind="gradient")
def negation(t: Recorder) -> None:
    """z = -x."""
    x, g = t.leaf(3, name="x"), t.array(3, name="G")
    t.backward(-x, g)
    t.observe(x.grad)


@case(check="transpose", kind="shape")
def transpose(t: Recorder) -> None:
    """x.transpose() for x of shape (2, 3)."""
    x, g = t.leaf(2, 3, name="x"), t.array(3, 2, name="G")
    t.backward(x.transpose(), g)
    t.observe(x.grad)


@case(check="reshape", kind="shape")
def reshape(t: Recorder) -> None:
    """x.reshape(3, 2) for x of shape (2, 3)."""
    x, g = t.leaf(2, 3, name="x"), t.array(3, 2, name="G")
    t.backward(x.reshape(3, 2), g)
    t.observe(x.grad)


@case(check="softmax", kind="gradient")
def softmax(t: Recorder) -> None:
    """Softmax of each row of a (2, 3) tensor."""
    x, g = t.leaf(2, 3, scale=0.5, name="x"), t.array(2, 3, name="G")
    t.backward(t.softmax(x), g)
    t.observe(x.grad)


@case(check="gelu", kind="gradient")
def gelu(t: Recorder) -> None:
    """GELU of a vector, in the handout's tanh form."""
    x, g = t.leaf(4, scale=0.5, name="x"), t.array(4, name="G")
    t.backward(t.gelu(x), g)
    t.observe(x.grad)


@case(check="bce", kind="gradient")
def bce(t: Recorder) -> None:
    """BinaryCrossEntropyLoss of probabilities of shape (2, 3), times 5."""
    p = t.leaf(2, 3, draw="probability", name="p")
    target = t.constant(2, 3, draw="binary", name="target")
    t.backward(t.bce(p, target) * 5.0)
    t.observe(p.grad)


@case(check="slice", kind="shape")
def a_slice(t: Recorder) -> None:
    """x[:, 1:] for x of shape (2, 3): what was not read receives 0."""
    x, g = t.leaf(2, 3, name="x"), t.array(2, 2, name="G")
    t.backward(x[:, 1:], g)
    t.observe(x.grad)


@case(check="slice", kind="shape")
def a_repeated_index(t: Recorder) -> None:
    """x[[0, 0, 2]]: an element that is read twice receives both contributions."""
    x, g = t.leaf(3, name="x"), t.array(3, name="G")
    t.backward(x[[0, 0, 2]], g)
    t.observe(x.grad)


@case(check="matmul-vectors", kind="shape")
def a_vector_times_a_matrix(t: Recorder) -> None:
    """v @ B for v (3,) and B (3, 2)."""
    v, b, g = t.leaf(3, name="v"), t.leaf(3, 2, name="B"), t.array(2, name="G")
    t.backward(v @ b, g)
    t.observe(v.grad, b.grad)


@case(check="checkpointing", kind="graph")
def checkpoint_of_a_square(t: Recorder) -> None:
    """checkpoint(f, x) for f(x) = x * x * 2: the same gradient as without."""
    x, g = t.leaf(3, name="x"), t.array(3, name="G")
    t.backward(t.checkpoint(lambda inner: inner * inner * 2.0, x), g)
    t.observe(x.grad)


@case(check="deeper-chain", kind="graph")
def two_thousand_additions(t: Recorder) -> None:
    """x = x + 1, 2,000 times."""
    x = t.leaf(2, name="x")
    y: Value = x
    for _ in range(2000):
        y = y + 1.0
    t.backward(y, t.array(2, name="G"))
    t.observe(x.grad)


@case(check="deep-sharing", kind="graph")
def eleven_doublings(t: Recorder) -> None:
    """x = x + x, 11 times: 2,048 paths, and only 11 operations."""
    x = t.leaf(2, name="x")
    y: Value = x
    for _ in range(11):
        y = y + y
    t.backward(y, t.array(2, name="G"))
    t.observe(x.grad)


@case(check="deep-sharing", kind="graph")
def sharing_without_doublings(t: Recorder) -> None:
    """y = y * 1.5 - y * 0.25, 16 times: 65,536 paths, and only 48 operations."""
    t.limit_processor_time(0.1)
    x = t.leaf(2, name="x")
    y: Value = x
    for _ in range(16):
        y = y * 1.5 - y * 0.25
    t.backward(y, t.array(2, name="G"))
    t.observe(x.grad)
