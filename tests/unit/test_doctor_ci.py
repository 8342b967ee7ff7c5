"""``autograder doctor --ci``: what each tier needs, and which line gives it."""

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.cli.doctor_ci import describe, where_are_we
from autograder.sandbox.selftest import Trial

DENIED = Trial(tier="L", works=False, reason="bwrap: No permissions to\ncreate new namespace")
OLD = Trial(tier="B", works=False, reason="no Landlock")


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("GitHub Actions", "options: --security-opt seccomp=unconfined"),
        ("GitLab CI", 'security_opt = ["seccomp:unconfined"'),
        ("a container", "docker run --security-opt seccomp=unconfined"),
        ("this machine", "sysctl kernel.unprivileged_userns_clone=1"),
    ],
)
def test_a_tier_that_does_not_work_comes_with_the_line_that_gives_it(place, line):
    text = "\n".join(describe([DENIED, Trial(tier="B", works=True)], place))
    assert "FAIL  tier L" in text
    assert "does not work: bwrap: No permissions to create new namespace" in text
    assert line in text
    assert "ok    tier B (landlock+seccomp) works and is used" in text
    assert "--isolation none" not in text


def test_without_any_tier_public_cases_are_the_only_way_and_by_choice():
    text = "\n".join(describe([DENIED, OLD], "GitLab CI"))
    assert "hidden cases are not graded" in text
    assert "autograder run FILE --cases public --isolation none" in text


def test_where_we_are_is_found_by_what_runs_us(tmp_path):
    assert where_are_we({"GITHUB_ACTIONS": "true"}) == "GitHub Actions"
    assert where_are_we({"GITLAB_CI": "true"}) == "GitLab CI"
    assert where_are_we({}, tmp_path) == "this machine"
    (tmp_path / ".dockerenv").touch()
    assert where_are_we({}, tmp_path) == "a container"


def test_doctor_tries_the_tiers_of_this_very_machine(course):
    shown = CliRunner().invoke(main, ["--course", str(course), "doctor", "--ci"])
    assert shown.exit_code == 0
    assert "works and is used" in shown.output
