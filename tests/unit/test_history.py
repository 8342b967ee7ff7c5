"""Old results are kept whatever happens, and what changed between two of them is said as it is."""

import msgspec
import pytest
from rich.console import Console

from autograder.course.changes import compare, differences
from autograder.course.exams import Exams
from autograder.course.history import BroughtBack, Entry, History, Request, Requests
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.model import (
    CheckpointResult,
    CheckResult,
    ExtraCredit,
    Outcome,
    Provenance,
    Result,
)
from autograder.reports.changes import (
    Cause,
    RequestRow,
    render_history,
    render_preview,
    what_changed,
)

replace = msgspec.structs.replace


@pytest.fixture
def layout(tmp_path, config):
    return Layout(course=tmp_path, config=config)


def check(name, score, worth=6.0):
    return CheckResult(
        id=name, title=name, checkpoint="checkpoint-1", kind="gradient", score=score,
        max_score=worth, status="passed" if score == worth else "failed",
    )  # fmt: skip


def result(*checks, digest="d" * 16, sha="s", status="graded", **origin):
    score = sum(one.score for one in checks)
    most = sum(one.max_score for one in checks)
    return Result(
        submission="05_autograd.ipynb", score=score, max_score=most, status=status,
        outcome=Outcome(id="partial", message="Some checks do not pass."),
        checkpoints=(CheckpointResult("checkpoint-1", "One", score, most, score >= 0.8 * most),),
        extra_credit=ExtraCredit(0.0, 0.0), checks=checks,
        provenance=Provenance(
            grader_version="1", case_set_digest=digest, submission_sha256=sha,
            started="2026-01-01T00:00:00+00:00", seconds=0.1,
            **{"seed_digest": "x", "isolation": "L", **origin},
        ),
    )  # fmt: skip


def enter(journal, student, one):
    journal.write(student, one)
    journal.confirm(student)


def scores(layout, student="ada"):
    return [entry.score for entry in History(layout).of(student)]


def test_what_is_replaced_is_kept_and_what_is_not_yet_recorded_is_no_part_of_it(layout):
    journal = Journal(layout)
    enter(journal, "ada", result(check("mul", 1.0)))
    assert scores(layout) == [1]
    journal.write("ada", result(check("mul", 2.0)))
    assert scores(layout) == [1], "the gradebook does not have the second one"
    journal.confirm("ada")
    assert scores(layout) == [1, 2]
    assert scores(layout, "ben") == []


def test_a_run_that_died_before_it_recorded_keeps_nothing_twice(layout):
    journal = Journal(layout)
    enter(journal, "ada", result(check("mul", 1.0)))
    for score in (2.0, 3.0, 4.0):
        journal.write("ada", result(check("mul", score)))  # and died
    journal.confirm("ada")
    assert scores(layout) == [1, 4]


def test_a_line_that_was_cut_off_costs_that_line_only(layout):
    journal = Journal(layout)
    for score in (1.0, 2.0, 3.0):
        enter(journal, "ada", result(check("mul", score)))
    log = layout.history("ada")
    log.write_bytes(log.read_bytes()[:-20])
    assert scores(layout) == [1, 3]
    enter(journal, "ada", result(check("mul", 4.0)))
    assert scores(layout) == [1, 3, 4]


def test_a_result_that_cannot_be_kept_is_not_replaced(layout):
    journal = Journal(layout)
    enter(journal, "ada", result(check("mul", 1.0)))
    layout.history("ada").mkdir(parents=True)  # in the way
    with pytest.raises(OSError, match="directory"):
        enter(journal, "ada", result(check("mul", 2.0)))
    assert journal.read("ada").score == 1


def test_a_result_that_was_brought_back_is_the_same_result(layout):
    plain = result(check("mul", 1.0))
    journal = Journal(layout)
    enter(journal, "ada", plain)
    entry = journal.read("ada")
    back = replace(entry, brought_back=BroughtBack("2026-02-02T00:00:00+00:00", "why"))
    enter(journal, "ada", back)
    again = journal.read("ada")
    assert (again.digest, again.since[:10]) == (entry.digest, "2026-02-02")
    assert msgspec.json.decode(layout.result("ada").read_bytes(), type=Result) == plain
    assert [one.brought_back is None for one in History(layout).of("ada")] == [True, False]


def test_a_request_is_kept_before_it_is_answered_and_told_once(layout):
    requests = Requests(layout)
    asked = Request(at="2026-01-01", note="Look again.", before="b")
    requests.keep("ada", asked)
    assert requests.of("ada") == [asked]
    answered = replace(asked, answer="the same", after="c")
    requests.keep("ada", answered)
    requests.keep("ada", Request(at="2026-01-02", note="And again."))
    assert [one.answer for one in requests.of("ada")] == ["the same", ""]


def test_each_part_that_decides_is_named_when_it_changes(exam):
    base = exam.decisive
    terms = base.terms
    mul = next(case for case in terms.cases if case.check == "mul")
    others = tuple(case for case in terms.cases if case != mul)
    worth = replace(terms.checks["mul"], points=7.0)
    found = {
        "another program": replace(terms, cases=(replace(mul, digest="other"), *others)),
        "gone": replace(terms, cases=others),
        "points": replace(terms, checks={**terms.checks, "mul": worth}),
        "limits": replace(terms, limits=replace(terms.limits, threads=3)),
        "charge_once": replace(terms, charge_once=not terms.charge_once),
    }
    told = {name: list(differences(base, replace(base, terms=new))) for name, new in found.items()}
    assert Cause("cases", f"{mul.id}: another program", "mul") in told["another program"]
    assert told["gone"] == [Cause("cases", f"{mul.id}: gone", "mul")]
    assert told["points"] == [Cause("points", "mul: 6 → 7", "mul")]
    assert told["limits"] == [Cause("settings", "limits: threads 16 → 3")]
    assert told["charge_once"] == [Cause("settings", "charge_once")]
    newer = replace(base, packages={**base.packages, "numpy": "9.9"}, grader="2.0", handout={})
    parts = [cause.part for cause in differences(base, newer)]
    assert set(parts) == {"packages", "grader", "handout"}
    assert list(differences(base, base)) == []


def test_a_check_is_explained_by_what_belongs_to_it(layout, exam):
    old = exam.decisive
    terms = old.terms
    worth = {**terms.checks, "mul": replace(terms.checks["mul"], points=7.0)}
    new = replace(old, terms=replace(terms, checks=worth, cases=terms.cases[::-1]))
    exams = Exams(layout)
    exams.keep(old)
    exams.keep(new)
    before = result(check("mul", 6.0), check("add", 4.0), digest=old.digest)
    after = result(check("mul", 7.0, 7.0), check("add", 6.0), digest=new.digest)
    change = compare(before, after, exams)
    assert what_changed(change) == "mul 6/6 → 7/7 (cases, points); add +2 (cases)"
    assert change.matters


def test_nothing_is_claimed_of_an_exam_that_was_not_kept(layout, exam):
    before = result(check("mul", 6.0), digest="0" * 16)
    change = compare(before, result(check("mul", 5.0), digest="1" * 16), Exams(layout))
    assert what_changed(change) == "mul −1 (exam)"
    same = compare(before, replace(before, score=5.0, checks=(check("mul", 5.0),)), Exams(layout))
    assert "does not repeat" in what_changed(same)
    assert Exams(layout).find("../seed") is None


def test_error_and_points_are_told_apart(layout):
    broken = result(check("mul", 0.0), status="error")
    change = compare(broken, result(check("mul", 6.0), sha="other"), Exams(layout))
    assert what_changed(change).startswith("graded, was error; mul +6 (submission)")
    still = compare(broken, result(check("mul", 0.0, 9.0), status="error"), Exams(layout))
    assert not still.matters
    assert not still.shifts


def test_a_total_that_stays_with_other_points_inside_is_no_change_of_grade(layout):
    before = result(check("mul", 6.0), check("add", 5.0))
    after = result(check("mul", 5.0), check("add", 6.0), sha="other")
    change = compare(before, after, Exams(layout))
    assert (change.matters, change.shifts) == (False, True)


def test_a_checkpoint_that_is_no_longer_passed_is_told(layout):
    change = compare(result(check("mul", 6.0)), result(check("mul", 1.0)), Exams(layout))
    assert "checkpoint-1 no longer passed" in what_changed(change)


def test_names_and_notes_give_no_order_to_a_terminal(layout):
    change = compare(result(check("mul", 1.0)), result(check("mul", 2.0)), Exams(layout))
    request = RequestRow("2026-01-01", "\x1b[31m\n::error::", "\x07", "", (1, None))
    console = Console(width=200, force_terminal=False)
    with console.capture() as shown:
        console.print(render_preview({"\x1b]0;evil": change}, {"\x07ben": "::stop"}))
        console.print(render_history([], [request]))
    text = shown.get()
    assert not set("\x1b\x07") & set(text)
    assert "::" not in text
    assert "did not finish" in text


def test_entry_reads_what_a_grader_without_history_has_written(layout):
    path = layout.result("ada")
    path.parent.mkdir(parents=True)
    path.write_bytes(msgspec.json.encode(result(check("mul", 1.0))))
    entry = Journal(layout).read("ada")
    assert isinstance(entry, Entry)
    assert entry.brought_back is None
    assert scores(layout) == [1]
