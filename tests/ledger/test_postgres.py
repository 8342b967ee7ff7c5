"""The gradebook in PostgreSQL: the same grades as in SQLite, by the same commands."""

import os
import re
import subprocess
import sys

import msgspec
import postgres
import pytest

from autograder.collect.lateness import enter_lateness, enter_roster
from autograder.course.gradebook import Gradebook
from autograder.course.layout import GRADEBOOK_VARIABLE
from autograder.course.reader import Reader
from autograder.errors import InfrastructureError

ROSTER = "id,name,email\nada,Ada Lovelace,ada@example.edu\n李雷,雷 李,li@example.edu\n"
EXTRA = "due: 2026-03-01 23:00 UTC\nlate: {points_per_day: 5}"
ANSWERS = {"systems_pytorch": "A tape of operations — “recorded” once."}
BINARIES = postgres.find_binaries()
pytestmark = pytest.mark.skipif(BINARIES is None, reason="there is no PostgreSQL server")


@pytest.fixture(scope="module")
def url():
    with postgres.server(BINARIES) as made:
        yield made


def live_through_a_term(room):
    """Hand in late, grade, grade by hand, change scores, grade again; return what there is."""
    enter_roster(room.layout)
    room.hand_in("ada", ANSWERS, moment="2026-03-02 01:00:00 UTC")
    room.hand_in("李雷", ANSWERS)
    room.grade("ada", mul=0.5)
    room.grade("李雷", status="error", outcome="unreadable")
    room.answer_all("ada", 4.25)
    room.give("ada", "test_mul", manual_score=5.5)
    room.give("ada", "test_add", extra_credit=1.25)
    room.grade("ada", mul=0.25)
    enter_lateness(room.layout)
    with room.formgrader("ada") as (grades, _):
        scores = {name: (one.auto_score, one.manual_score, one.extra_credit, one.max_score)
                  for name, one in grades.items()}  # fmt: skip
    with Reader(room.layout) as reader:
        return msgspec.to_builtins([room.grades(), reader.students()]), scores


def test_grades_are_the_same_in_both_databases(build_room, tmp_path, url, monkeypatch):
    in_a_file = live_through_a_term(build_room(tmp_path / "file", EXTRA, ROSTER))
    room = build_room(tmp_path / "server", f"{EXTRA}\ngradebook: {url}", ROSTER)
    (room.layout.course / "gradebook.db").unlink()
    assert live_through_a_term(room) == in_a_file
    assert not (room.layout.course / "gradebook.db").exists()
    assert in_a_file[0][0]["ada"]["total"] == 80 - 0.5 + 12 + 17 + 1.25 - 5


def test_the_commands_grade_and_export_into_it(build_room, course, tmp_path, url):
    """nbgrader's own command reads the same database."""
    room = build_room(tmp_path / "course")
    (room.layout.course / "gradebook.db").unlink()
    room.hand_in("grace", ANSWERS)
    environment = {**os.environ, GRADEBOOK_VARIABLE: url, "AUTOGRADER_SEED": "x"}

    def run(module, *arguments):
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=room.layout.course, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    ours = ["--course", str(room.layout.course)]
    (room.layout.course / "source").symlink_to(course / "source")
    assert "1 graded" in run("autograder", *ours, "grade", "--jobs", "1")
    assert "waiting for a hand grade" in run("autograder", *ours, "status")
    run("autograder", *ours, "export", "--to", "csv", "--into", "ours.csv")
    lines = (room.layout.course / "ours.csv").read_text("utf-8").splitlines()
    assert any('"grace"' in line and '"waiting"' in line for line in lines)
    run("nbgrader", "export", f"--db={url.replace('postgresql:', 'postgresql+psycopg:')}")
    assert "grace" in (room.layout.course / "grades.csv").read_text("utf-8")
    assert not (room.layout.course / "gradebook.db").exists()


def read_all(layout):
    with Reader(layout) as reader:
        return reader.reviews()


@pytest.mark.parametrize("wrong", ["{}0", "postgresql://grader:{}@127.0.0.1:1/grades", "{}"])
def test_an_address_that_does_not_work_tells_no_password(room, url, wrong, monkeypatch):
    password = url.split(":")[2].split("@")[0]
    address = wrong.format(password if "127" in wrong or wrong == "{}" else url)
    monkeypatch.setenv(GRADEBOOK_VARIABLE, address)
    for use in (Gradebook, read_all)[: 1 + (wrong != "{}")]:  # that file could be made yet
        with pytest.raises(InfrastructureError) as caught:
            use(room.layout)
        assert re.search("could not be (opened|read)", caught.value.message)
        assert password not in caught.value.message + caught.value.remedy


def test_a_missing_driver_is_named(room, monkeypatch):
    monkeypatch.setenv(GRADEBOOK_VARIABLE, "postgresql://127.0.0.1/grades")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for use in (Gradebook, read_all):
        with pytest.raises(InfrastructureError, match="psycopg"):
            use(room.layout)
