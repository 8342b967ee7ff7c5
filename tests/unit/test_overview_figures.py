"""The figures of a class, and how they are told."""

import json
from io import StringIO

import pytest
from made_class import make_overview, make_result, make_students, mistake, unreadable
from rich.console import Console

from autograder.reports.overview.document import overview_json
from autograder.reports.overview.records import FailedCase, Student
from autograder.reports.overview.students import student_of
from autograder.reports.overview.text import render_overview

HOSTILE = "eve\x1b[31m\u202e::error::owned"


def printed(renderable):
    stream = StringIO()
    Console(file=stream, width=80, highlight=False).print(renderable)
    return stream.getvalue()


@pytest.fixture(scope="module")
def small(course, config):
    """Five students, so that every figure can be counted by hand."""
    wrong = {"mul": (0.5, mistake("mul-own-operand")), "paths": (0.0, mistake("mul-own-operand"))}
    guess = {
        "mul": (0.25, mistake("mul-own-operand", "perhaps")),
        "neg": (0.0, mistake("stub", "")),
    }
    case = FailedCase("mul/one", "mul", "A product.")
    excused = FailedCase("paths/one", "paths", "Two paths.", excused=True)
    students = [
        student_of("ann", make_result(config, {}), state="graded", cases=()),
        student_of(
            "bob", make_result(config, wrong), state="graded", cases=(case, excused),
            waiting=("systems_pytorch", "test_mul"),
        ),
        student_of("cid", make_result(config, guess), state="outdated", cases=(case,)),
        student_of(
            "eve", make_result(config, {}, outcome=unreadable(), status="error"), state="error",
            waiting=("systems_pytorch",),
        ),
        Student("mia", "missing", reason="has handed nothing in"),
    ]  # fmt: skip
    return make_overview(course, config, 5, students)


def test_states_are_counted_and_errors_are_no_zeros(small, config):
    assert {state: count for state, count in small.states.items() if count} == {
        "graded": 2, "outdated": 1, "error": 1, "missing": 1
    }  # fmt: skip
    assert small.scored == 3
    first, second, total = small.distributions
    assert [part.count for part in small.distributions] == [3, 3, 3]
    assert first.mean == pytest.approx((40 + 37 + 35.5) / 3, abs=0.005)
    assert (first.median, first.passed, first.pass_mark) == (37, 3, 32)
    assert second.median == 40
    assert (total.max_score, total.pass_mark, total.passed) == (config.max_score, None, None)


def test_every_score_is_in_one_bin(small):
    for part in small.distributions:
        assert sum(one.count for one in part.bins) == 3
        assert part.bins[0].low == 0
        assert part.bins[-1].high == part.max_score
        assert [one.high for one in part.bins[:-1]] == [one.low for one in part.bins[1:]]


def test_a_check_counts_who_passed_it(small):
    mul = next(check for check in small.checks if check.id == "mul")
    assert (mul.passed, mul.partly, mul.nothing) == (1, 2, 0)
    assert mul.pass_rate == pytest.approx(1 / 3, abs=1e-4)
    assert mul.mean_score == pytest.approx((6 + 3 + 1.5) / 3)
    assert mul.who == ("bob", "cid")
    paths = next(check for check in small.checks if check.id == "paths")
    assert (paths.passed, paths.nothing) == (2, 1)


def test_a_mistake_counts_each_student_once_and_says_for_whom_it_is_a_guess(small):
    (found,) = small.mistakes
    assert (found.id, found.students, found.perhaps) == ("mul-own-operand", 2, 1)
    assert found.who == ("bob", "cid")
    assert found.checks == (("mul", 2), ("paths", 1))
    assert found.lost == pytest.approx(3 + 4.5 + 3)
    assert "MulBackward" in found.sentence
    assert not found.only_extra


def test_a_plain_fact_is_no_mistake_and_extra_credit_is_marked(small):
    (found,) = small.findings
    assert (found.id, found.who, found.only_extra) == ("stub", ("cid",), True)
    assert found.example == "Told of stub."


def test_a_case_counts_those_who_lose_points(small):
    (found,) = small.cases
    assert (found.id, found.students, found.who) == ("mul/one", 2, ("bob", "cid"))
    assert small.cases_known == 3


def test_the_queue_has_questions_first_and_no_unreadable_submission(small):
    assert [(one.cell, one.who) for one in small.queue] == [
        ("systems_pytorch", ("bob",)), ("test_mul", ("bob",))
    ]  # fmt: skip
    assert small.queue[0].title.startswith("Question 4")


def test_a_class_that_nobody_has_points_in_has_no_figures(course, config):
    empty = make_overview(course, config, 1, [Student("mia", "missing", reason="nothing")])
    assert all(part.mean is None and part.count == 0 for part in empty.distributions)
    assert all(check.pass_rate is None for check in empty.checks)
    assert "nobody has points yet" in printed(render_overview(empty, who=False))


def test_text_is_eighty_columns_wide_and_names_sharers_only_on_request(course, config):
    overview = make_overview(course, config, 60)
    names = {student.student for student in overview.students if student.state == "graded"}
    brief, full = (printed(render_overview(overview, who=who)) for who in (False, True))
    for text in (brief, full):
        assert max(map(len, text.splitlines())) <= 80
    assert not any(name in brief for name in names)
    assert sum(name in full for name in names) > 10
    absent = [student.student for student in overview.students if student.state == "missing"]
    assert absent
    assert all(name in brief for name in absent)


def test_json_names_nobody_unless_asked(course, config):
    overview = make_overview(course, config, 60, conditions=["student=ada.abe"])
    plain, named = (overview_json(overview, who=who) for who in (False, True))
    ids = [student.student for student in overview.students]
    assert not any(name in plain for name in ids)
    assert all(name in named for name in ids)
    document = json.loads(named)
    assert document["schema"] == "autograder/overview/v1"
    assert len(document["students"]) == 60
    assert document["conditions"] == ["student=ada.abe"]
    assert json.loads(plain)["filtered"] is True
    missing = next(row for row in document["students"] if row["state"] == "missing")
    assert missing["total"] is None
    assert json.loads(plain)["mistakes"][0].keys() == document["mistakes"][0].keys() - {
        "who", "example"
    }  # fmt: skip


def test_names_are_harmless_to_a_terminal(course, config):
    result = make_result(config, {"mul": (0.0, mistake("mul-own-operand"))})
    students = [
        student_of(HOSTILE, result, state="graded", waiting=(HOSTILE,), cases=()),
        Student(HOSTILE, "missing", reason=HOSTILE, groups=(HOSTILE,)),
    ]
    overview = make_overview(course, config, 2, students, conditions=[HOSTILE])
    for text in (
        printed(render_overview(overview, who=True)),
        overview_json(overview, who=True),
    ):
        assert "eve" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "::error" not in text


def test_a_made_class_has_all_that_the_other_tests_look_for(config):
    states = {student.state for student in make_students(config, 200)}
    assert {"graded", "outdated", "error", "missing"} <= states
