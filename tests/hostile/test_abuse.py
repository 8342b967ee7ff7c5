"""The abuse suite: every script in every tier, as root and as an unprivileged user."""

import os

import pytest
from arena import TIERS, as_nobody, portable_runtime, run_scripts
from collection import load_scripts

from autograder.sandbox.runtime import find_runtime


@pytest.mark.parametrize("tier", TIERS)
def test_whatever_a_submission_tries_as_the_graders_own_user(tier, exam, config, course, tmp_path):
    runtime = find_runtime(exam.handout, config.packages)
    user = "root" if os.geteuid() == 0 else "user"
    report = run_scripts(tier, user, load_scripts(), course, config, runtime, tmp_path)
    if report.skipped:
        pytest.skip(report.skipped)
    assert report.breaches == []
    assert len(report.held) >= 80


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("tier", TIERS)
def test_whatever_a_submission_tries_where_the_grader_is_unprivileged(
    tier, exam, config, course, tmp_path_factory
):
    folder = open_folder(tmp_path_factory)
    runtime = portable_runtime(exam.handout, open_folder(tmp_path_factory))
    if isinstance(runtime, str):
        pytest.skip(runtime)
    report = as_nobody(tier, "nobody", load_scripts(), course, config, runtime, folder)
    if report.skipped:
        pytest.skip(report.skipped)
    assert report.breaches == []
    assert len(report.held) >= 80


def open_folder(factory):
    """Make a folder that every user may enter and write to."""
    folder = factory.mktemp("open")
    folder.chmod(0o777)
    for parent in folder.parents:
        if str(parent) != parent.root and parent.owner() == folder.owner():
            parent.chmod(parent.stat().st_mode | 0o011)
    return folder
