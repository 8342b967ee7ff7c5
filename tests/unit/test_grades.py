"""The one sum: what a grade is made of, and a state that tells an error from a zero."""

from itertools import product

import pytest
from msgspec.structs import replace

from autograder.config import Check, Checkpoint, Config, Written
from autograder.grades import STATES, GradedCell, Member, Review, grade_of
from autograder.model import (
    CheckpointResult,
    CheckResult,
    ExtraCredit,
    Outcome,
    Provenance,
    Result,
)

ONE, TWO, EXTRA = "checkpoint-1", "checkpoint-2", "extra-credit"
CONFIG = Config(
    course="c", assignment="a", notebook="n",
    checkpoints=(Checkpoint(ONE, "One"), Checkpoint(TWO, "Two")),
    checks=(
        Check(id="add", kind="gradient", points=6, cell="t_add", title="add", checkpoint=ONE),
        Check(id="mul", kind="gradient", points=4, cell="t_mul", title="mul", checkpoint=ONE),
        Check(id="sum", kind="shape", points=10, cell="t_sum", title="sum", checkpoint=TWO),
    ),
    stretch=(Check(id="gelu", kind="gradient", points=3, cell="t_more", title="gelu"),),
    written=(Written(cell="why", points=5),),
)  # fmt: skip
ADA = Member("ada", first="Ada", last="Lovelace")
POSSIBLE = 25.0


def result(status="graded", outcome="partial", **scores):
    earned = {"add": 6.0, "mul": 1.33, "sum": 9.99, "gelu": 2.5, **scores}
    checks = tuple(
        CheckResult(check.id, check.title, check.checkpoint, check.kind, earned[check.id],
                    check.points, "failed")
        for check in CONFIG.all_checks
    )  # fmt: skip
    return Result(
        submission="n.ipynb", score=0.0, max_score=20.0, status=status,
        outcome=Outcome(outcome, f"It is {outcome}."), checkpoints=(),
        extra_credit=ExtraCredit(0.0, 3.0), checks=checks if status == "graded" else (),
        provenance=Provenance("1", "c", "s", "sha", "L", "2026-01-01T00:00:00+00:00", 1.0),
    )  # fmt: skip


def cell(name, automatic=None, manual=None, extra=None, *, waiting=False, most=5.0):
    return GradedCell(name, automatic, manual, most, waiting, extra=extra)


def review(*changed, late=0.0):
    cells = {one.name: one for one in (
        cell("t_add", 6.0), cell("t_mul", 1.33), cell("t_sum", 9.99),
        cell("t_more", 0.0, None, 2.5), cell("why", None, 4.5),
    )}  # fmt: skip
    cells |= {one.name: one for one in changed}
    return Review(tuple(cells.values()), late)


def grade(found=None, seen=None, member=ADA, **options):
    return grade_of(CONFIG, member, found, seen or Review(), **options)


def test_total_is_every_part_added_up_once():
    made = grade(result(), review(late=2.0))
    assert (made.state, made.final) == ("graded", True)
    assert made.total == 6 + 1.33 + 9.99 + 2.5 + 4.5 - 2
    parts = (made.automatic, made.overrides, made.written, made.extra_credit.score)
    assert parts == (17.32, 0.0, 4.5, 2.5)
    assert made.checkpoints == (
        CheckpointResult(ONE, "One", 7.33, 10.0, passed=False),
        CheckpointResult(TWO, "Two", 9.99, 10.0, passed=True),
    )


def test_override_replaces_a_cells_points_in_its_checkpoint_and_in_the_total():
    made = grade(result(), review(cell("t_mul", 1.33, 4.0)))
    assert made.overrides == 2.67
    assert made.checkpoints[0] == CheckpointResult(ONE, "One", 10.0, 10.0, passed=True)
    assert made.total == 26.99


def test_extra_credit_given_by_hand_counts_wherever_it_is_given():
    made = grade(result(), review(cell("t_more", 0.0, None, 3.5), cell("t_add", 6.0, None, 1.0),
                                  cell("why", None, 4.5, 0.25)))  # fmt: skip
    assert made.extra_credit.score == 3.5 + 1.0 + 0.25
    assert made.total == 6 + 1.33 + 9.99 + 4.5 + 4.75


def test_late_penalty_ends_at_zero():
    made = grade(result(add=1.0, mul=0.0, sum=0.0, gelu=0.0), review(
        cell("why", 0.0), cell("t_more", 0.0), late=7.0))  # fmt: skip
    assert made.total == 0.0


def test_total_is_rounded_once_and_not_part_by_part():
    made = grade(result(), review(cell("t_add", 6.0, 0.004), cell("t_sum", 9.99, 0.004),
                                  cell("t_mul", 1.33, 0.004), cell("why", 0.0),
                                  cell("t_more", 0.0, None, 0.0)))  # fmt: skip
    assert [checkpoint.score for checkpoint in made.checkpoints] == [0.01, 0.0]
    assert made.total == 0.01


@pytest.mark.parametrize("values", list(product((None, 0.0, 0.1, 2.7), repeat=3)))
def test_total_is_the_sum_that_nbgrader_makes(values):
    manual, extra, why = values
    seen = review(cell("t_add", 6.0, manual, extra), cell("why", 0.0, why), late=1.1)
    nbgrader = sum(
        ((one.automatic or 0.0) if one.manual is None else one.manual) + (one.extra or 0.0)
        for one in seen.cells
    )
    assert grade(result(), seen).total == round(nbgrader - 1.1, 2)


def test_an_error_has_no_number_at_all():
    cells = [cell(name, waiting=True) for name in ("t_add", "t_mul", "t_sum", "t_more", "why")]
    made = grade(result("error", "unreadable"), review(*cells))
    assert (made.state, made.total, made.checkpoints, made.final) == ("error", None, (), False)
    assert made.detail == "It is unreadable."


def test_an_error_that_a_person_graded_is_graded():
    cells = [cell(name, None, 2.0) for name in ("t_add", "t_mul", "t_sum", "t_more", "why")]
    made = grade(result("error", "unreadable"), review(*cells))
    assert (made.state, made.total) == ("graded", 10.0)
    assert [checkpoint.score for checkpoint in made.checkpoints] == [4.0, 2.0]
    assert made.extra_credit.score == 2.0


def test_a_half_graded_error_is_still_one():
    cells = [cell(name, None, None, waiting=True) for name in ("t_mul", "t_sum", "t_more")]
    assert (
        grade(result("error", "unreadable"), review(cell("t_add", None, 6.0), *cells)).total is None
    )


def test_what_waits_is_counted_so_far_and_is_not_final():
    made = grade(result(), review(cell("why", waiting=True)))
    assert (made.state, made.waiting, made.final) == ("waiting", ("why",), False)
    assert made.total == 6 + 1.33 + 9.99 + 2.5


def test_a_question_that_the_gradebook_lacks_waits():
    made = grade(result(), Review())
    assert (made.state, made.waiting) == ("waiting", ("why",))


def test_a_crash_keeps_its_points_and_is_named():
    made = grade(result(outcome="timeout"), review())
    assert (made.state, made.final, made.detail) == ("crashed", True, "It is timeout.")
    assert not grade(result(outcome="killed"), review(cell("why", waiting=True))).final


@pytest.mark.parametrize(
    ("member", "options", "state"),
    [
        (ADA, {"here": False}, "missing"),
        (replace(ADA, expected=True), {"here": False}, "expected"),
        (replace(ADA, excused=True), {"here": False}, "excused"),
        (replace(ADA, enrolled=False), {"here": False}, "left"),
        (ADA, {"here": True}, "ungraded"),
    ],
)
def test_who_has_no_grade_has_no_zero(member, options, state):
    made = grade(None, None, member, **options)
    assert (made.state, made.total, made.final) == (state, None, False)
    assert made.max_score == POSSIBLE
    assert made.waiting == ()


def test_a_grade_of_another_file_is_kept_and_said_to_be_old():
    made = grade(result(), review(), outdated=True)
    assert (made.state, made.final, made.total) == ("outdated", False, 24.32)


def test_a_grade_without_a_submission_is_not_lost():
    assert grade(result(), review(), here=False).state == "graded"


def test_a_gradebook_without_a_journal_gives_the_same_total():
    assert grade(None, review()).total == grade(result(), review()).total


def test_journal_says_what_is_automatic_where_something_else_wrote_the_gradebook():
    other = review(cell("t_sum", 0.0), cell("t_add", 0.0))
    assert grade(result(), other).total == grade(result(), review()).total


def test_every_state_has_words():
    assert all(STATES.values())
    assert Member("ada").shown == "ada"
    assert ADA.shown == "Ada Lovelace (ada)"
