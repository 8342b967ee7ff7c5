"""Whatever a hostile child sends, looking for what is wrong raises nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.config import Tolerance
from autograder.contract import declared
from autograder.grading.diagnosis.archive import Archive
from autograder.grading.diagnosis.weighing import explore
from autograder.grading.verdicts import judge
from autograder.grading.words.claims import say
from autograder.sandbox.frames import Applied, Error
from autograder.sandbox.records import CaseOutput

DTYPES = st.sampled_from([np.float64, np.float32, np.int64, np.bool_])
SHAPES = st.sampled_from(
    [(), (1,), (0,), (2,), (3, 2), (2, 3), (3, 3), (1, 3), (2, 1, 3), (4, 2, 3)]
)
ARRAYS = st.tuples(DTYPES, SHAPES).flatmap(
    lambda drawn: arrays.arrays(drawn[0], drawn[1], elements=arrays.from_dtype(np.dtype(drawn[0])))
)
VALUES = st.one_of(st.none(), st.sampled_from(["nothing", "ValueError", "x" * 50]), ARRAYS)
OPTIONAL_ARRAYS = st.lists(st.one_of(st.none(), ARRAYS), max_size=3).map(tuple)
ERRORS = st.builds(
    Error,
    type=st.sampled_from(
        ["ValueError", "AttributeError", "ContractError", "RecursionError", "Odd"]
    ),
    message=st.sampled_from(["", "'tuple' object has no attribute 'data'"]),
    op=st.sampled_from(["start", "apply", "backward", "observe"]),
)
RULES = ["addbackward", "mulbackward", "matmulbackward", "sumbackward", "meanbackward", "odd"]
APPLIED = st.builds(
    Applied,
    rule=st.sampled_from(RULES),
    step=st.one_of(st.none(), st.integers(0, 12)),
    depth=st.integers(0, 2),
    operands=OPTIONAL_ARRAYS,
    asking=st.lists(st.booleans(), max_size=3).map(tuple),
    incoming=st.one_of(st.none(), ARRAYS),
    form=st.sampled_from(["tuple", "tensors", "nothing", "array", "other", "raised"]),
    entries=OPTIONAL_ARRAYS,
    changed=st.booleans(),
)
RESULTS = st.dictionaries(
    st.integers(0, 12), st.sampled_from(["nothing", "constant", "leaf", "node", "other"])
)


@pytest.fixture(scope="module")
def small(exam):
    """Places of cases that are quick to predict, of every check."""
    seen, places = {}, []
    for place, case in enumerate(exam.case_set.cases):
        if len(case.program.steps) < 15 and seen.setdefault(case.check, 0) < 2:
            seen[case.check] += 1
            places.append(place)
    return places


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_output_of_a_child_makes_the_search_raise(data, exam, small):
    place = data.draw(st.sampled_from(small))
    case, expected = exam.case_set.cases[place], exam.expected[place]
    output = CaseOutput(
        observed={name: data.draw(VALUES) for name in expected if data.draw(st.booleans())},
        failure=data.draw(st.one_of(st.none(), ERRORS)),
    )
    traced = CaseOutput(
        observed={},
        applications=tuple(data.draw(st.lists(APPLIED, max_size=4))),
        results=data.draw(RESULTS),
    )
    verdict = judge(case, output, expected, Tolerance())
    archive = _one_case(exam, place)
    for claim in explore(archive, [verdict], [output], {0: traced}).values():
        sentence, _ = say(claim, declared())
        assert sentence
        assert "nan" not in sentence
        assert "x" * 50 not in sentence


def _one_case(exam, place):
    return Archive(
        [exam.case_set.cases[place]], lambda _: exam.inputs(place), [exam.expected[place]]
    )
