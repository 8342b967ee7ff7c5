"""A slip in the engine, or in a constructor, costs about its share, and the headline names it."""

import nbformat
import pytest

RELU = 'install(ReLU, "forward", module, ReLUBackward)'


@pytest.fixture
def grade_edited(grader, solution, tmp_path):
    """Grade the solution with a text replaced in one of its cells."""

    def grade(name, old, new):
        notebook = nbformat.read(solution, as_version=4)
        cell = next(one for one in notebook.cells
                    if one.metadata.get("nbgrader", {}).get("grade_id") == name)  # fmt: skip
        assert old in cell.source
        cell.source = cell.source.replace(old, new, 1)
        path = tmp_path / "submission.ipynb"
        nbformat.write(notebook, path)
        return grader.grade(path).result

    return grade


def lost(result):
    return {check.id for check in result.checks if check.score < check.max_score}


@pytest.mark.parametrize(
    ("new", "kind"),
    [(RELU.replace("forward", "foward"), "AttributeError"),
     ('{"ReLU": ReLU}["relu"].forward = None', "KeyError"),
     ('raise_it = int("relu")', "ValueError")],
)  # fmt: skip
def test_a_statement_of_enable_autograd_that_raises_costs_itself(grade_edited, new, kind):
    result = grade_edited("enable_autograd", RELU, new)
    assert result.score >= 74
    assert {"relu"} <= lost(result) <= {"tracking", "relu", "training", "checkpointing"}
    assert result.outcome.message.endswith(f" of code cell 41 stopped with {kind}.")


def test_a_slip_behind_the_engine_costs_no_more_than_before(grade_edited):
    result = grade_edited("enable_autograd", 'print("Autograd is on.")', 'print("on" + 3)')
    assert result.score >= 79
    assert lost(result) == {"tracking"}


@pytest.mark.parametrize(
    ("cell", "most"), [("sum_backward", 10.5), ("mean_backward", 3), ("pow_backward", 3)]
)
def test_a_constructor_that_forgets_its_base_costs_its_rule(grade_edited, cell, most):
    result = grade_edited(cell, "super().__init__(t)", "self.t = t")
    assert 80 - result.score <= most
    assert result.outcome.message.endswith(" stopped with AttributeError.")


def test_an_attribute_that_is_not_there_is_the_headline(grade_edited):
    result = grade_edited("mul_backward", "b.data if", "b.dta if")
    assert result.outcome.id == "partial"
    assert result.outcome.message == "Line 9 of code cell 8 stopped with AttributeError."


def test_a_rule_that_is_left_to_do_is_told_by_its_check(grade_edited):
    result = grade_edited(
        "mul_backward", "a, b = self.saved_tensors", "raise NotImplementedError()"
    )
    assert result.outcome.message == "Some checks do not pass."


def test_a_rule_that_is_missing_is_told_without_a_line_of_the_engine(grade_edited):
    result = grade_edited("mul_backward", "class MulBackward", "class MultBackward")
    told = [check.diagnosis.message for check in result.checks if check.diagnosis is not None]
    assert not any("is not defined (NameError). The line is" in message for message in told)


def test_without_the_base_class_every_rule_is_told_to_be_missing(grade_edited):
    result = grade_edited(
        "function", "def __init__(self, *tensors):", "def __init__(self, *tensors)"
    )
    assert result.outcome.message.endswith("is not valid Python.")
    told = [check.diagnosis.message for check in result.checks if check.diagnosis is not None]
    assert not any("cannot be built" in message for message in told)
    assert any(message.startswith("MulBackward is not defined.") for message in told)


def test_a_line_that_is_no_python_is_named_and_not_the_one_where_its_class_begins(grade_edited):
    result = grade_edited(
        "sub_backward", "def apply(self, grad_output):", "def apply(self, grad_output)"
    )
    assert result.outcome.message == "Line 4 of code cell 10 is not valid Python."


def test_a_class_that_goes_on_in_no_python_is_no_python(grade_edited):
    result = grade_edited("sub_backward", "    def apply", "\u00a0\u00a0\u00a0\u00a0def apply")
    assert result.outcome.message == "Line 4 of code cell 10 is not valid Python."


def test_a_class_with_parameters_names_the_python_that_it_needs(grade_edited):
    result = grade_edited("function", "class Function:", "class Function[T]:")
    assert result.outcome.id == "python-version"
