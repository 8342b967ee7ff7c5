"""A class of which some are hostile: the others keep every point, and are graded all the same."""

import nbformat
from arena import LIMITS
from collection import load_scripts
from msgspec.structs import replace
from nbformat import v4

from autograder.grading.grader import Exam
from autograder.model import Result
from autograder.workers.local import grade_all

HOSTILE = (
    "channel/garbage_to_every_descriptor", "forging/infrastructure_error", "memory/python_objects",
    "processes/thread_bomb", "time/busy_loop",
)  # fmt: skip
RIGHT = 12
TARGETS = {"course": "/", "gradebook": "/", "seed_file": "/", "hidden_case": "/", "reference": "/",
           "sibling": "/", "home_file": "/", "port": 9, "unix_socket": "/", "abstract": "",
           "grader_pid": 1}  # fmt: skip


def write(folder, name, cells):
    path = folder / f"{name}.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells]), path)
    return name, path


def class_of(folder, course, solution):
    """Return hostile submissions among right ones, a hostile one first and then by turns."""
    cells = [cell.source for cell in nbformat.read(solution, as_version=4).cells
             if cell.cell_type == "code"]  # fmt: skip
    scripts = {script.name: script for script in load_scripts()}
    hostile = [
        write(folder, f"hostile-{place}", scripts[name].cells(TARGETS, cells))
        for place, name in enumerate(HOSTILE)
    ]
    variants = sorted((course / "tests" / "variants").glob("*.py"))
    right = [
        (f"right-{place}", variants[place % len(variants)]) if place % 2
        else write(folder, f"right-{place}", cells)
        for place in range(RIGHT)
    ]  # fmt: skip
    step = RIGHT // len(HOSTILE)
    jobs = []
    for place, job in enumerate(hostile):
        jobs += [job, *right[place * step : (place + 1) * step]]
    return [*jobs, *right[len(hostile) * step :]]


def test_beside_hostile_ones_the_right_ones_keep_every_point(
    course, config, seed, solution, tmp_path
):
    exam = Exam(course, replace(config, limits=replace(LIMITS, submission_seconds=20)), seed)
    jobs = class_of(tmp_path, course, solution)
    found = dict(grade_all(exam, "L", jobs, 2))
    assert set(found) == {name for name, _ in jobs}
    scores = {name: result.score for name, result in found.items() if name.startswith("right")}
    assert scores == dict.fromkeys(scores, 80.0)
    assert len(scores) == RIGHT
    assert all(isinstance(result, Result) for result in found.values()), found
