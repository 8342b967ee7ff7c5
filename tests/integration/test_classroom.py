"""From a folder of files to nbgrader's gradebook, and back out through nbgrader's own export."""

import csv
import json
import shutil
import subprocess
import sys

import nbformat
import pytest

from autograder.cases import load_cases
from autograder.collect.gather import collect
from autograder.contained import Bounds
from autograder.course.classroom import Classroom, choose_students
from autograder.course.feedback import FeedbackRoom
from autograder.course.layout import Layout
from autograder.course.release import release
from autograder.model import decode_result


def ignore(_message):
    """Take no notice."""


@pytest.fixture(scope="module")
def classroom(course, config, exam, grader, tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(course / "source", root / "source")
    layout = Layout(course=root, config=config)
    release(layout, grader, ignore)
    downloads = root / "downloads"
    downloads.mkdir()
    shutil.copy(layout.source / "05_autograd.ipynb", downloads / "ada.ipynb")
    (downloads / "ben").mkdir()
    shutil.copy(layout.released_notebook, downloads / "ben")
    (downloads / "eve.ipynb").write_text("{", encoding="utf-8")
    collect([downloads], layout)
    return layout, Classroom(layout, exam, "auto")


def grade(classroom, **options):
    layout, room = classroom
    seen = []
    report = room.grade(
        choose_students(layout, ()),
        processes=2,
        force=options.get("force", False),
        progress=lambda student, _result: seen.append(student),
    )
    return report, seen


def gradebook(layout):
    from nbgrader.api import Gradebook

    return Gradebook(layout.gradebook_url)


def test_a_class_is_graded_into_the_gradebook(classroom):
    layout, _ = classroom
    report, seen = grade(classroom)
    assert sorted(seen) == ["ada", "ben", "eve"]
    assert report.failed == {}
    with gradebook(layout) as book:
        scores = {row["student"]: row for row in book.submission_dicts("05_autograd")}
        assert scores["ada"]["score"] == 80 + 12
        assert scores["ben"]["score"] == 0
        notebook = book.find_submission_notebook("05_autograd", "05_autograd", "ada")
        grades = {item.name: item for item in notebook.grades}
        assert grades["test_mul"].auto_score == 6
        assert grades["test_stretch"].extra_credit == 12
        assert grades["systems_pytorch"].needs_manual_grade
        ben = book.find_submission_notebook("05_autograd", "05_autograd", "ben")
        comments = {item.name: item.auto_comment for item in ben.comments}
        assert "MulBackward" in comments["mul_backward"]
        assert comments["systems_pytorch"] == "No response."


def test_unreadable_submission_waits_for_a_human_and_is_no_zero(classroom):
    layout, _ = classroom
    grade(classroom)
    with gradebook(layout) as book:
        eve = book.find_submission_notebook("05_autograd", "05_autograd", "eve")
        assert all(item.auto_score is None and item.needs_manual_grade for item in eve.grades)


def test_second_run_grades_nobody(classroom):
    grade(classroom)
    report, seen = grade(classroom)
    assert seen == []
    assert report.unchanged == ("ada", "ben", "eve")


def test_forced_run_grades_everybody_and_keeps_a_manual_score(classroom):
    layout, _ = classroom
    grade(classroom)
    with gradebook(layout) as book:
        notebook = book.find_submission_notebook("05_autograd", "05_autograd", "ada")
        item = next(found for found in notebook.grades if found.name == "systems_pytorch")
        item.manual_score, item.needs_manual_grade = 4, False
        book.db.commit()
    _, seen = grade(classroom, force=True)
    assert sorted(seen) == ["ada", "ben", "eve"]
    with gradebook(layout) as book:
        notebook = book.find_submission_notebook("05_autograd", "05_autograd", "ada")
        item = next(found for found in notebook.grades if found.name == "systems_pytorch")
        assert item.manual_score == 4


def test_changed_submission_is_graded_again(classroom):
    layout, _ = classroom
    grade(classroom)
    path = layout.submission("ben")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("changed"))
    nbformat.write(notebook, path)
    _, seen = grade(classroom)
    assert seen == ["ben"]


def test_result_graded_but_not_recorded_is_recorded_by_the_next_run(classroom):
    layout, _ = classroom
    grade(classroom)
    final = layout.result("ada")
    final.rename(final.with_suffix(".pending"))
    with gradebook(layout) as book:
        notebook = book.find_submission_notebook("05_autograd", "05_autograd", "ada")
        for item in notebook.grades:
            item.auto_score = None
        book.db.commit()
    _, seen = grade(classroom)
    assert seen == []
    with gradebook(layout) as book:
        notebook = book.find_submission_notebook("05_autograd", "05_autograd", "ada")
        assert {item.name: item.auto_score for item in notebook.grades}["test_mul"] == 6


def test_journal_holds_the_public_result(classroom):
    layout, _ = classroom
    grade(classroom)
    result = decode_result(layout.result("ada").read_bytes())
    assert result.score == 80


def test_formgrader_notebook_shows_our_cells_and_no_student_output(classroom):
    layout, _ = classroom
    grade(classroom)
    notebook = nbformat.read(layout.autograded("ben"), as_version=4)
    nbformat.validate(notebook)
    by_name = {
        cell.metadata.nbgrader["grade_id"]: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }
    assert "MulBackward" in by_name["test_mul"].outputs[0].text
    released = nbformat.read(layout.released_notebook, as_version=4)
    assert {
        cell.metadata.nbgrader["grade_id"] for cell in released.cells if "nbgrader" in cell.metadata
    } == set(by_name)


def cells_in(layout):
    with gradebook(layout) as book:
        notebook = book.find_notebook("05_autograd", "05_autograd")
        return [
            sorted((cell.name, getattr(cell, "max_score", 0), getattr(cell, "cell_type", ""),
                    getattr(cell, "source", ""), getattr(cell, "checksum", "")) for cell in cells)
            for cells in (notebook.grade_cells, notebook.solution_cells, notebook.task_cells,
                          notebook.source_cells)
        ]  # fmt: skip


def test_a_gradebook_that_does_not_know_the_assignment_learns_it_from_the_release(
    classroom, exam, tmp_path
):
    layout, _ = classroom
    fresh = Layout(course=tmp_path, config=layout.config)
    shutil.copytree(layout.release, fresh.release)
    shutil.copytree(layout.course / "downloads", tmp_path / "downloads")
    collect([tmp_path / "downloads"], fresh)
    report, seen = grade((fresh, Classroom(fresh, exam, "auto")))
    assert sorted(seen) == ["ada", "ben", "eve"]
    assert report.failed == {}
    assert cells_in(fresh) == cells_in(layout)
    with gradebook(fresh) as book:
        assert {row["student"]: row["score"] for row in book.submission_dicts("05_autograd")} == {
            "ada": 92, "ben": 0, "eve": 0,
        }  # fmt: skip


def test_nbgrader_exports_the_scores(classroom):
    layout, _ = classroom
    grade(classroom)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export"],
        cwd=layout.course, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with (layout.course / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows["ada"]["raw_score"]) >= 90
    assert float(rows["ada"]["max_score"]) == 100


def test_nbgrader_makes_feedback_from_the_graded_notebooks(classroom):
    layout, _ = classroom
    grade(classroom)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", "05_autograd", "--student=ada"],
        cwd=layout.course, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (layout.course / "feedback/ada/05_autograd/05_autograd.html").read_text(encoding="utf-8")
    assert "test_mul" in page


def test_command_grades_and_prints_the_table(classroom, course):
    layout, _ = classroom
    shutil.copy(course / "config.yaml", layout.course)
    shutil.copytree(
        course / "tests" / "hidden", layout.course / "tests" / "hidden", dirs_exist_ok=True
    )
    command = [sys.executable, "-m", "autograder", "--course", str(layout.course)]
    done = subprocess.run([*command, "grade"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ada" in done.stdout
    assert "unreadable" in done.stdout
    assert "3 graded" in done.stderr
    again = subprocess.run([*command, "grade"], capture_output=True, text=True, check=False)
    assert "0 graded, 3 unchanged" in again.stderr
    alone = subprocess.run(
        [*command, "run", str(layout.submission("ada")), "--format", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert json.loads(alone.stdout)["score"] == 80
    unreadable = subprocess.run(
        [*command, "run", str(layout.submission("eve")), "--format", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert unreadable.returncode == 3
    assert json.loads(unreadable.stdout)["status"] == "error"
    low = subprocess.run(
        [*command, "run", str(layout.submission("ben")), "--fail-under", "40"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert low.returncode == 1


def test_feedback_pages_are_written_once_and_again_when_an_answer_is_graded(classroom, course):
    layout, _ = classroom
    grade(classroom, force=True)
    shutil.copytree(
        course / "tests" / "hidden", layout.course / "tests" / "hidden", dirs_exist_ok=True
    )
    shutil.copy(course / "config.yaml", layout.course)
    layout.submission("ada").with_name("timestamp.txt").write_text("now", encoding="utf-8")

    def feedback(*more):
        command = [sys.executable, "-m", "autograder", "--course", str(layout.course), "feedback"]
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert "3 pages written, 0 unchanged" in feedback("--force")
    assert "0 pages written, 3 unchanged" in feedback()
    page = layout.course / "feedback/ada/05_autograd/05_autograd.html"
    assert "Every required check passes." in page.read_text(encoding="utf-8")
    assert page.with_name("timestamp.txt").read_text(encoding="utf-8") == "now"
    with gradebook(layout) as book:
        notebook = book.find_submission_notebook("05_autograd", "05_autograd", "ada")
        grades = {item.name: item for item in notebook.grades}
        comments = {item.name: item for item in notebook.comments}
        grades["systems_graph_memory"].manual_score = 4.5
        grades["systems_graph_memory"].needs_manual_grade = False
        comments["systems_graph_memory"].manual_comment = "Say <how much>."
        book.db.commit()
    assert "1 pages written, 2 unchanged" in feedback()
    text = page.read_text(encoding="utf-8")
    assert "4.5 / 5" in text
    assert "Say &lt;how much&gt;." in text
    assert "0 pages written, 1 unchanged" in feedback("--student", "ben")
    changed = layout.submission("ben")
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "no page: ben: changed since it was graded" in feedback()


def test_a_page_that_cannot_be_made_names_itself_and_stops_no_other(classroom, course):
    layout, _ = classroom
    grade(classroom, force=True)
    big = layout.submission("ben")
    before = big.read_bytes()
    notebook = nbformat.read(big, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("x" * (15 << 20)))
    nbformat.write(notebook, big)
    try:
        grade(classroom)
        cases = load_cases(course / "tests" / "hidden", layout.config)
        room = FeedbackRoom(layout, cases, Bounds(memory_mib=24))
        report = room.write_all(["ada", "ben", "eve"], force=True, progress=ignore)
    finally:
        big.write_bytes(before)
        grade(classroom)
    assert report.outcome == {"ada": "written", "ben": "failed", "eve": "written"}
    assert report.reasons == {"ben": "it needed more than 24 MiB of memory"}


def test_a_page_that_cannot_be_written_names_itself(classroom, course):
    layout, _ = classroom
    grade(classroom, force=True)
    shutil.rmtree(layout.course / "feedback", ignore_errors=True)
    (layout.course / "feedback").mkdir()
    (layout.course / "feedback" / "ada").write_text("a file in the way", encoding="utf-8")
    cases = load_cases(course / "tests" / "hidden", layout.config)
    report = FeedbackRoom(layout, cases).write_all(["ada", "ben"], force=True, progress=ignore)
    shutil.rmtree(layout.course / "feedback")
    assert report.outcome == {"ada": "failed", "ben": "written"}
    assert "ada" in report.reasons["ada"]


def test_nbgrader_releases_the_pages_to_its_exchange(classroom, course, tmp_path):
    layout, _ = classroom
    exchange, home = tmp_path / "exchange", layout.submission("ada").parent
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    (home / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC", encoding="utf-8")
    (home / "submission_secret.txt").write_text("secret", encoding="utf-8")
    grade(classroom, force=True)
    pages = FeedbackRoom(layout, load_cases(course / "tests" / "hidden", layout.config))
    pages.write_all(["ada"], force=True, progress=ignore)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "release_feedback", "05_autograd",
         f"--Exchange.root={exchange}", "--course=autograd", "--student=ada"],
        cwd=layout.course, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (released,) = exchange.rglob("*.html")
    assert released.read_bytes() == layout.feedback("ada").read_bytes()
