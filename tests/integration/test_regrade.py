"""A regrade without fear: told before it happens, and everything of before can be brought back."""

import contextlib
import hashlib
import json
import re
import shutil
import sqlite3

import jsonschema
import pytest
from click.testing import CliRunner

from autograder.cli.main import main
from autograder.config import load_config
from autograder.course.gradebook import Gradebook
from autograder.course.history import History, Requests
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.reports.schema import preview_schema

OVERRIDE, ANSWER = "test_add", "systems_pytorch"
BY_HAND = """
SELECT s.student_id, c.name, g.manual_score, g.extra_credit, k.manual_comment
FROM submitted_notebook n JOIN submitted_assignment s ON n.assignment_id = s.id
LEFT JOIN grade g ON g.notebook_id = n.id LEFT JOIN base_cell c ON g.cell_id = c.id
LEFT JOIN comment k ON k.notebook_id = n.id AND k.cell_id = c.id
WHERE g.manual_score IS NOT NULL OR k.manual_comment IS NOT NULL OR g.extra_credit IS NOT NULL
ORDER BY 1, 2
"""
AUTOMATIC = """
SELECT c.name, g.auto_score FROM grade g JOIN submitted_notebook n ON g.notebook_id = n.id
JOIN submitted_assignment s ON n.assignment_id = s.id JOIN base_cell c ON g.cell_id = c.id
WHERE s.student_id = ?
"""


@pytest.fixture(scope="module")
def graded(course, solution, tmp_path_factory):
    """Return a course in which ada is right, cyd is wrong in one rule, and eve cannot be read."""
    root = tmp_path_factory.mktemp("graded")
    shutil.copy(course / "config.yaml", root)
    for name in ("release", "tests/hidden", "source"):
        shutil.copytree(course / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    layout = Layout(course=root, config=load_config(root / "config.yaml"))
    right = solution.read_bytes()
    wrong = right.replace(b"            -grad_output if b", b"            grad_output if b")
    assert wrong != right
    for student, data in (("ada", right), ("cyd", wrong), ("eve", b"{")):
        path = layout.submission(student)
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    autograder(layout, "grade")
    enter_by_hand(layout)
    return layout


@pytest.fixture
def layout(graded, tmp_path):
    shutil.copytree(graded.course, tmp_path / "course")
    return Layout(course=tmp_path / "course", config=graded.config)


def autograder(layout, *arguments, status=0):
    """Run a command and return what it says."""
    wide = {"COLUMNS": "200"}
    done = CliRunner().invoke(main, ["--course", str(layout.course), *arguments], env=wide)
    assert done.exit_code == status, done.output
    return " ".join(done.output.split())


def stdout(layout, *arguments):
    done = CliRunner().invoke(main, ["--course", str(layout.course), *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def query(layout, sql, *values):
    with contextlib.closing(sqlite3.connect(layout.course / "gradebook.db")) as book:
        return book.execute(sql, values).fetchall()


def enter_by_hand(layout):
    """Enter an override, a hand grade, a comment and extra credit for cyd, as formgrader does."""
    from nbgrader.api import Gradebook as Book

    with Book(layout.gradebook_url) as book:
        found = book.find_submission_notebook("05_autograd", "05_autograd", "cyd")
        grades = {item.name: item for item in found.grades}
        grades[OVERRIDE].manual_score = 1.5
        grades[OVERRIDE].extra_credit = 0.5
        grades[ANSWER].manual_score, grades[ANSWER].needs_manual_grade = 4, False
        {item.name: item for item in found.comments}[ANSWER].manual_comment = "Say more."
        book.db.commit()


def change_points(layout):
    """Move a point from mul to sub, and change a case of div."""
    config = layout.course / "config.yaml"
    text = config.read_text(encoding="utf-8")
    moved = re.sub(r"(id: mul,.*points: )6", r"\g<1>5", text)
    moved = re.sub(r"(id: sub,.*points: )5", r"\g<1>6", moved)
    assert moved != text
    config.write_text(moved, encoding="utf-8")
    cases = layout.course / "tests" / "hidden" / "gradient.py"
    text = cases.read_text(encoding="utf-8")
    assert "scale=2.0**12" in text
    cases.write_text(text.replace("scale=2.0**12", "scale=2.0**10"), encoding="utf-8")


def everything(layout):
    """Return a digest of each file, but for the lock that says who is at work."""
    return {
        str(path.relative_to(layout.course)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(layout.course.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def scores(layout, student="cyd"):
    return [entry.score for entry in History(layout).of(student)]


def automatic(layout, student="cyd"):
    return dict(query(layout, AUTOMATIC, student))


def test_dry_run_tells_who_would_change_where_and_why_and_writes_nothing(layout):
    shutil.copytree(layout.collected("ada"), layout.collected("fay"))
    change_points(layout)
    before = everything(layout)
    assert any(name.startswith(".autograder/results/") for name in before)
    said = autograder(layout, "grade", "--dry-run")
    assert everything(layout) == before
    old = scores(layout)[-1]
    assert f"cyd {old:g} +" in said
    assert re.search(r"mul 6/6 → 5/5 \(points\); sub \d[\d.]*/5 → \d[\d.]*/6 \(points\)", said)
    assert "cases div/div_of_large_values: another program" in said
    assert "points mul: 6 → 5" in said
    assert " ada " not in said, "the total stays"
    assert "1 would change, 1 would be graded for the first time, 2 would stay as they are" in said
    assert "(1 with other points in checks)" in said
    assert "nothing was written" in said
    document = json.loads(stdout(layout, "grade", "--dry-run", "--format", "json"))
    jsonschema.validate(document, json.loads(preview_schema()))
    becomes = {row["student"]: row["becomes"] for row in document["students"]}
    assert becomes == {"ada": "same", "cyd": "changed", "eve": "same", "fay": "first"}
    cyd = next(row["change"] for row in document["students"] if row["student"] == "cyd")
    assert cyd["before"]["score"] == old
    assert {"id": "mul", "before": [6.0, 6.0], "after": [5.0, 5.0], "parts": ["points"]} in (
        cyd["checks"]
    )
    assert everything(layout) == before


def test_json_of_a_run_that_writes_is_refused(layout):
    assert "A run has a table" in autograder(layout, "grade", "--format", "json", status=2)


def test_dry_run_tells_what_grade_then_does_and_what_people_entered_survives_it_all(layout):
    by_hand = query(layout, BY_HAND)
    assert [row[0] for row in by_hand] == ["ada", "cyd", "cyd", "cyd"], (
        "stretch and what we entered"
    )
    (old,), first = scores(layout), automatic(layout)
    change_points(layout)
    told = autograder(layout, "grade", "--dry-run", "--student", "cyd")
    autograder(layout, "grade")
    assert scores(layout)[0] == old != scores(layout)[1]
    assert re.search(rf"cyd {old:g} \+\S+ {scores(layout)[1]:g} ", told)
    assert automatic(layout) != first
    assert query(layout, BY_HAND) == by_hand
    said = autograder(layout, "history", "cyd", "--bring-back", "1", "--note", "too late")
    assert "1 brought back: too late" in said
    assert scores(layout) == [old, scores(layout)[1], old]
    assert automatic(layout) == first
    assert query(layout, BY_HAND) == by_hand


def test_a_result_that_was_brought_back_holds_until_somebody_wants_another(layout):
    (old,) = scores(layout)
    change_points(layout)
    autograder(layout, "grade")
    autograder(layout, "history", "cyd", "--bring-back", "1")
    assert "0 graded, 2 unchanged, 0 not graded, 1 held as brought back: cyd" in autograder(
        layout, "grade"
    )
    assert "1 held as brought back: cyd" in autograder(layout, "grade", "--student", "cyd")
    assert "2 graded, 0 unchanged, 0 not graded, 1 held" in autograder(layout, "grade", "--force")
    assert scores(layout)[-1] == old
    said = autograder(layout, "grade", "--dry-run", "--force", "--student", "cyd")
    assert "1 would change" in said
    assert "would no longer be held as brought back: cyd" in said
    assert "1 graded" in autograder(layout, "grade", "--force", "--student", "cyd")
    assert scores(layout)[-1] != old


def test_a_new_hand_in_ends_what_was_brought_back_and_keeps_it_in_the_history(layout):
    (old,) = scores(layout)
    autograder(layout, "history", "cyd", "--bring-back", "1")
    shutil.rmtree(layout.collected("cyd"))
    shutil.copytree(layout.collected("ada"), layout.collected("cyd"))
    said = autograder(layout, "grade", "--dry-run")
    assert "sub +" in said
    assert "would no longer be held as brought back: cyd" in said
    said = autograder(layout, "grade")
    assert "1 graded, 2 unchanged" in said
    assert "no longer held as brought back: cyd" in said
    assert scores(layout) == [old, old, 80]
    assert "(submission)" in autograder(layout, "history", "cyd")
    before = everything(layout)
    said = autograder(layout, "history", "cyd", "--bring-back", "1", status=2)
    assert "is of another hand-in" in said
    assert everything(layout) == before


def test_a_reworded_course_regrades_nobody(layout):
    cases = layout.course / "tests" / "hidden" / "shape.py"
    text = cases.read_text(encoding="utf-8")
    assert '    """' in text
    cases.write_text(text.replace('    """', '    """In short: '), encoding="utf-8")
    config = layout.course / "config.yaml"
    text = config.read_text(encoding="utf-8")
    assert 'title: "' in text
    config.write_text(text.replace('title: "', 'title: "Now: '), encoding="utf-8")
    assert "0 graded, 3 unchanged" in autograder(layout, "grade")


def test_a_request_is_kept_with_its_answer_and_both_results(layout):
    by_hand = query(layout, BY_HAND)
    change_points(layout)
    said = autograder(layout, "regrade", "cyd", "--note", "sub is right", "--reply", "It is not.")
    assert "mul 6/6 → 5/5 (points)" in said
    assert "to undo it: autograder history cyd --bring-back 1" in said
    (request,) = Requests(layout).of("cyd")
    assert (request.note, request.reply) == ("sub is right", "It is not.")
    before, after = History(layout).of("cyd")
    assert (request.before, request.after) == (before.digest, after.digest)
    assert "mul 6/6 → 5/5" in request.answer
    assert query(layout, BY_HAND) == by_hand
    shown = autograder(layout, "history", "cyd")
    assert "graded on request" in shown
    assert "reply: It is not." in shown
    assert "result before: 1, after: 2" in shown
    again = autograder(layout, "regrade", "cyd", "--note", "once more")
    assert "as before: graded again from the hand-in with the same cases and inputs" in again
    assert "to undo it" not in again


def test_a_request_that_cannot_be_answered_is_kept_and_so_is_the_grade(layout, monkeypatch):
    (old,) = scores(layout)

    def locked(_self, _batch):
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(Gradebook, "_write", locked)
        said = autograder(layout, "regrade", "cyd", "--note", "look again", status=4)
    assert "could not be graded again" in said
    assert scores(layout) == [old]
    assert "look again" in autograder(layout, "history", "cyd")
    assert "did not finish" in autograder(layout, "history", "cyd")


def test_bringing_back_that_is_interrupted_is_finished_by_the_next_run(layout, monkeypatch):
    (old,) = scores(layout)
    change_points(layout)
    autograder(layout, "grade")
    new = scores(layout)[-1]

    def locked(_self, _batch):
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(Gradebook, "_write", locked)
        autograder(layout, "history", "cyd", "--bring-back", "1", status=4)
    assert scores(layout) == [old, new]
    assert Journal(layout).latest("cyd").score == old
    assert "1 would change" in autograder(layout, "grade", "--dry-run", "--student", "cyd")
    assert "1 held as brought back: cyd" in autograder(layout, "grade")
    assert scores(layout) == [old, new, old]


def test_what_does_not_fit_is_refused_and_says_what_to_do(layout):
    before = everything(layout)
    assert "has one result, and no 2" in autograder(
        layout, "history", "cyd", "--bring-back", "2", status=2
    )
    assert "'bob' has no result" in autograder(layout, "history", "bob", status=2)
    assert "--bring-back N" in autograder(layout, "history", "cyd", "--note", "why", status=2)
    assert "handed nothing in" in autograder(layout, "regrade", "bob", "--note", "x", status=2)
    assert "--note is empty" in autograder(layout, "regrade", "cyd", "--note", " ", status=2)
    config = layout.course / "config.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"(?m)^.*id: gelu,.*\n", "", text), encoding="utf-8")
    assert config.read_text(encoding="utf-8") != text
    assert "of other checks than config.yaml has now: gelu" in autograder(
        layout, "history", "cyd", "--bring-back", "1", status=2
    )
    config.write_text(text, encoding="utf-8")
    after = everything(layout)
    assert {name for name in after if after[name] != before.get(name)} <= {
        ".autograder/results/05_autograd/lock"
    }


def test_an_old_result_can_be_printed_and_repeated(layout, tmp_path):
    shown = CliRunner().invoke(main, ["--course", str(layout.course), "history", "cyd",
                                      "--result", "1"])  # fmt: skip
    then = tmp_path / "then.json"
    then.write_text(shown.stdout, encoding="utf-8")
    said = autograder(layout, "run", str(layout.submission("cyd")), "--seed-from", str(then))
    assert "the same result, check by check" in said
    document = CliRunner().invoke(
        main, ["--course", str(layout.course), "history", "cyd", "--format", "json"]
    )
    found = json.loads(document.stdout)
    assert [one["number"] for one in found["history"]] == [1]
    assert found["results"][0] == json.loads(shown.stdout)
