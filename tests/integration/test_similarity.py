"""``autograder export --to jplag``: what tools that look for copies can read."""

import ast
import shutil

import nbformat
import pytest
from click.testing import CliRunner
from nbformat import v4

from autograder.cli import main


@pytest.fixture
def room(course, tmp_path):
    shutil.copy(course / "config.yaml", tmp_path)
    shutil.copytree(course / "release", tmp_path / "release")
    for student, cells in {
        "ada": ["%matplotlib inline\nx = 1", "!ls\ny = 2\n"],
        "ben": ["def f(:"],
    }.items():
        folder = tmp_path / "submitted" / student / "05_autograd"
        folder.mkdir(parents=True)
        notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, folder / "05_autograd.ipynb")
    broken = tmp_path / "submitted" / "eve" / "05_autograd"
    broken.mkdir(parents=True)
    (broken / "05_autograd.ipynb").write_text("{", encoding="utf-8")
    return tmp_path


def export(room, into):
    arguments = ["--course", str(room), "export", "--to", "jplag", "--into", str(into)]
    return CliRunner().invoke(main, arguments)


def test_each_student_has_a_folder_with_python_and_the_handout_is_the_base(room, tmp_path):
    into = tmp_path / "similarity"
    done = export(room, into)
    assert done.exit_code == 0, done.output
    assert {path.name for path in (into / "submissions").iterdir()} == {"ada", "ben"}
    text = (into / "submissions" / "ada" / "05_autograd.py").read_text(encoding="utf-8")
    assert text == "# %matplotlib inline\nx = 1\n\n# !ls\ny = 2\n"
    ast.parse(text)
    base = {path.relative_to(into / "base").as_posix() for path in (into / "base").rglob("*.py")}
    assert {"05_autograd.py", "tinytorch/core/tensor.py"} <= base
    for path in (into / "base").rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"))


def test_who_is_left_out_is_named_with_the_reason(room, tmp_path):
    assert "left out: eve: " in export(room, tmp_path / "similarity").output


def test_a_folder_that_is_there_is_kept(room, tmp_path):
    (tmp_path / "similarity").mkdir()
    assert export(room, tmp_path / "similarity").exit_code == 2


def test_the_readme_names_the_commands_of_three_tools(room, tmp_path):
    export(room, tmp_path / "similarity")
    text = (tmp_path / "similarity" / "README").read_text(encoding="utf-8")
    assert "--base-code base submissions" in text
    assert "--distro base/*" in text
    assert "-b base/05_autograd.py" in text
    assert "-d submissions/*/*.py" in text
