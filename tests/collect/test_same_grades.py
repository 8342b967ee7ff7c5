"""One class in every layout: the same bytes to grade, and the same grades of them."""

import json
import shutil

import people
import pytest
from nbgrader.api import Gradebook
from test_repositories import make_repository

from autograder.collect.gather import collect
from autograder.course.classroom import Classroom

GRADED = ("Ben", "ben", "007", "李雷")


@pytest.fixture
def whole_class(solution, released):
    """The class, and in it four who handed in what is worth something."""
    students = people.make_class()
    whole = json.loads(solution.read_text(encoding="utf-8"))
    slip = "MulBackward.apply = lambda self, g: (g, g)"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
            "source": slip, "id": "slip"}  # fmt: skip
    script = "\n".join("".join(one["source"]) for one in whole["cells"]
                       if one["cell_type"] == "code")  # fmt: skip
    files = (
        ("05_autograd.ipynb", solution.read_bytes()),
        ("05_autograd (2).ipynb", json.dumps({**whole, "cells": [*whole["cells"], cell]}).encode()),
        ("autograd.py", script.encode()),
        ("05_autograd.ipynb", released.read_bytes()),
    )
    by_id = {one.id: one for one in students}
    for student, (name, data) in zip(GRADED, files, strict=True):
        people.one(by_id[student], people.IN_TIME, name, data)
    return students


def write_repositories(students, root):
    """Write those of the four alone: test_repositories has them all."""
    for s in students:
        if s.id in GRADED:
            commits = [(one.time, one.files) for one in s.hand_ins]
            make_repository(root / "x-submissions" / f"x-{s.github}", commits)
    return root / "x-submissions"


def test_every_layout_gives_the_same_grades(whole_class, make_layout, course, exam, tmp_path):
    roster = people.roster_csv(whole_class)
    wanted = {s.id: s.wanted for s in whole_class if s.wanted is not None and not s.outsider}
    layouts = {}
    for name, write in people.LAYOUTS.items():
        layouts[name] = make_layout(people.CONFIG, roster, name)
        collect([people.write(write(whole_class), tmp_path / f"{name} download")], layouts[name])
    layouts["repositories"] = make_layout(people.CONFIG, roster, "repositories")
    collect([write_repositories(whole_class, tmp_path)], layouts["repositories"])
    digests = {
        name: {student: layout.digest(student) for student in layout.students()}
        for name, layout in layouts.items()
    }
    of_four = digests.pop("repositories")
    assert set(of_four) == set(GRADED)
    assert all(found == digests["folder"] for found in digests.values())
    assert set(digests["folder"]) == set(wanted)
    assert of_four.items() <= digests["folder"].items()
    assert len(wanted) >= 60

    grades = {}
    for name in ("moodle", "repositories"):
        layout = layouts[name]
        shutil.copytree(course / "release", layout.course / "release")
        (layout.course / "source").symlink_to(course / "source")
        report = Classroom(layout, exam, "auto").grade(
            GRADED, processes=2, force=False, progress=lambda *_: None
        )
        assert report.failed == {}
        with Gradebook(layout.gradebook_url, course_id="autograd") as book:
            found = book.find_assignment("05_autograd").submissions
            grades[name] = {one.student_id: one.score for one in found}
    assert grades["moodle"] == grades["repositories"]
    assert grades["moodle"]["Ben"] == grades["moodle"]["007"] == 92
    assert 0 < grades["moodle"]["ben"] < 92
    assert grades["moodle"]["李雷"] == 0
