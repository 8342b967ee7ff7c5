"""Whatever stops a run of ``grade``, and whenever: no half-written grade, no duplicate, no loss."""

import contextlib
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from autograder.course.classroom import Classroom, choose_students
from autograder.course.files import write_atomically
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.course.release import release
from autograder.errors import InfrastructureError
from autograder.model import decode_result

ROUNDS = 60
STUDENTS = [f"student{number}" for number in range(8)]
UNTOUCHED = -1.0
HAND_GRADED = ("systems",)


@pytest.fixture
def layout(course, config, exam, grader, tmp_path):
    for name in ("source", "config.yaml"):
        (tmp_path / name).symlink_to(course / name)
    layout = Layout(course=tmp_path, config=config)
    release(layout, grader, lambda _message: None)
    text = (course / "tests" / "variants" / "recursive.py").read_text(encoding="utf-8")
    for number, student in enumerate(STUDENTS):
        broken = text.replace("class SubBackward", f"number = {number}\n\n\nclass SubBackward")
        if number % 2:
            broken = broken.replace("unbroadcast(-grad_output", "unbroadcast(grad_output")
        path = layout.submission(student)
        path.parent.mkdir(parents=True)
        nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(broken)]), path)
    return layout


def grade(layout, exam, *, force=False, students=()):
    seen = []
    report = Classroom(layout, exam, "auto").grade(
        choose_students(layout, students), processes=2, force=force,
        progress=lambda student, _row: seen.append(student),
    )  # fmt: skip
    return report, seen


QUERY = """
SELECT s.student_id, c.name, g.auto_score, g.needs_manual_grade
FROM grade g JOIN submitted_notebook n ON g.notebook_id = n.id
JOIN submitted_assignment s ON n.assignment_id = s.id JOIN base_cell c ON g.cell_id = c.id
"""


def gradebook(layout):
    """Return the scores of the automatically graded cells by student, as they are on disk."""
    with contextlib.closing(sqlite3.connect(layout.course / "gradebook.db")) as connection:
        rows = connection.execute(QUERY).fetchall()
    scores = {}
    for student, cell, score, _ in rows:
        if not cell.startswith(HAND_GRADED):
            assert cell not in scores.setdefault(student, {}), "a grade was written twice"
            scores[student][cell] = score
    return scores


def mark_untouched(layout):
    with contextlib.closing(sqlite3.connect(layout.course / "gradebook.db")) as connection:
        connection.execute("UPDATE grade SET auto_score = ?", (UNTOUCHED,))
        connection.commit()


def start(layout, exam):
    """Start a run in a process of its own, as warm as this one."""

    def run():
        with contextlib.suppress(KeyboardInterrupt):
            grade(layout, exam, force=True)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    return process


def descendants(process):
    """Return the ids of all processes below one, itself included."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, waiting = [], [process]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def stop_somehow(process, dice):
    """Stop the run, or one of the processes that work for it; return what is left to vanish."""
    family = descendants(process.pid)
    how = dice.choice(["kill", "kill", "interrupt", "terminate", "worker", "worker"])
    target = dice.choice(family[1:] or family) if how == "worker" else process.pid
    number = {"interrupt": signal.SIGINT, "terminate": signal.SIGTERM}.get(how, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(target, number)
    return family


def is_gone(process):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_sixty_runs_stopped_at_random_leave_whole_grades_and_lose_none(layout, exam):
    report, _ = grade(layout, exam)
    assert report.failed == {}
    right = gradebook(layout)
    assert sorted(right) == STUDENTS
    dice = random.Random(5)
    written = 0
    for _ in range(ROUNDS):
        mark_untouched(layout)
        process = start(layout, exam)
        time.sleep(dice.uniform(0.0, 1.2))
        family = stop_somehow(process, dice)
        process.join(60)
        assert process.exitcode is not None
        deadline = time.monotonic() + 20
        while not all(map(is_gone, family)):
            assert time.monotonic() < deadline, "a process outlived its run"
            time.sleep(0.02)
        for student, scores in gradebook(layout).items():
            values = set(scores.values())
            assert values == {UNTOUCHED} or scores == right[student], "a grade is half written"
            written += values != {UNTOUCHED}
        assert not list(layout.course.rglob(".*.tmp"))
    mark_untouched(layout)
    report, _ = grade(layout, exam, force=True)
    assert report.failed == {}
    assert gradebook(layout) == right
    assert 0 < written < ROUNDS * len(STUDENTS)


def test_second_run_on_the_same_course_is_refused(layout, exam):
    with (
        Journal(layout).locked(),
        pytest.raises(InfrastructureError, match=f"process {os.getpid()}"),
    ):
        grade(layout, exam)
    report, _ = grade(layout, exam)
    assert report.failed == {}


def test_locked_gradebook_keeps_results_for_the_next_run(layout, exam):
    with contextlib.closing(sqlite3.connect(layout.course / "gradebook.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InfrastructureError, match="locked"):
            grade(layout, exam)
        other.rollback()
    grade(layout, exam)
    assert sorted(gradebook(layout)) == STUDENTS


def test_gradebook_that_locks_while_grading_costs_nobody_a_grade(layout, exam, monkeypatch):
    from autograder.course.gradebook import Gradebook

    write = Gradebook._write
    failures = iter([True])

    def locked_once(self, batch):
        if next(failures, False):
            raise sqlite3.OperationalError("database is locked")
        write(self, batch)

    monkeypatch.setattr(Gradebook, "_write", locked_once)
    report, _ = grade(layout, exam)
    assert report.failed
    assert all("locked" in reason for reason in report.failed.values())
    report, seen = grade(layout, exam)
    assert report.failed == {}
    assert seen == [], "the results were there: nobody was graded again"
    assert sorted(gradebook(layout)) == STUDENTS


def test_full_disk_fails_by_name_and_keeps_the_old_grade(layout, exam, monkeypatch):
    grade(layout, exam)
    before = gradebook(layout)
    fsync = os.fsync

    def full(descriptor):
        if dice.random() < 0.5:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    dice = random.Random(1)
    monkeypatch.setattr(os, "fsync", full)
    report, _ = grade(layout, exam, force=True)
    monkeypatch.undo()
    assert report.failed
    assert all("No space left" in reason for reason in report.failed.values())
    assert gradebook(layout) == before
    for student in STUDENTS:
        decode_result(layout.result(student).read_bytes())
    assert grade(layout, exam)[0].failed == {}


def test_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    target = tmp_path / "kept"
    write_atomically(target, b"old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_command_says_what_is_kept(layout, course, number):
    (layout.course / "tests").symlink_to(course / "tests")
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "--course", str(layout.course), "grade"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    journal = layout.result("any").parent
    deadline = time.monotonic() + 60
    while not list(journal.glob("student*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "interrupted: what was finished is kept" in said
