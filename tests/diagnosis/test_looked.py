"""What results and nodes show by themselves, on both sides; each of these was said wrongly once."""

import numpy as np
import pytest

from autograder.grading.diagnosis.misconceptions import misconceptions
from autograder.kernel import looked, words
from autograder.kernel.looked import Looked, Wanted, look
from autograder.kernel.tracking import cut_off, first_broken, is_reversed, wrong_result
from autograder.sandbox.frames import Node

WANTED = Wanted(
    leaves={0, 1}, made={2, 3}, differentiable={2, 3}, rules={"mul": "MulBackward"},
    values={2: np.array([2.0, 3.0]), 3: np.array([4.0, 6.0])},
)  # fmt: skip
STEPS = [("mul", 2, (0, 1), {}), ("mul", 3, (2, (2.0,)), {}), ("backward", 4, (3,), {})]


def seen(kept, asking=(True, True), *, elsewhere=False, value=None):
    return Node(kept=tuple(kept), asking=asking, elsewhere=elsewhere, value=value)


def test_right_results_show_nothing():
    nodes = {2: seen([0, 1], value=np.array([2.0, 3.0])), 3: seen([2, -1])}
    assert look(STEPS, WANTED, {2: "node", 3: "node"}, nodes) == Looked()


def test_a_copy_in_an_operands_place_is_seen_and_a_number_made_a_tensor_is_none():
    assert cut_off([0, 1], [0, -1]) == 1
    assert cut_off([2, None], [2, -1], numbers=1) is None
    assert cut_off([0, 0], [0, -1]) == 1
    assert cut_off([0, 1], [0, -1, 5]) is None, "a list that all nodes share shows nothing"
    assert cut_off([0, 1], [None, None]) is None, "arrays may be kept beside the tensors"


def test_operands_in_the_reverse_order_are_seen_where_they_differ():
    assert is_reversed([0, 1], [1, 0])
    assert not is_reversed([0, 0], [0, 0])
    assert not is_reversed([0, None], [-1, 0])


def test_the_first_result_that_is_wrong_is_named_and_none_after_backward():
    wrong = np.array([1.0])
    nodes = {2: seen([0, 1], value=wrong), 3: seen([2, -1], value=np.array([9.0, 9.0]))}
    assert look(STEPS, WANTED, {}, nodes).wrong == (2, "shape")
    late = [STEPS[2], STEPS[0]]
    assert look(late, WANTED, {}, nodes).wrong is None
    assert wrong_result(np.array([2.0, 3.001]), np.array([2.0, 3.0])) == ""
    assert wrong_result(np.array([2.0, np.nan]), np.array([2.0, 3.0])) == "numbers"


def test_a_leaf_that_lost_its_flag_comes_before_what_follows_from_it():
    found = look(STEPS, WANTED, {2: "constant"}, {2: seen([], asking=(False, True))})
    sight = looked.first(found, frozenset(), reversed_base=False)
    assert sight is not None
    assert sight.code == "leaf-asks-no-more"


def test_what_cases_show_that_pass_is_no_fault():
    found = Looked(cut=(2, 1), wrong=(2, "numbers"), silent=2, elsewhere=2)
    usual = {"cut", "wrong", "silent", "elsewhere"}
    assert looked.first(found, usual, reversed_base=False) is None
    assert looked.beside(found, usual) is None
    assert looked.last(found, usual, ran=False) is None


def test_a_result_with_a_node_and_without_the_flag_is_never_said_to_carry_no_node():
    assert first_broken([2, 3], {2, 3}, {2: "silent", 3: "constant"}) == (2, "silent")
    assert "no node" not in words.sight("node-without-flag", "+")[0]


@pytest.mark.parametrize("code", words.SIGHTS)
def test_each_sight_has_a_sentence_and_a_hint(code):
    said, hint = words.sight(code, "sum", 1, "shape")
    assert said.endswith(".")
    assert hint
    assert "{" not in said


def test_no_two_mistakes_have_one_name():
    """What a mistake gives is kept by its name: the second of two would be told for the first."""
    names = [known.id for known in misconceptions()]
    assert len(names) == len(set(names))
