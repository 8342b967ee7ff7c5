"""Imports what only the grader has: reference, hidden cases, the grader, autodiff libraries."""
import importlib
import importlib.util
import runpy
import sys

sys.path[:0] = [TARGETS["course"], TARGETS["reference"], TARGETS["course"] + "/tests/hidden", TARGETS["course"] + "/source"]


def real(name):
    """Return the place of a module that is no stand-in: those have none."""
    module = importlib.import_module(name)
    return [*getattr(module, "__path__", ()), module.__spec__.origin][0] + ""


for name in ("reference", "reference.operations.mul", "autograder", "autograder.grading.oracle", "tests.hidden.gradient", "gradient",
             "autograd", "torch", "jax", "nbgrader", "nbformat", "msgspec", "yaml", "pip", "setuptools", "sqlalchemy", "pytest"):
    attempt(f"import {name}", lambda: real(name))
    attempt(f"find {name}", lambda: importlib.util.find_spec(name).origin + "")
attempt("run a hidden case", lambda: runpy.run_path(TARGETS["hidden_case"]))
