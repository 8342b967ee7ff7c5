"""A mistake is told in full where it is surest, and a reader starts there."""

import pytest

from autograder.model import CheckResult, Diagnosis
from autograder.reports.markup import coded
from autograder.reports.telling import home_of, start, told_at


def check(id_, code="", sure="", status="failed", **more):
    found = Diagnosis(code, "It is wrong.", "Look.", sure=sure, **more) if code else None
    return CheckResult(
        id=id_, title=id_, checkpoint="checkpoint-2", kind="gradient", score=0, max_score=1,
        status=status, diagnosis=found,
    )  # fmt: skip


def test_a_mistake_is_told_where_it_is_surest_and_elsewhere_pointed_to():
    checks = [
        check("paths", "unsummed", "perhaps"), check("broadcasting", "unsummed", "likely"),
        check("training", "unsummed", "likely"),
    ]  # fmt: skip
    homes = told_at(checks)
    assert homes == {"unsummed": checks[1]}
    assert [home_of(one, homes) for one in checks] == [checks[1], None, checks[1]]


def test_a_plain_fact_is_told_wherever_it_is_found():
    checks = [check("mul", "shape"), check("div", "shape"), check("sum", status="passed")]
    assert told_at(checks) == {}
    assert [home_of(one, {}) for one in checks] == [None, None, None]


@pytest.mark.parametrize(
    ("checks", "first"),
    [
        ([check("a", "x", "perhaps"), check("b", "y", "likely"), check("c", "z", "certain")], "c"),
        ([check("a", "x", "perhaps"), check("b", "y", line=3)], "b"),
        ([check("a", "x"), check("b", "y", "seen"), check("c", "z", "likely")], "b"),
        ([check("a", "x", status="skipped"), check("b", "y", "perhaps")], "b"),
        ([check("a"), check("b", "y")], "b"),
    ],
)
def test_a_reader_starts_at_the_most_certain_finding(checks, first):
    assert start(checks).id == first


def test_nobody_starts_where_all_is_well():
    assert start([check("a", status="passed"), check("b", status="skipped")]) is None


def test_what_stands_between_backticks_is_code_and_stays_escaped():
    assert coded("The line is `a < b`, twice `c`.") == (
        "The line is <code>a &lt; b</code>, twice <code>c</code>."
    )
    assert coded("One ` alone <b>") == "One ` alone &lt;b&gt;"
