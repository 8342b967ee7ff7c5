"""A course with a gradebook, in which results are recorded as ``grade`` does, without a sandbox."""

import json
import shutil
from contextlib import contextmanager

from autograder.cases import load_cases
from autograder.collect.ledger import read_ledger
from autograder.config import load_config
from autograder.course.desk import Desk
from autograder.course.feedback import FeedbackRoom
from autograder.course.gradebook import Gradebook
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.grading.score import score_checkpoints, score_extra_credit
from autograder.model import CheckResult, Outcome, Provenance, Result

QUESTIONS = (
    "systems_graph_memory", "systems_reverse_mode", "systems_accumulation", "systems_pytorch",
)  # fmt: skip
GRADED = "2026-03-02T10:00:00+00:00"


class Room:
    """One course; ``course`` is where the release comes from."""

    def __init__(self, layout, course):
        self.layout = layout
        if not (layout.course / "release").is_dir():
            shutil.copytree(course / "release", layout.course / "release")
            shutil.copytree(course / "tests" / "hidden", layout.course / "tests" / "hidden")
        self._course = course
        self._released = json.loads(layout.released_notebook.read_text(encoding="utf-8"))

    def hand_in(self, student, answers=None, note="", moment="2026-03-01 20:00:00 UTC"):
        """Hand in the released notebook with some answers, and a comment that makes it another."""
        notebook = json.loads(json.dumps(self._released))
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in (answers or {}):
                cell["source"] = answers[name]
        if note:
            notebook["cells"].append({"cell_type": "code", "metadata": {}, "outputs": [], "id": "n",
                                      "execution_count": None, "source": f"# {note}"})  # fmt: skip
        path = self.layout.collected(student) / f"{self.layout.config.notebook}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        (path.parent / "timestamp.txt").write_text(moment, encoding="utf-8")

    def result(self, student, *, status="graded", outcome="partial", message="", **shares):
        """Return a result with a share of each check's points; all of them by default."""
        config = self.layout.config
        checks = tuple(
            CheckResult(
                check.id, check.title, check.checkpoint, check.kind,
                0.0 if status == "error" else round(check.points * shares.get(check.id, 1.0), 2),
                check.points, "passed" if shares.get(check.id, 1.0) == 1 else "failed",
            )
            for check in config.all_checks
        )  # fmt: skip
        return Result(
            submission="05_autograd.ipynb",
            score=round(sum(one.score for one in checks if one.checkpoint != "extra-credit"), 2),
            max_score=80.0,
            status=status,
            outcome=Outcome(outcome, message or f"The outcome is {outcome}."),
            checkpoints=score_checkpoints(config.checkpoints, checks),
            extra_credit=score_extra_credit(checks),
            checks=checks,
            provenance=Provenance(
                "1", "cases", "seed", self.layout.digest(student), "test", GRADED, 1.0
            ),
        )  # fmt: skip

    def grade(self, student, **fields):
        """Record a result for what lies there."""
        desk, journal = Desk(self.layout), Journal(self.layout)
        result = self.result(student, **fields)
        marks = desk.receive(student, self.layout.submission(student), result)
        with Gradebook(self.layout, desk.comment_places) as book:
            book.require_assignment()
            book.record([marks])
        journal.confirm(student)
        return result

    @contextmanager
    def formgrader(self, student):
        """Yield the student's grades and comments as a person may change them in formgrader."""
        from nbgrader.api import Gradebook as Book

        config = self.layout.config
        with Book(self.layout.gradebook_url, course_id=config.course) as book:
            found = book.find_submission_notebook(config.notebook, config.assignment, student)
            yield (
                {grade.name: grade for grade in found.grades},
                {comment.name: comment for comment in found.comments},
            )
            book.db.commit()

    def give(self, student, cell, **numbers):
        """Do what formgrader does when a person types numbers."""
        with self.formgrader(student) as (grades, _):
            for name, value in numbers.items():
                setattr(grades[cell], name, value)
            grades[cell].needs_manual_grade = False

    def answer_all(self, student, points=4.0):
        """Grade every question by hand."""
        for question in QUESTIONS:
            self.give(student, question, manual_score=points)

    def waiting(self, student):
        """Return the cells that formgrader says need a person."""
        with self.formgrader(student) as (grades, _):
            return {name for name, grade in grades.items() if grade.needs_manual_grade}

    def grades(self):
        """Return the ledger."""
        return read_ledger(self.layout)

    def page(self, student):
        """Return the student's feedback page."""
        cases = load_cases(self._course / "tests" / "hidden", self.layout.config)
        room = FeedbackRoom(self.layout, cases)
        report = room.write_all([student], force=True, progress=lambda _student: None)
        assert report.outcome == {student: "written"}
        return self.layout.feedback(student).read_text(encoding="utf-8")


def open_room(home, course):
    """Return the room of a course that was built."""
    return Room(Layout(course=home, config=load_config(home / "config.yaml")), course)
