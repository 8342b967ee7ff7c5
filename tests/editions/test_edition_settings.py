"""What config.yaml says of an edition, and what it takes from another course."""

import pytest

from autograder.cli.trust import Chosen
from autograder.config import base_of, edition_of, keep_base, load_config
from autograder.errors import ConfigError, UsageError


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
