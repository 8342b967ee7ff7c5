import shutil
import sys
from pathlib import Path

import pytest

from autograder.course.gradebook import Gradebook
from autograder.course.layout import Layout

sys.path.insert(0, str(Path(__file__).parent))

from room import Room, open_room


@pytest.fixture(scope="session", autouse=True)
def quick_gradebooks(one_look_at_migrations):
    """Many tests here make a gradebook."""


@pytest.fixture(scope="session")
def gradebook_file(course, config, tmp_path_factory):
    """Return a gradebook that knows the assignment: nbgrader takes seconds to make one."""
    made = Room(Layout(course=tmp_path_factory.mktemp("made"), config=config), course)
    with Gradebook(made.layout) as book:
        book.require_assignment()
    return made.layout.course / "gradebook.db"


@pytest.fixture(scope="session")
def build_room(course, gradebook_file):
    """Make a course in a folder, with more lines in its config.yaml and a roster."""

    def build(home, extra="", roster=""):
        text = (course / "config.yaml").read_text(encoding="utf-8")
        home.mkdir(exist_ok=True)
        (home / "config.yaml").write_text(f"{text}\n{extra}\n", encoding="utf-8")
        shutil.copy(gradebook_file, home)
        if roster:
            (home / "roster.csv").write_text(roster, encoding="utf-8")
        return open_room(home, course)

    return build


@pytest.fixture
def make_room(build_room, tmp_path):
    return lambda extra="", roster="": build_room(tmp_path / "course", extra, roster)


@pytest.fixture
def room(make_room):
    return make_room()
