"""From nbgrader's own submit through its exchange, and back with its own release_feedback."""

import shutil
import subprocess
import sys

import people
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import (
    ExchangeFetchFeedback,
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
    ExchangeSubmit,
)
from traitlets.config import Config

from autograder.cli.main import main

IDS = ("ada", "Ben", "van der berg", "李雷", "zoë.o'neil", "eve")
ROSTER = "id,name\n" + "".join(f'"{one}",{one}\n' for one in IDS)


@pytest.fixture
def round_trip(make_layout, course, released, tmp_path, monkeypatch):
    """A course with its release, an exchange, nbgrader's commands and ours."""
    for name in ("XDG_STATE_HOME", "HOME", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("AUTOGRADER_SEED", "the tests' seed")  # expected values are made once
    layout = make_layout("", ROSTER)
    for name in ("source", "release", "tests/hidden"):
        shutil.copytree(course / name, layout.course / name)
    exchange, home = tmp_path / "exchange", tmp_path / "ada"
    (home / "05_autograd").mkdir(parents=True)
    exchange.mkdir()
    exchange.chmod(0o777)

    def nbgrader(command, student="*"):
        """Run what nbgrader's command of that name runs, without starting Python for it."""
        config = Config()
        config.Exchange.root, config.Exchange.assignment_dir = str(exchange), str(home)
        config.Exchange.cache = str(tmp_path / "cache")
        config.CourseDirectory.root = str(layout.course)
        config.CourseDirectory.course_id = "autograd"
        config.CourseDirectory.assignment_id = "05_autograd"
        config.CourseDirectory.student_id = student
        parts = {"coursedir": CourseDirectory(config=config), "config": config}
        command(authenticator=Authenticator(config=config), **parts).start()

    def ours(*arguments, status=0):
        done = CliRunner().invoke(main, ["--course", str(layout.course), *map(str, arguments)])
        assert done.exit_code == status, done.output

    return layout, exchange, home, nbgrader, ours


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nbgrader's
def test_everybodys_page_is_released_and_found_by_the_one_who_submitted(
    round_trip, released, solution, tmp_path
):
    layout, exchange, home, nbgrader, ours = round_trip
    nbgrader(ExchangeReleaseAssignment)
    shutil.copy(solution, home / "05_autograd")
    nbgrader(ExchangeSubmit, "ada")
    ours("collect", exchange, status=3)
    others = {
        "Ben.py": people.script("Ben"),  # no notebook
        "van der berg.ipynb": released.read_bytes(),
        "李雷/05_autograd.ipynb": released.read_bytes(),
        "zoë.o'neil/05_autograd/05_autograd.ipynb": b"{",  # cannot be read
        "zoë.o'neil/05_autograd/timestamp.txt": b"yesterday \xff",
        "zoë.o'neil/05_autograd/submission_secret.txt": b"",
    }
    ours("collect", people.write(others, tmp_path / "others"), status=3)
    people.write({"submitted/eve/05_autograd/05_autograd.ipynb": b"{}"}, layout.course)  # by hand
    ours("grade")
    ours("feedback")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "release_feedback", "05_autograd", "--course=autograd",
         f"--Exchange.root={exchange}"],
        cwd=layout.course, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = {layout.feedback(one).read_bytes() for one in IDS}
    assert {path.read_bytes() for path in exchange.glob("autograd/feedback/*.html")} == pages
    assert len(pages) == len(IDS)
    assert all(f"student '{one}'" in done.stderr for one in IDS)
    moment = (layout.collected("ada") / "timestamp.txt").read_text().strip()
    with Gradebook(layout.gradebook_url, course_id="autograd") as book:
        found = {one.student_id: one.timestamp for one in
                 book.find_assignment("05_autograd").submissions}  # fmt: skip
    assert f"{found.pop('ada'):%Y-%m-%d %H:%M:%S.%f} UTC" == moment
    assert found == dict.fromkeys(IDS[1:])

    nbgrader(ExchangeSubmit, "ada")  # the same again
    ours("collect", exchange)
    ours("grade")
    ours("feedback")
    nbgrader(ExchangeReleaseFeedback, "ada")
    nbgrader(ExchangeFetchFeedback, "ada")
    fetched = {path.parent.name: path for path in home.glob("05_autograd/feedback/*/*.html")}
    later = (layout.collected("ada") / "timestamp.txt").read_text().strip()
    assert set(fetched) == {moment, later}
    assert moment != later
    assert fetched[later].read_bytes() == layout.feedback("ada").read_bytes()
