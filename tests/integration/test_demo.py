import subprocess
import sys

from nbgrader.api import Gradebook


def test_demo_grades_a_class_of_at_least_thirty(course, tmp_path):
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "autograder", "--course", str(course)]
    done = subprocess.run(
        [*command, "demo", "--folder", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        rows = book.submission_dicts("05_autograd")
    assert len(rows) >= 30
    for outcome in ("timeout", "exited", "syntax-error", "unreadable", "blank", "empty", "80"):
        assert outcome in done.stdout, outcome
    assert "gradebook.db" in done.stdout
    assert len(list((folder / "feedback").glob("*/05_autograd/05_autograd.html"))) == len(rows)
    table = done.stdout[: done.stdout.index("Done in")]
    assert max(map(len, table.splitlines())) <= 80
