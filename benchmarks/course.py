"""Courses to measure: a release made once, and copies of it with a class in each."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from autograder.audit.mutants import load_catalogue, load_common
from autograder.cli.init import TEMPLATE
from autograder.config import load_config
from autograder.course.layout import Layout
from autograder.course.release import release
from autograder.demo.students import ClassMaker
from autograder.grading.grader import Exam, Grader

ROOT = Path(__file__).resolve().parent.parent
SEED = b"the benchmark's seed"

TOO_SLOW = "novice.ipynb"
"""Its backward() takes exponential time, so that it alone would take longer than all others."""


def make_base(folder: Path) -> tuple[Layout, Exam]:
    """Make a course with a released assignment and nobody in it, as ``autograder demo`` does."""
    for name in TEMPLATE:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    layout = Layout(course=folder, config=load_config(folder / "config.yaml"))
    exam = Exam(folder, layout.config, SEED)
    with exam.worker(exam.choose_tier("auto")) as worker:
        release(layout, Grader(exam, worker), lambda _message: None)
    return layout, exam


def make_class(base: Layout, folder: Path, notebooks: list[Any], size: int) -> Layout:
    """Copy a course and fill it with ``size`` students, who hand in the notebooks in turn."""
    shutil.copytree(base.course, folder)
    layout = Layout(course=folder, config=base.config)
    for number, notebook in zip(range(size), itertools.cycle(notebooks), strict=False):
        path = layout.submission(f"student{number:05d}")
        path.parent.mkdir(parents=True)
        path.write_text(_signed(notebook, number), encoding="utf-8")
    return layout


def _signed(notebook: Any, number: int) -> str:
    """Return a notebook whose bytes, and so its digest, nobody else's have."""
    signature = v4.new_markdown_cell(f"Handed in by number {number}.")
    signature["id"] = "signature"
    return str(
        nbformat.writes(v4.new_notebook(
            cells=[*notebook.cells, signature], metadata=notebook.metadata
        ))
    )  # fmt: skip


def our_notebooks(layout: Layout) -> list[Any]:
    """Return the solution, its half-done forms and one wrong one for each misconception."""
    maker = ClassMaker(layout)
    catalogue = {entry.id: entry for entry in load_catalogue(layout.course)}
    return [
        maker.solved(),
        *(maker.edited(catalogue[name].topological) for name in load_common(layout.course)),
        maker.until("sum_backward"),
        maker.until("cross_entropy_backward"),
    ]


def variants(layout: Layout) -> Iterator[Any]:
    """Yield correct submissions of other styles, each a notebook."""
    for path in sorted((layout.course / "tests" / "variants").iterdir()):
        if path.suffix == ".py":
            text = path.read_text(encoding="utf-8")
            yield v4.new_notebook(cells=[v4.new_code_cell(text)])
        elif path.suffix == ".ipynb" and path.name != TOO_SLOW:
            notebook = nbformat.read(path, as_version=4)
            for position, cell in enumerate(notebook.cells):
                cell["id"] = f"cell-{position}"
            notebook.nbformat_minor = 5
            yield notebook
