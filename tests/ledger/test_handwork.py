"""What people typed in formgrader survives every regrade, and they are asked again where due."""

import pytest

ANSWERS = {"systems_graph_memory": "Each node keeps its operands.", "systems_pytorch": "A tape."}
NUMBERS = ("auto_score", "manual_score", "extra_credit")


def numbers(room, student, cell):
    with room.formgrader(student) as (grades, _):
        return tuple(getattr(grades[cell], name) for name in NUMBERS)


@pytest.fixture
def graded(room):
    room.hand_in("ada", ANSWERS)
    room.grade("ada", mul=0.5, gelu=0.0)
    return room


def test_a_review_needs_no_preparation_and_is_empty_for_strangers(graded, tmp_path):
    from autograder.course.reader import Reader
    from autograder.grades import Review

    with Reader(graded.layout) as reader:
        assert len(reader.review("ada").cells) > 20
        assert reader.review("nobody") == Review()


def test_written_answers_wait_and_nothing_else_does(graded):
    assert graded.waiting("ada") == set(ANSWERS)


def test_what_a_person_typed_survives_a_regrade(graded):
    graded.answer_all("ada", 4.5)
    graded.give("ada", "test_mul", manual_score=6.0)
    graded.give("ada", "test_add", extra_credit=1.5)
    graded.give("ada", "test_stretch", extra_credit=2.0)
    with graded.formgrader("ada") as (_, comments):
        comments["systems_pytorch"].manual_comment = "Say why."
    before = graded.grades()["ada"].total
    for _ in range(2):
        graded.grade("ada", mul=0.5, gelu=0.0)
        assert graded.waiting("ada") == set()
    assert numbers(graded, "ada", "test_mul") == (3.0, 6.0, None)
    assert numbers(graded, "ada", "test_add") == (5.0, None, 1.5)
    assert numbers(graded, "ada", "test_stretch") == (0.0, None, 2.0)
    assert numbers(graded, "ada", "systems_pytorch") == (None, 4.5, None)
    with graded.formgrader("ada") as (_, comments):
        assert comments["systems_pytorch"].manual_comment == "Say why."
    assert graded.grades()["ada"].total == before == 80 + 4 * 4.5 + 1.5 + 2


def test_extra_credit_that_nobody_typed_follows_the_checks(graded):
    assert numbers(graded, "ada", "test_stretch")[2] == 11.0
    graded.grade("ada", gelu=1.0)
    assert numbers(graded, "ada", "test_stretch")[2] == 12.0


def test_extra_credit_of_zero_that_a_person_typed_stays(graded):
    graded.give("ada", "test_stretch", extra_credit=0.0)
    graded.grade("ada", gelu=1.0)
    assert numbers(graded, "ada", "test_stretch")[2] == 0.0


def test_extra_credit_typed_after_a_run_that_died_is_told_from_its_own(graded):
    """The gradebook has the number of a result that the journal has not confirmed."""
    from autograder.course.desk import Desk
    from autograder.course.gradebook import Gradebook

    desk = Desk(graded.layout)
    marks = desk.receive("ada", graded.layout.submission("ada"), graded.result("ada", gelu=1.0))
    with Gradebook(graded.layout, desk.comment_places) as book:
        book.require_assignment()
        book.record([marks])
    assert numbers(graded, "ada", "test_stretch")[2] == 12.0
    graded.grade("ada", gelu=0.0)
    assert numbers(graded, "ada", "test_stretch")[2] == 11.0


def test_an_override_is_looked_at_again_when_the_automatic_score_changed(graded):
    graded.answer_all("ada")
    graded.give("ada", "test_mul", manual_score=5.0)
    graded.grade("ada", mul=1.0, gelu=0.0)
    assert graded.waiting("ada") == {"test_mul"}
    graded.grade("ada", mul=1.0, gelu=0.0)
    assert graded.waiting("ada") == {"test_mul"}, "until a person has looked"
    assert numbers(graded, "ada", "test_mul") == (6.0, 5.0, None)


def test_of_a_new_hand_in_only_what_changed_is_looked_at_again(graded):
    graded.answer_all("ada")
    graded.give("ada", "test_mul", manual_score=5.0)
    graded.hand_in("ada", {**ANSWERS, "systems_pytorch": "A graph of Functions."})
    graded.grade("ada", mul=0.5, gelu=0.0)
    assert graded.waiting("ada") == {"systems_pytorch", "test_mul"}
    assert graded.grades()["ada"].state == "waiting"


def test_an_answer_that_was_taken_out_is_looked_at_again(graded):
    graded.answer_all("ada")
    graded.hand_in("ada", {"systems_pytorch": ANSWERS["systems_pytorch"]})
    graded.grade("ada", mul=0.5, gelu=0.0)
    assert graded.waiting("ada") == {"systems_graph_memory"}
    assert numbers(graded, "ada", "systems_graph_memory") == (0.0, 4.0, None)


def test_an_unreadable_hand_in_that_a_person_graded_does_not_wait_again(room):
    room.hand_in("eve")
    room.grade("eve", status="error", outcome="unreadable")
    assert len(room.waiting("eve")) > 20
    assert room.grades()["eve"].state == "error"
    for cell in room.waiting("eve"):
        room.give("eve", cell, manual_score=1.0)
    room.grade("eve", status="error", outcome="unreadable")
    assert room.waiting("eve") == set()
    found = room.grades()["eve"]
    assert (found.state, found.automatic) == ("graded", 0.0)
    assert found.total == sum(checkpoint.score for checkpoint in found.checkpoints) + 4 + 1
