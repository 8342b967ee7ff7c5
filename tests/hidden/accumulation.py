"""Accumulation: over paths inside one graph, and over calls of backward()."""

from autograder.cases import Recorder, case


@case(check="paths", kind="accumulation")
def square_by_multiplication(t: Recorder) -> None:
    """x·x uses x twice: its gradient is the sum of both uses."""
    x, g = t.leaf(3, 2), t.array(3, 2)
    t.backward(x * x, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def doubling_by_addition(t: Recorder) -> None:
    """x + x uses x twice."""
    x, g = t.leaf(3, 2), t.array(3, 2)
    t.backward(x + x, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def a_leaf_at_two_depths(t: Recorder) -> None:
    """A leaf used at two depths receives both contributions."""
    x, c, d, g = t.leaf(4), t.constant(4), t.constant(4), t.array(4)
    t.backward((x * c + d) * x, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def a_diamond(t: Recorder) -> None:
    """An intermediate result used on two paths passes on the sum of both."""
    x, c, d, e, g = t.leaf(3), t.constant(3), t.constant(3), t.constant(3), t.array(3)
    h = x * c
    t.backward(h * d + h * e, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def a_lopsided_diamond(t: Recorder) -> None:
    """An intermediate result used at two depths: both contributions arrive before it goes on."""
    x, c, d, e, g = t.leaf(3), t.constant(3), t.constant(3), t.constant(3), t.array(3)
    h = x * c
    t.backward(h + ((h * d) * e) * d, g)
    k = x * d
    t.backward(((k * e) * c) * e + k, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def an_intermediate_squared_then_used(t: Recorder) -> None:
    """An intermediate result used three times, twice in one operation."""
    x, c, g = t.leaf(2, 2), t.constant(2, 2), t.array(2, 2)
    h = x + c
    t.backward((h * h) * c - h, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def two_diamonds_in_a_row(t: Recorder) -> None:
    """Two diamonds, one after the other: four paths."""
    x, c, d, g = t.leaf(3), t.constant(3), t.constant(3), t.array(3)
    h = x * c
    k = h * d + h
    t.backward(k * c - k * d, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def several_leaves_share_a_result(t: Recorder) -> None:
    """Every leaf behind a shared result receives all that reached it."""
    a, b, c, g = t.leaf(3), t.leaf(3), t.constant(3), t.array(3)
    h = a * b
    t.backward((h + a) * c + h * b, g)
    t.observe(a.grad, b.grad)


@case(check="paths", kind="accumulation")
def a_matrix_times_itself(t: Recorder) -> None:
    """x @ x uses x on both sides of one product."""
    x, g = t.leaf(3, 3), t.array(3, 3)
    t.backward(x @ x, g)
    t.observe(x.grad)


@case(check="paths", kind="accumulation")
def use_through_other_operations(t: Recorder) -> None:
    """A tensor used by different operations receives the sum, whatever lies between."""
    x, w, g = t.leaf(2, 3), t.leaf(3, 2), t.array(2, 3)
    t.backward((x @ w).sum() * x + x, g)
    t.observe(x.grad, w.grad)


@case(check="calls", kind="accumulation")
def two_graphs_on_one_leaf(t: Recorder) -> None:
    """A second backward, through a new graph, adds to the gradient."""
    x, c, d, g, h = t.leaf(2, 3), t.constant(2, 3), t.constant(2, 3), t.array(2, 3), t.array(2, 3)
    t.backward(x * c, g)
    t.observe(x.grad)
    t.backward(x * d, h)
    t.observe(x.grad)


@case(check="calls", kind="accumulation")
def three_calls_and_two_leaves(t: Recorder) -> None:
    """Each call adds what it brings, to the leaves that it reaches."""
    x, y, c = t.leaf(3), t.leaf(3), t.constant(3)
    g, h, k = t.array(3), t.array(3), t.array(3)
    t.backward(x + y, g)
    t.backward(x * c, h)
    t.backward(y - c, k)
    t.observe(x.grad, y.grad)


@case(check="calls", kind="accumulation")
def zero_grad_starts_afresh(t: Recorder) -> None:
    """After zero_grad() the gradient is None or zeros, and the next backward starts from there."""
    x, c, g, h = t.leaf(2, 3), t.constant(2, 3), t.array(2, 3), t.array(2, 3)
    t.backward(x * c, g)
    t.observe(x.grad)
    t.zero_grad(x)
    t.observe(x.grad)
    t.backward(x * c, h)
    t.observe(x.grad)


@case(check="calls", kind="accumulation")
def zero_grad_of_one_leaf_only(t: Recorder) -> None:
    """zero_grad() of one tensor leaves the others' gradients alone."""
    x, y, g = t.leaf(3), t.leaf(3), t.array(3)
    t.backward(x * y, g)
    t.zero_grad(x)
    t.observe(x.grad, y.grad)
    t.backward(x + y, g)
    t.observe(x.grad, y.grad)


@case(check="calls", kind="accumulation")
def zero_grad_before_anything(t: Recorder) -> None:
    """zero_grad() of a tensor without a gradient is quiet, and a sum after it is right."""
    x, c, g = t.leaf(3), t.constant(3), t.array(3)
    t.zero_grad(x)
    t.backward(x * c, g)
    t.observe(x.grad)


@case(check="calls", kind="accumulation")
def accumulating_like_small_batches(t: Recorder) -> None:
    """Two half batches accumulate to what one whole batch would give."""
    w, a, b, g = t.leaf(3, 1), t.constant(2, 3), t.constant(2, 3), t.array(2, 1)
    t.backward(a @ w, g)
    t.backward(b @ w, g)
    t.observe(w.grad)
