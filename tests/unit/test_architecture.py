"""Imports point one way, and no module or function grows without bound."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = {"errors", "model", "config", "contract", "language", "operations", "settings"}

# What each part may import of ours. cli is above everything and below nothing.
ALLOWED = {
    "errors": set(),
    "model": set(),
    "operations": {"errors", "reference"},
    "contract": {"errors", "guest", "operations", "reference"},
    "settings": {"errors"},
    "moments": set(),
    "config": {"contract", "errors", "language", "model", "operations", "settings"},
    "language": set(),
    "guest": set(),
    "kernel": set(),
    "cases": BASE,
    "sandbox": BASE | {"cases", "cells", "guest"},
    "cells": {"model"},
    "contained": {"guest", "model"},
    "grades": {"config", "language", "model"},
    "submission": BASE | {"cells", "contained"},
    "grading": BASE | {"cases", "guest", "kernel", "sandbox", "submission", "reference"},
    "public": BASE | {"cases", "grading", "reference"},
    "reports": BASE | {"cases", "grades"},
    "results": BASE | {"reports", "submission"},
    "checkup": BASE | {"grading", "guest", "sandbox"},
    "workers": BASE | {"grading", "guest", "sandbox"},
    "course": BASE
    | {"cases", "grading", "public", "sandbox", "submission", "reports", "workers"}
    | {"contained", "grades", "reference"},
    "collect": BASE | {"course", "grades", "moments", "reports", "submission"},
    "exports": BASE | {"collect", "grades", "reports", "submission"},
    "audit": BASE | {"cases", "grading", "sandbox", "submission", "workers", "course", "reference"},
    "demo": BASE | {"audit", "course", "submission"},
    "nbgrader_plugin": BASE | {"course"},
    "pytest_plugin": BASE | {"cases", "cli", "grading", "reports", "submission"},
    "ci": BASE | {"__version__", "cases", "reference"},
    "reference": set(),
}


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


def part_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] == "reference" else parts[1]


def imported(path):
    """Yield the full names that a module imports, those for type checkers included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


def ours(path):
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "reference":
            yield "reference"
        elif parts[0] == "autograder" and len(parts) > 1:
            yield parts[1]


@pytest.mark.parametrize("path", modules("autograder") + modules("reference"), ids=str)
def test_imports_follow_the_arrows(path):
    part = part_of(path)
    if part in {"cli", "__init__", "__main__"}:
        return
    assert set(ours(path)) - {part} <= ALLOWED[part]


@pytest.mark.parametrize(
    "path",
    modules("autograder/guest") + modules("autograder/kernel") + modules("reference"),
    ids=str,
)
def test_guest_and_reference_need_only_the_standard_library_and_numpy(path):
    """Except IPython, and what it brings, for cells that are not plain Python."""
    allowed = {
        "shell.py": {"IPython", "traitlets"},
        "statements.py": {"parso"},
        "versions.py": {"parso"},
    }
    tops = {name.split(".")[0] for name in imported(path)}
    also = {"numpy", "reference"} if path.parent.name == "operations" else {"numpy"}
    assert tops - set(sys.stdlib_module_names) <= also | allowed.get(path.name, set())


def test_only_the_course_imports_nbgrader():
    users = {part_of(path) for path in modules("autograder") if "nbgrader" in
             {name.split(".")[0] for name in imported(path)}}  # fmt: skip
    assert users == {"course"}


def test_sandbox_takes_only_the_wire_and_constants_from_the_guest():
    names = {name for path in modules("autograder/sandbox") for name in imported(path)}
    assert {name for name in names if name.startswith("autograder.guest")} <= {
        "autograder.guest", "autograder.guest.wire"
    }  # fmt: skip


def test_grading_takes_only_the_arithmetic_of_placebos_from_the_guest():
    taken = {
        f"{node.module}.{alias.name}"
        for path in modules("autograder/grading")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder.guest")
        for alias in node.names
    }
    assert taken == {"autograder.guest.linear"}


def test_no_module_is_long():
    long = {str(path): lines for path in modules("autograder") + modules("reference")
            if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500}  # fmt: skip
    assert long == {}


def test_functions_are_short():
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in modules("autograder") + modules("reference")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    assert sum(length > 60 for length in lengths) <= 0.03 * len(lengths)
    assert sum(length > 40 for length in lengths) <= 0.10 * len(lengths)
