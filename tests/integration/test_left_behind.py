"""What was left in a right hand-in, or comes from an older machine, costs nothing."""

import nbformat
import pytest
from nbformat import v4

UNPACKING = "a, b = self.saved_tensors"


@pytest.fixture
def grade_with(grader, solution, tmp_path):
    """Grade the solution with another text in the rule of a product, and more cells in front."""

    def grade(*, inside="", before=(), cell="mul_backward", old=UNPACKING, new=None):
        notebook = nbformat.read(solution, as_version=4)
        found = next(one for one in notebook.cells
                     if one.metadata.get("nbgrader", {}).get("grade_id") == cell)  # fmt: skip
        assert old in found.source
        wanted = f"{inside}\n        {old}" if new is None else new
        found.source = found.source.replace(old, wanted, 1)
        notebook.cells[:0] = map(v4.new_code_cell, before)
        path = tmp_path / "submission.ipynb"
        nbformat.write(notebook, path)
        return grader.grade(path).result

    return grade


def total(result):
    return result.score, result.extra_credit.score


@pytest.mark.parametrize(
    "stop",
    ["breakpoint()", "import pdb; pdb.set_trace()", "import ipdb; ipdb.set_trace()",
     "from IPython.core.debugger import set_trace; set_trace()",
     "import pdb; pdb.Pdb().set_trace()"],
)  # fmt: skip
def test_a_break_point_in_a_rule_stops_nothing(grade_with, stop):
    assert total(grade_with(inside=stop)) == (80, 12)


def test_a_debugger_that_is_started_goes_on(grade_with):
    result = grade_with(before=[
        "import pdb, sys\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    pdb.post_mortem(sys.exc_info()[2])",
        "pdb.runcall(len, [1])\npdb.run('1 + 1')",
        "%debug\n%pdb on",
    ])  # fmt: skip
    assert (total(result), result.notes) == ((80, 12), ())


def test_a_loop_that_waits_for_an_answer_ends(grade_with):
    result = grade_with(before=["while input('go on? ') != 'no':\n    pass"])
    assert total(result) == (80, 12)
    assert result.notes == (
        "Line 1 of code cell 1 stopped with EOFError; the statements after it still ran.",
    )


def test_names_of_an_older_numpy_are_there(grade_with):
    result = grade_with(
        before=["import numpy as np\nrate = np.float(0.1)\nnp.random.seed(np.int(3))",
                "mask = np.zeros(3, dtype=np.bool)\nassert np.NINF == -np.Inf and np.math.pi > 3"],
        inside="grad_output = np.asarray(grad_output, dtype=np.float_)\n        "
        "assert np.product(grad_output.shape) >= 0 and np.alltrue(True)",
    )  # fmt: skip
    assert (total(result), result.notes) == ((80, 12), ())


def test_a_rule_may_use_a_module_that_a_cell_wrote(grade_with):
    result = grade_with(
        before=["%%writefile my_helpers.py\ndef passed_on(x):\n    return x\n",
                "from my_helpers import passed_on"],
        old="grad_output * b.data", new="passed_on(grad_output * b.data)",
    )  # fmt: skip
    assert (total(result), result.notes) == ((80, 12), ())


def test_the_time_of_a_file_may_be_set(grade_with):
    result = grade_with(before=[
        "import os, pathlib\nopen('a.txt', 'w').close()\nos.utime('a.txt')\nos.utime('.')",
        "path = pathlib.Path('b.txt')\npath.touch()\npath.touch()\nassert path.exists()",
        "try:\n    os.utime('nowhere')\n    raise ValueError\nexcept FileNotFoundError:\n    pass",
    ])  # fmt: skip
    assert (total(result), result.notes) == ((80, 12), ())


@pytest.mark.parametrize(
    "choice",
    ["import torch\nimport numpy as np\nif torch.cuda.is_available():\n    import cupy as np",
     "import torch\nimport numpy as np\nif torch.cuda.device_count() > 0:\n    import cupy as np"],
)  # fmt: skip
def test_where_there_is_no_card_nothing_is_computed_on_it(grade_with, choice):
    result = grade_with(
        before=[choice.replace("as np", "as xp")],
        old="grad_output * b.data", new="xp.multiply(grad_output, b.data)",
    )  # fmt: skip
    assert total(result) == (80, 12)


@pytest.mark.parametrize(
    "test",
    ["torch.is_tensor(grad_output)", "type(grad_output) == torch.Tensor",
     "isinstance(grad_output, (torch.Tensor, torch.nn.Parameter))",
     "torch.isnan(torch.from_numpy(grad_output)).any()"],
)  # fmt: skip
def test_a_rule_may_ask_whether_something_is_of_a_package_that_is_not_here(grade_with, test):
    result = grade_with(
        before=["import torch"], inside=f"if {test}:\n            grad_output = grad_output.numpy()"
    )
    assert total(result) == (80, 12)


@pytest.mark.parametrize(
    "made",
    ["class _Two(Function):\n"
     "    def __init__(self, a, b, rule):\n"
     "        super().__init__(a, b)\n        self.rule = rule\n"
     "    def apply(self, grad_output):\n"
     "        return tuple(g if t.requires_grad else None for g, t in\n"
     "                     zip(self.rule(grad_output, *self.saved_tensors), self.saved_tensors))\n"
     "import functools\n"
     "SubBackward = functools.partial(_Two, rule=lambda g, a, b: (g, -g))",
     "class _Minus(Function):\n"
     "    def apply(self, grad_output):\n"
     "        return tuple(g if t.requires_grad else None for g, t in\n"
     "                     zip((grad_output, -grad_output), self.saved_tensors))\n"
     "def SubBackward(a, b):\n    return _Minus(a, b)"],
)  # fmt: skip
def test_a_rule_may_be_a_function_that_makes_one(grader, solution, tmp_path, made):
    notebook = nbformat.read(solution, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and "class SubBackward" in cell.source:
            cell.source = made
    path = tmp_path / "submission.ipynb"
    nbformat.write(notebook, path)
    assert total(grader.grade(path).result) == (80, 12)
