"""Fixtures that several kinds of test share: the course, its exam, and one warm grader."""

from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from autograder.config import Config, load_config
from autograder.grading.grader import Exam, Graded, Grader

COURSE = Path(__file__).resolve().parent.parent
SEED = b"the tests' seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-screenshots", action="store_true", help="replace the pictures in docs/images"
    )


@pytest.fixture(scope="session")
def course() -> Path:
    return COURSE


@pytest.fixture(scope="session")
def config() -> Config:
    return load_config(COURSE / "config.yaml")


@pytest.fixture(scope="session")
def seed() -> bytes:
    return SEED


@pytest.fixture(scope="session")
def exam(config: Config) -> Exam:
    return Exam(COURSE, config, SEED)


@pytest.fixture(scope="session")
def grader(exam: Exam) -> Iterator[Grader]:
    with exam.worker("L") as worker:
        yield Grader(exam, worker)


@pytest.fixture(scope="session")
def solution(course: Path) -> Path:
    return course / "source" / "05_autograd" / "05_autograd.ipynb"


@pytest.fixture(scope="session")
def released(course: Path) -> Path:
    return course / "release" / "05_autograd" / "05_autograd.ipynb"


@pytest.fixture
def grade_cells(grader: Grader, solution: Path, tmp_path: Path) -> Callable[..., Graded]:
    """Grade the solution with more code cells before or after it."""

    def grade(*, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Graded:
        notebook = nbformat.read(solution, as_version=4)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        notebook.cells = [
            *map(v4.new_code_cell, before), *cells, *map(v4.new_code_cell, after)
        ]  # fmt: skip
        path = tmp_path / "submission.ipynb"
        nbformat.write(notebook, path)
        return grader.grade(path)

    return grade
