"""Single numbers: every leaf has no axes, and backward() starts from 1.

The cases of one operation use no other, so that a slip in it costs them and what is built of many.
"""

from autograder.cases import Recorder, case


@case(check="add", kind="gradient")
def sum_of_two(t: Recorder) -> None:
    """a + b: both receive what comes in."""
    a, b, c = t.leaf(), t.leaf(), t.leaf()
    y = a + b + c
    t.backward(y)
    t.observe(y.data, a.grad, b.grad, c.grad)


@case(check="add", kind="gradient")
def sum_with_a_number(t: Recorder) -> None:
    """A Python number may stand on either side of +."""
    a, b = t.leaf(), t.leaf()
    y = (a + 2.0) + (3.0 + b)
    t.backward(y)
    t.observe(y.data, a.grad, b.grad)


@case(check="mul", kind="gradient")
def product_of_three(t: Recorder) -> None:
    """a·b·c: each receives the product of the others."""
    a, b, c = t.leaf(), t.leaf(), t.leaf()
    y = a * b * c
    t.backward(y)
    t.observe(y.data, a.grad, b.grad, c.grad)


@case(check="mul", kind="gradient")
def product_with_a_number(t: Recorder) -> None:
    """A Python number may stand on either side of *."""
    a, b = t.leaf(), t.leaf()
    y = (a * 2.5) * (1.5 * b)
    t.backward(y)
    t.observe(y.data, a.grad, b.grad)


@case(check="sub", kind="gradient")
def difference(t: Recorder) -> None:
    """a − b: b receives a minus."""
    a, b = t.leaf(), t.leaf()
    y = a - b
    t.backward(y)
    t.observe(y.data, a.grad, b.grad)


@case(check="sub", kind="gradient")
def difference_with_a_number(t: Recorder) -> None:
    """A Python number may stand on either side of −."""
    a, b = t.leaf(), t.leaf()
    y, z = 1.0 - a, b - 2.0
    t.backward(y)
    t.backward(z)
    t.observe(y.data, z.data, a.grad, b.grad)


@case(check="div", kind="gradient")
def quotient(t: Recorder) -> None:
    """a / b, and that by c."""
    a, b, c = t.leaf(), t.leaf(), t.leaf()
    y = a / b / c
    t.backward(y)
    t.observe(y.data, a.grad, b.grad, c.grad)


@case(check="pow", kind="gradient")
def cube(t: Recorder) -> None:
    """x³, and the square of a square."""
    x, z = t.leaf(), t.leaf()
    y, w = x**3, (z**2) ** 2
    t.backward(y)
    t.backward(w)
    t.observe(y.data, w.data, x.grad, z.grad)


@case(check="pow", kind="gradient")
def inverse_square(t: Recorder) -> None:
    """x to the power of −2."""
    x = t.leaf()
    y = x**-2
    t.backward(y)
    t.observe(y.data, x.grad)


@case(check="relu", kind="gradient")
def relu_on_both_sides(t: Recorder) -> None:
    """relu of a value and of its negative: one of them lets the gradient pass."""
    x, z = t.leaf(), t.leaf()
    y, w = t.relu(x), t.relu(-z)
    t.backward(y)
    t.backward(w)
    t.observe(y.data, w.data, x.grad, z.grad)


@case(check="relu", kind="gradient")
def relu_of_a_positive_value(t: Recorder) -> None:
    """relu of one positive value: the gradient passes."""
    x = t.leaf(draw="positive")
    y = t.relu(x)
    t.backward(y)
    t.observe(y.data, x.grad)


@case(check="chain-rule", kind="graph")
def a_neuron(t: Recorder) -> None:
    """A neuron: the gradient reaches weights, inputs and bias."""
    w, v, x, y, b = (t.leaf() for _ in range(5))
    t.backward((w * x + v * y + b) ** 2)
    t.observe(w.grad, v.grad, x.grad, y.grad, b.grad)


@case(check="chain-rule", kind="graph")
def every_operation_hands_on_what_comes_in(t: Recorder) -> None:
    """Each operation inside a product: what it hands on is what came in, times its slope."""
    a, b, c, d, e, f = (t.leaf() for _ in range(6))
    t.backward((a + b) * c + (a - d) * e + (b / f) * d + t.relu(c) * f + e**3 * c)
    t.observe(*(leaf.grad for leaf in (a, b, c, d, e, f)))


@case(check="chain-rule", kind="graph")
def ten_operations_deep(t: Recorder) -> None:
    """Ten operations, one inside the other."""
    x, c = t.leaf(), t.leaf()
    y = x
    for _ in range(5):
        y = y * c + x
    t.backward(y)
    t.observe(x.grad, c.grad)


@case(check="paths", kind="accumulation")
def twice_in_a_sum(t: Recorder) -> None:
    """a + a: the gradient is 2."""
    a = t.leaf()
    t.backward(a + a)
    t.observe(a.grad)


@case(check="paths", kind="accumulation")
def an_intermediate_on_two_paths(t: Recorder) -> None:
    """A result that is used twice waits for both contributions before it hands them on."""
    a, b = t.leaf(), t.leaf()
    p = a + b
    t.backward(p + (p + a))
    t.observe(a.grad, b.grad)
