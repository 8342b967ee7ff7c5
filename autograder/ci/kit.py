"""What goes with the templates: the course without its secrets, and the grader itself."""

from __future__ import annotations

import filecmp
import importlib.metadata
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import yaml

import autograder
import reference
from autograder.config import CONFIG_NAME, Config, read_settings
from autograder.errors import UsageError
from autograder.model import Cases
from autograder.operations import NAMES, OPERATIONS, packaged

DISTRIBUTION = "tinytorch-autograder"
_RUBBISH = shutil.ignore_patterns("__pycache__", "*.pyc", ".ipynb_checkpoints")


def write_course(
    course: Path, config: Config, target: Path, cases: Cases, seed: bytes, *, shown: bool = False
) -> bool:
    """Copy what grading needs of a course: never a solution, and hidden cases only when asked.

    Parameters
    ----------
    seed
        Goes with hidden cases, into a file that only its owner may read.
    shown
        Whether students can look at it. The operations hold every gradient rule: they stay away
        where they are those that come with the grader.

    Returns
    -------
    bool
        Whether students can read the gradient rules there.
    """
    home = config.home(course, "reference")
    handout = Path("source") / config.assignment / "tinytorch"
    parts = (config.edition.handout, handout)  # what another course hands out, and its own on top
    there = [course / part for part in parts if part and (course / part).is_dir()]
    folders = [(folder, handout) for folder in there or [course / handout]]
    for part in ("tests/public", "tests/hidden") if cases == "hidden" else ("tests/public",):
        folders.append((config.part(course, part), Path(part)))
    own = (home / OPERATIONS).is_dir() and not (shown and _comes_with_the_grader(home))
    if own:
        folders.append((home / OPERATIONS, OPERATIONS))
    target.mkdir(parents=True, exist_ok=True)
    _write_config(course, config, target)
    if (home / NAMES).is_file():
        (target / NAMES).parent.mkdir(exist_ok=True)
        shutil.copy(home / NAMES, target / NAMES)
    for source, name in folders:
        if not source.is_dir():
            raise UsageError(f"There is no folder {source}")
        shutil.copytree(source, target / name, ignore=_RUBBISH, dirs_exist_ok=True)
    if cases == "hidden":
        _write_seed(target / ".autograder", seed)
    return own and shown


def _write_config(course: Path, config: Config, target: Path) -> None:
    """Write a config.yaml that stands by itself: the course that it is based on stays here."""
    if not config.based_on:
        shutil.copy(course / CONFIG_NAME, target)
        return
    settings = read_settings(course / CONFIG_NAME)
    del settings["based_on"]
    settings.get("edition", {}).pop("handout", None)
    text = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
    (target / CONFIG_NAME).write_text(text, encoding="utf-8")


def _comes_with_the_grader(course: Path) -> bool:
    """Tell whether a course's operations are the packaged ones, byte for byte."""
    ours, theirs = packaged() / OPERATIONS, course / OPERATIONS
    names = [{path.name for path in folder.glob("*.py")} for folder in (ours, theirs)]
    if names[0] != names[1]:
        return False
    same, *_ = filecmp.cmpfiles(ours, theirs, sorted(names[0]), shallow=False)
    return len(same) == len(names[0])


def _write_seed(folder: Path, seed: bytes) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / "seed", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(seed + b"\n")


def write_grader(target: Path) -> None:
    """Copy the grader as something that pip installs: the very code that runs now."""
    for package in (autograder, reference):
        source = Path(str(package.__file__)).resolve().parent
        shutil.copytree(source, target / source.name, ignore=_RUBBISH, dirs_exist_ok=True)
    (target / "pyproject.toml").write_text("\n".join(_pyproject()) + "\n", encoding="utf-8")


def _pyproject() -> Iterator[str]:
    found = importlib.metadata.distribution(DISTRIBUTION)
    yield from ("[build-system]", 'requires = ["hatchling>=1.27"]')
    yield from ('build-backend = "hatchling.build"', "", "[project]", f'name = "{DISTRIBUTION}"')
    yield f'version = "{autograder.__version__}"'
    yield 'requires-python = ">=3.11"'
    yield "dependencies = ["
    yield from (f"  {_quoted(need)}," for need in found.requires or () if "extra ==" not in need)
    yield "]"
    groups: dict[str, list[str]] = {}
    for point in found.entry_points:
        groups.setdefault(point.group, []).append(f"{point.name} = {_quoted(point.value)}")
    for group, lines in groups.items():
        table = "scripts" if group == "console_scripts" else f'entry-points."{group}"'
        yield from ("", f"[project.{table}]", *lines)
    yield from ("", "[tool.hatch.build.targets.wheel]", 'packages = ["autograder", "reference"]')


def _quoted(text: str) -> str:
    """Return a literal string of TOML; a marker of a requirement has quotes of its own."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
