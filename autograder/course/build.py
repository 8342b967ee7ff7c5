"""Make what a release ships from what people edit: the notebook, and the handout's public checks.

What a person writes is read here all at once, and every part that does not fit another one is
named, so that one round of edits mends them all. Nothing is written while anything is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import autograder
from autograder.cases.registry import load_cases, record_all, texts_of
from autograder.config import CONFIG_NAME, Config
from autograder.contract import encode_contract
from autograder.course.files import write_atomically
from autograder.course.layout import Layout
from autograder.course.markers import Markers
from autograder.course.nbgrader_settings import read_markers
from autograder.course.notebook_text import as_json, digest_of_cells, make_notebook, written_by_us
from autograder.errors import CaseError, ReleaseRefused, UsageError
from autograder.grading.material import CASES
from autograder.model import Record
from autograder.operations import operations
from autograder.public.generate import public_data

PACKAGE = Path(autograder.__file__).parent
COPIED = {
    "runner": (
        "guest",
        (
            "contract.py",
            "interpreter.py",
            "lookup.py",
            "rebound.py",
            "running.py",
            "student.py",
            "trace.py",
            "watch.py",
        ),
    ),
    "kernel": (
        "kernel",
        (
            "__init__.py",
            "calls.py",
            "facts.py",
            "looked.py",
            "raised.py",
            "tracking.py",
            "words.py",
        ),
    ),
}
"""Folders of the handout's checks, and the modules of the grader that they are copies of."""


class Built(Record, frozen=True):
    """What was made, and what a person should hear of it."""

    written: tuple[Path, ...]
    notes: tuple[str, ...]


class _Plan(Record, frozen=True):
    """What is to be written, what does not fit, and what is worth saying."""

    files: dict[Path, bytes]
    stale: list[Path]
    problems: list[str]
    notes: list[str]


def build(layout: Layout) -> Built:
    """Bring source/ASSIGNMENT up to date with the texts, the cases and config.yaml.

    Raises
    ------
    ReleaseRefused
        With a line for everything that does not fit; nothing is written then.
    """
    operations()  # which says by itself what is missing of one
    plan = _Plan(files={}, stale=[], problems=[], notes=[])
    if _has_folder(layout, plan.problems):
        markers = _attempt(lambda: read_markers(layout.course), plan.problems)
        _plan_notebook(layout, plan)
        plan.problems.extend(_problems_of_cases(layout, plan.notes))
        shared = layout.config.edition.handout  # then the release puts the handout together
        if not plan.problems and isinstance(markers, Markers) and not shared:
            _plan_handout(layout, markers, plan)
    refuse(plan.problems)
    written = []
    for path, data in plan.files.items():
        if not path.is_file() or path.read_bytes() != data:
            write_atomically(path, data)
            written.append(path)
    for path in plan.stale:
        path.unlink()
    return Built(tuple(written), tuple(plan.notes))


def refuse(problems: list[str]) -> None:
    """Refuse a release with all that is wrong, a line each.

    Raises
    ------
    ReleaseRefused
        When there is anything.
    """
    if len(problems) == 1:
        raise ReleaseRefused(problems[0])
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise ReleaseRefused(f"{len(problems)} things do not fit:\n{lines}")


def _attempt(call: Callable[[], Any], problems: list[str]) -> Any:
    try:
        return call()
    except UsageError as error:
        remedy = f" ({error.remedy})" if error.remedy else ""
        problems += [f"{line}{remedy}" for line in error.message.splitlines()]
        return None


def _tests_of(layout: Layout) -> Path:
    """Return the folder that says what the public checks say."""
    return layout.config.part(layout.course, CASES["public"]).parent


def _has_folder(layout: Layout, problems: list[str]) -> bool:
    """Tell whether the assignment lies where config.yaml says; else say what to rename."""
    config = layout.config
    if not layout.source.is_dir():
        others = sorted(path.parent for path in layout.source.parent.glob("*/tinytorch"))
        rename = f"mv source/{others[0].name} source/{config.assignment}" if others else ""
        problems.append(
            f"{CONFIG_NAME} says assignment: {config.assignment}, and there is no folder"
            f" source/{config.assignment}{f': {rename}' if rename else ''}"
        )
    text = layout.text
    if not text.is_file() and not layout.solution.is_file():
        others = sorted(layout.source.parent.glob("*.py"))
        rename = f": mv source/{others[0].name} source/{text.name}" if len(others) == 1 else ""
        problems.append(
            f"{CONFIG_NAME} says notebook: {config.notebook}, and there is neither"
            f" source/{text.name} nor source/{config.assignment}/{config.notebook}.ipynb{rename}"
        )
    return not problems


def _plan_notebook(layout: Layout, plan: _Plan) -> None:
    """Make the notebook from its text; a course without one edits the notebook itself."""
    path, target = layout.text, layout.solution
    if not path.is_file():
        return
    known = _attempt(lambda: texts_of(_tests_of(layout)), plan.problems) or {}
    try:
        text = make_notebook(path.read_text(encoding="utf-8"), layout.config, known)
    except Exception as error:  # whatever jupytext and nbformat meet in a text of another kind
        plan.problems.append(f"source/{path.name}: no notebook can be made from it: {error}")
        return
    plan.problems.extend(f"source/{path.name}, {problem}" for problem in text.problems)
    plan.problems.extend(
        _cells_that_are_missing(text.notebook, layout.config, f"source/{path.name}")
    )
    plan.notes.extend(
        f"left out: cell {cell}, since config.yaml has no check there" for cell in text.left_out
    )
    if target.is_file() and not _is_ours(target, text.notebook):
        plan.problems.append(
            f"source/{layout.config.assignment}/{target.name} was edited by hand, and is made from"
            f" source/{path.name}: make the change there and remove the notebook, or remove"
            f" source/{path.name} if the notebook is to be the original"
        )
    plan.files[target] = as_json(text, path.name).encode()
    for other in sorted(layout.source.glob("*.ipynb")):
        if other != target and _is_ours(other, text.notebook):
            plan.stale.append(other)
            plan.notes.append(f"removed {other.name}: the notebook is called {target.name} now")


def _is_ours(path: Path, made: Any) -> bool:
    """Tell whether a notebook may be written over: nobody's work is lost by that."""
    from autograder.submission.notebooks import nbformat

    try:
        there = nbformat.read(path, as_version=4)
    except Exception:  # whatever nbformat meets in a file that is no notebook
        return False
    return written_by_us(there) or digest_of_cells(there) == digest_of_cells(made)


def _cells_that_are_missing(notebook: Any, config: Config, where: str) -> list[str]:
    """Name the cells that config.yaml speaks of and the notebook does not have."""
    names = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    wanted = [(f"check {check.id!r}", check.cell) for check in config.all_checks]
    if not config.based_on:  # else the checks are another course's, whose cells have other names
        wanted += [(f"check {check.id!r}, solution", check.solution) for check in config.all_checks]
    wanted += [("written", one.cell) for one in config.written]
    missing: dict[str, str] = {}
    for what, cell in wanted:
        if cell and cell not in names:
            missing.setdefault(cell, what)
    return [
        f"{CONFIG_NAME}, {what}: there is no cell {cell!r} in {where}"
        for cell, what in missing.items()
    ]


def _problems_of_cases(layout: Layout, notes: list[str]) -> list[str]:
    """Name what does not fit among config.yaml, hidden cases, public cases and their texts."""
    config, problems = layout.config, []
    for kind, folder in CASES.items():
        try:
            load_cases(config.part(layout.course, folder), config, practice=kind == "public")
        except CaseError as error:
            problems += [f"{folder}: {line}" for line in error.message.splitlines()]
    if problems:
        return problems
    texts = {*texts_of(_tests_of(layout))}
    texts |= {one.checks[0] for one in operations().values() if one.text is not None}
    problems += [
        f"tests/public/rules.yaml says nothing of the check {check.id!r}"
        for check in config.all_checks + config.practice
        if check.id not in texts
    ]
    own = {check.id for check in config.all_checks + config.ungraded}
    unused: dict[str, int] = {}
    for case in record_all(config.part(layout.course, CASES["hidden"])):
        if case.check not in own:
            unused[case.check] = unused.get(case.check, 0) + 1
    notes += [
        f"left out: {count} hidden cases of {check!r}, which config.yaml does not have"
        for check, count in unused.items()
    ]
    return problems


def _plan_handout(layout: Layout, markers: Markers, plan: _Plan) -> None:
    """Make the data of the public checks, and copy what runs, sees and says them."""
    checks = layout.handout / "checks"
    for folder, (package, names) in COPIED.items():
        for name in names:
            plan.files[checks / folder / name] = (PACKAGE / package / name).read_bytes()
        there = set((checks / folder).glob("*.py")) - {checks / folder / "__init__.py"}
        plan.stale.extend(sorted(there - plan.files.keys()))
    contract = encode_contract(layout.config.contract_data)
    plan.files[checks / "runner" / "contract.json"] = contract.encode()
    made = _attempt(
        lambda: public_data(layout.course, layout.config, markers.code_stub), plan.problems
    )
    if made is not None:
        plan.files[checks / "cases.json"] = made.encode()
