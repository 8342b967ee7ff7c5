"""Imports point one way, and no module or function grows without bound."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = {"errors", "model", "config"}

# What each part may import of ours. cli is above everything and below nothing.
ALLOWED = {
    "errors": set(),
    "model": set(),
    "config": {"errors", "model"},
    "guest": set(),
    "cases": BASE,
    "sandbox": BASE | {"cases", "guest"},
    "submission": BASE | {"sandbox"},
    "grading": BASE | {"cases", "sandbox", "submission", "reference"},
    "public": BASE | {"cases", "grading", "reference"},
    "reports": BASE | {"audit", "cases"},
    "workers": BASE | {"grading", "guest", "sandbox"},
    "course": BASE | {"cases", "grading", "sandbox", "submission", "reports", "workers"},
    "audit": BASE | {"cases", "grading", "sandbox", "submission", "workers", "course"},
    "demo": BASE | {"audit", "course", "submission"},
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


@pytest.mark.parametrize("path", modules("autograder/guest") + modules("reference"), ids=str)
def test_guest_and_reference_need_only_the_standard_library_and_numpy(path):
    tops = {name.split(".")[0] for name in imported(path)}
    assert tops - set(sys.stdlib_module_names) <= {"numpy"}


def test_only_the_course_imports_nbgrader():
    users = {part_of(path) for path in modules("autograder") if "nbgrader" in
             {name.split(".")[0] for name in imported(path)}}  # fmt: skip
    assert users == {"course"}


def test_sandbox_takes_only_the_wire_and_constants_from_the_guest():
    names = {name for path in modules("autograder/sandbox") for name in imported(path)}
    assert {name for name in names if name.startswith("autograder.guest")} <= {
        "autograder.guest", "autograder.guest.wire", "autograder.guest.worker"
    }  # fmt: skip


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
