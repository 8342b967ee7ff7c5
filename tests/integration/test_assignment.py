"""The assignment as students get it: text, notebook, release and handout agree."""

import json
import shutil
import subprocess
import sys

import nbformat
import pytest

from autograder.course.layout import Layout
from autograder.course.notebook_text import as_json, make_notebook
from autograder.course.release import differs, release


def ignore(_message):
    """Take no notice."""


@pytest.fixture(scope="module")
def source_notebook(solution):
    return nbformat.read(solution, as_version=4)


def test_reviewable_text_and_notebook_agree(course, config, solution):
    path = course / "source" / f"{config.notebook}.py"
    text = make_notebook(path.read_text(encoding="utf-8"), config)
    assert text.problems == ()
    assert text.left_out == ()
    made = as_json(text, path.name)
    assert made == solution.read_text(encoding="utf-8"), "run: autograder build"


def test_committed_release_is_what_the_source_generates(course, config, grader, tmp_path):
    copy = tmp_path / "course"
    for name in ("source", "release"):
        shutil.copytree(course / name, copy / name)
    layout = Layout(course=copy, config=config)
    release(layout, grader, ignore)
    for cache in (course / "release").rglob("__pycache__"):
        pytest.fail(f"{cache} does not belong in the release")
    assert differs(copy / "release", course / "release") == [], "run: autograder release"


def test_released_notebook_holds_no_marker_and_no_output(released):
    notebook = nbformat.read(released, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "SOLUTION" not in text
    assert all(not cell.get("outputs") for cell in notebook.cells)
    assert text.count("YOUR CODE HERE") > 20


def test_students_are_told_every_pinned_point(released):
    text = "\n".join(cell.source for cell in nbformat.read(released, as_version=4).cells)
    for phrase in (
        "one entry", "leaf", "keepdims", "broadcast", "ValueError", "accumulate", "zero_grad",
        "300", "1e-7", "float32", "float64", "MulBackward(a, b)", "SumBackward(t, axis=None",
        "mean over all elements", "class indices", "`backward` for `apply`", "its own share",
        "Rules are to be derived", "not on the class",
    ):  # fmt: skip
        assert phrase in text, phrase


def test_every_check_cell_and_question_of_the_configuration_is_in_the_notebook(
    config, source_notebook
):
    cells = {
        cell.metadata.nbgrader["grade_id"]: cell.metadata.nbgrader["points"]
        for cell in source_notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert cells == config.cell_points | {w.cell: w.points for w in config.written}


def test_solution_notebook_runs_from_top_to_bottom_without_an_error(solution, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute",
         "--output-dir", str(tmp_path), solution.name],
        cwd=solution.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    executed = json.loads((tmp_path / solution.name).read_text(encoding="utf-8"))
    printed = "".join(
        "".join(output.get("text", []))
        for cell in executed["cells"]
        for output in cell.get("outputs", [])
    )
    assert "Traceback" not in printed
    # The cells that check go on after an error, so that nbconvert does not end with one.
    errors = [o for cell in executed["cells"] for o in cell.get("outputs", []) if "ename" in o]
    assert errors == []


def test_run_all_goes_on_after_cells_that_check_and_stops_at_those_that_define(source_notebook):
    for cell in source_notebook.cells:
        if cell.cell_type == "code":
            defines = cell.metadata.get("nbgrader", {}).get("solution") or cell.id in {
                "setup", "check_helpers", "numerical_gradient"
            }  # fmt: skip
            goes_on = "raises-exception" in cell.metadata.get("tags", [])
            assert goes_on is not bool(defines), cell.id


def test_each_part_of_the_second_checkpoint_has_something_to_try(released):
    cells = nbformat.read(released, as_version=4).cells
    text = "\n".join(
        f"{cell.cell_type}: {cell.source}" for cell in cells if cell.cell_type != "raw"
    )
    for number in range(1, 12):
        part = text.partition(f"## 2.{number} ")[2].partition(f"## 2.{number + 1} ")[0]
        assert "code: # Try it" in part, number
        assert "Right: " in part, number


def test_check_stands_at_each_checkpoint(released):
    cells = nbformat.read(released, as_version=4).cells
    for number in (1, 2):
        (place,) = (n for n, c in enumerate(cells) if f"## Checkpoint {number} reached" in c.source)
        assert cells[place + 1].source == "check()"


def test_stretch_points_are_those_of_the_configuration(config, released):
    text = "\n".join(cell.source for cell in nbformat.read(released, as_version=4).cells)
    total = sum(check.points for check in config.stretch)
    assert f"| Stretch | up to {total:g}, extra credit |" in text
    assert f"up to {total:g} points" in text


EXAMPLES = """
from tinytorch.core.autograd import enable_autograd
from tinytorch.core.tensor import Tensor
enable_autograd()
x = Tensor([3.0], requires_grad=True); y = x * x; y.backward(); print(float(x.grad[0]))
x = Tensor([2.0], requires_grad=True); u = x * x; v = x * x * x; y = u * v; y.backward()
print(float(x.grad[0]))
x = Tensor([2.0], requires_grad=True); g = x * x; f = g + g + g; f.backward()
print(float(x.grad[0]))
x = Tensor([1.0], requires_grad=True); z = (x + x) + (x * 3); z.backward(); print(float(x.grad[0]))
x = Tensor([[1.0, 2.0, 3.0]], requires_grad=True)
W1 = Tensor([[0.5, 0.3], [0.2, 0.4], [0.1, 0.6]], requires_grad=True)
b1 = Tensor([[0.1, 0.2]], requires_grad=True)
W2 = Tensor([[0.3], [0.5]], requires_grad=True)
loss = ((x.matmul(W1) + b1).matmul(W2) ** 2).sum()
loss.backward()
print(x.grad.shape, W1.grad.shape, b1.grad.shape, W2.grad.shape)
"""


def test_the_modules_own_examples_run_after_the_solution(exam, solution):
    from autograder.cells import Cell
    from autograder.sandbox.records import Job
    from autograder.sandbox.session import Session
    from autograder.submission.load import load_submission

    cells = load_submission(solution).cells
    last = Cell(index=cells[-1].index + 1, source=EXAMPLES)
    with exam.worker("L") as worker:
        run = Session(worker, exam.config.limits, Job(cells=(*cells, last))).run([])
    assert run.cells[last.index].losses == ()
    assert run.output.strip().splitlines()[-5:] == [
        "6.0", "80.0", "12.0", "5.0", "(1, 3) (3, 2) (1, 2) (2, 1)"
    ]  # fmt: skip


def test_solution_is_independent_of_the_reference(course, solution):
    text = (course / "source" / f"{solution.stem}.py").read_text(encoding="utf-8")
    assert "import reference" not in text
    assert "from reference" not in text
