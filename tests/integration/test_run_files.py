"""``autograder run`` on what a person may name: a folder, a link, what is no file."""

import os

import pytest
from click.testing import CliRunner

from autograder.cli.main import main


@pytest.fixture
def run(course, tmp_path):
    def invoke(*arguments):
        words = ["--course", str(course), "run", *map(str, arguments)]
        return CliRunner().invoke(main, words)

    return invoke


def test_folder_is_graded_by_the_notebook_in_it_and_says_which(run, tmp_path, solution, released):
    inside = tmp_path / "my work"
    inside.mkdir()
    (inside / "final (1).ipynb").write_bytes(solution.read_bytes())
    (inside / "05_autograd.ipynb").write_bytes(released.read_bytes())
    (inside / "notes.txt").write_text("def x(): ...", encoding="utf-8")
    done = run(inside, "--fail-under", "80")
    assert done.exit_code == 0
    assert "final (1).ipynb was taken" in done.stderr


def test_link_that_was_named_is_followed_once(run, tmp_path, course):
    link = tmp_path / "mine.py"
    link.symlink_to(course / "tests" / "variants" / "recursive.py")
    assert run(link, "--fail-under", "80").exit_code == 0


@pytest.mark.parametrize("kind", ["pipe", "device", "dangling", "empty-folder", "two", "sparse"])
def test_what_cannot_be_graded_ends_with_status_three_and_a_reason(run, tmp_path, kind):
    path = tmp_path / "a.ipynb"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind in ("device", "dangling"):
        path.symlink_to("/dev/zero" if kind == "device" else tmp_path / "nothing")
    elif kind == "sparse":
        path.touch()
        os.truncate(path, 2 << 30)
    else:
        path.mkdir()
        for name in ("a.py", "b.py") if kind == "two" else ():
            (path / name).write_text(f"class AddBackward: x = '{name}'", encoding="utf-8")
    done = run(path)
    assert done.exit_code == 3
    assert "Traceback" not in done.output
    words = {"two": "a.py, b.py", "empty-folder": "holds no notebook", "sparse": "larger than",
             "dangling": "cannot be read"}  # fmt: skip
    assert words.get(kind, "not a regular file") in " ".join(done.output.split())
