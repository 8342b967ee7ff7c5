"""Hand submissions over to tools that look for copies: JPlag, compare50 and Moss.

They read a folder for each student with program text in it, and a folder of base code that
everybody was given. Which similarity means something is for them and for people to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course.layout import Layout
from autograder.errors import SubmissionError, UsageError
from autograder.model import Record
from autograder.submission.load import load_submission

_NOT_PYTHON = re.compile(r"^([^\S\n]{0,99})(%%?|!)(?=[A-Za-z.~/])", re.MULTILINE)
README = """Made by `autograder export --to jplag`. From this folder:

  java -jar jplag.jar --language python3 --base-code base submissions
  compare50 submissions/*/ --distro base/*
  moss -l python {bases} -d submissions/*/*.py

base/ is what every student was given: the released notebook and the handout. Cells stand in their
order; lines that only Jupyter understands are comments.
"""


class HandedOver(Record, frozen=True):
    """Who is there, and why others are not, by student."""

    students: tuple[str, ...]
    left_out: dict[str, str]


def export_for_similarity(layout: Layout, target: Path) -> HandedOver:
    """Write ``submissions/``, ``base/`` and a README with the commands.

    Raises
    ------
    UsageError
        When the folder is there already, or nothing was released.
    """
    if target.exists():
        raise UsageError(f"{target} is there already", "Name a new folder.")
    if not layout.released_notebook.is_file():
        raise UsageError("Nothing was released, so there is no base code", "autograder release")
    name = f"{layout.config.notebook}.py"
    texts: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for student in layout.students():
        try:
            texts[student] = as_python(layout.submission(student))
        except SubmissionError as error:
            left_out[student] = error.message
    for student, text in texts.items():
        _write(target / "submissions" / student / name, text)
    listed = " ".join(f"-b {base}" for base in _write_base(layout, target / "base", name))
    _write(target / "README", README.format(bases=listed))
    return HandedOver(students=tuple(texts), left_out=left_out)


def as_python(path: Path) -> str:
    """Return a submission as one Python file: its code cells, with magics as comments."""
    cells = load_submission(path).cells
    return "\n\n".join(_NOT_PYTHON.sub(r"\1# \2", cell.source.rstrip()) for cell in cells) + "\n"


def _write_base(layout: Layout, target: Path, name: str) -> Iterator[str]:
    _write(target / name, as_python(layout.released_notebook))
    yield f"base/{name}"
    handout = layout.release / "tinytorch"
    for path in sorted(handout.rglob("*.py")):
        place = path.relative_to(layout.release)
        _write(target / place, path.read_text(encoding="utf-8"))
        yield f"base/{place.as_posix()}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
