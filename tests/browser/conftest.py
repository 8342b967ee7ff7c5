"""Pages of a few submissions, opened in Debian's Chromium."""

import nbformat
import pytest
from browsing import chromium
from nbformat import v4

from autograder.audit.mutants import load_catalogue
from autograder.course.inspection import inspect_cases
from autograder.course.layout import Layout
from autograder.demo.students import ClassMaker
from autograder.grades import Member, Review, grade_of
from autograder.reports.feedback import Answer, Page, Remark, render_feedback
from autograder.submission.load import load_submission

HOSTILE = "<script>document.title = 'owned'</script><img src='https://example.org/x.png'>"
ANSWER = """The graph keeps **every operand** that a rule needs:

- `a` and `b` for a product,
- the mask for ReLU.

| operation | kept |
|---|---|
| mul | 2 arrays |

A longer line of code scrolls inside its own box:

```
activations = [layer(activations[-1]) for layer in layers if layer is not None and layer.trainable]
```
"""


@pytest.fixture(scope="module")
def browser():
    """Chromium for one module: its event loop must not outlive it."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def pages(grader, exam, seed, config, course, tmp_path_factory):
    """Write the pages and return their paths by name."""
    folder = tmp_path_factory.mktemp("pages")
    maker = ClassMaker(Layout(course=course, config=config))
    catalogue = {entry.id: entry for entry in load_catalogue(course)}
    notebooks = {
        name: maker.edited(catalogue[name].topological)
        for name in ("mul-own-operand", "no-unbroadcast", "overwrites")
    }
    notebooks["solution"] = maker.solved()
    notebooks["blank"] = nbformat.read(
        course / "release" / "05_autograd" / "05_autograd.ipynb", as_version=4
    )
    hostile = maker.solved()
    hostile.cells.append(v4.new_code_cell(f"class MulBackward:\n    '''{HOSTILE}'''"))
    notebooks["hostile"] = hostile
    written = {}
    for name, notebook in notebooks.items():
        path = folder / f"{name}.ipynb"
        nbformat.write(notebook, path)
        graded = grader.grade(path, keep_outputs=name == "overwrites")
        page = make_page(name, graded.result, path, exam, config)
        written[name] = write(folder / f"{name}.html", render_feedback(page))
        if graded.outputs:
            inspected = inspect_cases(exam, graded, seed)
            text = render_feedback(page, inspected=inspected, replay="autograder run …")
            written["instructor"] = write(folder / "instructor.html", text)
    broken = folder / "broken.ipynb"
    broken.write_text("{", encoding="utf-8")
    page = make_page("broken", grader.grade(broken).result, broken, exam, config)
    written["unreadable"] = write(folder / "unreadable.html", render_feedback(page))
    return written


def cells_of(path):
    return {cell.index: cell.source for cell in load_submission(path).cells}


def make_page(name, result, path, exam, config):
    return Page(
        grade=grade_of(config, Member(name), result, Review()),
        title=config.shown_title,
        result=result,
        cells=cells_of(path) if result.status == "graded" else {},
        pass_marks={
            mark.id: mark.pass_at * score.max_score
            for mark, score in zip(config.checkpoints, result.checkpoints, strict=True)
        },
        programs={(case.check, case.sentence): case.program for case in exam.case_set.cases},
        answers=[
            Answer("q1", "Question 1: memory", ANSWER, 4.0, 5, "Good.\nAnd checkpointing?"),
            Answer("q2", "Question 2: modes", HOSTILE if name == "hostile" else "Short.", None, 5),
            Answer("q3", "Question 3: accumulation", "", 0.0, 5),
        ],
        remarks=[Remark("mul_backward", "Nicely written."), Remark("test_mul", "", 5.0, 4.0)],
    )


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path
