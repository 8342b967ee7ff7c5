"""``overview``, and the tables of ``grade`` and ``status``, on a course that was really graded."""

import json
import shutil

import nbformat
import pytest
from click.testing import CliRunner

from autograder.audit.mutants import load_catalogue
from autograder.cli import main
from autograder.cli.context import open_layout
from autograder.collect.ledger import read_ledger
from autograder.course.classroom import Classroom
from autograder.course.failed import failed_cases
from autograder.course.feedback import FeedbackRoom
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.course.release import release
from autograder.demo.students import ClassMaker

ROSTER = """id,name,group
ada,Ada Abe,mon
bea,Bea Berg,tue
ben,Ben Costa,tue
eve,Eve Diallo,mon
mia,Mia Ek,mon
ron,Ron Fox,tue
"""


@pytest.fixture(scope="module")
def layout(course, config, exam, seed, grader, tmp_path_factory):
    """A released course: one right, one wrong, one blank, one broken, one missing, one excused."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(course / "source", root / "source")
    shutil.copytree(course / "tests" / "hidden", root / "tests" / "hidden")
    (root / ".autograder").mkdir()
    (root / ".autograder" / "seed").write_bytes(seed)
    text = (course / "config.yaml").read_text(encoding="utf-8")
    (root / "config.yaml").write_text(
        f"{text}\nroster: roster.csv\nexcused: [ron]\n", encoding="utf-8"
    )
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    layout = Layout(course=root, config=config)
    release(layout, grader, lambda _message: None)
    maker = ClassMaker(Layout(course=course, config=config))
    wrong = {entry.id: entry for entry in load_catalogue(course)}["mul-own-operand"]
    hand_in(layout, "ada", nbformat.writes(maker.solved()))
    hand_in(layout, "bea", nbformat.writes(maker.edited(wrong.topological)))
    hand_in(layout, "ben", layout.released_notebook.read_text(encoding="utf-8"))
    hand_in(layout, "eve", "{")
    room = Classroom(layout, exam, "auto")
    report = room.grade(
        ["ada", "bea", "ben", "eve"], processes=2, force=True, progress=lambda *_: None
    )
    assert report.failed == {}
    FeedbackRoom(layout, exam.case_set).write_all(["bea"], force=True, progress=lambda _: None)
    return layout


def hand_in(layout, student, text):
    path = layout.submission(student)
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def run(layout, *arguments, status=0):
    shown = CliRunner(env={"COLUMNS": "80"}).invoke(
        main, ["--course", str(layout.course), *arguments]
    )
    assert shown.exit_code == status, shown.output
    return shown.stdout if status == 0 else shown.stderr


def figures(layout, *arguments):
    return json.loads(run(layout, "overview", "--format", "json", *arguments))


def test_figures_are_those_of_the_results(layout):
    found = figures(layout, "--who")
    assert {state: count for state, count in found["states"].items() if count} == {
        "graded": 1, "waiting": 2, "error": 1, "missing": 1, "excused": 1
    }  # fmt: skip
    assert found["scored"] == 3
    journal = Journal(layout)
    scores = [journal.read(name).checkpoints[0].score for name in ("ada", "bea", "ben")]
    first = found["distributions"][0]
    assert first["mean"] == round(sum(scores) / 3, 2)
    assert first["passed"] == 2
    mistake = next(one for one in found["mistakes"] if one["id"] == "mul-own-operand")
    assert mistake["who"] == ["bea"]
    assert "mul" in [check for check, _ in mistake["checks"]]
    mul = next(check for check in found["checks"] if check["id"] == "mul")
    assert mul["who"] == ["bea", "ben"]
    rows = {row["student"]: row for row in found["students"]}
    assert rows["ada"]["total"] == 80 + 12
    assert rows["ben"]["total"] == 0
    assert rows["eve"]["total"] is None
    assert found["distributions"][2]["max_score"] == layout.config.max_score
    ledger = read_ledger(open_layout(layout.course))
    assert {name: row["total"] for name, row in rows.items()} == {
        name: grade.total for name, grade in ledger.items()
    }
    assert {name: row["state"] for name, row in rows.items()} == {
        name: grade.state for name, grade in ledger.items()
    }
    assert rows["mia"]["name"] == "Mia Ek"


def test_cases_are_those_that_came_out_wrong(layout):
    found = figures(layout, "--who")
    assert found["cases_known"] == 3
    assert any("bea" in case["who"] and case["check"] == "mul" for case in found["cases"])
    result = Journal(layout).read("bea")
    kept = failed_cases(layout, "bea", result)
    assert {case.check for case in kept if not case.excused} == {
        check.id for check in result.checks if check.status != "passed"
    }
    assert any(case.excused for case in kept)
    assert failed_cases(layout, "ada", Journal(layout).read("ada")) == ()


def test_cases_of_another_result_or_a_broken_file_say_nothing(layout, tmp_path):
    path, result = layout.failed_cases("bea"), Journal(layout).read("bea")
    kept = path.read_bytes()
    try:
        path.write_bytes(layout.failed_cases("ada").read_bytes())
        assert failed_cases(layout, "bea", result) is None
        path.write_bytes(kept[:40])
        assert failed_cases(layout, "bea", result) is None
        assert "known for 2 of 3" in run(layout, "overview")
    finally:
        path.write_bytes(kept)


def test_answers_that_wait_are_in_the_queue(layout):
    found = figures(layout, "--who")
    waiting = {one["cell"]: one["who"] for one in found["queue"]}
    assert waiting["systems_pytorch"] == ["ada", "bea"]


def test_a_submission_handed_in_anew_is_told_and_keeps_its_figures(layout):
    path = layout.submission("bea")
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(text + "\n", encoding="utf-8")
        assert figures(layout)["states"]["outdated"] == 1
        assert figures(layout)["scored"] == 3
        assert "handed in anew since: bea" in run(layout, "overview")
    finally:
        path.write_text(text, encoding="utf-8")


def test_conditions_choose_whom_the_figures_are_about(layout):
    found = figures(layout, "--filter", "group=tue", "--filter", "total>0", "--who")
    assert [row["student"] for row in found["students"]] == ["bea"]
    assert (found["of"], found["scored"]) == (6, 1)
    assert "1 of 6 students: group=tue and total>0" in run(
        layout, "overview", "--filter", "group=tue", "--filter", "total>0"
    )
    assert "there is no check 'mull'" in run(layout, "overview", "--filter", "check=mull", status=2)


def test_text_names_absent_ones_and_sharers_on_request(layout):
    text = run(layout, "overview")
    assert "1 missing: mia" in text
    assert "1 excused: ron" in text
    assert "1 in error: eve" in text
    assert "bea" not in text
    assert "bea" in run(layout, "overview", "--who")


def test_page_is_private_and_leads_to_pages_that_exist(layout, tmp_path):
    printed = run(layout, "overview", "--format", "html").strip()
    path = layout.overview
    assert printed == str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text(encoding="utf-8")
    address = '<a href="../../feedback/bea/05_autograd/05_autograd.html">bea</a>'
    assert address in text
    assert (path.parent / "../../feedback/bea/05_autograd/05_autograd.html").is_file()
    assert ">ada</a>" not in text
    elsewhere = tmp_path / "class.html"
    run(layout, "overview", "--format", "html", "--output", str(elsewhere))
    assert elsewhere.is_file()
    assert "--format html" in run(layout, "overview", "--output", "x", status=2)


def test_grade_shows_those_who_are_chosen_in_the_order_asked_for(layout):
    told = run(layout, "grade", "--sort", "total", "--filter", "cp1>=0")
    lines = [line.split()[0] for line in told.splitlines() if line.strip()]
    assert [word for word in lines if word in {"ada", "bea", "ben"}] == ["ben", "bea", "ada"]
    assert "3 of 4 shown" in told


def test_status_shows_the_same_table(layout):
    told = run(layout, "status", "--sort", "-total", "--filter", "total>0")
    lines = [line.split()[0] for line in told.splitlines() if line.strip()]
    assert lines.index("ada") < lines.index("bea")
    assert "ben" not in lines
    assert "2 of 6 shown" in told
    assert "next:" in told
    assert "mia" in run(layout, "status", "--table")
    assert "text" in run(layout, "status", "--table", "--format", "json", status=2)


def test_a_misspelt_condition_stops_grade_before_it_grades(layout):
    before = layout.result("ada").stat().st_mtime_ns
    told = run(layout, "grade", "--force", "--filter", "totl<3", status=2)
    assert "there is no field 'totl'" in told.lower()
    assert layout.result("ada").stat().st_mtime_ns == before


def test_nobody_at_all_is_a_usage_error(course, tmp_path):
    shutil.copy(course / "config.yaml", tmp_path)
    empty = Layout(course=tmp_path, config=None)
    assert "Nobody has handed anything in" in run(empty, "overview", status=2)


def test_a_folder_that_cannot_be_written_costs_nobody_a_grade(layout):
    folder = layout.failed_cases("ada").parent
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("in the way", encoding="utf-8")
    try:
        run(layout, "grade", "--force", "--student", "ada")
        assert failed_cases(layout, "ada", Journal(layout).read("ada")) is None
        assert Journal(layout).read("ada").score == 80
    finally:
        folder.unlink()
        aside.rename(folder)
