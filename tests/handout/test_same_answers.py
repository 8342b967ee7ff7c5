"""Grading and the student's own checks decide every public case alike, and both tell the truth."""

import json
import re

import pytest

from autograder.audit.corpus import ENGINE, Corpus
from autograder.grading.grader import Exam, Grader

EVERY = 13
ASK = """
import json, sys
from tinytorch.checks import data
from tinytorch.checks.diagnose import diagnose
from tinytorch.checks.execute import run_cells
from tinytorch.checks.notebook import read
from tinytorch.checks.run import run_checks
from pathlib import Path

namespace, _ = run_cells(read(Path(sys.argv[1])), "notebook")
reports = run_checks(data.checks(), namespace)
print(json.dumps({
    "passed": {o.case["id"]: o.passed for report in reports for o in report.outcomes},
    "told": {
        report.check["id"]: [found.label, found.sentence]
        for report in reports if not report.passed and not report.unfinished
        for found in [diagnose(report)]
    },
}))
"""


@pytest.fixture(scope="module")
def samples(course):
    corpus = Corpus(course, course / "source" / "05_autograd" / "05_autograd.ipynb")
    chosen = [*corpus.catalogue(), *corpus.slips()][::EVERY]
    assert len(chosen) > 12
    return chosen


@pytest.fixture(scope="module")
def public_grader(course, config):
    exam = Exam(course, config, b"public", "public")
    with exam.worker("L") as worker:
        yield Grader(exam, worker)


def at_home(desk, sample):
    path = desk.folder / "mutant.py"
    path.write_text(sample.source, encoding="utf-8")
    done = desk.python("-c", ASK, path)
    assert done.returncode == 0, done.stderr
    return path, json.loads(done.stdout.splitlines()[-1])


def test_both_sides_decide_alike_and_home_blames_nobody_wrongly(desk, samples, public_grader):
    different, false = [], []
    for sample in samples:
        path, home = at_home(desk, sample)
        for verdict in public_grader.grade(path).verdicts:
            passed = verdict.status == "passed"
            if home["passed"][verdict.case.id] != passed:
                different.append((sample.name, verdict.case.id, passed))
        for check, (label, sentence) in home["told"].items():
            blamed = set(re.findall(r"\b[A-Z]\w*Backward\b", sentence))
            told_engine = "look at backward()" in sentence and ENGINE not in sample.parts
            if label != "Perhaps" and (told_engine or blamed - set(sample.parts)):
                false.append((sample.name, check, sentence))
            false += [(sample.name, check, text) for text in sample.never if text in sentence]
    assert different == []
    assert false == []
