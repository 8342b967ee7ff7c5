"""A folder is a course only once it was approved, and nothing of the folder one stands in runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARK = "import pathlib\npathlib.Path({!r}).touch()\n"


@pytest.fixture
def autograder(tmp_path):
    """Run the command in a folder, with a home of its own."""

    def run(*arguments, cwd, **environment):
        inherited = {key: value for key, value in os.environ.items() if "AUTOGRADER" not in key}
        inherited |= {"XDG_STATE_HOME": str(tmp_path / "state"), "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, "-m", "autograder", *map(str, arguments)],
            cwd=cwd, env={**inherited, "AUTOGRADER_SEED": "x", **environment},
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    return run


@pytest.fixture
def handed_in(tmp_path, solution):
    """What a zip holds that wants to be a course; its case and its operation leave a mark."""
    folder = tmp_path / "handed in"
    (folder / "tests" / "hidden").mkdir(parents=True)
    (folder / "reference" / "operations").mkdir(parents=True)
    config = (ROOT / "config.yaml").read_text(encoding="utf-8")
    own_names = config.replace("contract: {}", "contract: {apply: vjp}")  # operations are asked
    assert own_names != config
    (folder / "config.yaml").write_text(own_names, encoding="utf-8")
    mark = tmp_path / "mark"
    code = MARK.format(str(mark))
    (folder / "tests" / "hidden" / "x.py").write_text(code, encoding="utf-8")
    (folder / "reference" / "operations" / "y.py").write_text(code, encoding="utf-8")
    (folder / "nb.ipynb").write_bytes(solution.read_bytes())
    for name in ("ctypes.py", "numpy.py", "click.py", "alembic.py", "nbgrader_config.py"):
        (folder / name).write_text(code, encoding="utf-8")
    return folder, mark


PARTS = [
    ".", "config.yaml", "tests/hidden", "tests/hidden/x.py", "reference", "reference/operations",
    "reference/operations/y.py",
]  # fmt: skip
COMMANDS = [
    ("run", "nb.ipynb"), ("cases",), ("grade",), ("release",), ("feedback",), ("inspect", "ada"),
    ("collect", "."), ("audit",), ("fairness",), ("demo", "--folder", "d"),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_was_handed_in_is_no_course(autograder, handed_in, command):
    folder, mark = handed_in
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    for place in (folder, below):
        done = autograder(*command, cwd=place)
        assert done.returncode == 2, done.stderr
        assert "you have not approved it as a course" in done.stderr
        assert "autograder trust" in done.stderr
        assert not mark.exists()


def test_doctor_runs_nothing_of_the_folder_and_says_that_it_is_no_course(autograder, handed_in):
    folder, mark = handed_in
    done = autograder("doctor", cwd=folder)
    assert done.returncode == 4
    assert "FAIL  " in done.stdout
    assert "you have not approved it" in done.stdout
    assert not mark.exists()


def test_help_needs_no_course(autograder, handed_in):
    folder, mark = handed_in
    assert autograder("run", "--help", cwd=folder).returncode == 0
    assert not mark.exists()


def test_modules_beside_a_submission_are_not_imported(autograder, handed_in):
    folder, mark = handed_in
    done = autograder("--course", ROOT, "run", "nb.ipynb", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "80 of 80 points" in done.stdout
    assert f"course: {ROOT}" in done.stderr
    assert not mark.exists()


def test_an_approved_folder_is_a_course_and_another_beside_it_is_none(autograder, handed_in):
    folder, _ = handed_in
    (folder / "tests" / "hidden" / "x.py").unlink()
    shutil.rmtree(folder / "reference")
    done = autograder("trust", cwd=folder)
    assert (done.returncode, done.stdout) == (0, f"approved: {folder}\n")
    assert "is not a folder" not in autograder("cases", cwd=folder).stderr
    assert "approved" not in autograder("cases", cwd=folder).stderr
    inner = folder / "inner"
    inner.mkdir()
    (inner / "config.yaml").write_text("", encoding="utf-8")
    done = autograder("cases", cwd=inner)
    assert done.returncode == 2
    assert f"autograder --course '{folder}'" in done.stderr


@pytest.mark.parametrize("named", ["--course", "AUTOGRADER_TRUST"])
def test_naming_a_folder_approves_it_for_this_once(autograder, handed_in, named):
    folder, mark = handed_in
    if named == "--course":
        done = autograder("--course", folder, "cases", cwd="/")
    else:
        done = autograder("cases", cwd=folder, AUTOGRADER_TRUST=f"/x:{folder}")
    assert mark.exists(), done.stderr
    assert "you have not approved it" in autograder("cases", cwd=folder).stderr


@pytest.mark.parametrize("part", PARTS)
def test_a_course_that_everybody_may_write_to_is_refused(autograder, handed_in, part):
    folder, mark = handed_in
    path = folder / part
    path.chmod(path.stat().st_mode | 0o002)
    for done in (
        autograder("trust", cwd=folder),
        autograder("--course", folder, "cases", cwd="/"),
    ):
        assert done.returncode == 2
        assert "everybody may write to" in done.stderr
    assert not mark.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("part", PARTS)
def test_a_course_of_somebody_else_is_refused(autograder, handed_in, part):
    folder, mark = handed_in
    assert autograder("trust", cwd=folder).returncode == 0
    os.chown(folder / part, 1234, -1)
    done = autograder("--course", folder, "cases", cwd="/")
    assert done.returncode == 2
    assert "belongs to user 1234" in done.stderr
    assert autograder("cases", cwd=folder).returncode == 2
    assert not mark.exists()


def test_without_a_place_to_note_it_the_error_says_what_to_do(autograder, handed_in, tmp_path):
    (tmp_path / "state").write_text("a file in the way", encoding="utf-8")
    done = autograder("trust", cwd=handed_in[0])
    assert done.returncode == 2
    assert "XDG_STATE_HOME" in done.stderr
