"""Whatever is wrong around a command, it says so in a sentence and has an exit code of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from autograder.cli.main import BROKEN_PIPE, INTERRUPTED, main

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ["collect downloads", "grade", "feedback", "inspect ada", "cases", "run ada.py"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A course in which one student handed in something that cannot be read."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    for name in ("source", "release", "tests/hidden"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "submitted" / "ada" / "05_autograd").mkdir(parents=True)
    (tmp_path / "submitted" / "ada" / "05_autograd" / "05_autograd.ipynb").write_text("{")
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "ben.ipynb").write_text("{")
    (tmp_path / "ada.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOGRADER_SEED", "x")
    return tmp_path


def invoke(*arguments):
    shown = CliRunner().invoke(main, ["--course", ".", *arguments])
    assert isinstance(shown.exception, SystemExit | None), shown.exception
    assert "Traceback" not in shown.output
    assert "grader failed" not in shown.output
    return shown


def emptied(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def in_the_way(path):
    if path.exists():
        emptied(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("in the way", encoding="utf-8")


def folder_in_the_way(path):
    if path.exists():
        emptied(path)
    path.mkdir(parents=True)


RELEASED = "release/05_autograd/05_autograd.ipynb"
TROUBLES = [
    (emptied, "config.yaml"), (in_the_way, "config.yaml"), (folder_in_the_way, "config.yaml"),
    (emptied, RELEASED), (in_the_way, RELEASED), (folder_in_the_way, RELEASED),
    (emptied, "tests/hidden"), (emptied, "source"), (in_the_way, "tests/hidden/gradient.py"),
    (in_the_way, "gradebook.db"), (folder_in_the_way, "gradebook.db"),
    (in_the_way, ".autograder"), (in_the_way, ".autograder/results"), (in_the_way, "autograded"),
    (in_the_way, "feedback"), (in_the_way, "submitted"),
    (in_the_way, ".autograder/results/05_autograd/ada.json"),
    (in_the_way, ".autograder/results/05_autograd/ada.pending"),
    (folder_in_the_way, ".autograder/results/05_autograd/ada.json"),
]  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda found: f"{found[0].__name__}-{found[1]}")
def test_a_course_in_disorder_is_told_in_a_sentence(place, trouble):
    spoil, name = trouble
    spoil(place / name)
    for command in COMMANDS:
        unisolated = ["--isolation", "none"] if command.startswith(("run", "grade")) else []
        assert invoke(*command.split(), *unisolated).exit_code in {0, 2, 3, 4}


@pytest.mark.parametrize("content", [b"", b"\xff", b"  \n"])
def test_a_seed_that_is_none_is_an_error_and_no_seed(place, content, monkeypatch):
    monkeypatch.delenv("AUTOGRADER_SEED")
    (place / ".autograder").mkdir()
    (place / ".autograder" / "seed").write_bytes(content)
    shown = invoke("run", "ada.py")
    assert shown.exit_code == 2
    assert "holds no seed" in shown.stderr


def test_what_nobody_expected_is_one_sentence_and_a_file(place, monkeypatch, tmp_path):
    @main.command("fail-for-the-test")
    def fail():
        raise KeyError("secret\x1b")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    try:
        shown = CliRunner().invoke(main, ["fail-for-the-test"])
        assert shown.exit_code == 4
        assert shown.stderr.startswith("error: the grader failed: KeyError; ")
        assert "secret" not in shown.stderr
        (account,) = tmp_path.glob("autograder-*.txt")
        assert "Traceback" in account.read_text(encoding="utf-8")
        assert account.stat().st_mode & 0o777 == 0o600
        shown = CliRunner(env={"AUTOGRADER_DEBUG": "1"}).invoke(main, ["fail-for-the-test"])
        assert isinstance(shown.exception, KeyError)
    finally:
        del main.commands["fail-for-the-test"]


def start(*arguments, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", "--course", ".", *arguments],
        stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True, **options,
    )  # fmt: skip


@pytest.mark.parametrize("command", [["cases"], ["run", "ada.py", "--format", "json"],
                                     ["run", "ada.py"]])  # fmt: skip
def test_a_closed_pipe_ends_it_quietly(place, command):
    readable, writable = os.pipe()
    os.close(readable)
    with start(*command, stdout=writable) as started:
        os.close(writable)
        told = started.stderr.read()
    assert started.returncode == BROKEN_PIPE
    assert "Error" not in told


@pytest.mark.parametrize("command", ["cases", "run ada.py --format json"])
def test_a_full_disk_is_an_error(place, command):
    with Path("/dev/full").open("w") as full, start(*command.split(), stdout=full) as started:
        told = started.stderr.read()
    assert started.returncode == 4
    assert "error: No space left on device" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("delay", [0.1, 0.4, 1.0])
def test_ctrl_c_at_any_time_shows_no_traceback(place, delay):
    with start("grade", stdout=subprocess.DEVNULL) as started:
        time.sleep(delay)
        os.killpg(started.pid, signal.SIGINT)
        told = started.stderr.read()
    assert started.returncode in {-signal.SIGINT, INTERRUPTED, 0}
    assert "autograder/cli" not in told  # before that, it is Python that starts


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "ascii"},
     {"HOME": "/nonexistent"}, {"COLUMNS": "80"}, {"COLUMNS": "1"}, {"TERM": "dumb"}],
    ids=str,
)  # fmt: skip
def test_no_environment_breaks_the_output(place, environment):
    with start("cases", stdout=subprocess.DEVNULL, env=environment) as started:
        told = started.stderr.read()
    assert (started.returncode, told) == (0, "")


def test_wrong_usage_keeps_its_own_exit_code():
    assert CliRunner().invoke(main, ["nonsense"]).exit_code == click.UsageError.exit_code
