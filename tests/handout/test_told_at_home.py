"""Everyday slips are told at home as in grading: what was looked at, and what was raised."""

import json

import pytest

from autograder.audit.hosts import topological_source
from autograder.audit.mutants import apply_edits, load_slips

ASK = """
import json, sys
from pathlib import Path
from tinytorch.checks import data
from tinytorch.checks.diagnose import diagnose
from tinytorch.checks.execute import run_cells
from tinytorch.checks.notebook import read
from tinytorch.checks.run import run_check

namespace, _ = run_cells(read(Path(sys.argv[1])), "notebook")
report = run_check(data.find(sys.argv[2])[0], namespace)
found = diagnose(report)
print(json.dumps([found.sentence, found.hint]))
"""


@pytest.mark.parametrize(
    ("slip", "check", "words"),
    [
        ("flag-misspelled", "calls", "has its node and requires_grad=False"),
        ("node-spelled-in-two-ways", "tracking", "has its node, but not in _grad_fn"),
        ("operand-made-anew", "chain-rule", "keeps another tensor in place of its second operand"),
        ("zero-grad-makes-anew", "calls", "A leaf was made with requires_grad=True, and has"),
        ("hands-on-the-seed", "mse", "every rule receives the gradient that backward() started"),
        ("line-copied-and-half-changed", "chain-rule", "no rule ran"),
        ("exponent-made-a-tensor", "pow", "`x ** n` takes one plain number as n"),
        ("keywords-not-handed-on", "sum-axes", "its shape is not right"),
    ],
)
def test_a_slip_is_told_at_home(desk, course, solution, slip, check, words):
    found = next(known for known in load_slips(course) if known.id == slip)
    path = desk.folder / "slip.py"
    path.write_text(apply_edits(topological_source(solution), found.edits, slip), encoding="utf-8")
    done = desk.python("-c", ASK, path, check)
    assert done.returncode == 0, done.stderr
    sentence, hint = json.loads(done.stdout.splitlines()[-1])
    assert words in sentence
    assert not [text for text in found.never if text in sentence + hint]
