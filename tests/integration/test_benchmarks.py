"""The benchmarks run and count; nothing is asserted about how long anything takes."""

import json
import os
import subprocess
import sys


def run(course, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(course)}
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=course, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_throughput_compares_with_stock_nbgrader_and_the_floor_and_writes_figures(course, tmp_path):
    figures = tmp_path / "figures.json"
    done = run(
        course, "benchmarks.throughput", "--students", "2", "--sample", "2", "--rounds", "1",
        "--growth", "2", "--json", str(figures),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "wall, nbgrader / ours" in done.stdout
    assert "child's CPU, sandbox / floor" in done.stdout
    assert "grades it otherwise" not in done.stderr
    report = json.loads(figures.read_text(encoding="utf-8"))
    assert report["growth"][0]["students"] == 2
    assert report["rounds"][0]["floor"]["child_cpu"] > 0
    assert str(course) not in figures.read_text(encoding="utf-8")


def test_right_submissions_among_hostile_ones_are_counted(course):
    done = run(
        course, "benchmarks.hostile_class", "--students", "3", "--hostile", "1", "--no-alone"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 right ones: " in done.stdout
    assert "right ones that lost a point: 0" in done.stdout


def test_gradebook_profile_counts_statements(course):
    done = run(course, "benchmarks.gradebook", "--students", "2", "--lines", "3")
    assert done.returncode == 0, done.stderr
    assert "SQL statements a submission" in done.stdout
