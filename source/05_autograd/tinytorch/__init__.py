"""A small neural network library: tensors, activations, layers and losses.

This version computes forward only. The notebook beside it adds gradients.

`from tinytorch import Tensor` means `from tinytorch.core.tensor import Tensor`. Once
`python -m tinytorch complete` has exported the notebook, it also switches autograd on.
"""

import sys

# First, and in words that any Python 3 reads: the modules behind it need a newer one.
if sys.version_info < (3, 10):  # noqa: UP036 # students may have an older one than the course
    raise ImportError(
        "tinytorch needs Python 3.10 or newer, and this is Python %d.%d." % sys.version_info[:2]  # noqa: UP031 # see above
    )

import importlib  # after the check
from pathlib import Path

# Where each name lives. A module is imported when one of its names is first
# asked for, so that `import tinytorch` alone loads nothing.
_HOME = {
    "Tensor": "tensor",
    "operand_data": "tensor",
    "to_data": "tensor",
    "ReLU": "activations",
    "Sigmoid": "activations",
    "Tanh": "activations",
    "GELU": "activations",
    "Softmax": "activations",
    "Layer": "layers",
    "Module": "layers",
    "Linear": "layers",
    "Dropout": "layers",
    "Sequential": "layers",
    "MSELoss": "losses",
    "CrossEntropyLoss": "losses",
    "BinaryCrossEntropyLoss": "losses",
    "log_softmax": "losses",
}

__all__ = [*_HOME]  # noqa: PLE0604 # the names, all of them text


def __getattr__(name: str) -> object:
    """Find a name of the package in the module where it lives."""
    if name not in _HOME:
        raise AttributeError(f"module 'tinytorch' has no attribute {name!r}")
    _switch_on()
    return getattr(importlib.import_module(f"tinytorch.core.{_HOME[name]}"), name)


def _switch_on() -> None:
    """Import what `complete` has exported, which switches autograd on; there may be nothing.

    Not where the checks are loaded: beside the notebook, autograd is what its cells define.
    """
    exported = Path(__file__).parent / "core" / "autograd.py"
    if "tinytorch.checks" not in sys.modules and exported.exists():
        importlib.import_module("tinytorch.core.autograd")
