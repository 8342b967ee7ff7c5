"""The student's own earlier modules, where a course uses them; and where it does not."""

import pytest
from msgspec.structs import replace

from autograder.grading.grader import Exam, Grader
from autograder.grading.outcome import NOT_USED

MARK = "\n_OWN = 1\n"
ASKS = "\nimport tinytorch.core.tensor as own, tinytorch.core.losses as losses\n_ = own._OWN\n"


@pytest.fixture
def hand_in(tmp_path, course):
    """Bring a right solution beside a Tensor of the student's own: the course's, and a name."""
    core = tmp_path / "tinytorch" / "core"
    core.mkdir(parents=True)
    handout = course / "source" / "05_autograd" / "tinytorch" / "core" / "tensor.py"
    (core / "tensor.py").write_text(handout.read_text(encoding="utf-8") + MARK, encoding="utf-8")
    text = (course / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")
    path = core / "autograd.py"
    path.write_text(text + ASKS, encoding="utf-8")
    return path


def test_handout_is_used_by_default_and_the_result_says_so(grader, hand_in):
    result = grader.grade(hand_in).result
    assert result.score == 80
    assert NOT_USED in result.notes
    assert any("stopped" in note or "AttributeError" in note for note in result.notes)


@pytest.fixture(scope="module")
def own(course, config, exam):
    theirs = Exam(course, replace(config, package="student"), b"own modules")
    with theirs.worker(theirs.choose_tier("auto")) as worker:
        yield Grader(theirs, worker)


def test_own_modules_run_where_the_course_says_so(own, hand_in, course):
    result = own.grade(hand_in).result
    assert (result.score, result.notes) == (80, ())
    alone = own.grade(course / "tests" / "variants" / "recursive.py").result
    assert (alone.score, alone.notes) == (80, ())
    assert result.provenance.submission_sha256 != alone.provenance.submission_sha256


def test_own_module_that_does_not_run_costs_what_imports_it_and_no_more(own, hand_in):
    losses = hand_in.with_name("losses.py")
    losses.write_text("raise RuntimeError", encoding="utf-8")
    result = own.grade(hand_in).result
    assert result.status == "graded"
    assert result.notes
