"""Imports mean what they mean where they were written."""

import nbformat
import pytest
from nbformat import v4

TENSOR = "from tinytorch.core.tensor import Tensor, operand_data"
SPELLINGS = [
    "from .tensor import Tensor, operand_data",
    "from ..core.tensor import Tensor, operand_data",
    "from ...core.tensor import Tensor, operand_data",
    "from . import tensor\nTensor, operand_data = tensor.Tensor, tensor.operand_data",
    "from core.tensor import Tensor, operand_data",
    "from core import tensor\nTensor, operand_data = tensor.Tensor, tensor.operand_data",
    "from tensor import Tensor, operand_data",
    "import tensor as t\nTensor, operand_data = t.Tensor, t.operand_data",
    "from tensor_dev import Tensor, operand_data",
    "from tinytorch import Tensor\nfrom tinytorch.core import tensor\n"
    "operand_data = tensor.operand_data",
    "from tinytorch.tensor import Tensor, operand_data",
    "from modules.tensor import Tensor, operand_data",
    "from src.core.tensor import Tensor, operand_data",
    "from my_tinytorch.core.tensor import Tensor, operand_data",
    "import src.core.tensor\nTensor = src.core.tensor.Tensor\n"
    "operand_data = src.core.tensor.operand_data",
    "import importlib\nm = importlib.import_module('01_tensor')\n"
    "Tensor, operand_data = m.Tensor, m.operand_data",
    "import importlib\nm = importlib.import_module('modules.01_tensor.tensor_dev')\n"
    "Tensor, operand_data = m.Tensor, m.operand_data",
    "import os, sys\nsys.path.append(os.path.join(os.getcwd(), '..', '01_tensor'))\n"
    "from tensor_dev import Tensor, operand_data",
    "import importlib.util\n"
    "spec = importlib.util.spec_from_file_location('tensor', '../01_tensor/01_tensor.py')\n"
    "m = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(m)\n"
    "Tensor, operand_data = m.Tensor, m.operand_data",
    "try:\n    from tinytorch.core.tensor import Tensor, no_such_name\n"
    "except ImportError:\n    from tensor_dev import Tensor\nfrom tensor_dev import operand_data",
    "from tinytorch.core.tensor import (\n    Tensor,\n    no_such_name,\n    operand_data,\n)",
    "from tinytorch import *\nfrom tinytorch.core.tensor import *",
    "import tinytorch as tt\nTensor = tt.Tensor\nfrom tinytorch.core.tensor import operand_data",
]


@pytest.fixture
def grade_with(grader, solution, tmp_path):
    """Grade the solution with one line of its setup cell written otherwise, or more cells."""

    def grade(old=TENSOR, new=TENSOR, before=(), after=()):
        notebook = nbformat.read(solution, as_version=4)
        changed = 0
        for cell in notebook.cells:
            if cell.cell_type == "code" and old in cell.source:
                cell.source = cell.source.replace(old, new)
                changed += 1
        assert changed
        notebook.cells[:0] = map(v4.new_code_cell, before)
        notebook.cells += map(v4.new_code_cell, after)
        path = tmp_path / "submission.ipynb"
        nbformat.write(notebook, path)
        return grader.grade(path).result

    return grade


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_handout_is_found_under_the_names_that_people_import(grade_with, spelling):
    result = grade_with(new=spelling)
    assert (result.score, result.extra_credit.score) == (80, 12)
    assert not [note for note in result.notes if "Code cell 1 " in note]


@pytest.mark.parametrize(
    "cell",
    [
        "from tinytorch import (Tensor, ReLU, Sigmoid, Tanh, GELU, Softmax, Layer, Linear, Dropout,\n"
        "    Sequential, MSELoss, CrossEntropyLoss, BinaryCrossEntropyLoss, log_softmax)\n"
        "assert Linear(2, 3)(Dropout(0.5)(Tensor([[1.0, 2.0]]))).shape == (1, 3)\n"
        "assert abs(log_softmax(Tensor([[1.0, 1.0]])).data + 0.6931).max() < 1e-3",
        "from tinytorch import SGD, Adam, DataLoader, Trainer\nfrom tinytorch.core.optimizers import SGD\n"
        "class Mine(SGD):\n    pass\nopt = SGD([1], lr=0.1)\nopt.step()\nMine([]).zero_grad()",
        "from tinytorch.core.tensor import Parameter, Tensor\nimport tinytorch.core.tensor as t\n"
        "assert not hasattr(t, 'Parameter') and getattr(t, 'Parameter', 3) == 3",
        "from tinytorch.core import attention, layers\nassert layers.Linear",
        "import tinytorch\nassert not hasattr(tinytorch, 'SGD')\n",
        "from autograd import Function_of_mine\nimport autograd.numpy as anp",
        "def later():\n    from tinytorch.core.losses import stable_loss\n    from .activations import ReLU\n"
        "    return ReLU\nassert later()",
        "class F:\n    from .layers import Linear",
    ],
)
def test_what_the_handout_has_is_there_and_what_it_lacks_is_a_stand_in(grade_with, cell):
    result = grade_with(before=(cell,))
    assert result.score == 80
    assert not [note for note in result.notes if "Code cell 1 " in note]


@pytest.mark.parametrize(
    "cell",
    [
        "from tinytorch.core.autograd import AddBackward, enable_autograd\nassert AddBackward(Tensor([1.0]), Tensor([2.0]))",
        "from .autograd import AddBackward as A\nassert A is AddBackward",
        "from core.autograd import AddBackward as A\nassert A is AddBackward",
        "from autograd import AddBackward as A\nassert A is AddBackward",
        "import autograd\nassert autograd.AddBackward is AddBackward",
        "from modules.autograd_dev import AddBackward as A\nassert A is AddBackward",
    ],
)
def test_autograd_is_the_submission_itself(grade_with, cell):
    result = grade_with(after=(cell,))
    assert result.score == 80
    last = max((note for note in result.notes if "stopped" in note), default="")
    assert "cell 51 " not in last


def test_a_stand_in_of_the_same_name_does_not_hide_the_handout(grade_with):
    late = "from torch.nn import Linear, Tanh"
    assert grade_with(after=(late,)).score == 80


def test_a_name_that_is_imported_and_never_defined_is_missing(grader, tmp_path):
    path = tmp_path / "submission.py"
    path.write_text("from tinytorch.core.autograd import enable_autograd, AddBackward\n")
    result = grader.grade(path).result
    assert result.score == 0
    assert all("stand" not in check.diagnosis.message for check in result.checks if check.diagnosis)


RELOADS = {
    "reload-before-the-others": "import importlib\nimport tinytorch.core.tensor\n"
    "importlib.reload(tinytorch.core.tensor)\n",
    "removed-from-modules": "import sys\nimport tinytorch.core.tensor\n"
    "del sys.modules['tinytorch.core.tensor']\n",
    "reload-all": "import importlib\nimport tinytorch.core.tensor, tinytorch.core.activations\n"
    "import tinytorch.core.layers, tinytorch.core.losses\n"
    "for name in ('tensor', 'activations', 'layers', 'losses'):\n"
    "    importlib.reload(getattr(tinytorch.core, name))\n",
}


@pytest.mark.parametrize("name", RELOADS)
def test_a_reloaded_handout_is_whole_where_it_is_at_home(grade_with, name):
    result = grade_with(before=(RELOADS[name],))
    assert (result.score, result.extra_credit.score) == (80, 12)


@pytest.mark.parametrize(
    "cell",
    [
        "_array = np.array\ndef own(x, dtype=np.float32):\n    return _array(x, dtype=dtype)\nnp.array = own\n",
        "np.float64 = np.float32\n",
        "np.concatenate = np.ascontiguousarray = np.frombuffer = None\n",
    ],
)
def test_numpy_changed_by_the_submission_does_not_change_what_is_read(grade_with, cell):
    assert grade_with(after=(cell,)).score == 80


SOFTMAX = """
class CrossEntropyBackward(Function):
    def apply(self, g):
        logits, targets = self.saved_tensors
        s = softmax(logits.data, axis=1)
        s[np.arange(len(s)), targets.data.astype(int)] -= 1
        return (g * s / len(targets.data), None)
"""


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("from scipy.special import softmax",
         "This uses scipy, which is not installed where grading happens, at line 6"),
        ("from scipy.special import (\n    expit,\n    softmax\n)",
         "This uses scipy, which is not installed where grading happens, at line 9"),
        ("from tinytorch.core.activations import softmax",
         "This uses softmax, which the handout does not have, at line 6"),
        ("from numpy import softmax",
         "This uses softmax of numpy, which is not there where grading happens, at line 6"),
        ("import importlib\nsoftmax = importlib.import_module('sci' + 'py.special').softmax",
         "This uses something that is not installed where grading happens, at line 7"),
    ],
)  # fmt: skip
def test_a_number_made_of_a_stand_in_costs_its_check_and_is_named(grade_with, line, sentence):
    result = grade_with(after=(f"{line}{SOFTMAX}",))
    assert 70 < result.score < 80
    failed = {check.id: check for check in result.checks if check.status == "failed"}
    assert failed["cross-entropy"].diagnosis.message.startswith(sentence)
    assert failed["cross-entropy"].diagnosis.id == "stand-in"


def test_a_guarded_import_inside_a_rule_is_refused_while_cases_run(grade_with):
    cell = """
class SubBackward(Function):
    def apply(self, g):
        a, b = self.saved_tensors
        try:
            import cupy as xp
        except ImportError:
            import numpy as xp
        g = xp.asarray(g)
        return (g if a.requires_grad else None, -g if b.requires_grad else None)
"""
    gives_up = "try:\n    import torch\nexcept ImportError:\n    raise SystemExit('install torch')"
    assert grade_with(after=(cell, gives_up)).score == 80


def test_a_package_used_beside_the_numbers_of_a_rule_costs_nothing(grade_with):
    cell = """
import torch, wandb
from tqdm import tqdm
from numba import njit

@njit
def negative(g: torch.Tensor): return -g

class SubBackward(Function):
    @torch.no_grad()
    def apply(self, g: torch.Tensor | None) -> tuple[torch.Tensor, ...]:
        from rich import inspect
        inspect(g)
        if isinstance(g, torch.Tensor):
            g = g.numpy()
        with torch.profiler.profile() as profile:
            parts = []
            for t, part in tqdm(zip(self.saved_tensors, (g, negative(g)))):
                wandb.log({"size": t.size})
                parts.append(part if t.requires_grad else None)
        return tuple(parts)
"""
    assert grade_with(after=(cell,)).score == 80


def test_a_name_and_a_place_that_the_sandbox_invents_are_not_shown(grade_with):
    cell = """
import guest.uses
guest.uses.Uses.found = lambda self: {"name": "0.25 and -1.5", "cell": 3, "line": 251}
class SubBackward(Function):
    def apply(self, g):
        return (g, g)
"""
    result = grade_with(after=(cell,))
    failed = {check.id: check for check in result.checks if check.status == "failed"}
    assert failed["sub"].diagnosis.message.startswith(
        "This uses something that is not installed where grading happens."
    )
    assert (failed["sub"].diagnosis.cell, failed["sub"].diagnosis.line) == (None, None)


def test_an_array_made_of_a_stand_in_is_named_though_it_is_an_array(grade_with):
    cell = f"from scipy.special import softmax as theirs\nsoftmax = lambda x, axis: np.ones(x.shape) * float(theirs(x))\n{SOFTMAX}"
    result = grade_with(after=(cell,))
    failed = {check.id: check for check in result.checks if check.status == "failed"}
    assert failed["cross-entropy"].diagnosis.message.startswith("This uses scipy")


def test_a_stand_in_beside_the_numbers_is_not_blamed_for_them(grade_with):
    cell = """
import wandb
class SubBackward(Function):
    def apply(self, g):
        wandb.log({"shape": g.shape})
        return (g, g)
"""
    result = grade_with(after=(cell,))
    failed = {check.id: check for check in result.checks if check.status == "failed"}
    assert failed["sub"].diagnosis.id != "stand-in"
