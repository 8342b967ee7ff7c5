"""``autograder init``: a course of one's own, made from what comes with the package."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

import autograder
from autograder.cli.context import open_layout, say
from autograder.cli.trust import approve
from autograder.config import CONFIG_NAME
from autograder.errors import InfrastructureError, UsageError
from autograder.nbgrader_plugin.configuration import keep_configuration

TEMPLATE = (
    "config.yaml", "reference/contract.json", "reference/operations", "source", "tests/hidden",
    "tests/mutants", "tests/public", "tests/slips",
    "tests/variants", "tests/wild/kinds",
)  # fmt: skip
"""What release and grade need. pyproject.toml puts the same into the wheel."""
_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.pyc")
_GITIGNORE = """\
# The course's private state: the secret seed, submissions and grades.
/.autograder/
/submitted/
/autograded/
/feedback/
/gradebook.db*
/roster.csv
/grades.csv
/grades.jsonl
/grades.parquet
/canvas.csv
/moodle.csv
/blackboard.txt
/gradescope.csv
*.nbgrader.log
.ipynb_checkpoints/
__pycache__/
"""


@click.command()
@click.argument(
    "folder", required=False, default=".", type=click.Path(path_type=Path, file_okay=False)
)
def init(folder: Path) -> None:
    """Make a new course in FOLDER, by default in this one, and approve it as yours.

    FOLDER must be new or empty, hidden files aside. It receives config.yaml, the notebook with its
    solutions, the hidden cases, an nbgrader_config.py with which nbgrader and formgrader grade by
    autograder, and a .gitignore that keeps the secret seed, submissions and grades out of git.

    \b
    Example:
      autograder init ~/courses/autograd
    """
    target = folder.resolve()
    if target.is_dir() and any(not path.name.startswith(".") for path in target.iterdir()):
        raise UsageError(f"{target} is not empty", "Name a new folder: autograder init FOLDER")
    make_course(target)
    approve(target)
    say(f"a course is in {target}; it is approved as yours. Next:")
    say(f"  cd {target}")
    say("  autograder doctor")
    say("  autograder release")


def make_course(target: Path) -> None:
    """Copy the template and configure nbgrader; a failure leaves the folder as it was.

    Raises
    ------
    InfrastructureError
        When the package has come without its template.
    """
    template = _template()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".autograder-init-", dir=target) as scratch:
        staged = Path(scratch)
        for name in TEMPLATE:
            source, there = template / name, staged / name
            there.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, there, ignore=_LEFT_OUT)
            else:
                shutil.copyfile(source, there)
        if not (target / ".gitignore").exists():
            (staged / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
        keep_configuration(open_layout(staged))
        for path in sorted(staged.iterdir(), key=lambda one: one.name == CONFIG_NAME):
            path.rename(target / path.name)


def _template() -> Path:
    """Return where the template lies: in the wheel, or in the repository that this runs from."""
    package = Path(autograder.__file__).resolve().parent
    for folder in (package / "template", package.parent):
        if all((folder / name).exists() for name in TEMPLATE):
            return folder
    raise InfrastructureError(
        "This package has come without its course template", "Install it again."
    )
