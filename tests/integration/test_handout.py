"""What of the handout a sandbox sees, and what makes a grade be given again."""

import shutil

import msgspec
import numpy as np
import pytest

from autograder.cells import Cell
from autograder.errors import UsageError
from autograder.grading.decisive import decisive
from autograder.grading.grader import Exam
from autograder.grading.material import HANDOUT
from autograder.sandbox.handout import list_of, write_list
from autograder.sandbox.records import Job
from autograder.sandbox.runtime import find_runtime
from autograder.sandbox.session import Session
from autograder.sandbox.worker import Worker


@pytest.fixture
def handout(course, config, tmp_path):
    """Return a copy of the handout, released."""
    folder = tmp_path / "release" / config.assignment / HANDOUT
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(course / "source" / config.assignment / HANDOUT, folder, ignore=ignore)
    write_list(folder)
    find_runtime.cache_clear()
    yield folder
    find_runtime.cache_clear()


@pytest.mark.parametrize("tier", ["L", "B"])
def test_a_solution_beside_the_handout_is_not_bound(handout, config, tier):
    (handout / "core" / "solution.py").write_text("SOLUTION = 42")
    cell = "import os, tinytorch.core\n"
    cell += "print(os.listdir(tinytorch.core.__path__[0])); import tinytorch.core.solution as s\n"
    cell += "print(s.SOLUTION)"
    with Worker(tier, find_runtime(handout), config.limits) as worker:
        done = Session(worker, config.limits, Job(cells=(Cell(index=0, source=cell),))).run([])
    assert "stand-in" in done.output.splitlines()[-1]
    assert "tensor.py" in done.output
    assert "solution.py" not in done.output


def test_a_file_that_is_not_as_released_is_refused(handout):
    (handout / "core" / "tensor.py").write_text("changed")
    with pytest.raises(UsageError, match=r"tensor\.py is not the file that was released"):
        find_runtime(handout)


def test_a_list_that_names_a_file_elsewhere_is_refused(handout):
    list_of(handout).write_text('{"../../../secret": "00"}')
    with pytest.raises(UsageError, match="no file of the handout"):
        find_runtime(handout)


def test_an_exam_takes_the_released_handout_and_a_draft_the_source(course, config, seed):
    assert "release" in Exam(course, config, seed).handout.parts
    assert "source" in Exam(course, config, seed, draft=True).handout.parts


def test_whatever_decides_a_grade_changes_the_digest(handout, exam, monkeypatch, tmp_path):
    def digest(terms=exam.case_set.terms, packages=()):
        return decisive(terms, handout, packages).digest

    other = msgspec.structs.replace(exam.case_set.terms, cases=exam.case_set.terms.cases[1:])
    digests = [digest(), digest(terms=other), digest(packages=("msgspec",))]
    with monkeypatch.context() as patch:
        patch.setattr(np, "__version__", "0.0")
        digests.append(digest())
    with monkeypatch.context() as patch:
        patch.setattr("platform.python_version", lambda: "3.0")
        digests.append(digest())
    with monkeypatch.context() as patch:
        (tmp_path / "rules.py").write_text("other rules")
        patch.setattr("autograder.grading.decisive.CODE", (tmp_path / "rules.py",))
        digests.append(digest())
    (handout / "core" / "tensor.py").write_text("changed")
    write_list(handout)
    digests.append(digest())
    assert len(set(digests)) == len(digests)


def test_a_result_of_another_exam_does_not_hold(course, config, seed):
    with_package = msgspec.structs.replace(config, packages=("msgspec",))
    changed = Exam(course, with_package, seed).case_set.digest
    assert changed != Exam(course, config, seed).case_set.digest
