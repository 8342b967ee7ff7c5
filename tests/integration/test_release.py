"""The release gate: what must not go out does not."""

import shutil

import nbformat
import pytest

from autograder.course.layout import Layout
from autograder.course.release import release
from autograder.errors import ReleaseRefused


def ignore(_message):
    """Take no notice."""


@pytest.fixture
def copy(course, config, tmp_path):
    """A course of its own, with helpers to spoil its source notebook."""

    class Copy:
        layout = Layout(course=tmp_path, config=config)

        def edit(self, cell_name, old, new):
            path = self.layout.source / "05_autograd.ipynb"
            notebook = nbformat.read(path, as_version=4)
            cell = next(
                cell
                for cell in notebook.cells
                if cell.metadata.get("nbgrader", {}).get("grade_id") == cell_name
            )
            assert old in cell.source
            cell.source = cell.source.replace(old, new, 1)
            nbformat.write(notebook, path)

        def metadata(self, cell_name, **changes):
            path = self.layout.source / "05_autograd.ipynb"
            notebook = nbformat.read(path, as_version=4)
            for cell in notebook.cells:
                if cell.metadata.get("nbgrader", {}).get("grade_id") == cell_name:
                    cell.metadata.nbgrader.update(changes)
            nbformat.write(notebook, path)

    shutil.copytree(course / "source", tmp_path / "source")
    return Copy()


def refused(copy, grader):
    with pytest.raises(ReleaseRefused) as caught:
        release(copy.layout, grader, ignore)
    assert not copy.layout.release.exists()
    return caught.value.message


@pytest.mark.parametrize(
    "marker",
    ["### BEGIN SOLUTON", "### BEGIN  SOLUTION", "## BEGIN SOLUTION", "### Begin Solution",
     "###BEGIN SOLUTION", "# BEGINSOLUTION", "### SOLUTION BEGIN"],
)  # fmt: skip
def test_misspelt_begin_marker_is_refused(copy, grader, marker):
    copy.edit("mul_backward", "### BEGIN SOLUTION", marker)
    message = refused(copy, grader)
    assert "mul_backward" in message


def test_misspelt_end_marker_is_refused(copy, grader):
    copy.edit("mul_backward", "### END SOLUTION", "### END SOLUTIONS!")
    assert "mul_backward" in refused(copy, grader)


def test_marker_that_is_never_closed_is_refused(copy, grader):
    copy.edit("add_backward", "### END SOLUTION", "")
    assert "never closed" in refused(copy, grader)


def test_marker_that_is_never_opened_is_refused(copy, grader):
    copy.edit("add_backward", "### BEGIN SOLUTION", "")
    assert "without" in refused(copy, grader)


def test_solution_left_in_another_cell_is_refused(copy, grader):
    kept = """
# a, b = self.saved_tensors
    tensor.grad = grad.copy() if tensor.grad is None else tensor.grad + grad
    fitted = np.asarray(unbroadcast(part, operand.shape), dtype=operand.dtype)
    arrived[key] = arrived[key] + fitted if key in arrived else fitted
"""
    copy.edit("setup", "import numpy as np", f"import numpy as np\nkept = '''{kept}'''")
    assert "setup" in refused(copy, grader)


def test_solution_left_in_the_handout_is_refused(copy, grader):
    text = (copy.layout.source.parent / "05_autograd.py").read_text(encoding="utf-8")
    (copy.layout.source / "tinytorch" / "core" / "autograd.py").write_text(text, encoding="utf-8")
    assert "autograd.py" in refused(copy, grader)


def test_file_beside_the_notebook_is_refused(copy, grader):
    (copy.layout.source / "notes.txt").write_text("for me only", encoding="utf-8")
    assert "notes.txt" in refused(copy, grader)


def test_solution_below_full_marks_is_refused(copy, grader):
    copy.edit("mul_backward", "grad_output * b.data", "grad_output * a.data")
    assert "mul" in refused(copy, grader)


def test_stub_that_earns_points_is_refused(copy, grader):
    copy.edit("add_backward", "### BEGIN SOLUTION\n", "")
    copy.edit("add_backward", "### END SOLUTION", "")
    assert "add" in refused(copy, grader)


def test_points_that_disagree_with_the_configuration_are_refused(copy, grader):
    copy.metadata("test_add", points=6)
    message = refused(copy, grader)
    assert "test_add" in message
    assert "6 points" in message
