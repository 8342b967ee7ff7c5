"""A course as ``autograder init`` makes it, with hand-ins, and nbgrader as people start it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from autograder.audit.mutants import load_catalogue
from autograder.cli.init import make_course
from autograder.config import load_config
from autograder.course.desk import Desk
from autograder.course.gradebook import Gradebook
from autograder.course.layout import Layout
from autograder.demo.students import ClassMaker

# As nbgrader's own tests start it: each command as if it were typed, and one import for all.
RUN = """
import json, sys
from jupyter_core.application import NoStart
from nbgrader.apps import NbGraderApp
for words in json.loads(sys.argv[1]):
    app = NbGraderApp.instance()
    try:
        app.initialize(words)
        app.start()
    except NoStart:
        status = 0
    except SystemExit as end:
        status = end.code
    finally:
        app.reset()
        NbGraderApp.clear_instance()
    print("STATUS", words[0], status, file=sys.stderr)
"""
STEALS = """
import pathlib
try:
    pathlib.Path({marker!r}).write_text(pathlib.Path({seed!r}).read_text())
except OSError:
    pass
"""


class Course:
    """A course's folder and what is run in it."""

    def __init__(self, folder: Path, outside: Path) -> None:
        self.folder = folder
        self.layout = Layout(course=folder, config=load_config(folder / "config.yaml"))
        self.marker = outside / "marker"
        self.exchange = outside / "exchange"
        self.environment = os.environ | {
            "AUTOGRADER_TRUST": str(folder),
            "JUPYTER_CONFIG_DIR": str(outside / "jupyter"),
            "JUPYTER_DATA_DIR": str(outside / "data"),
            "JUPYTER_RUNTIME_DIR": str(outside / "runtime"),
            "IPYTHONDIR": str(outside / "ipython"),
        }

    def hand_in(self, student, notebook):
        path = self.layout.collected(student) / "05_autograd.ipynb"
        path.parent.mkdir(parents=True)
        if isinstance(notebook, str):
            path.write_text(notebook, encoding="utf-8")
        else:
            nbformat.write(notebook, path)

    def run(self, *words, status=0):
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def autograder(self, *words, status=0):
        return self.run("autograder", *words, status=status)

    def nbgrader(self, *commands, cwd=None):
        """Run commands one after the other; return what they said, and each one's status."""
        done = subprocess.run(
            [sys.executable, "-c", RUN, json.dumps(commands)],
            cwd=cwd or self.folder, env=self.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        marks = [line.split() for line in done.stderr.splitlines() if line.startswith("STATUS ")]
        assert len(marks) == len(commands), said
        return said, [int(mark[2]) for mark in marks]

    def grades(self, student):
        """Return what the gradebook has: points by cell, comments by cell."""
        from nbgrader.api import Gradebook as Book

        with Book(self.layout.gradebook_url) as book:
            found = book.find_submission_notebook("05_autograd", "05_autograd", student)
            points = {
                item.name: (item.auto_score, item.manual_score, item.extra_credit,
                            item.needs_manual_grade)
                for item in found.grades
            }  # fmt: skip
            comments = {item.name: (item.auto_comment, item.manual_comment)
                        for item in found.comments}  # fmt: skip
            return points, comments, found.score


@pytest.fixture(scope="session", autouse=True)
def quick_gradebooks(one_look_at_migrations):
    """Many tests here make a gradebook."""


@pytest.fixture(scope="module")
def made(course, tmp_path_factory):
    """``ada`` made a mistake, ``eve``'s file is broken, ``ian`` steals the seed if he can."""
    outside = tmp_path_factory.mktemp("nbgrader")
    folder = outside / "course"
    make_course(folder)
    shutil.copytree(course / "release", folder / "release")
    made = Course(folder, outside)
    seed = folder / ".autograder" / "seed"
    seed.parent.mkdir(mode=0o700)
    seed.write_text("the seed of a course that is tested\n", encoding="utf-8")
    seed.chmod(0o600)
    maker = ClassMaker(made.layout)
    wrong = next(entry for entry in load_catalogue(folder) if entry.id == "overwrites")
    thief = maker.solved()
    thief.cells.append(v4.new_code_cell(STEALS.format(marker=str(made.marker), seed=str(seed))))
    made.hand_in("ada", maker.edited(wrong.topological))
    made.hand_in("eve", "{")
    made.hand_in("ian", thief)
    with Gradebook(made.layout, Desk(made.layout).comment_places) as book:
        book.require_assignment()  # as `autograder release` does
    return made
