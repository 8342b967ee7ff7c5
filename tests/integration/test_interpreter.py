"""``python:`` in config.yaml names the interpreter that submissions run with."""

import re
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from autograder.cli.main import main
from autograder.errors import UsageError
from autograder.grading.grader import Exam, Grader
from autograder.sandbox.runtime import find_runtime


def test_an_interpreter_that_is_asked_says_what_it_would_say_here(exam):
    assert find_runtime(exam.handout, (), sys.executable) == find_runtime(exam.handout)


@pytest.mark.parametrize(
    ("python", "said"),
    [("no-such-python", "is no program here"), (shutil.which("true"), "does not say what it is")],
)
def test_what_is_no_python_is_refused(exam, python, said):
    with pytest.raises(UsageError, match=said):
        find_runtime(exam.handout, (), python)


def test_an_interpreter_without_numpy_is_refused_and_told_what_to_install(exam, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    python = str(tmp_path / "bare" / "bin" / "python")
    with pytest.raises(UsageError, match="'numpy'") as caught:
        find_runtime(exam.handout, (), python)
    assert caught.value.remedy == f"{python} -m pip install numpy"


def test_a_submission_is_graded_with_the_interpreter_that_is_named(course, config, solution, seed):
    exam = Exam(course, replace(config, python=sys.executable), seed)
    with exam.worker("L") as worker:
        assert Grader(exam, worker).grade(solution).result.score == 80


def test_doctor_names_the_python_that_submissions_run_with(course):
    output = CliRunner().invoke(main, ["--course", str(course), "doctor"]).output
    version = ".".join(map(str, sys.version_info[:3]))
    assert re.search(rf"submissions run with Python {version}, numpy [\d.]+, ipython ", output)


def test_doctor_says_what_is_wrong_with_the_python_that_is_named(course, tmp_path):
    shutil.copytree(course / "source", tmp_path / "source")
    text = (course / "config.yaml").read_text(encoding="utf-8")
    named = text.replace('python: ""', "python: no-such-python")
    (tmp_path / "config.yaml").write_text(named, encoding="utf-8")
    done = CliRunner().invoke(main, ["--course", str(tmp_path), "doctor"])
    assert "python: no-such-python in config.yaml is no program here" in done.output
    assert done.exit_code != 0
