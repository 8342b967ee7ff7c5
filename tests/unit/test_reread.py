"""What is shown of a hand-in is what was graded, or nothing."""

import pytest

from autograder.course.layout import Layout
from autograder.course.reread import Shown, reread
from autograder.errors import InfrastructureError
from autograder.model import Outcome, Provenance, Result


@pytest.fixture
def layout(tmp_path, config):
    return Layout(course=tmp_path / "course", config=config)


def result_for(digest):
    origin = Provenance(
        grader_version="1", case_set_digest="", seed_digest="", submission_sha256=digest,
        isolation="none", started="", seconds=0.0,
    )  # fmt: skip
    return Result(
        submission="a.py", score=0.0, max_score=80.0, status="graded",
        outcome=Outcome(id="complete", message="", remedy=""), checkpoints=(), extra_credit=None,
        checks=(), provenance=origin,
    )  # fmt: skip


@pytest.fixture
def hand_in(layout):
    path = layout.collected("ada") / "05_autograd.py"
    path.parent.mkdir(parents=True)
    path.write_text("x = 1", encoding="utf-8")
    return path


def test_python_file_is_shown_as_one_cell(layout, hand_in):
    shown = reread(layout, "ada", result_for(layout.digest("ada")))
    assert shown.code == {0: "x = 1"}
    assert [(cell.cell_type, cell.source) for cell in shown.document] == [("code", "x = 1")]


def test_file_that_changed_since_is_not_shown(layout, hand_in):
    graded = result_for(layout.digest("ada"))
    hand_in.write_text("x = 2", encoding="utf-8")
    with pytest.raises(InfrastructureError, match="changed while it was graded"):
        reread(layout, "ada", graded)


def test_file_that_is_gone_or_no_submission_shows_nothing(layout, hand_in):
    hand_in.write_bytes(b"x = \xff")
    assert reread(layout, "ada", result_for(layout.digest("ada"))) == Shown()
    graded = result_for(layout.digest("ada"))
    hand_in.unlink()
    assert reread(layout, "ada", graded) == Shown()
