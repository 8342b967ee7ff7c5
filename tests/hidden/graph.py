"""The graph: which operations are recorded, and how gradients travel back through them."""

from autograder.cases import Recorder, Value, case


@case(check="tracking", kind="graph")
def sums_and_differences_are_tracked(t: Recorder) -> None:
    """+ and − are tracked whichever operand asks for a gradient, and compute what they did."""
    c, g = t.constant(2, 3), t.array(2, 3)
    x, y, z, w = (t.leaf(2, 3) for _ in range(4))
    for leaf, result in [(x, x + c), (y, c + y), (z, z - c), (w, c - w)]:
        t.backward(result, g)
        t.observe(result.data, leaf.grad)


@case(check="tracking", kind="graph")
def products_and_quotients_are_tracked(t: Recorder) -> None:
    """* and / are tracked whichever operand asks for a gradient, and compute what they did."""
    c, g = t.constant(2, 3), t.array(2, 3)
    x, y, z, w = (t.leaf(2, 3) for _ in range(4))
    for leaf, result in [(x, x * c), (y, c * y), (z, z / c), (w, c / w)]:
        t.backward(result, g)
        t.observe(result.data, leaf.grad)


@case(check="tracking", kind="graph")
def matmul_is_tracked_by_both_names(t: Recorder) -> None:
    """x.matmul(w) and x @ w are both tracked."""
    x, w, y, v, g = t.leaf(2, 3), t.leaf(3, 4), t.leaf(2, 3), t.leaf(3, 4), t.array(2, 4)
    a, b = t.matmul(x, w, form="method"), t.matmul(y, v, form="operator")
    t.backward(a, g)
    t.backward(b, g)
    t.observe(a.data, b.data, x.grad, w.grad, y.grad, v.grad)


@case(check="tracking", kind="graph")
def augmented_assignment_is_tracked(t: Recorder) -> None:
    """y += x is tracked."""
    z, c, g = t.leaf(3), t.constant(3), t.array(3)
    y = c
    y += z
    t.backward(y, g)
    t.observe(y.data, z.grad)


@case(check="tracking", kind="graph")
def reductions_are_tracked(t: Recorder) -> None:
    """sum and mean are tracked."""
    x, y = t.leaf(3, 2), t.leaf(3, 2)
    a, b = x.sum(), y.mean()
    t.backward(a)
    t.backward(b)
    t.observe(a.data, b.data, x.grad, y.grad)


@case(check="tracking", kind="graph")
def activations_are_tracked(t: Recorder) -> None:
    """ReLU and Sigmoid are tracked."""
    x, y, g = t.leaf(3, 2), t.leaf(3, 2), t.array(3, 2)
    a, b = t.relu(x), t.sigmoid(y)
    t.backward(a, g)
    t.backward(b, g)
    t.observe(a.data, b.data, x.grad, y.grad)


@case(check="tracking", kind="graph")
def losses_are_tracked(t: Recorder) -> None:
    """MSELoss and CrossEntropyLoss are tracked."""
    p, q = t.leaf(3, 2), t.leaf(3, 2)
    a, b = t.mse(p, t.constant(3, 2)), t.cross_entropy(q, t.labels(3, 2))
    t.backward(a)
    t.backward(b)
    t.observe(a.data, b.data, p.grad, q.grad)


@case(check="tracking", kind="graph")
def powers_are_tracked(t: Recorder) -> None:
    """x ** n is tracked."""
    x, g = t.leaf(4), t.array(4)
    y = x**3
    t.backward(y, g)
    t.observe(y.data, x.grad)


@case(check="tracking", kind="graph")
def enabling_again_changes_nothing(t: Recorder) -> None:
    """Calling enable_autograd() again, and again, changes nothing."""
    t.enable()
    x, y, c, g = t.leaf(2, 3), t.leaf(2, 3), t.constant(2, 3), t.array(2, 3)
    for leaf, result in [(x, x * c), (y, t.relu(y))]:
        t.backward(result, g)
        t.observe(result.data, leaf.grad)
    t.enable()
    p, q = t.leaf(3, 2), t.leaf(3, 2)
    t.backward(t.mse(p, t.constant(3, 2)))
    t.backward(q.sum(axis=0), t.array(2))
    t.observe(p.grad, q.grad)


@case(check="tracking", kind="graph")
def enabling_often_leaves_no_trace(t: Recorder) -> None:
    """Calling enable_autograd() a hundred times makes no operation slower or deeper."""
    t.limit_nesting(90)
    t.enable(times=100)
    x, y, p, q = (t.leaf(2, 3) for _ in range(4))
    c, g = t.constant(2, 3), t.array(2, 3)
    a, b = x * c, t.relu(y)
    t.backward(a, g)
    t.backward(b, g)
    t.backward(t.mse(p, c))
    t.backward(q.sum())
    t.observe(a.data, b.data, x.grad, y.grad, p.grad, q.grad)


@case(check="tracking", kind="graph")
def forward_is_tracked_as_well_as_a_call(t: Recorder) -> None:
    """ReLU().forward(x) is tracked like ReLU()(x), and so are the others."""
    x, y, p, q, g = t.leaf(3, 2), t.leaf(3, 2), t.leaf(3, 2), t.leaf(3, 2), t.array(3, 2)
    t.backward(t.forward("relu", x), g)
    t.backward(t.forward("sigmoid", y), g)
    t.backward(t.forward("mse", p, t.constant(3, 2)))
    t.backward(t.forward("cross_entropy", q, t.labels(3, 2)))
    t.observe(x.grad, y.grad, p.grad, q.grad)


@case(check="tracking", kind="graph")
def plain_tensors_stay_plain(t: Recorder) -> None:
    """Operations on tensors that ask for nothing still compute, and give nobody a gradient."""
    a, b, c, x, g = t.constant(3), t.constant(3), t.constant(3), t.leaf(3), t.array(3)
    y = (a * b + c) / b
    z = y * x
    t.backward(z, g)
    t.observe(y.data, z.data, x.grad, a.grad, b.grad, c.grad)


@case(check="chain-rule", kind="graph")
def a_product_inside_a_sum(t: Recorder) -> None:
    """a·b + c: the gradient passes through the sum into the product."""
    a, b, c, g = t.leaf(2, 3), t.leaf(2, 3), t.leaf(2, 3), t.array(2, 3)
    t.backward(a * b + c, g)
    t.observe(a.grad, b.grad, c.grad)


@case(check="chain-rule", kind="graph")
def a_sum_inside_a_product(t: Recorder) -> None:
    """(a + b)·c − d: the gradient passes through the product into the sum."""
    a, b, c, d, g = (*(t.leaf(4) for _ in range(4)), t.array(4))
    t.backward((a + b) * c - d, g)
    t.observe(a.grad, b.grad, c.grad, d.grad)


@case(check="chain-rule", kind="graph")
def quotients_of_expressions(t: Recorder) -> None:
    """(a − b)/(c·d): both branches of a quotient."""
    a, b, c, d, g = (*(t.leaf(3, 2) for _ in range(4)), t.array(3, 2))
    t.backward((a - b) / (c * d), g)
    t.observe(a.grad, b.grad, c.grad, d.grad)


@case(check="chain-rule", kind="graph")
def two_layers_of_matmul(t: Recorder) -> None:
    """(x@w)@v, summed: the gradient reaches every factor."""
    x, w, v = t.leaf(2, 3), t.leaf(3, 4), t.leaf(4, 2)
    t.backward(((x @ w) @ v).sum())
    t.observe(x.grad, w.grad, v.grad)


@case(check="chain-rule", kind="graph")
def a_reduction_in_the_middle(t: Recorder) -> None:
    """A sum in the middle of an expression scales what comes before it."""
    a, b, c, g = t.leaf(2, 3), t.leaf(2, 3), t.leaf(), t.array()
    t.backward((a * b).sum() * c, g)
    t.observe(a.grad, b.grad, c.grad)


@case(check="chain-rule", kind="graph")
def five_products_deep(t: Recorder) -> None:
    """Five products, one inside the other."""
    leaves = [t.leaf(3) for _ in range(6)]
    y = leaves[0]
    for leaf in leaves[1:]:
        y = y * leaf
    t.backward(y, t.array(3))
    t.observe(*(leaf.grad for leaf in leaves))


@case(check="deep-chain", kind="graph")
def three_hundred_operations(t: Recorder) -> None:
    """A chain of 300 operations: sums and products in turn."""
    x, g = t.leaf(3), t.array(3)
    y = x
    for _ in range(150):
        y = y * 1.0078125 + 0.5
    t.backward(y, g)
    t.observe(x.grad)


@case(check="deep-chain", kind="graph")
def three_hundred_uses(t: Recorder) -> None:
    """A chain of 300 sums, each of which uses the same leaf again."""
    x, c, g = t.leaf(3), t.constant(3), t.array(3)
    y = x * c
    for _ in range(299):
        y = y + x
    t.backward(y, g)
    t.observe(x.grad)


@case(check="deep-sharing", kind="graph")
def two_dozen_doublings(t: Recorder) -> None:
    """x = x + x two dozen times: sixteen million paths, but only 24 operations."""
    t.limit_processor_time(0.1)
    x, g = t.leaf(2), t.array(2)
    y = x
    for _ in range(24):
        y = y + y
    t.backward(y, g)
    t.observe(x.grad)


@case(check="checkpointing", kind="graph")
def checkpoint_changes_no_gradient(t: Recorder) -> None:
    """checkpoint(function, x) gives the gradients that function(x) gives, also of parameters."""
    x, w, b, c, g = t.leaf(3, 4), t.leaf(4, 4), t.leaf(4), t.constant(3, 4), t.array(3, 4)
    y = t.checkpoint(lambda a: t.relu(a @ w + b), x * c)
    t.observe(y.data)
    t.backward(y * c, g)
    t.observe(x.grad, w.grad, b.grad)


@case(check="checkpointing", kind="graph")
def checkpoint_of_several_inputs(t: Recorder) -> None:
    """checkpoint takes several inputs, and the rest of the graph uses them as well."""
    a, b, c, g = t.leaf(3), t.leaf(3), t.constant(3), t.array(3)
    y = t.checkpoint(lambda p, q, r: (p * q + r) * p, a, b, c)
    t.backward(y * a - b, g)
    t.observe(a.grad, b.grad, c.grad)
    t.observe(t.backward_error(t.checkpoint(lambda p: p * c, c)))


@case(check="checkpointing", kind="graph")
def checkpoint_of_parameters_only(t: Recorder) -> None:
    """Parameters inside receive gradients though no input asks for one; two segments in a row."""
    x, w, v, c = t.constant(2, 3), t.leaf(3, 3), t.leaf(3, 2), t.constant(2, 2)
    h = t.checkpoint(lambda a: t.sigmoid(a @ w), x)
    y = t.checkpoint(lambda a: (a @ v) @ c, h)
    t.backward(y.sum())
    t.observe(w.grad, v.grad)


@case(check="checkpointing", kind="graph")
def checkpoint_lowers_peak_memory(t: Recorder) -> None:
    """A long chain in checkpointed segments needs far less memory at its peak."""
    x, y, g = t.leaf(32, 64), t.leaf(32, 64), t.array(32, 64)

    def segment(value: Value) -> Value:
        for _ in range(4):
            value = t.relu(value) * 1.01
        return value

    def plain() -> None:
        value = x
        for _ in range(6):
            value = segment(value)
        t.backward(value, g)

    def checkpointed() -> None:
        value = y
        for _ in range(6):
            value = t.checkpoint(segment, value)
        t.backward(value, g)

    t.observe_less(t.measure_memory(checkpointed), t.measure_memory(plain), 0.7)
    t.observe(x.grad, y.grad)


@case(check="deeper-chain", kind="graph")
def two_thousand_operations(t: Recorder) -> None:
    """A chain of 2,000 operations."""
    x, c, g = t.leaf(2), t.constant(2), t.array(2)
    y = x * c
    for _ in range(1999):
        y = y + c
    t.backward(y, g)
    t.observe(x.grad)
