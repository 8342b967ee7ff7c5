"""Every pinned point and every freedom of the notebook has something here that stands for it."""

import re

import nbformat
import pytest
import yaml

from autograder.audit.mutants import load_catalogue
from autograder.cases import load_cases


@pytest.fixture(scope="module")
def table(course):
    return yaml.safe_load((course / "tests" / "coverage.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def contract(released):
    """The cells of the contract as one text."""
    cells = nbformat.read(released, as_version=4).cells
    return next(cell.source for cell in cells if "Your choice" in cell.source)


def test_every_pinned_row_of_the_contract_is_covered(table, contract):
    rows = [int(number) for number in re.findall(r"^\| (\d+) \|", contract, re.MULTILINE)]
    assert rows == list(range(1, 17))
    assert sorted(table["pinned"]) == rows


def test_every_freedom_of_the_contract_is_covered(table, contract):
    bullets = re.findall(r"^- (.+)$", contract.split("Your choice")[1], re.MULTILINE)
    assert len(bullets) >= 9
    uncovered = [b for b in bullets if not any(b.startswith(key) for key in table["choices"])]
    assert uncovered == []
    stale = [key for key in table["choices"] if not any(b.startswith(key) for b in bullets)]
    assert stale == []


def test_everything_that_the_table_names_exists(table, course, config):
    cases = {case.id for case in load_cases(course / "tests" / "hidden", config).cases}
    mutants = {entry.id for entry in load_catalogue(course)}
    variants = {path.name for path in (course / "tests" / "variants").iterdir()}
    for point, named in {**table["pinned"], **table["choices"]}.items():
        assert named, point
        assert set(named.get("cases", ())) <= cases, point
        assert set(named.get("mutants", ())) <= mutants, point
        assert set(named.get("variants", ())) <= variants, point


def test_every_check_is_named_by_a_mutant_or_is_about_cost_or_layout(course, config):
    named = {entry.check for entry in load_catalogue(course)}
    unnamed = {check.id for check in config.checks} - named
    assert unnamed <= {"function-base", "deep-chain", "training"}
