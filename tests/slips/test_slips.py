"""What people are told of everyday slips: the slip, in their own words, and nothing false."""

from pathlib import Path

import pytest

from autograder.audit.hosts import topological_source
from autograder.audit.mutants import ENGINE, apply_edits, load_slips
from autograder.grading.diagnosis.claim import CLAIMED

COURSE = Path(__file__).resolve().parents[2]
SLIPS = load_slips(COURSE)
OWED: dict[str, tuple[str, ...]] = {}
"""What the diagnosis does not do yet, and for which slips: an entry goes when it does."""


def _slips():
    reasons = {slip: reason for reason, slips in OWED.items() for slip in slips}
    for slip in SLIPS:
        reason = reasons.get(slip.id)
        marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
        yield pytest.param(slip, id=slip.id, marks=marks)


@pytest.fixture(scope="module")
def host(solution):
    return topological_source(solution)


@pytest.mark.parametrize("slip", list(_slips()))
def test_a_slip_is_named_and_nothing_false_is_said(slip, host, grader, tmp_path):
    path = tmp_path / "submission.py"
    path.write_text(apply_edits(host, slip.edits, slip.id), encoding="utf-8")
    result = grader.grade(path).result
    findings = {check.id: check.diagnosis for check in result.checks
                if check.diagnosis and check.status in {"failed", "error"}}  # fmt: skip
    named = findings[slip.check]
    assert "*" in slip.codes or named.id in slip.codes
    assert all(text in named.message for text in slip.says), named.message
    assert all(text in named.hint for text in slip.hints), named.hint
    for found in findings.values():
        told = f"{found.message} {found.hint}"
        assert not [text for text in slip.never if text in told], told
        if found.sure in CLAIMED:
            assert (found.rule or ENGINE) == slip.part, found.message


def test_there_are_many_slips_with_names_of_their_own():
    names = {slip.id for slip in SLIPS}
    assert len(names) == len(SLIPS) >= 100
    assert {slip for slips in OWED.values() for slip in slips} <= names
