"""The best attempt counts: found by grading, the same every time, and no grade is lost by it."""

import json
import shutil
from datetime import timedelta

import people
import pytest
from click.testing import CliRunner

from autograder.cli.main import main
from autograder.collect.best import open_chooser
from autograder.collect.deadlines import Deadlines
from autograder.collect.roster import Person, Roster
from autograder.course.classroom import Classroom
from autograder.errors import InfrastructureError

CONFIG = """
due: 2026-03-01 23:59 Europe/Berlin
late: {counts: best, points_per_day: 5, at_most: 20}
"""
IDS = ("ada", "ben", "cleo", "dan", "eve")
ROSTER = "id,name\n" + "".join(f"{one},{one.title()}\n" for one in IDS)
LATER = people.LATE + timedelta(hours=1)


@pytest.fixture(scope="module")
def texts(course, solution, released):
    """What is handed in: all points, most of them, and none."""
    whole = json.loads(solution.read_text(encoding="utf-8"))

    def more(*lines):
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
                "source": "\n".join(lines), "id": "more"}  # fmt: skip
        return json.dumps({**whole, "cells": [*whole["cells"], cell]}).encode()

    return {
        "all": more("# all"),
        "same": more("# the same, in other words"),
        "most": more("MulBackward.apply = lambda self, g: (g, g)"),
        "none": released.read_bytes(),
        "broken": b'{"cells": [',
    }


def write_exchange(root, handed_in):
    for student, time, data in handed_in:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        people.write(
            {"05_autograd.ipynb": data, "timestamp.txt": stamp.encode(),
             "submission_secret.txt": f"{student} {stamp}".encode()},
            root / "inbound" / f"{student}+05_autograd+{stamp}",
        )  # fmt: skip
    return root


@pytest.fixture
def graded_course(make_layout, course, tmp_path, monkeypatch):
    """A course with its release and hidden cases, and a function that runs commands in it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("AUTOGRADER_SEED", "the tests' seed")  # expected values are made once

    def make(extra):
        layout = make_layout(extra, ROSTER)
        for name in ("source", "release", "tests/hidden"):
            shutil.copytree(course / name, layout.course / name)

        def run(*arguments, status=0):
            done = CliRunner().invoke(main, ["--course", str(layout.course), *map(str, arguments)])
            assert done.exit_code == status, done.output
            return done.output

        return layout, run

    return make


def scores(layout):
    from nbgrader.api import Gradebook

    with Gradebook(layout.gradebook_url, course_id="autograd") as book:
        found = book.find_assignment("05_autograd").submissions
        return {one.student_id: one.score - (one.late_submission_penalty or 0) for one in found}


def contents(layout):
    return {
        path.relative_to(layout.course): path.read_bytes()
        for top in ("submitted", ".autograder/attempts", ".autograder/results", ".autograder/tried")
        for path in (layout.course / top).rglob("*") if path.is_file()
    }  # fmt: skip


def to_be_graded(run):
    return json.loads(run("status", "--format", "json"))["changed"]


def lies(layout, texts, student):
    data = layout.submission(student).read_bytes()
    return next(name for name, text in texts.items() if text == data)


def test_best_attempt_counts_after_the_penalty_and_stays(graded_course, texts, tmp_path):
    layout, run = graded_course(CONFIG)
    early, late = people.EARLY, people.LATE  # 30 hours late: two days, ten points
    source = write_exchange(tmp_path / "exchange", [
        ("ada", early, texts["all"]), ("ada", people.IN_TIME, texts["most"]),
        ("ben", early, texts["none"]), ("ben", late, texts["all"]),
        ("cleo", early, texts["all"]), ("cleo", late, texts["same"]),
        ("dan", early, texts["most"]), ("dan", late, texts["broken"]),
        ("eve", people.IN_TIME, texts["none"]),
    ])  # fmt: skip
    first = run("collect", "--all", source, status=3)
    assert first.count("the best of 2 will count") == 6
    assert [lies(layout, texts, one) for one in IDS] == ["most", "none", "all", "most", "none"]
    assert to_be_graded(run) == list(IDS)
    assert "autograder grade finds out" in run("attempts", "ada")
    shown = run("grade")
    assert "5 graded, 0 unchanged, 0 not graded" in shown
    assert [lies(layout, texts, one) for one in IDS] == ["all", "all", "all", "most", "none"]
    found = scores(layout)
    assert found["ada"] == found["cleo"] == 92
    assert found["ben"] == 92 - 10
    assert 0 < found["dan"] < 92
    assert found["eve"] == 0
    secret = layout.collected("ben") / "submission_secret.txt"
    assert secret.read_text() == f"ben {late:%Y-%m-%d %H:%M:%S.%f} UTC"
    before = contents(layout)
    again = run("collect", "--all", source, status=3)
    assert "0 new, 0 updated, 5 unchanged" in again
    assert again.count("it has the most points of 2") == 2
    assert again.count("counts") >= 2
    assert "0 graded, 5 unchanged" in run("grade")
    assert contents(layout) == before
    assert scores(layout) == found
    told = run("attempts", "ben")
    assert "82" in told
    assert "counts, late" in told
    assert to_be_graded(run) == []


def test_later_attempts_cost_no_grade_whatever_becomes_of_them(
    graded_course, texts, tmp_path, monkeypatch
):
    layout, run = graded_course(CONFIG)
    source = write_exchange(tmp_path / "x", [(one, people.EARLY, texts["most"]) for one in IDS])
    run("collect", source)
    run("grade")
    found = scores(layout)
    assert not (layout.course / ".autograder" / "tried").exists()  # one attempt is graded once
    write_exchange(source, [(one, people.IN_TIME, texts["none"]) for one in ("ada", "ben")])
    write_exchange(source, [(one, people.IN_TIME, texts["all"]) for one in ("cleo", "dan")])
    run("collect", source)
    assert {lies(layout, texts, one) for one in IDS} == {"most"}  # what has a grade, for now
    assert to_be_graded(run) == ["ada", "ben", "cleo", "dan"]

    layout.submission("ben").write_bytes(texts["same"])  # by the instructor's hand
    chooser = open_chooser(layout)
    damaged = chooser.file("dan", chooser.attempts.of("dan")[1])
    damaged.write_bytes(texts["none"])
    real = Classroom.try_out

    def try_out(self, files, processes, receive):
        """The machine fails with cleo's attempts alone."""
        mine = [one for one in files if one[0].startswith("cleo/")]
        assert mine
        for name, _ in mine:
            receive(name, InfrastructureError("the machine failed"))
        real(self, [one for one in files if one not in mine], processes, receive)

    with monkeypatch.context() as patch:
        patch.setattr(Classroom, "try_out", try_out)
        told = run("grade", status=4)
    assert "1 graded, 2 unchanged, 2 not graded" in told
    assert "the machine failed" in told
    assert "damaged" in told
    assert scores(layout) == {**found, "ben": 92}
    assert [lies(layout, texts, one) for one in IDS] == ["most", "same", "most", "most", "most"]
    run("collect", source)
    assert damaged.read_bytes() == texts["all"]
    layout.submission("ben").write_bytes(texts["same"])
    assert "2 graded, 3 unchanged, 0 not graded" in run("grade")
    assert scores(layout) == {**found, "ben": 92, "cleo": 92, "dan": 92}
    write_exchange(source, [("ada", LATER, texts["all"])])
    run("collect", source)
    run("grade", "--student", "ada")
    assert scores(layout)["ada"] == found["ada"] > 82  # what the late one is worth


def test_extension_never_lowers_a_grade(graded_course, texts, tmp_path):
    """Also where the last attempt in time counts: both that could count are graded."""
    layout, run = graded_course(people.CONFIG.split("extensions")[0] + "late: {points_per_day: 5}")
    source = write_exchange(tmp_path / "x", [
        ("ada", people.IN_TIME, texts["all"]), ("ada", people.LATE, texts["none"]),
        ("ben", people.IN_TIME, texts["none"]), ("ben", people.LATE, texts["all"]),
    ])  # fmt: skip
    run("collect", source, status=3)
    run("grade")
    assert scores(layout) == {"ada": 92, "ben": 0}
    config = layout.course / "config.yaml"
    config.write_text(
        config.read_text(encoding="utf-8")
        + "\nextensions: {ada: 2026-03-08 23:59, ben: 2026-03-08 23:59}\n",
        encoding="utf-8",
    )
    run("collect", source, status=3)
    run("grade")
    assert scores(layout) == {"ada": 92, "ben": 92}


def test_candidates_are_one_unless_the_policy_or_an_extension_says_so(make_layout):
    from test_deadlines import DUE, attempt

    person = Person("ada")
    handed_in = [attempt(one) for one in (-2, -1, 5, 30, 60)]

    def hours(extra):
        layout = make_layout(f"due: 2026-03-01 12:00 UTC\n{extra}")
        made = Deadlines(layout.config, Roster([person]), layout.course)
        return [int(one.digest) for one in made.candidates(person, handed_in)]

    more = f"extensions: {{ada: {DUE + timedelta(hours=36):%Y-%m-%d %H:%M}}}"
    assert hours("") == [-1]
    assert hours(more) == [30, -1]
    assert hours("late: {counts: last}") == [60]
    assert hours("late: {counts: best}") == [-1, 60, 30, 5, -2]
    assert hours(f"late: {{counts: best}}\n{more}") == [30, 60, 5, -1, -2]
