"""The abuse suite: every script in every tier, as root and as an unprivileged user.

As an unprivileged user those that need no right of a user's are left out here; the table of
docs/security.md runs them too.
"""

import tempfile
from pathlib import Path

import nbformat
import pytest
from arena import EARNED_OPENLY, TIERS, USERS, run_tier
from collection import load_scripts
from nbformat import v4

WHOEVER_GRADES = ("channel", "forging", "numbers", "time")
"""Areas in which a script speaks to us, or counts on time: what a user may do has no part in it."""


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("user", USERS)
def test_whatever_a_submission_tries_is_held(user, tier, course, config, open_folder):
    scripts = [script for script in load_scripts()
               if user == USERS[0] or script.area not in WHOEVER_GRADES]  # fmt: skip
    report = run_tier(tier, user, scripts, course, config, open_folder)
    if report.skipped and user == USERS[0]:  # nobody is root here: then this user runs them all
        scripts = list(load_scripts())
        report = run_tier(tier, USERS[1], scripts, course, config, open_folder)
    if report.skipped:
        pytest.skip(f"tier {tier} as {user}: {report.skipped}")
    assert report.breaches == []
    assert sorted(report.held) == sorted(script.name for script in scripts)


OPENLY = """
for _rule in list(globals().values()):
    if isinstance(_rule, type) and issubclass(_rule, Function):
        _rule.__init__ = lambda self, *operands, **options: None
        _rule.apply = lambda self, gradient: (np.ones(gradient.shape),) * 2
"""


def test_what_replaced_rules_earn_is_earned_by_handing_them_in(grader, released, tmp_path):
    notebook = nbformat.read(released, as_version=4)
    notebook.cells.append(v4.new_code_cell(OPENLY))
    path = tmp_path / "openly.ipynb"
    nbformat.write(notebook, path)
    assert grader.grade(path).result.score >= EARNED_OPENLY["forging/patched_student"]


@pytest.fixture
def open_folder():
    """Return a folder that every user may enter.

    Not one of pytest's own: every pytest that starts takes their root from the other users again.
    """
    with tempfile.TemporaryDirectory(prefix="abuse-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
