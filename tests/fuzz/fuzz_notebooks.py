"""Coverage-guided fuzzing of notebooks as input: ``python tests/fuzz/fuzz_notebooks.py CORPUS...``.

Needs ``pip install atheris``. An input is the bytes of a submitted ``.ipynb`` file. The same
function checks the notebooks that ``test_notebooks.py`` makes.
"""

import atexit
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

import msgspec
import nbformat

from autograder.config import load_config
from autograder.course.answers import MAX_FOUND
from autograder.course.autograded import Template
from autograder.course.layout import Layout
from autograder.errors import SubmissionError
from autograder.submission.document import MAX_CELLS
from autograder.submission.known import cells_of
from autograder.submission.load import load_submission

ROOT = Path(__file__).resolve().parents[2]
RELEASED = Layout(course=ROOT, config=load_config(ROOT / "config.yaml")).released_notebook


@cache
def template():
    return Template(RELEASED)


@cache
def scratch_file():
    folder = tempfile.mkdtemp(prefix="fuzz-notebooks-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder) / "submission.ipynb"


def run_one(data):
    """Read one file as the grader does, and make formgrader's notebook of it."""
    path = scratch_file()
    path.write_bytes(data)
    check_reading(path)
    check_restoring(path)


def check_reading(path):
    """Assert that a submission or a SubmissionError comes out, and that it can be sent on."""
    try:
        submission = load_submission(path)
    except SubmissionError as error:
        error.message.encode()
        return
    assert len(submission.cells) <= MAX_CELLS
    assert msgspec.json.encode(submission)


def check_restoring(path):
    """Assert that formgrader's notebook is valid and holds each of our cells once."""
    submitted = cells_of(path)
    for answer in template().answers(submitted).values():
        assert isinstance(answer.written, bool)
        assert len(answer.text) <= MAX_FOUND + 100 or not answer.elsewhere
    template().known.cells_to_run(submitted)
    restored = template().restore(submitted, dict.fromkeys(template().cells, "a report"))
    nbformat.validate(restored)
    nbformat.writes(restored).encode()
    names = [
        cell.metadata.nbgrader["grade_id"] for cell in restored.cells if "nbgrader" in cell.metadata
    ]
    assert sorted(names) == sorted(template().cells)
    ids = [cell.id for cell in restored.cells]
    assert len(set(ids)) == len(ids)


if __name__ == "__main__":
    import atheris

    atheris.instrument_all()
    atheris.Setup(sys.argv, run_one)
    atheris.Fuzz()
