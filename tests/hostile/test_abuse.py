"""The abuse suite: every script in every tier, as root and as an unprivileged user."""

import os

import pytest
from arena import TIERS, Stage, portable_runtime, run_as_nobody, run_scripts
from collection import load_scripts

from autograder.sandbox.runtime import find_runtime


def judge(report):
    if report.skipped:
        pytest.skip(f"tier {report.tier} as {report.user}: {report.skipped}")
    assert report.breaches == []
    assert len(report.held) >= 80


@pytest.mark.parametrize("tier", TIERS)
def test_whatever_a_submission_tries_as_the_graders_own_user(tier, config, course, exam, tmp_path):
    user = "root" if os.geteuid() == 0 else "user"
    stage = Stage(tier, course, config, tmp_path)
    judge(run_scripts(stage, user, load_scripts(), find_runtime(exam.handout, config.packages)))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("tier", TIERS)
def test_whatever_a_submission_tries_where_the_grader_is_unprivileged(
    tier, config, course, exam, open_folder
):
    runtime = portable_runtime(exam.handout, open_folder("runtime"))
    if isinstance(runtime, str):
        pytest.skip(runtime)
    stage = Stage(tier, course, config, open_folder("arena"))
    judge(run_as_nobody(stage, load_scripts(), runtime))


@pytest.fixture
def open_folder(tmp_path_factory):
    """Make a folder that every user may enter."""

    def make(name):
        folder = tmp_path_factory.mktemp(name)
        for parent in (folder, *folder.parents):
            if parent.name.startswith(("pytest-", name)):
                parent.chmod(0o755)
        return folder

    return make
