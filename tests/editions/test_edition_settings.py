"""What config.yaml says of an edition, and what it takes from another course."""

import pytest

from autograder.cases.program import Program, Step
from autograder.cases.registry import Case
from autograder.cli.trust import Chosen
from autograder.config import base_of, edition_of, keep_base, load_config
from autograder.contract import contract_data, read_contract
from autograder.errors import ConfigError, UsageError
from autograder.grading.diagnosis.claim import Claim
from autograder.grading.verdicts import Verdict
from autograder.grading.words.checks import explain_case
from autograder.grading.words.claims import say
from autograder.sandbox.frames import Error


@pytest.fixture
def edition(course, tmp_path):
    def make(text):
        (tmp_path / "config.yaml").write_text(f"based_on: {course}\n{text}", encoding="utf-8")
        return load_config(tmp_path / "config.yaml")

    return make


def test_what_an_edition_does_not_say_is_said_by_its_base(edition, config):
    own = edition("assignment: 07_other\n")
    assert (own.assignment, own.checks) == ("07_other", config.checks)


def test_parts_that_it_lacks_lie_in_its_base_but_no_text_of_students(edition, course, tmp_path):
    own = edition("")
    assert own.part(tmp_path, "tests/hidden") == course / "tests" / "hidden"
    assert own.part(tmp_path, "tests/variants") == tmp_path / "tests" / "variants"


def test_titles_and_sentences_are_said_in_its_names(edition):
    own = edition("contract: {MulBackward: Mul, apply: backward}\n")
    titles = {check.id: check.title for check in own.checks}
    assert titles["mul"] == "Mul: the gradient of a * b"
    assert titles["rule-contract"].startswith("backward(grad_output)")
    assert own.wording.of_finding("MulBackward.apply gave up; try to apply it") == (
        "Mul.backward gave up; try to apply it"
    )


def test_operation_that_is_run_otherwise_must_exist(edition):
    with pytest.raises(ConfigError, match="there is no such operation"):
        _ = edition("edition: {runs: {conv: {method: conv}}}\n").contract_data


def test_edition_of_an_edition_is_refused(course, tmp_path):
    text = f"based_on: {edition_of(course, 'recording')}\n"
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="is itself based on another course"):
        load_config(tmp_path / "config.yaml")


def test_unknown_edition_is_told_which_there_are(course):
    with pytest.raises(ConfigError) as refused:
        edition_of(course, "nothing")
    assert "recording, scalar" in refused.value.remedy


def test_copy_of_an_edition_keeps_its_base(course, tmp_path):
    keep_base(edition_of(course, "recording"), tmp_path)
    assert base_of(tmp_path) == course
    assert load_config(tmp_path / "config.yaml").names["MulBackward"] == "Mul"


def test_base_that_others_could_change_is_refused_as_the_course_itself_is(course, tmp_path):
    base, own = tmp_path / "base", tmp_path / "own"
    (base / "tests" / "hidden").mkdir(parents=True)
    own.mkdir()
    (base / "config.yaml").write_bytes((course / "config.yaml").read_bytes())
    (own / "config.yaml").write_text("based_on: ../base\n", encoding="utf-8")
    assert Chosen(own, named=True).open() == own
    (base / "tests" / "hidden").chmod(0o777)
    with pytest.raises(UsageError, match="everybody may write to"):
        Chosen(own, named=True).open()


@pytest.mark.parametrize("name", ["recording", "scalar"])
def test_no_finding_asks_for_a_function_that_the_edition_does_not_have(course, name):
    config = load_config(edition_of(course, name) / "config.yaml")
    step = Step(op="mul", args=(), out=0)
    recorded = Claim(code="wrong-rule-recorded", says="wrong-rule-recorded", step=step)
    assert "enable_autograd" not in " ".join(say(recorded, config.names))
    for engine, steps in ((True, ()), (False, (Step(op="checkpoint", args=(), out=0),))):
        case = Case(
            id="paths/x", check="paths", kind="graph", sentence="x",
            program=Program(inputs=(), steps=steps, engine=engine),
        )  # fmt: skip
        missing = Error(type="MissingName", message="", op="start")
        told = explain_case(Verdict(case=case, failure=missing, status="error"), None, config.names)
        assert "enable_autograd" not in told.message


def test_a_course_of_another_name_is_told_its_own(course):
    text = {"enable_autograd": "turn_on"}
    contract = read_contract(contract_data(text))
    for says in ("enabled-again", "enabled-twice"):
        sentence, hint = say(Claim(code="enable-twice", says=says), contract)
        assert "turn_on()" in sentence
        assert "turn_on()" in hint
        assert "enable_autograd" not in sentence + hint
