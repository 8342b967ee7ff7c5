"""A course that was only just made has all that a release asks for."""

import shutil

import pytest
from click.testing import CliRunner

from autograder.audit.mutants import load_catalogue, load_slips
from autograder.audit.wild import load_transformations
from autograder.cli.init import TEMPLATE, init
from autograder.config import load_config
from autograder.grading.grader import Exam, Grader


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A course made by ``autograder init``, of which nothing was released."""
    folder = tmp_path_factory.mktemp("init")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        made = CliRunner().invoke(init, [str(folder / "course")])
    assert made.exit_code == 0, made.output
    return folder / "course"


def test_fresh_course_holds_what_tests_its_tests(fresh, course):
    assert all((fresh / name).exists() for name in TEMPLATE)
    assert load_catalogue(fresh) == load_catalogue(course)
    assert load_slips(fresh) == load_slips(course)
    assert load_transformations(fresh).keys() == load_transformations(course).keys()


def test_release_gate_mends_hand_ins_by_the_notebook_that_goes_out(fresh, released, tmp_path):
    notebook = tmp_path / "staged.ipynb"
    shutil.copy(released, notebook)
    damaged = load_transformations(fresh)["setup-became-markdown"].hand_in(
        fresh / "source" / "05_autograd" / "05_autograd.ipynb"
    )
    (tmp_path / damaged.name).write_bytes(damaged.data)
    exam = Exam(fresh, load_config(fresh / "config.yaml"), b"x", draft=True, released=notebook)
    with exam.worker("L") as worker:
        result = Grader(exam, worker).grade(tmp_path / damaged.name).result
    assert result.score == result.max_score
