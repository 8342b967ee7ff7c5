"""The package knows no course: all that is said of an operation stands in the course's folder."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.derivatives import wrong_rules_of
from reference import Operation, Run, Undeclared, read_operations
from reference.table import faults_of

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "reference" / "operations"
DECLARED = read_operations(FOLDER)
COURSE_WORDS = re.compile(r"\b[A-Z][A-Za-z]+Backward\b|05_autograd|(?i:relu|sigmoid|softmax|gelu)")
TEXT = {".py", ".json", ".html", ".css", ".js", ".yaml", ".yml", ".toml", ".template", ".txt"}


def test_the_package_holds_no_word_of_the_course():
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "autograder").rglob("*")
        if path.suffix in TEXT and "vendor" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if COURSE_WORDS.search(line)
    }
    assert found == set()


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_column_of_every_operation_is_filled(name):
    operation = DECLARED[name]
    assert faults_of(operation) == []
    assert operation.mistakes, f"reference/operations/{name}.py: mistakes of {name} not defined"
    assert (FOLDER / f"{name}.py").is_file()


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_rule_is_the_derivative_of_its_function(name):
    assert list(wrong_rules_of(DECLARED[name])) == []


def test_a_rule_that_is_not_is_named():
    wrong = replace(DECLARED["mul"], gradient=(lambda g, out, a, b: g * b, lambda g, out, a, b: g))
    assert list(wrong_rules_of(wrong)) == [
        "reference/operations/mul.py: gradient of mul for operand 2 is not the derivative of"
        " forward"
    ]


COLUMNS = ("rule", "forward", "gradient", "domain", "run", "label", "written", "words", "checks")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named_with_its_file(tmp_path, column):
    text = (FOLDER / "sub.py").read_text(encoding="utf-8")
    empty = f"object.__setattr__(OPERATION, {column!r}, type(OPERATION)().{column})"
    (tmp_path / "sub.py").write_text(f"{text}\n{empty}\n", encoding="utf-8")
    with pytest.raises(Undeclared) as raised:
        read_operations(tmp_path)
    assert f"operations/sub.py: {column} of sub not defined" in str(raised.value)


def test_all_faults_of_all_files_are_said_at_once(tmp_path):
    (tmp_path / "one.py").write_text("OPERATION = 1 +", encoding="utf-8")
    (tmp_path / "two.py").write_text("", encoding="utf-8")
    (tmp_path / "three.py").write_text(
        "from reference import Operation\nOPERATION = Operation(name='three')", encoding="utf-8"
    )
    with pytest.raises(Undeclared) as raised:
        read_operations(tmp_path)
    said = "\n".join(raised.value.faults)
    assert "operations/one.py, line 1: SyntaxError" in said
    assert "operations/two.py: it defines no OPERATION" in said
    assert "operations/three.py: gradient of three not defined" in said
    assert "operations/three.py: run of three not defined" in said


def test_operands_of_another_number_are_seen():
    operation = Operation(
        name="add", forward=lambda a, b: a + b, gradient=(lambda g, out, a, b: g,),
        run=Run(operator="add"), domain=("normal", "odd", "normal"),
    )  # fmt: skip
    faults = faults_of(operation)
    assert "gradient of add has 1 entries, and forward takes 2 operands" in faults
    assert "domain of add: 'odd' is no way to draw" in faults
