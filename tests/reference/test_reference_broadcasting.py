"""`unbroadcast` is the transpose of `np.broadcast_to`."""

from typing import Any

import numpy as np
import pytest
from gradient_comparison import PROPERTY, assert_close, draw
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from reference import unbroadcast


@PROPERTY
@given(
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_dims=4, max_side=3),
    seed=st.integers(0, 2**32 - 1),
)
def test_unbroadcast_has_the_inner_products_of_a_transpose(shapes: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    narrow, wide = shapes.input_shapes[0], shapes.result_shape
    x, g = draw(rng, narrow), draw(rng, wide)
    summed = unbroadcast(g, narrow)
    assert summed.shape == narrow
    forward, backward = np.sum(np.broadcast_to(x, wide) * g), np.sum(x * summed)
    assert_close(np.asarray(backward), np.asarray(forward), 1e-12, scale=1e3)


def test_unbroadcast_sums_over_leading_and_size_one_axes() -> None:
    gradient = np.arange(24.0).reshape(2, 3, 4)
    assert unbroadcast(gradient, (3, 1)).tolist() == [[60.0], [92.0], [124.0]]


def test_unbroadcast_leaves_a_gradient_of_the_right_shape_as_it_is() -> None:
    gradient = np.ones((2, 3))
    assert unbroadcast(gradient, (2, 3)) is gradient


@pytest.mark.parametrize("shape", [(2,), (4, 3), (2, 3, 1), (1, 2, 3)])
def test_unbroadcast_refuses_a_shape_that_does_not_broadcast_to_the_gradient(
    shape: tuple[int, ...],
) -> None:
    with pytest.raises(ValueError, match=r"shape|broadcast"):
        unbroadcast(np.ones((2, 3)), shape)
