"""Release the assignment: nbgrader's own conversion, between gates that refuse a bad one."""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course.build import refuse
from autograder.course.layout import Layout
from autograder.course.markers import (
    Markers,
    find_leak,
    leak_problems,
    marker_problems,
    public_lines,
    solution_lines,
)
from autograder.course.nbgrader_settings import FILE, read_markers, read_settings
from autograder.course.notebook_text import MARK
from autograder.course.notes import Audited, write_notes
from autograder.errors import InfrastructureError, ReleaseRefused
from autograder.grading.grader import Grader
from autograder.grading.material import HANDOUT
from autograder.public.handout import write_checks
from autograder.reports.text import points
from autograder.sandbox.handout import gather, write_list

Say = Callable[[str], None]
HANDOUT_PATTERNS = shutil.ignore_patterns("__pycache__", "*.pyc", ".ipynb_checkpoints")


def release(
    layout: Layout, grader: Grader, say: Say, audit: Callable[[Path], Audited] | None = None
) -> list[Path]:
    """Check the source, generate the release, check that, then put it in place.

    Parameters
    ----------
    audit
        Tests the tester with the notebook that is about to be released, and returns what to say
        and to keep; raises ReleaseRefused when it finds a hole.

    Returns
    -------
    list of Path
        The files of the release.

    Raises
    ------
    ReleaseRefused
        With all that is wrong, as far as one thing can be looked at without the others;
        ``release/`` is then as it was.
    """
    source = _read(layout.solution)
    markers = read_markers(layout.course, _language(source))
    _check_source(layout, source, markers, say)
    _check_solution(layout, grader, say)
    with tempfile.TemporaryDirectory(prefix="autograder-release-") as scratch:
        trial = f"sqlite:///{Path(scratch) / 'gradebook.db'}"
        staged = _generate(layout, Path(scratch), trial)
        say("nbgrader generated the student version")
        _check_release(staged, source, markers, grader, say)
        audited = audit(staged / layout.solution.name) if audit is not None else None
        for line in audited.lines if audited else ():
            say(line)
    _generate(layout, layout.course, layout.gradebook_url)
    write_list(layout.release / HANDOUT)
    if audited:
        write_notes(layout, audited.notes)
    return sorted(path for path in layout.release.rglob("*") if path.is_file())


def _language(notebook: Any) -> str:
    return str(notebook.metadata.get("kernelspec", {}).get("language", "python"))


def _check_source(layout: Layout, source: Any, markers: Markers, say: Say) -> None:
    path = layout.solution
    problems = marker_problems(source, path, markers)
    declared = {
        cell.metadata.nbgrader["grade_id"]: float(cell.metadata.nbgrader["points"])
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    wanted = layout.config.cell_points | {cell.cell: cell.points for cell in layout.config.written}
    problems += [
        f"{path.name}, cell {name!r}: the notebook says "
        f"{_points_or_nothing(declared.get(name))}, config.yaml says "
        f"{_points_or_nothing(wanted.get(name))}"
        for name in sorted(declared.keys() | wanted.keys())
        if declared.get(name) != wanted.get(name)
    ]
    problems += _strangers(layout)
    refuse(problems)
    say("markers are balanced, and points agree with config.yaml")


def _strangers(layout: Layout) -> list[str]:
    """Name what lies in the assignment's folder and is neither its notebook nor the handout."""
    ours = {f"{layout.config.notebook}.ipynb", HANDOUT}
    return [
        f"source/{layout.config.assignment}/{path.name} would be released: only the notebook"
        f" {layout.config.notebook}.ipynb and {HANDOUT}/ may be, so move it away"
        for path in sorted(layout.source.iterdir())
        if path.name not in ours | {"__pycache__", ".ipynb_checkpoints"}
    ]


def _points_or_nothing(value: float | None) -> str:
    return "nothing" if value is None else f"{points(value)} points"


def _check_solution(layout: Layout, grader: Grader, say: Say) -> None:
    result = grader.grade(layout.solution).result
    missing = [check.id for check in result.checks if check.status != "passed"]
    if missing:
        raise ReleaseRefused(
            f"The solution does not pass: {', '.join(missing)}",
            f"autograder run {layout.solution}",
        )
    say(f"the solution scores {points(result.score)} of {points(result.max_score)} points")


def _check_release(staged: Path, source: Any, markers: Markers, grader: Grader, say: Say) -> None:
    notebooks = sorted(staged.glob("*.ipynb"))
    secret, public = solution_lines(source, markers), public_lines(source, markers)
    problems = []
    for path in notebooks:
        problems += leak_problems(_read(path), secret, public, path)
        result = grader.grade(path).result
        scored = [check.id for check in result.checks if check.score > 0]
        if scored:
            problems.append(f"{path.name}: the stub earns points for: {', '.join(scored)}")
    for path in sorted(staged.rglob("*")):
        if path.is_file() and path.suffix != ".ipynb":
            problems += _problems_of_file(path, staged, secret)
    refuse(problems)
    say("the stub scores 0 points, and no line of a solution is left")


def _problems_of_file(path: Path, staged: Path, secret: set[str]) -> list[str]:
    text = path.read_text(encoding="utf-8")
    # The handout is public as a whole: only several lines of a solution at once are telling.
    leak = find_leak(text, secret, set(map(str.strip, text.splitlines())))
    return [f"{path.relative_to(staged)}: holds a solution, such as {leak!r}"] if leak else []


def _generate(layout: Layout, root: Path, gradebook_url: str) -> Path:
    """Run nbgrader's generate_assignment from a clean copy of the source into ``root``/release.

    The course's own options count, but for where things lie.
    """
    from nbgrader.apps import NbGraderAPI

    with tempfile.TemporaryDirectory(prefix="autograder-source-") as scratch:
        copy = Path(scratch) / layout.config.assignment
        shutil.copytree(layout.source, copy, ignore=HANDOUT_PATTERNS)
        _complete_handout(layout, copy / HANDOUT)
        _take_our_mark(copy / f"{layout.config.notebook}.ipynb")
        settings = read_settings(layout.course)
        settings.CourseDirectory.root = str(root)
        settings.CourseDirectory.source_directory = scratch
        settings.CourseDirectory.course_id = layout.config.course
        settings.CourseDirectory.db_url = gradebook_url
        settings.NbGraderAPI.log_level = "ERROR"
        outcome = NbGraderAPI(config=settings).generate_assignment(layout.config.assignment)
    if not outcome["success"]:
        raise InfrastructureError(
            f"nbgrader's generate_assignment failed:\n{outcome.get('log', '').strip()}\n"
            f"{outcome.get('error') or ''}".rstrip(),
            f"Look at the options in {FILE}, if that does not help.",
        )
    return root / "release" / layout.config.assignment


def _complete_handout(layout: Layout, handout: Path) -> None:
    """Put into an edition's handout what it shares with another, and its own names and cases."""
    shared = layout.config.edition.handout
    if shared:
        gather((layout.course / shared).resolve(), handout, handout)
        stub = read_markers(layout.course).code_stub
        write_checks(layout.course, layout.config, handout / "checks", stub)


def _take_our_mark(path: Path) -> None:
    """Leave out of what students get what only the next build needs."""
    from autograder.submission.notebooks import nbformat

    notebook = _read(path)
    if notebook.metadata.pop(MARK, None) is not None:
        nbformat.write(notebook, path)


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
