"""Cells of the assignment that were damaged, retyped or deleted are graded as they were."""

import nbformat
import pytest
from nbformat import v4

NEWER = """class MulBackward(Function):
    def apply(self, grad_output):
        a, b = self.saved_tensors
        d = {"rule": "mul"}
        name = f"{d["rule"]} of {len(self.saved_tensors)}"
        return grad_output * b.data, grad_output * a.data
"""


@pytest.fixture
def graded(grader, solution, tmp_path):
    """Grade the solution after ``edit`` has changed its notebook."""

    def grade(edit):
        notebook = nbformat.read(solution, as_version=4)
        edit(notebook)
        path = tmp_path / "submission.ipynb"
        nbformat.write(notebook, path)
        return grader.grade(path).result

    return grade


def cell_of(notebook, name):
    return next(
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def place_of(notebook, name):
    return notebook.cells.index(cell_of(notebook, name))


def retype(notebook, name, kind):
    cell = cell_of(notebook, name)
    cell.cell_type = kind
    cell.pop("outputs", None)
    cell.pop("execution_count", None)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("name", ["mul_backward", "setup", "function", "switch_on"])
def test_a_code_cell_of_the_assignment_that_became_text_runs_as_code(graded, name, kind):
    result = graded(lambda notebook: retype(notebook, name, kind))
    assert result.score == 80
    assert result.notes == ("A cell of the assignment that was no code cell any more ran as one.",)


def test_what_fails_in_a_cell_that_became_text_is_told_by_the_cells_name(graded):
    def edit(notebook):
        retype(notebook, "mul_backward", "markdown")
        cell_of(notebook, "mul_backward").source = "class MulBackward(Funktion):\n    pass"

    outcome = graded(edit).outcome
    assert outcome.message == "Line 1 of cell `mul_backward` stopped with NameError."


def test_an_old_attempt_that_was_made_text_does_not_replace_the_new_one(graded):
    def edit(notebook):
        place = place_of(notebook, "mul_backward")
        new = v4.new_code_cell(notebook.cells[place].source)
        notebook.cells[place].source = "class MulBackward(Function):\n    pass"
        retype(notebook, "mul_backward", "raw")
        notebook.cells.insert(place, new)

    result = graded(edit)
    assert (result.score, result.notes) == (80, ())


@pytest.mark.parametrize("name", ["setup", "check_helpers", "switch_on", "numerical_gradient"])
@pytest.mark.parametrize("left", [None, "", "# nothing here"])
def test_a_locked_cell_that_is_gone_is_put_back(graded, name, left):
    def edit(notebook):
        if left is None:
            notebook.cells.remove(cell_of(notebook, name))
        else:
            cell_of(notebook, name).source = left

    result = graded(edit)
    assert (result.score, result.restored) == (80, (name,))
    assert result.notes == ("The released text ran where a locked cell was damaged or missing.",)


@pytest.mark.parametrize(
    "damage",
    [
        lambda source: source.replace("numpy as np", "numpy as np as np"),
        lambda source: source.replace("import numpy", "import nump"),
        lambda source: "Run me first:\n" + source[:40],
        lambda source: source.replace("\n", " "),
    ],
)
def test_a_damaged_locked_cell_costs_nothing_and_is_no_headline(graded, damage):
    def edit(notebook):
        cell = cell_of(notebook, "setup")
        cell.source = damage(cell.source)
        cell_of(notebook, "add_backward").source = "class AddBackward(Function):\n    pass"

    result = graded(edit)
    assert result.restored == ("setup",)
    assert next(check.id for check in result.checks if check.status == "failed") == "add"
    assert result.outcome.id == "partial"
    assert "The released text ran where a locked cell was damaged or missing." in result.notes
    assert not any("of code cell 1 " in note for note in result.notes)


def test_a_locked_cell_that_was_edited_and_runs_is_the_students(graded):
    def edit(notebook):
        cell = cell_of(notebook, "check_helpers")
        cell.source = "def as_array(value):\n    return MISSING"

    result = graded(edit)
    assert (result.score, result.restored) == (80, ())
    assert any("NameError" in note for note in result.notes)  # it is the student's that ran


def test_two_cells_of_one_name_both_run(graded):
    def edit(notebook):
        cell = cell_of(notebook, "mul_backward")
        notebook.cells.insert(notebook.cells.index(cell), v4.new_code_cell("before = 1"))
        copy = v4.new_code_cell("assert before\n" + cell.source, metadata=cell.metadata)
        cell.source = "class MulBackward(Function):\n    pass"
        notebook.cells.insert(notebook.cells.index(cell) + 1, copy)

    assert graded(edit).score == 80


def test_a_partly_broken_solution_cell_keeps_what_ran(graded):
    def edit(notebook):
        cell_of(notebook, "mul_backward").source += "\n\nprint(undefined)"

    result = graded(edit)
    assert (result.score, result.restored) == (80, ())


def test_a_deleted_solution_cell_does_not_replace_what_stands_elsewhere(graded):
    def edit(notebook):
        cell = cell_of(notebook, "mul_backward")
        notebook.cells.remove(cell)
        notebook.cells.insert(place_of(notebook, "add_backward"), v4.new_code_cell(cell.source))

    assert graded(edit).score == 80


def test_a_notebook_with_no_cell_of_the_assignment_runs_as_it_is(graded):
    def edit(notebook):
        for number, cell in enumerate(notebook.cells):
            cell.metadata, cell["id"], cell.source = {}, f"other-{number}", f"{cell.source}\n# mine"

    result = graded(edit)
    assert (result.score, result.restored, result.notes) == (80, (), ())


def test_what_the_student_binds_wins_over_a_first_cell_that_is_put_back(graded):
    def edit(notebook):
        cell = cell_of(notebook, "setup")
        place = notebook.cells.index(cell)
        notebook.cells[place] = v4.new_code_cell(cell.source + '\nSoftmax = "own"')
        cell_of(notebook, "add_backward").source += '\nassert Softmax == "own"'

    result = graded(edit)
    assert result.restored == ("setup",)
    assert not any("AssertionError" in note for note in result.notes)


def test_what_is_put_back_imports_nothing_before_the_students_cell_reloads_it(graded):
    """Put back, it would bind the activations to the tensors of before the reload."""
    reload = "import importlib\nimport tinytorch.core.tensor\n"
    reload += "importlib.reload(tinytorch.core.tensor)\n"

    def edit(notebook):
        cell = cell_of(notebook, "setup")
        place = notebook.cells.index(cell)
        own = "\n".join(line for line in cell.source.splitlines() if "checks" not in line)
        notebook.cells[place] = v4.new_code_cell(reload + own)
        notebook.cells.remove(cell_of(notebook, "check_helpers"))

    result = graded(edit)
    assert (result.score, set(result.restored)) == (80, {"setup", "check_helpers"})


def test_newer_syntax_in_a_rule_names_the_version_it_needs(graded):
    def edit(notebook):
        cell_of(notebook, "mul_backward").source = NEWER

    outcome = graded(edit).outcome
    assert outcome.id == "python-version"
    assert "needs Python 3.12 or newer, and this is graded with Python 3." in outcome.message
    assert outcome.remedy == "Rewrite that line, or ask your instructor which Python grades."


def test_newer_syntax_that_costs_nothing_is_no_headline(graded):
    def edit(notebook):
        cell_of(notebook, "mul_backward").source += '\nd = {"a": 1}\nprint(f"{d["a"]}")'

    result = graded(edit)
    assert (result.score, result.outcome.id) == (80, "complete")
    assert "needs Python 3.12 or newer" in result.notes[0]
