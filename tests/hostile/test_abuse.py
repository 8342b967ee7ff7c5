"""The abuse suite: every script in every tier, as root and as an unprivileged user."""

import pytest
from arena import TIERS, USERS, run_tier
from collection import load_scripts


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("user", USERS)
def test_whatever_a_submission_tries_is_held(user, tier, course, config, open_folder):
    report = run_tier(tier, user, load_scripts(), course, config, open_folder)
    if report.skipped:
        pytest.skip(f"tier {tier} as {user}: {report.skipped}")
    assert report.breaches == []
    assert len(report.held) == len(load_scripts())


@pytest.fixture
def open_folder(tmp_path_factory):
    """Return a folder that every user may enter."""
    folder = tmp_path_factory.mktemp("open")
    for parent in (folder, *folder.parents):
        if parent.name.startswith(("pytest-", "popen-", "open")):
            parent.chmod(0o755)
    return folder
