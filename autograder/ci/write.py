"""Write the files of a provider into a folder."""

from __future__ import annotations

import re
import uuid
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

from autograder.ci.kit import write_course, write_grader
from autograder.ci.secrecy import PUBLIC_ONLY, refuse_exposure
from autograder.config import Config
from autograder.errors import UsageError
from autograder.model import Cases, Record

Role = Literal["student", "instructor"]

TWO_ROLES = ("github", "gitlab")
PROVIDERS = (
    *TWO_ROLES, "gradescope", "prairielearn", "classroom50", "devcontainer", "binder", "colab",
)  # fmt: skip
NEEDS_GRADER = {*TWO_ROLES, "classroom50"}
"""Where pip installs the grader from somewhere: elsewhere a copy of it lies beside."""
COURSE_OF = {
    ("github", "student"): ".github/autograd",
    ("gitlab", "student"): ".autograd",
    ("gradescope", "instructor"): "course",
    ("prairielearn", "instructor"): "course",
    ("classroom50", "instructor"): "bundle/course",
}
WITH_GRADER = {"gradescope", "prairielearn"}
_SAFE = re.compile(r"^[\w.~+:/@=<>!,\[\] ${}-]+$")
_TEMPLATE = ".template"
_RULES_SHOW = (
    "it holds reference/operations, your own operations with their gradient rules: students can"
    " read them there"
)


class Wanted(Record, frozen=True, kw_only=True):
    """What is to be written.

    Attributes
    ----------
    grader
        What pip installs: a requirement, a URL or a path.
    image
        Of PrairieLearn's container.
    handout
        A git URL from which students' machines fetch the handout.
    """

    provider: str
    role: Role
    cases: Cases
    isolation: str = "auto"
    grader: str = ""
    image: str = "autograd-grader"
    handout: str = ""


def write_files(
    course: Path, config: Config, wanted: Wanted, target: Path, seed: bytes
) -> list[str]:
    """Write the templates of a provider and what they need; return what else to know.

    Raises
    ------
    UsageError
        When a value is missing or unsafe, a file is there already, or something secret would be
        where a student can read it.
    """
    refuse_exposure(wanted.provider, wanted.role, wanted.cases, wanted.isolation)
    values = _values(config, wanted)
    texts = _filled(wanted, values)
    for name in texts:
        if (target / name).exists():
            raise UsageError(f"{target / name} is there already", "Move it, or write elsewhere.")
    for name, (text, executable) in texts.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755 if executable else 0o644)
    notes: list[str] = []
    place = COURSE_OF.get((wanted.provider, wanted.role))
    if place:
        shown = wanted.provider not in WITH_GRADER
        if write_course(course, config, target / place, wanted.cases, seed, shown=shown):
            notes.append(_RULES_SHOW)
    if wanted.provider in WITH_GRADER:
        write_grader(target / "grader")
    return notes


def _values(config: Config, wanted: Wanted) -> dict[str, str]:
    if wanted.provider in NEEDS_GRADER and not wanted.grader:
        raise UsageError(
            f"{wanted.provider} must know what pip installs the grader from",
            "--grader 'git+https://example.org/course/autograder@v1', or a package of your index.",
        )
    for_students = wanted.role == "student" or wanted.provider in PUBLIC_ONLY
    if for_students and wanted.grader.partition("/")[0] in {".", ".."}:
        raise UsageError(
            f"--grader {wanted.grader} is a folder of this machine, and no student's repository"
            " has the grader",
            "--grader 'git+https://example.org/course/autograder@v1', or a package of your index.",
        )
    if wanted.provider == "colab" and not wanted.handout:
        raise UsageError("Colab must know where the handout is", "--handout GIT-URL")
    values = {
        "NOTEBOOK": config.notebook,
        "ASSIGNMENT": config.assignment,
        "TITLE": f"{config.course}: {config.assignment}",
        "PASS": f"{_pass_mark(config):g}",
        "GRADER": wanted.grader,
        "CASES": wanted.cases,
        "ISOLATION": wanted.isolation,
        "IMAGE": wanted.image,
        "HANDOUT": wanted.handout,
        "UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"autograder:{config.course}")),
    }
    for name, value in values.items():
        if value and not _SAFE.match(value):
            raise UsageError(f"{name.lower()} {value!r} has characters that a shell could misread")
    return values


def _pass_mark(config: Config) -> float:
    """Return the points of all pass marks together."""
    marks: dict[str, float] = {found.id: found.pass_at for found in config.checkpoints}
    return round(sum(check.points * marks[check.checkpoint] for check in config.checks), 2)


def _filled(wanted: Wanted, values: dict[str, str]) -> dict[str, tuple[str, bool]]:
    """Return each file's text, and whether it is a program, by its name."""
    place = files("autograder.ci") / "templates" / wanted.provider
    if wanted.provider in TWO_ROLES:
        place /= wanted.role
    found = {}
    with as_file(place) as folder:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                for name, value in values.items():
                    text = text.replace(f"@@{name}@@", value)
                name = path.relative_to(folder).as_posix().removesuffix(_TEMPLATE)
                found[name] = text, text.startswith("#!")
    return found
