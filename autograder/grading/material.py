"""Where in a course's folder lies what grading needs."""

from __future__ import annotations

from pathlib import Path

from autograder.config import Config
from autograder.model import Cases, Record
from autograder.sandbox.handout import gather, list_of

HANDOUT = "tinytorch"
CASES: dict[Cases, str] = {"hidden": "tests/hidden", "public": "tests/public"}


class Material(Record, frozen=True):
    """What an exam is made of.

    Attributes
    ----------
    cases
        The folder of the cases.
    handout
        The package that submissions import.
    notebook
        The notebook that students have.
    """

    cases: Path
    handout: Path
    notebook: Path


def find_material(course: Path, config: Config, cases: Cases, *, draft: bool) -> Material:
    """Return what a course's exam is made of; a ``draft`` has the handout of source/."""
    return Material(
        cases=find_cases(course, config, cases),
        handout=find_handout(course, config, draft=draft),
        notebook=course / "release" / config.assignment / f"{config.notebook}.ipynb",
    )


def find_cases(course: Path, config: Config, cases: Cases = "hidden") -> Path:
    """Return the folder of a course's cases: its own, or that of the course it is based on."""
    return config.part(course, CASES[cases])


def find_handout(course: Path, config: Config, *, draft: bool = False) -> Path:
    """Return the handout that was released, or the one of source/ before that."""
    released = course / "release" / config.assignment / HANDOUT
    if not draft and list_of(released).is_file():
        return released
    own = course / "source" / config.assignment / HANDOUT
    if not config.edition.handout:
        return own
    target = course / ".autograder" / "handout" / config.assignment / HANDOUT
    return gather((course / config.edition.handout).resolve(), own, target)
