"""Release the assignment: nbgrader's own conversion, between gates that refuse a bad one."""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course.layout import Layout
from autograder.course.markers import (
    check_markers,
    check_nothing_leaked,
    find_leak,
    public_lines,
    solution_lines,
)
from autograder.errors import InfrastructureError, ReleaseRefused
from autograder.grading.grader import HANDOUT, Grader
from autograder.reports.text import points

Say = Callable[[str], None]
HANDOUT_PATTERNS = shutil.ignore_patterns("__pycache__", "*.pyc", ".ipynb_checkpoints")


def release(
    layout: Layout, grader: Grader, say: Say, audit: Callable[[], str] | None = None
) -> list[Path]:
    """Check the source, generate the release, check that, then put it in place.

    Parameters
    ----------
    audit
        Tests the tester and returns one sentence; raises ReleaseRefused when it finds a hole.

    Returns
    -------
    list of Path
        The files of the release.

    Raises
    ------
    ReleaseRefused
        With the first reason; ``release/`` is then as it was.
    """
    source = _read(layout.source / f"{layout.config.notebook}.ipynb")
    _check_source(layout, source, say)
    _check_solution(layout, grader, say)
    with tempfile.TemporaryDirectory(prefix="autograder-release-") as scratch:
        trial = f"sqlite:///{Path(scratch) / 'gradebook.db'}"
        staged = _generate(layout, Path(scratch), trial)
        say("nbgrader generated the student version")
        _check_release(staged, source, grader, say)
    if audit is not None:
        say(audit())
    _generate(layout, layout.course, layout.gradebook_url)
    return sorted(path for path in layout.release.rglob("*") if path.is_file())


def _check_source(layout: Layout, source: Any, say: Say) -> None:
    path = layout.source / f"{layout.config.notebook}.ipynb"
    check_markers(source, path)
    declared = {
        cell.metadata.nbgrader["grade_id"]: float(cell.metadata.nbgrader["points"])
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    wanted = layout.config.cell_points | {cell.cell: cell.points for cell in layout.config.written}
    for name in sorted(declared.keys() | wanted.keys()):
        if declared.get(name) != wanted.get(name):
            raise ReleaseRefused(
                f"{path.name}, cell {name!r}: the notebook says "
                f"{_points_or_nothing(declared.get(name))}, config.yaml says "
                f"{_points_or_nothing(wanted.get(name))}"
            )
    say("markers are balanced, and points agree with config.yaml")


def _points_or_nothing(value: float | None) -> str:
    return "nothing" if value is None else f"{points(value)} points"


def _check_solution(layout: Layout, grader: Grader, say: Say) -> None:
    result = grader.grade(layout.source / f"{layout.config.notebook}.ipynb").result
    missing = [check.id for check in result.checks if check.status != "passed"]
    if missing:
        raise ReleaseRefused(
            f"The solution does not pass: {', '.join(missing)}",
            f"autograder run {layout.source / (layout.config.notebook + '.ipynb')}",
        )
    say(f"the solution scores {points(result.score)} of {points(result.max_score)} points")


def _check_release(staged: Path, source: Any, grader: Grader, say: Say) -> None:
    notebooks = sorted(staged.glob("*.ipynb"))
    secret, public = solution_lines(source), public_lines(source)
    for path in notebooks:
        check_nothing_leaked(_read(path), secret, public, path)
        result = grader.grade(path).result
        scored = [check.id for check in result.checks if check.score > 0]
        if scored:
            raise ReleaseRefused(f"{path.name}: the stub earns points for: {', '.join(scored)}")
    for path in sorted(staged.rglob("*")):
        if path.is_file() and path.suffix != ".ipynb":
            _check_other_file(path, staged, secret)
    say("the stub scores 0 points, and no line of a solution is left")


def _check_other_file(path: Path, staged: Path, secret: set[str]) -> None:
    name = path.relative_to(staged)
    if name.parts[0] != HANDOUT:
        raise ReleaseRefused(f"{name} would be released: only the notebook and {HANDOUT}/ may be")
    text = path.read_text(encoding="utf-8")
    # The handout is public as a whole: only several lines of a solution at once are telling.
    leak = find_leak(text, secret, set(map(str.strip, text.splitlines())))
    if leak:
        raise ReleaseRefused(f"{name}: holds a solution, such as {leak!r}")


def _generate(layout: Layout, root: Path, gradebook_url: str) -> Path:
    """Run nbgrader's generate_assignment from a clean copy of the source into ``root``/release."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config as TraitletsConfig

    with tempfile.TemporaryDirectory(prefix="autograder-source-") as scratch:
        shutil.copytree(
            layout.source, Path(scratch) / layout.config.assignment, ignore=HANDOUT_PATTERNS
        )
        settings = TraitletsConfig()
        settings.CourseDirectory.root = str(root)
        settings.CourseDirectory.source_directory = scratch
        settings.CourseDirectory.course_id = layout.config.course
        settings.CourseDirectory.db_url = gradebook_url
        settings.NbGraderAPI.log_level = "ERROR"
        outcome = NbGraderAPI(config=settings).generate_assignment(layout.config.assignment)
    if not outcome["success"]:
        raise InfrastructureError(
            f"nbgrader's generate_assignment failed:\n{outcome.get('log', '').strip()}\n"
            f"{outcome.get('error') or ''}".rstrip()
        )
    return root / "release" / layout.config.assignment


def _read(path: Path) -> Any:
    from autograder.submission.notebooks import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ReleaseRefused(f"There is no notebook {path}") from None
    except Exception as error:  # whatever nbformat meets in a file that is not a notebook
        raise ReleaseRefused(f"{path} is not a notebook: {error}") from None


def differs(left: Path, right: Path) -> list[str]:
    """Return the files that two folders do not share byte for byte."""
    names = {path.relative_to(left) for path in left.rglob("*") if path.is_file()}
    names |= {path.relative_to(right) for path in right.rglob("*") if path.is_file()}
    return [
        str(name)
        for name in sorted(names)
        if not (left / name).is_file()
        or not (right / name).is_file()
        or not filecmp.cmp(left / name, right / name, shallow=False)
    ]
