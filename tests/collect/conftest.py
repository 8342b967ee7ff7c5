import sys
from pathlib import Path

import pytest
import yaml

from autograder.config import load_config
from autograder.course.layout import Layout

sys.path.insert(0, str(Path(__file__).parent))

import people

COURSE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def quick_gradebooks(one_look_at_migrations):
    """Many tests here make a gradebook."""


@pytest.fixture(scope="session")
def students():
    return people.make_class()


@pytest.fixture
def make_layout(tmp_path):
    """Make a course with more lines in its config.yaml, and a roster."""

    def make(extra="", roster=None, name="course"):
        home = tmp_path / name
        home.mkdir(exist_ok=True)
        text = (COURSE / "config.yaml").read_text(encoding="utf-8")
        (home / "config.yaml").write_text(f"{text}\n{extra}\n", encoding="utf-8")
        assert yaml.safe_load(f"{text}\n{extra}\n")
        if roster is not None:
            (home / "roster.csv").write_text(roster, encoding="utf-8")
        return Layout(course=home, config=load_config(home / "config.yaml"))

    return make


@pytest.fixture
def classroom(make_layout, students):
    return make_layout(people.CONFIG, people.roster_csv(students))
