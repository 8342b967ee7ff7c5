"""Hidden cases: recorded programs, the draw of their inputs, and the registry.

A file in ``tests/hidden`` needs only what this module exports.
"""

from autograder.cases.record import Recorder, Value, entry, form
from autograder.cases.registry import Case, CaseSet, case, load_cases

__all__ = ["Case", "CaseSet", "Recorder", "Value", "case", "entry", "form", "load_cases"]
