"""Exit statuses of ``autograder run`` as docs/ci.md promises them, each by a run of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COURSE = Path(__file__).resolve().parents[2]


def run(*arguments, course=COURSE, **environment):
    command = [sys.executable, "-m", "autograder", "--course", course, "run", *arguments]
    env = {**os.environ, "AUTOGRADER_SEED": "x", "PYTHONPATH": str(COURSE), **environment}
    return subprocess.run(
        [str(part) for part in command], env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture
def blank(tmp_path):
    path = tmp_path / "submission.py"
    path.write_text("x = 1\n", encoding="utf-8")
    return path


def test_graded_is_0_whatever_the_score(blank):
    done = run(blank, "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["score"] == 0


def test_below_the_wanted_score_is_1_and_the_result_is_written(blank):
    done = run(blank, "--fail-under", "1", "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["score"] == 0


@pytest.mark.parametrize("arguments", [("--nonsense",), ("--format", "x"), ("--cases", "x")])
def test_wrong_usage_is_2(blank, arguments):
    assert run(blank, *arguments).returncode == 2


def test_wrong_configuration_is_2(blank, tmp_path):
    (tmp_path / "config.yaml").write_text("course: 1\n", encoding="utf-8")
    done = run(blank, course=tmp_path)
    assert done.returncode == 2
    assert "config.yaml" in done.stderr


def test_a_submission_that_cannot_be_graded_is_3_and_the_result_says_why(tmp_path):
    path = tmp_path / "submission.ipynb"
    path.write_text("{", encoding="utf-8")
    done = run(path, "--format", "json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["status"] == "error"


@pytest.mark.parametrize("files", [(), ("a.py", "b.py")])
def test_a_folder_that_cannot_be_graded_is_3_and_every_format_is_written(files, tmp_path):
    folder, out = tmp_path / "hand-in", tmp_path / "junit.xml"
    folder.mkdir()
    for name in files:
        text = f"# {name}\nclass AddBackward: ...\ndef enable_autograd(): ...\n"
        (folder / name).write_text(text, encoding="utf-8")
    done = run(folder, "--format", "json", "--format", f"junit={out}")
    assert done.returncode == 3
    result = json.loads(done.stdout)
    assert result["status"] == "error"
    assert "hand-in" in result["submission"]
    assert out.read_text(encoding="utf-8").count("<error") == 37


@pytest.mark.parametrize("more", [(), ("--cases", "x")])
def test_no_result_is_written_over_the_submission_or_another_result(blank, tmp_path, more):
    (tmp_path / "link").symlink_to(blank)
    for formats, reason in (
        ((f"json={blank}",), "the submission itself"),
        ((f"json={tmp_path}/link",), "the submission itself"),
        ((f"json={tmp_path}/r", f"junit={tmp_path}/./r"), "Two formats"),
    ):
        arguments = [part for one in formats for part in ("--format", one)]
        done = run(blank, *arguments, *more)
        assert done.returncode == 2
        assert more or reason in done.stderr
        assert blank.read_text(encoding="utf-8") == "x = 1\n"


def test_a_device_that_a_result_is_written_to_is_still_one_afterwards(blank, tmp_path):
    """Containers run as root, who can remove /dev/null and the link /dev/stdout."""
    link, null = tmp_path / "stdout", tmp_path / "null"
    link.symlink_to("/dev/stdout")
    null.symlink_to("/dev/null")
    done = run(blank, "--format", f"json={link}", "--format", f"junit={null}")
    assert done.returncode == 0
    assert json.loads(done.stdout)["score"] == 0
    assert link.is_symlink()
    assert null.is_symlink()


def test_a_grader_that_fails_is_4_and_writes_no_result(blank, tmp_path):
    """A place to write to that is a folder by the time the result is there."""
    target = tmp_path / "report"
    target.mkdir()
    done = run(
        blank, "--format", "json", "--format", f"junit={target}/x", GITHUB_OUTPUT=str(target)
    )
    assert done.returncode == 0  # GITHUB_OUTPUT concerns no format that was asked for
    done = run(blank, "--format", "github", GITHUB_OUTPUT=str(target))
    assert done.returncode == 4
    assert "Traceback" not in done.stderr


def test_a_files_name_gives_no_order_to_a_runner_and_moves_no_terminal(tmp_path):
    """A file that cannot be read has its name in its outcome, and in every format."""
    path = tmp_path / "a\n::error::b\r\x1b[31m\u202e##[error]<b>.ipynb"
    path.write_text("{", encoding="utf-8")
    for name in ("text", "github", "markdown", "json", "junit"):
        done = run(path, "--format", name, GITHUB_ACTIONS="true")
        assert done.returncode == 3
        assert not set("\r\x1b\u202e") & set(done.stdout)
        commands = [line for line in done.stdout.splitlines() if line.lstrip().startswith("::")]
        assert len(commands) == (2 if name == "github" else 0)
        assert "##[" not in done.stdout
