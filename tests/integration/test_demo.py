import os
import subprocess
import sys

from nbgrader.api import Gradebook


def test_demo_grades_a_class_of_at_least_thirty(course, tmp_path):
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "autograder", "--course", str(course)]
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    done = subprocess.run(
        [*command, "demo", "--folder", str(folder)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
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
    pasted = paste(done.stdout, environment | {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(course)})
    assert pasted.returncode == 0, pasted.stderr
    assert f"0 graded, {len(rows)} unchanged" in pasted.stderr
    assert "of 80 points" in pasted.stdout
    assert "inspect/05_autograd/rosa.html" in pasted.stdout
    assert (folder / "grades.csv").is_file()


def paste(printed, environment):
    """Run the lines that the demo prints last, but for the one that opens a browser."""
    lines = [line for line in printed.splitlines() if line.startswith("  ")]
    start = next(place for place, line in enumerate(lines) if line.startswith("  cd "))
    start -= sys.prefix != sys.base_prefix
    script = "\n".join(line for line in lines[start:] if "jupyter lab" not in line)
    return subprocess.run(
        ["sh", "-e", "-c", script], env=environment, capture_output=True, text=True, check=False
    )


def test_demo_outside_a_course_is_an_error_and_makes_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "demo"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "There is no config.yaml" in done.stderr
    assert list(tmp_path.iterdir()) == []
