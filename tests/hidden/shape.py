"""Shapes: batches, broadcasting, reductions over axes, and what moves elements about."""

import operator
from collections.abc import Callable

from autograder.cases import Recorder, case, entry

Shape = tuple[int, ...]


# Checkpoint 1.


@case(check="matmul-batched", kind="shape")
def a_batch_of_matrices(t: Recorder) -> None:
    """In a batch only the last two axes are transposed."""
    a, b, g = t.leaf(2, 3, 4), t.leaf(2, 4, 5), t.array(2, 3, 5)
    applied = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="matmul-batched", kind="shape")
def a_batch_of_square_matrices(t: Recorder) -> None:
    """A batch whose axes all have one length: shapes cannot tell them apart."""
    a, b, g = t.leaf(3, 3, 3), t.leaf(3, 3, 3), t.array(3, 3, 3)
    applied = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


@case(check="matmul-batched", kind="shape")
def a_batch_with_two_axes(t: Recorder) -> None:
    """Two batch axes."""
    a, b, g = t.leaf(2, 3, 2, 4), t.leaf(2, 3, 4, 3), t.array(2, 3, 2, 3)
    applied = t.rule("MatmulBackward", a, b).apply(g)
    t.observe(entry(applied, 0), entry(applied, 1))


# Checkpoint 2: broadcasting.


def _broadcast(
    t: Recorder, operation: Callable[..., object], left: Shape, right: Shape, out: Shape
) -> None:
    a, b, g = t.leaf(*left), t.leaf(*right), t.array(*out)
    t.backward(operation(a, b), g)  # type: ignore[arg-type] # the operator of two recorded values
    t.observe(a.grad, b.grad)


@case(check="broadcasting", kind="shape")
def add_a_row(t: Recorder) -> None:
    """A bias added to every row receives the sum over the rows."""
    _broadcast(t, operator.add, (3, 4), (4,), (3, 4))
    _broadcast(t, operator.add, (1, 4), (3, 4), (3, 4))


@case(check="broadcasting", kind="shape")
def add_a_column(t: Recorder) -> None:
    """A column added to every column receives the sum over the columns, and keeps its axis."""
    _broadcast(t, operator.add, (3, 4), (3, 1), (3, 4))
    _broadcast(t, operator.add, (3, 1), (1, 4), (3, 4))


@case(check="broadcasting", kind="shape")
def add_in_a_square(t: Recorder) -> None:
    """In a square the right axis is summed, though every axis would fit."""
    _broadcast(t, operator.add, (3, 3), (3,), (3, 3))
    _broadcast(t, operator.add, (3, 1), (3, 3), (3, 3))


@case(check="broadcasting", kind="shape")
def add_with_new_axes(t: Recorder) -> None:
    """Axes that only one operand has are summed away for the other."""
    _broadcast(t, operator.add, (2, 3, 4), (3, 1), (2, 3, 4))
    _broadcast(t, operator.add, (4,), (2, 3, 4), (2, 3, 4))


@case(check="broadcasting", kind="shape")
def multiply_rows_and_columns(t: Recorder) -> None:
    """Products with a row, with a column, and of a column with a row."""
    _broadcast(t, operator.mul, (3, 4), (4,), (3, 4))
    _broadcast(t, operator.mul, (3, 1), (3, 4), (3, 4))
    _broadcast(t, operator.mul, (3, 1), (1, 4), (3, 4))


@case(check="broadcasting", kind="shape")
def multiply_in_a_square(t: Recorder) -> None:
    """Products in a square, where every axis would fit."""
    _broadcast(t, operator.mul, (3,), (3, 3), (3, 3))
    _broadcast(t, operator.mul, (3, 3), (3, 1), (3, 3))


@case(check="broadcasting", kind="shape")
def multiply_with_new_axes(t: Recorder) -> None:
    """Products with an operand of fewer axes, and with inner axes of length one."""
    _broadcast(t, operator.mul, (2, 3, 4), (3, 4), (2, 3, 4))
    _broadcast(t, operator.mul, (1, 3, 1), (2, 3, 4), (2, 3, 4))


@case(check="broadcasting", kind="shape")
def subtract_broadcast_operands(t: Recorder) -> None:
    """Differences with the broadcast operand on either side."""
    _broadcast(t, operator.sub, (3, 4), (4,), (3, 4))
    _broadcast(t, operator.sub, (3, 1), (3, 4), (3, 4))
    _broadcast(t, operator.sub, (4,), (2, 3, 4), (2, 3, 4))


@case(check="broadcasting", kind="shape")
def divide_broadcast_operands(t: Recorder) -> None:
    """Quotients with the broadcast operand on either side."""
    _broadcast(t, operator.truediv, (3, 4), (4,), (3, 4))
    _broadcast(t, operator.truediv, (1, 4), (3, 1), (3, 4))
    _broadcast(t, operator.truediv, (2, 3, 4), (3, 1), (2, 3, 4))


@case(check="broadcasting", kind="shape")
def a_tensor_of_one_element(t: Recorder) -> None:
    """A tensor of one element, with and without axes, receives the sum of everything."""
    _broadcast(t, operator.mul, (3, 4), (), (3, 4))
    _broadcast(t, operator.add, (1,), (3, 4), (3, 4))
    _broadcast(t, operator.sub, (3, 4), (1, 1), (3, 4))


@case(check="broadcasting", kind="shape")
def broadcasting_before_other_operations(t: Recorder) -> None:
    """A broadcast result goes on into other operations."""
    x, w, b, g = t.leaf(2, 3), t.leaf(3, 4), t.leaf(4), t.array(2, 4)
    h = x @ w + b
    t.backward(h * h, g)
    t.observe(x.grad, w.grad, b.grad)


@case(check="broadcasting", kind="shape")
def broadcasting_an_intermediate_result(t: Recorder) -> None:
    """An intermediate result is broadcast: what it passes on has its own shape."""
    a, b, c, g = t.leaf(4), t.leaf(4), t.constant(3, 4), t.array(3, 4)
    t.backward((a * b) + c, g)
    d, e, f, h = t.leaf(3, 1), t.leaf(3, 1), t.constant(3, 4), t.array(3, 4)
    t.backward((d - e) * f, h)
    t.observe(a.grad, b.grad, d.grad, e.grad)


# Checkpoint 2: reductions.


@case(check="sum-axes", kind="shape")
def sum_over_one_axis(t: Recorder) -> None:
    """A sum over one axis spreads its gradient along that axis."""
    for axis, rest in ((0, (4,)), (1, (3,)), (-1, (3,)), (-2, (4,))):
        x, g = t.leaf(3, 4), t.array(*rest)
        t.backward(x.sum(axis=axis), g)
        t.observe(x.grad)


@case(check="sum-axes", kind="shape")
def sum_keeps_axes(t: Recorder) -> None:
    """keepdims changes the shape of the result, not the gradient."""
    x, y, z = t.leaf(3, 4), t.leaf(2, 3, 4), t.leaf(3, 2)
    t.backward(x.sum(axis=0, keepdims=True), t.array(1, 4))
    t.backward(y.sum(axis=1, keepdims=True), t.array(2, 1, 4))
    t.backward(z.sum(keepdims=True), t.array(1, 1))
    t.observe(x.grad, y.grad, z.grad)


@case(check="sum-axes", kind="shape")
def sum_over_two_axes(t: Recorder) -> None:
    """A sum over a tuple of axes spreads its gradient along both."""
    x, y, z = t.leaf(2, 3, 4), t.leaf(2, 3, 4), t.leaf(2, 3, 4)
    t.backward(x.sum(axis=(0, 2)), t.array(3))
    t.backward(y.sum(axis=(-1, 1), keepdims=True), t.array(2, 1, 1))
    t.backward(z.sum(axis=(0, 1)), t.array(4))
    t.observe(x.grad, y.grad, z.grad)


@case(check="sum-axes", kind="shape")
def sum_of_a_square(t: Recorder) -> None:
    """In a square the gradient spreads along the right axis, though either would fit."""
    x, y, g = t.leaf(3, 3), t.leaf(3, 3), t.array(3)
    a, b = x.sum(axis=0), y.sum(axis=1)
    t.backward(a, g)
    t.backward(b, g)
    t.observe(a.data, b.data, x.grad, y.grad)


@case(check="sum-axes", kind="shape")
def sum_of_a_cube(t: Recorder) -> None:
    """In a cube the gradient spreads along the middle axis."""
    x, y, g = t.leaf(3, 3, 3), t.leaf(3, 3, 3), t.array(3, 3)
    t.backward(x.sum(axis=1), g)
    t.backward(y.sum(axis=-1), g)
    t.observe(x.grad, y.grad)


@case(check="sum-axes", kind="shape")
def sum_inside_an_expression(t: Recorder) -> None:
    """A sum over an axis between two products."""
    x, c, d, g = t.leaf(3, 4), t.constant(3, 4), t.constant(3, 1), t.array(3, 1)
    t.backward((x * c).sum(axis=1, keepdims=True) * d, g)
    y, e, f, h = t.leaf(3, 4), t.constant(3, 4), t.constant(4), t.array(4)
    t.backward((y * e).sum(axis=0) * f, h)
    t.observe(x.grad, y.grad)


# Checkpoint 2: matmul with broadcast batches.


def _matmul(t: Recorder, left: Shape, right: Shape, out: Shape) -> None:
    a, b, g = t.leaf(*left), t.leaf(*right), t.array(*out)
    y = a @ b
    t.backward(y, g)
    t.observe(y.data, a.grad, b.grad)


@case(check="matmul-broadcast", kind="shape")
def a_batch_through_tensors(t: Recorder) -> None:
    """A batch of products through tensors."""
    _matmul(t, (2, 3, 4), (2, 4, 5), (2, 3, 5))


@case(check="matmul-broadcast", kind="shape")
def a_batch_times_one_matrix(t: Recorder) -> None:
    """One matrix for a whole batch receives the sum over the batch."""
    _matmul(t, (2, 3, 4), (4, 5), (2, 3, 5))


@case(check="matmul-broadcast", kind="shape")
def one_matrix_times_a_batch(t: Recorder) -> None:
    """One matrix on the left of a batch receives the sum over the batch."""
    _matmul(t, (3, 4), (2, 4, 5), (2, 3, 5))


@case(check="matmul-broadcast", kind="shape")
def a_batch_axis_of_length_one(t: Recorder) -> None:
    """A batch axis of length one is summed and kept."""
    _matmul(t, (1, 3, 4), (2, 4, 5), (2, 3, 5))
    _matmul(t, (2, 1, 3, 4), (5, 4, 2), (2, 5, 3, 2))


@case(check="matmul-broadcast", kind="shape")
def a_broadcast_batch_of_squares(t: Recorder) -> None:
    """A broadcast batch whose axes all have one length."""
    _matmul(t, (3, 3, 3), (3, 3), (3, 3, 3))


# Stretch.


@case(check="transpose", kind="shape")
def transpose_of_a_matrix(t: Recorder) -> None:
    """The gradient of a transposed matrix is transposed back."""
    x, c, g = t.leaf(3, 4), t.constant(4, 3), t.array(4, 3)
    y = x.transpose()
    t.backward(y * c, g)
    t.observe(y.data, x.grad)


@case(check="transpose", kind="shape")
def transpose_of_two_axes_of_three(t: Recorder) -> None:
    """Two chosen axes of three are swapped, and swapped back."""
    x, g = t.leaf(2, 3, 4), t.array(4, 3, 2)
    t.backward(x.transpose(0, 2), g)
    y, h = t.leaf(2, 3, 4), t.array(2, 4, 3)
    t.backward(y.transpose(), h)
    t.observe(x.grad, y.grad)


@case(check="reshape", kind="shape")
def reshape_and_back(t: Recorder) -> None:
    """The gradient of a reshaped tensor takes the tensor's shape."""
    x, c, g = t.leaf(3, 4), t.constant(2, 6), t.array(2, 6)
    y = x.reshape(2, 6)
    t.backward(y * c, g)
    z, h = t.leaf(2, 3, 2), t.array(12)
    t.backward(z.reshape(12), h)
    t.observe(y.data, x.grad, z.grad)


@case(check="slice", kind="shape")
def slice_of_rows(t: Recorder) -> None:
    """The gradient of a slice lands where the slice was taken; the rest is zero."""
    x, g = t.leaf(4, 3), t.array(2, 3)
    y = x[1:3]
    t.backward(y, g)
    z, h = t.leaf(4, 3), t.array(4)
    t.backward(z[:, 1], h)
    t.observe(y.data, x.grad, z.grad)


@case(check="slice", kind="shape")
def rows_that_are_read_twice(t: Recorder) -> None:
    """An element that a key names twice receives both contributions."""
    x, g = t.leaf(4, 2), t.array(5, 2)
    y = x[[2, 0, 2, 3, 0]]
    t.backward(y, g)
    t.observe(y.data, x.grad)


@case(check="slice", kind="shape")
def one_row_and_one_element(t: Recorder) -> None:
    """The gradient of one row, and of one element."""
    x, g = t.leaf(4, 3), t.array(3)
    t.backward(x[2], g)
    y, c = t.leaf(4, 3), t.constant()
    t.backward(y[1, 2] * c)
    t.observe(x.grad, y.grad)


@case(check="matmul-vectors", kind="shape")
def a_matrix_times_a_vector(t: Recorder) -> None:
    """A matrix times a vector, and a vector times a matrix."""
    _matmul(t, (3, 4), (4,), (3,))
    _matmul(t, (3,), (3, 4), (4,))


@case(check="matmul-vectors", kind="shape")
def a_vector_times_a_vector(t: Recorder) -> None:
    """The inner product of two vectors."""
    _matmul(t, (4,), (4,), ())
