"""The handout as a student has it: a copy in a folder of its own, run by its own command line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.config import load_config
from autograder.course.layout import Layout

COURSE = Path(__file__).resolve().parents[2]
LAYOUT = Layout(course=COURSE, config=load_config(COURSE / "config.yaml"))
SOURCE = LAYOUT.source


class Desk:
    """A student's folder: a notebook, the package, and ways to run things there."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.notebook = folder / LAYOUT.solution.name
        self.exported = folder / "tinytorch" / "core" / "autograd.py"

    def take_stub(self):
        shutil.copy(LAYOUT.released_notebook, self.notebook)

    def edit(self, old, new):
        """Change the text of every cell that holds ``old``; it must be somewhere."""
        notebook = nbformat.read(self.notebook, as_version=4)
        found = [cell for cell in notebook.cells if old in cell.source]
        assert found, old
        for cell in found:
            cell.source = cell.source.replace(old, new)
        nbformat.write(notebook, self.notebook)

    def python(self, *arguments, encoding="utf-8"):
        """Run Python in the folder, without anything of ours on its path."""
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        environment["PYTHONIOENCODING"] = encoding
        return subprocess.run(
            [sys.executable, *map(str, arguments)], cwd=self.folder, env=environment,
            capture_output=True, text=True, encoding=encoding, check=False,
        )  # fmt: skip

    def tinytorch(self, *arguments, **options):
        return self.python("-m", "tinytorch", *arguments, **options)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "desk")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A student's folder after `complete`."""
    desk = Desk(tmp_path_factory.mktemp("package") / "desk")
    done = desk.tinytorch("complete")
    assert done.returncode == 0, done.stdout + done.stderr
    return desk


@pytest.fixture
def own_mul(desk):
    """A student whose MulBackward multiplies by the operand itself."""
    desk.edit("grad_output * b.data if a", "grad_output * a.data if a")
    desk.edit("grad_output * a.data if b", "grad_output * b.data if b")
    return desk
