"""Fixtures that several kinds of test share: the course, its exam, and one warm grader."""

import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from hypothesis import settings
from nbformat import v4

from autograder import operations
from autograder.config import Config, load_config
from autograder.course.layout import Layout
from autograder.grading.grader import Exam, Graded, Grader

COURSE = Path(__file__).resolve().parent.parent
SEED = b"the tests' seed"

settings.register_profile("no-deadline", deadline=None)  # a busy machine fails no test
settings.load_profile("no-deadline")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-screenshots", action="store_true", help="replace the pictures in docs/images"
    )
    parser.addoption("--update-goldens", action="store_true", help="replace files in tests/golden")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file in tests/golden; ``--update-goldens`` writes the file."""

    def compare(name: str, text: str) -> None:
        path = COURSE / "tests" / "golden" / name
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text

    return compare


@pytest.fixture(scope="session", autouse=True)
def at_a_desk() -> Iterator[None]:
    """Let a test that is about CI say so itself, and others pass in CI as on a laptop."""
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name == "CI" or name.startswith(("CI_", "GITHUB_", "GITLAB_")):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep expected values of the tests' seeds out of the user's own cache folder."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def one_look_at_migrations() -> Iterator[None]:
    """Let nbgrader ask alembic once for the version of a new gradebook: it takes seconds."""
    from nbgrader import api

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "get_alembic_version", functools.cache(api.get_alembic_version))
        yield


@pytest.fixture(scope="session")
def course() -> Path:
    return COURSE


@pytest.fixture(scope="session")
def config() -> Config:
    return load_config(COURSE / "config.yaml")


@pytest.fixture(autouse=True)
def our_course(config: Config) -> None:
    """Let each test begin with the operations of this course, whatever others have looked at."""
    operations.choose(COURSE, [check.id for check in config.all_checks])


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
def solution(course: Path, config: Config) -> Path:
    return Layout(course=course, config=config).solution


@pytest.fixture(scope="session")
def released(course: Path, config: Config) -> Path:
    return Layout(course=course, config=config).released_notebook


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
