"""The data in the handout: up to date, right, telling, and without a secret."""

import ast
import json
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.cases import load_cases
from autograder.cases.inputs import draw_inputs
from autograder.config import load_config
from autograder.contract import contract_data, encode_contract
from autograder.course.markers import USUAL, find_leak, solution_lines
from autograder.public.generate import public_data

COURSE = Path(__file__).resolve().parents[2]
SOURCE = COURSE / "source" / load_config(COURSE / "config.yaml").assignment

CHECKS = SOURCE / "tinytorch" / "checks"
REGENERATE = "run: autograder build"


@pytest.fixture(scope="module")
def data():
    return json.loads((CHECKS / "cases.json").read_text(encoding="utf-8"))


def same(left, right):
    """Compare as data; numbers may differ in their last digits between builds of NumPy."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float):
        return bool(np.isclose(left, right, rtol=0.05 if abs(left) < 1e-4 else 1e-9, atol=1e-12))
    return left == right


def test_committed_data_is_what_the_cases_give(data, config):
    assert same(json.loads(public_data(COURSE, config, USUAL.code_stub)), data), REGENERATE


@pytest.mark.parametrize(("folder", "package"), [("runner", "guest"), ("kernel", "kernel")])
def test_what_runs_and_sees_and_says_is_the_graders_own(folder, package, config):
    copied = {path.name: path.read_bytes() for path in (CHECKS / folder).glob("*.*")}
    assert len(copied) >= 5
    made = {"__init__.py", "contract.json"} if folder == "runner" else set()
    for name in copied.keys() - made:
        assert copied[name] == (COURSE / "autograder" / package / name).read_bytes(), REGENERATE


def test_the_names_are_those_of_the_course(config):
    made = (CHECKS / "runner" / "contract.json").read_text(encoding="utf-8")
    assert made == encode_contract(contract_data(config.contract)), REGENERATE


def test_every_check_has_public_cases_and_texts(data, config):
    assert [check["id"] for check in data["checks"]] == [check.id for check in config.all_checks]
    for check in data["checks"]:
        assert check["cases"], check["id"]
        assert check["rule"], check["id"]
        assert check["mathml"].startswith("<math"), check["id"]


def test_a_mistake_is_told_from_the_right_answer(data):
    for check in data["checks"]:
        for case in check["cases"]:
            for mistake, observed in case["mistakes"].items():
                assert observed, (case["id"], mistake)
                for name, predicted in observed.items():
                    right = case["expected"][name].get("array")
                    if isinstance(predicted, dict) and right is not None:
                        apart = predicted["shape"] != right["shape"] or not np.allclose(
                            predicted["values"], right["values"], rtol=1e-5
                        )
                        assert apart, (case["id"], mistake)


def test_no_hidden_input_is_in_the_handout(data, config):
    public = {
        tuple(array["values"])
        for check in data["checks"]
        for case in check["cases"]
        for array in case["inputs"].values()
    }
    hidden = load_cases(COURSE / "tests" / "hidden", config)
    for case in hidden.cases:
        for array in draw_inputs(case.program, case.id, b"the tests' seed").values():
            if array.size > 3 and array.dtype.kind == "f" and len(np.unique(array)) > 2:
                assert tuple(array.ravel().tolist()) not in public, case.id


def test_no_line_of_the_solution_or_of_the_reference_is_in_the_handout(solution):
    secret = solution_lines(nbformat.read(solution, as_version=4))
    paths = set((COURSE / "reference").rglob("*.py"))
    for path in paths - {COURSE / "reference" / "operation.py"}:  # columns, and no formula
        secret |= {line.strip() for line in telling_lines(path)}
    for path in (SOURCE / "tinytorch" / "checks").rglob("*"):
        if path.suffix in {".py", ".json"}:
            text = path.read_text(encoding="utf-8")
            assert find_leak(text, secret, set(map(str.strip, text.splitlines()))) is None, path


def telling_lines(path):
    """Yield lines that compute something, not imports and docstrings' commonplaces."""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if len(text) > 30 and not text.startswith(("import", "from", "#", '"""', "def ", "class ")):
            yield text


@pytest.mark.parametrize("path", sorted(CHECKS.rglob("*.py")), ids=lambda path: path.name)
def test_the_checks_need_numpy_the_standard_library_and_jupyters_display(path):
    allowed = {*sys.stdlib_module_names, "numpy", "tinytorch", "IPython"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= allowed
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert node.module.split(".")[0] in allowed


def test_functions_of_the_checks_are_short():
    for path in CHECKS.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 500, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 45, (path, node.name)
