"""``--sort`` and ``--filter``: what they mean, and that nonsense is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_class import make_result, make_students, mistake, unreadable

from autograder.errors import UsageError
from autograder.reports.classtable import Entry, class_row, render_entries
from autograder.reports.selection import select


@pytest.fixture(scope="module")
def entries(config):
    half = make_result(
        config, {check.id: (0.0, mistake("stub", "")) for check in config.checks[9:]}
    )
    wrong = make_result(config, {"mul": (0.5, mistake("mul-own-operand")), "div": (0.0, "skipped")})
    broken = make_result(config, {}, outcome=unreadable(), status="error")
    return [
        Entry("zoe", "graded", class_row(make_result(config, {})), "Zoë Adams", ("mon",)),
        Entry("bob", "graded", class_row(wrong), "Bob Baker", ("tue", "lab-1"), waiting=("q1",)),
        Entry("Ann", "outdated", class_row(half), "Ann Clark", ("tue",)),
        Entry("eve", "error", class_row(broken), "Eve Dunn"),
        Entry("mia", "missing", None, "Mia Ek", reason="has handed nothing in"),
    ]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("state=error", ["eve"]),
        ("state!=graded", ["Ann", "eve", "mia"]),
        ("total=80", ["zoe"]),
        ("total<80", ["bob", "Ann"]),
        ("total!=80", ["bob", "Ann"]),
        ("cp2<80%", ["Ann"]),
        ("checkpoint-1 >= 40", ["zoe", "Ann"]),
        ("cp1<100%", ["bob"]),
        ("extra>0", ["zoe", "bob", "Ann"]),
        ("check=mul", ["bob"]),
        ("check=d*", ["bob", "Ann"]),
        ("mistake=mul-own-operand", ["bob"]),
        ("mistake=stub", []),
        ("group=TUE", ["bob", "Ann"]),
        ("group!=tue", ["zoe", "eve", "mia"]),
        ("waiting=*", ["bob"]),
        ("name=zo*", ["zoe"]),
        ("student=ann", ["Ann"]),
        ("clark", ["Ann"]),
        ("handed nothing", ["mia"]),
        ("unreadable", ["eve"]),
    ],
)
def test_a_condition_chooses(entries, config, condition, names):
    checks = [check.id for check in config.all_checks]
    assert [entry.student for entry in select(entries, "", [condition], checks)] == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("", ["zoe", "bob", "Ann", "eve", "mia"]),
        ("student", ["Ann", "bob", "eve", "mia", "zoe"]),
        ("-student", ["zoe", "mia", "eve", "bob", "Ann"]),
        ("total", ["Ann", "bob", "zoe", "eve", "mia"]),
        ("-total", ["zoe", "bob", "Ann", "eve", "mia"]),
        ("-cp1,student", ["Ann", "zoe", "bob", "eve", "mia"]),
        ("state", ["zoe", "bob", "eve", "Ann", "mia"]),
        ("-waiting,-name", ["bob", "zoe", "mia", "eve", "Ann"]),
        ("-check", ["Ann", "bob", "zoe", "eve", "mia"]),
    ],
)
def test_an_order_sorts_and_who_has_no_score_comes_last(entries, order, names):
    assert [entry.student for entry in select(entries, order)] == names


def test_all_conditions_must_hold(entries):
    chosen = select(entries, "", ["group=tue", "total>60"])
    assert [entry.student for entry in chosen] == ["bob"]


@pytest.mark.parametrize(
    ("order", "conditions", "told"),
    [
        ("totl", [], "'total'"),
        ("", ["totl<3"], "'total'"),
        ("", ["total<many"], "80%"),
        ("", ["total<-3"], "'-3'"),
        ("", ["name<b"], "name=b"),
        ("", ["check=mull"], "'mul'"),
        ("", ["state=eror"], "'error'"),
    ],
)
def test_nonsense_is_an_error_that_helps_even_for_an_empty_class(config, order, conditions, told):
    with pytest.raises(UsageError) as raised:
        select((), order, conditions, [check.id for check in config.all_checks])
    assert told in f"{raised.value.message} {raised.value.remedy}"
    assert raised.value.exit_code == 2


@given(text=st.text(max_size=20))
def test_any_text_chooses_or_is_a_usage_error(config, text):
    students = make_students(config, 8)
    try:
        chosen = select(students, "", [text])
        ordered = select(students, text)
    except UsageError:
        return
    assert set(map(id, chosen)) <= set(map(id, students))
    assert sorted(map(id, ordered)) == sorted(map(id, students))


def test_the_table_says_how_many_of_how_many_it_shows(entries, capsys):
    from rich import print as show

    show(render_entries(entries[:2], of=5))
    assert "2 of 5 shown; of these 2 graded" in " ".join(capsys.readouterr().out.split())
