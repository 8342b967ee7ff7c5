"""Every rule against PyTorch, where it is installed."""

from typing import Any

import numpy as np
import pytest
from gradient_comparison import AGAINST_DERIVATIVES, assert_close, draw, reference_gradients

torch = pytest.importorskip("torch")
functional = torch.nn.functional

SHAPE = (2, 3, 4)
CASES: list[tuple[str, Any, list[tuple[int, ...]], dict[str, Any]]] = [
    ("add", lambda a, b: a + b, [SHAPE, (3, 1)], {}),
    ("sub", lambda a, b: a - b, [SHAPE, (4,)], {}),
    ("mul", lambda a, b: a * b, [(1, 4), SHAPE], {}),
    ("div", lambda a, b: a / b, [SHAPE, (2, 1, 4)], {}),
    ("neg", lambda a: -a, [SHAPE], {}),
    ("pow", lambda a: a**3, [SHAPE], {"exponent": 3}),
    ("pow", lambda a: a**-1, [SHAPE], {"exponent": -1}),
    ("pow", lambda a: a**0, [SHAPE], {"exponent": 0}),
    ("matmul", torch.matmul, [(2, 3), (3, 4)], {}),
    ("matmul", torch.matmul, [(5, 2, 3), (3, 4)], {}),
    ("matmul", torch.matmul, [(2, 1, 2, 3), (5, 3, 4)], {}),
    ("matmul", torch.matmul, [(3,), (5, 3, 4)], {}),
    ("matmul", torch.matmul, [(5, 2, 3), (3,)], {}),
    ("matmul", torch.matmul, [(3,), (3,)], {}),
    ("sum", lambda a: a.sum(), [SHAPE], {}),
    ("sum", lambda a: a.sum((0, -1)), [SHAPE], {"axis": (0, -1)}),
    ("mean", lambda a: a.mean(-2, keepdim=True), [SHAPE], {"axis": -2, "keepdims": True}),
    ("mean", lambda a: a.mean((0, 2)), [SHAPE], {"axis": (0, 2)}),
    ("reshape", lambda a: a.reshape(4, 6), [SHAPE], {"shape": (4, 6)}),
    ("transpose", lambda a: a.transpose(0, 2), [SHAPE], {"dim0": 0, "dim1": 2}),
    ("transpose", lambda a: a.transpose(-1, -2), [SHAPE], {}),
    ("getitem", lambda a: a[:, 1, ::2], [SHAPE], {"index": np.s_[:, 1, ::2]}),
    ("getitem", lambda a: a[[1, 0, 1]], [SHAPE], {"index": np.array([1, 0, 1])}),
    ("relu", torch.relu, [SHAPE], {}),
    ("sigmoid", torch.sigmoid, [SHAPE], {}),
    ("tanh", torch.tanh, [SHAPE], {}),
    ("gelu", lambda x: functional.gelu(x, approximate="tanh"), [SHAPE], {}),
    ("softmax", lambda x: torch.softmax(x, -1), [SHAPE], {}),
    ("softmax", lambda x: torch.softmax(x, 0), [SHAPE], {"dim": 0}),
    ("mse", functional.mse_loss, [SHAPE, SHAPE], {}),
]


def compare(op: str, oracle: Any, operands: list[Any], options: dict[str, Any]) -> None:
    tensors = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in operands]
    output = oracle(*tensors)
    g = draw(np.random.default_rng(1), tuple(output.shape))
    output.backward(torch.tensor(g))
    value, gradients = reference_gradients(op, operands, g, **options)
    assert_close(value, output.detach().numpy(), AGAINST_DERIVATIVES, 1.0)
    expected = [x.grad.numpy() for x in tensors if x.requires_grad]
    for ours, theirs in zip(gradients, expected, strict=True):
        assert_close(ours, theirs, AGAINST_DERIVATIVES, float(np.abs(g).max()))


@pytest.mark.parametrize(("op", "oracle", "shapes", "options"), CASES)
def test_rule_agrees_with_pytorch(
    op: str, oracle: Any, shapes: list[tuple[int, ...]], options: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    compare(op, oracle, [draw(rng, shape) for shape in shapes], options)


def test_cross_entropy_agrees_with_pytorch() -> None:
    rng = np.random.default_rng(0)
    operands = [draw(rng, (5, 3)), rng.integers(3, size=5)]
    compare("cross_entropy", functional.cross_entropy, operands, {})


def test_bce_agrees_with_pytorch_through_a_clamp() -> None:
    prediction = np.array([0.2, 1e-7, 0.9, 0.0, 1.0, 0.6])
    target = np.array([0.3, 0.0, 1.0, 0.5, 0.5, 0.0])

    def oracle(p: Any, t: Any) -> Any:
        p = p.clamp(1e-7, 1 - 1e-7)
        return (-t * torch.log(p) - (1 - t) * torch.log1p(-p)).mean()

    compare("bce", oracle, [prediction, target], {})


def test_relu_at_zero_agrees_with_pytorch() -> None:
    compare("relu", torch.relu, [np.zeros(3)], {})
