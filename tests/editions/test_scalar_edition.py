"""The edition of single numbers: what a tensor is made of is data as well."""

import pytest

from autograder.config import edition_of, load_config
from autograder.grading.grader import Exam, Grader


@pytest.fixture(scope="module")
def edition(course):
    return edition_of(course, "scalar")


@pytest.fixture(scope="module")
def theirs(edition, seed):
    exam = Exam(edition, load_config(edition / "config.yaml"), seed, draft=True)
    with exam.worker("L") as worker:
        yield Grader(exam, worker)


@pytest.mark.parametrize("name", ["closures", "local_slopes"])
def test_right_engines_score_every_point(theirs, edition, name):
    result = theirs.grade(edition / "tests" / "variants" / f"{name}.py").result
    assert (result.score, result.max_score) == (20, 20)


def test_wrong_operator_is_told_by_its_own_name(theirs, edition, tmp_path):
    text = (edition / "tests" / "variants" / "closures.py").read_text(encoding="utf-8")
    path = tmp_path / "engine.py"
    path.write_text(text.replace("self.grad += other.data *", "self.grad += self.data *"))
    checks = {check.id: check for check in theirs.grade(path).result.checks}
    assert "__mul__ uses a itself for the gradient of a" in checks["mul"].diagnosis.message
    assert checks["add"].status == checks["pow"].status == "passed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(out.data > 0) * out.grad", "(out.data < 0) * out.grad"),
        ("            value._backward()", "            value"),
        ("self.grad = 1.0", "pass"),
    ],
)
def test_where_nothing_arrives_no_mistake_is_named_that_zeros_fit_as_well(
    theirs, edition, tmp_path, old, new
):
    """It was told that relu keeps its mask on the class; an engine of numbers starts at zero."""
    text = (edition / "tests" / "variants" / "closures.py").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "engine.py"
    path.write_text(text.replace(old, new), encoding="utf-8")
    told = {check.id: check.diagnosis for check in theirs.grade(path).result.checks
            if check.diagnosis}  # fmt: skip
    assert "All of it is zero" in told["relu"].message
    assert not any("Exactly this comes out" in one.message for one in told.values())


def test_missing_class_is_named(theirs, tmp_path):
    path = tmp_path / "engine.py"
    path.write_text("class Number:\n    pass\n", encoding="utf-8")
    result = theirs.grade(path).result
    assert result.outcome.message.startswith("Value is not defined")
