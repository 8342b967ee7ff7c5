"""Canaries in hidden cases: whatever a submission does, no output for students repeats them."""

import base64
import re
import shutil
import stat
from io import StringIO

import nbformat
import numpy as np
import pytest
from nbformat import v4
from rich.console import Console

from autograder.audit.mutants import apply_edits, load_catalogue
from autograder.cases.inputs import draw_inputs
from autograder.collect.ledger import read_ledger
from autograder.course.classroom import Classroom
from autograder.course.feedback import FeedbackRoom
from autograder.course.inspection import inspect_submission
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.course.release import release
from autograder.grading.grader import Exam
from autograder.model import encode_result
from autograder.reports.classtable import render_class
from autograder.reports.formats import Report, find_format, format_names
from autograder.reports.text import render_result
from autograder.submission.load import load_submission

SEED = b"canaries"
SENTENCE = "CANARYSENTENCE may be read by everybody."
CANARY_CASES = f'''
"""CANARYMODULE."""
from autograder.cases import case

CANARYCONSTANT = "CANARYSTRING"

@case(check="mul", kind="gradient")
def canaryfunction_of_a_rule(t):
    """{SENTENCE}

    CANARYREST of the docstring.
    """
    canaryvariable = t.leaf(13, 29)  # CANARYCOMMENT
    b, g = t.leaf(13, 29), t.array(13, 29)
    t.observe(t.rule("MulBackward", canaryvariable, b).apply(g))

@case(check="pow", kind="gradient")
def canaryfunction_of_the_engine(t):
    """{SENTENCE}"""
    x, g = t.leaf(13, 29, draw="positive"), t.array(13, 29)
    t.backward(x**2.671828 * 41.0625, g)
    t.observe(x.grad)
'''
FORBIDDEN = [
    "CANARYMODULE", "CANARYCONSTANT", "CANARYSTRING", "CANARYREST", "CANARYCOMMENT",
    "canaryvariable", "canaryfunction", "13, 29", "13,29", "2.671828", "41.0625",
]  # fmt: skip

# How a submission may try to carry what it was given to where its student can read it.
TELL = """
import sys, warnings
def everything(self, grad_output):
    given = [t.data for t in self.saved_tensors] + [grad_output]
    words = repr([g.tolist() for g in given]) + repr([g.shape for g in given])
    print(words); print(words, file=sys.stderr)
    return given, words
"""
ENDINGS = {
    "message": "raise ValueError(words)",
    "key": "raise KeyError(words)",
    "name": "raise type('E' + words, (Exception,), {})(words)",
    "warning": "warnings.warn(words); raise NotImplementedError(words)",
    "line": "raise SyntaxError(words, ('<cell 0>', 1377 + int(1e6 * given[0].flat[0]), 1, words))",
    "place": "exec(compile('\\n' * 37700 + 'raise ValueError(words)', '<cell 0>', 'exec'))",
    "group": "raise ExceptionGroup(words, [ValueError(words)])",
    "cause": "raise RuntimeError(words) from ValueError(words)",
    "text": "return words",
    "values": "return tuple(given)",
    "exit": "raise SystemExit(words)",
}


def hostile_notebook(solution, ending):
    notebook = nbformat.read(solution, as_version=4)
    lines = "\n".join(
        f"class {name}({name}):\n"
        "    def apply(self, grad_output):\n"
        "        given, words = everything(self, grad_output)\n"
        f"        {ending}\n"
        for name in ("MulBackward", "PowBackward", "AddBackward")
    )
    notebook.cells.append(v4.new_code_cell(TELL + lines))
    return notebook


def mutant_notebook(course, solution, name):
    notebook = nbformat.read(solution, as_version=4)
    entry = next(entry for entry in load_catalogue(course) if entry.id == name)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    joined = apply_edits("\x1f".join(c.source for c in cells), entry.topological, name)
    for cell, text in zip(cells, joined.split("\x1f"), strict=True):
        cell.source = text
    return notebook


@pytest.fixture(scope="module")
def graded(course, config, grader, solution, tmp_path_factory):
    root = tmp_path_factory.mktemp("canaries")
    shutil.copytree(course / "source", root / "source")
    shutil.copytree(course / "tests" / "hidden", root / "tests" / "hidden")
    (root / "tests" / "hidden" / "canary.py").write_text(CANARY_CASES, encoding="utf-8")
    shutil.copy(course / "config.yaml", root)
    (root / ".autograder").mkdir()
    (root / ".autograder" / "seed").write_text(SEED.decode(), encoding="ascii")
    layout = Layout(course=root, config=config)
    release(layout, grader, lambda _message: None)
    notebooks = {f"tells-by-{how}": hostile_notebook(solution, ending)
                 for how, ending in ENDINGS.items()}  # fmt: skip
    for name in ("mul-own-operand", "no-unbroadcast", "overwrites", "pow-no-n"):
        notebooks[name] = mutant_notebook(course, solution, name)
    for student, notebook in notebooks.items():
        layout.submission(student).parent.mkdir(parents=True)
        nbformat.write(notebook, layout.submission(student))
    exam = Exam(root, config, SEED)
    room = Classroom(layout, exam, "auto")
    report = room.grade(
        list(notebooks), processes=2, force=True, progress=lambda _student, _result: None
    )
    assert report.failed == {}
    pages = FeedbackRoom(layout, exam.case_set)
    pages.write_all(list(notebooks), force=True, progress=lambda _student: None)
    results = {name: Journal(layout).read(name) for name in notebooks}
    return layout, exam, report.rows, results


def printed(renderable):
    stream = StringIO()
    Console(file=stream, width=200, highlight=False).print(renderable)
    return stream.getvalue()


def comments(layout):
    from nbgrader.api import Gradebook

    with Gradebook(layout.gradebook_url) as book:
        for submission in book.assignment_submissions("05_autograd"):
            for comment in submission.notebooks[0].comments:
                yield f"comment for {submission.student.id}", comment.auto_comment or ""


def outputs(layout, rows, results):
    """Yield all that a student may come to see, by name."""
    yield "class table", printed(render_class(rows, {}, read_ledger(layout, list(rows))))
    yield from comments(layout)
    for student, result in results.items():
        yield f"text for {student}", printed(render_result(result))
        yield f"JSON for {student}", encode_result(result).decode()
        yield f"journal of {student}", layout.result(student).read_text(encoding="utf-8")
        yield from in_every_format(layout, student, result)
        yield f"page of {student}", layout.feedback(student).read_text(encoding="utf-8")
        for cell in nbformat.read(layout.autograded(student), as_version=4).cells:
            for output in cell.get("outputs", ()):
                yield f"formgrader's notebook of {student}", output.text


def in_every_format(layout, student, result):
    cells = {cell.index: cell.source for cell in load_submission(layout.submission(student)).cells}
    report = Report(result=result, path="05_autograd.ipynb", cells=cells)
    for name in format_names():
        format_ = find_format(name)
        for render in (format_.render, *format_.appended.values()):
            text = render(report)
            if name == "classroom-resources":
                text = base64.b64decode(text.removeprefix("result=")).decode()
            yield f"{name} for {student}", text


def telling_numbers(exam):
    """Return the first eight characters of every drawn and expected number that is not round."""
    found = set()
    for case, expected in zip(exam.case_set.cases, exam.expected, strict=True):
        arrays = [*draw_inputs(case.program, case.id, SEED).values()]
        arrays += [wanted.value for wanted in expected.values()]
        for array in arrays:
            if isinstance(array, np.ndarray) and array.dtype.kind == "f":
                found |= {repr(abs(float(value)))[:8] for value in array.flat}
    return {text for text in found if re.fullmatch(r"\d+\.\d{4,}", text) and not text.endswith("0")}


def test_every_attempt_cost_the_checks_that_hold_the_canaries(graded):
    _, _, _, results = graded
    for student, result in results.items():
        assert any(check.status in {"failed", "error"} for check in result.checks), student


def test_no_canary_shows_in_any_output(graded):
    layout, _, rows, results = graded
    for name, text in outputs(layout, rows, results):
        assert [word for word in FORBIDDEN if word in without_digests(text)] == [], name


def without_digests(text):
    """Drop long hexadecimal words, times and drawings' coordinates: digits of no case."""
    text = re.sub(r"\b[0-9a-f]{16,}\b", "", text)
    text = re.sub(r'"(started|seconds)": [^\n]*|<dt>Graded</dt><dd>.*?</dd>', "", text)
    return re.sub(r'\b(points|viewBox|width|height|style|[xyd]+|rx)="[^"]*"', "", text)


def test_no_hidden_number_shows_in_any_output(graded):
    layout, exam, rows, results = graded
    numbers = telling_numbers(exam)
    assert len(numbers) > 3000
    for name, text in outputs(layout, rows, results):
        shown = set(re.findall(r"\d+\.\d{4,}", without_digests(text)))
        assert {number[:8] for number in shown} & numbers == set(), name


def test_no_number_is_smuggled_out_as_a_line(graded):
    layout, _, rows, results = graded
    for name, text in outputs(layout, rows, results):
        assert not re.search(r"\blines? \d{4,}|\"line\": ?\d{4,}", text), name


def test_public_sentence_does_show(graded):
    layout, _, _, _ = graded
    page = layout.feedback("mul-own-operand").read_text(encoding="utf-8")
    assert SENTENCE in page
    assert "v1 = MulBackward(x1, x2)" in page


def test_instructors_view_shows_what_the_others_hide(graded):
    layout, exam, _, results = graded
    room = FeedbackRoom(layout, exam.case_set)
    path, result = inspect_submission(layout, room, exam, "L", "mul-own-operand")
    page = path.read_text(encoding="utf-8")
    assert "Instructor only: holds hidden cases" in page
    assert "mul/canaryfunction_of_a_rule" in page
    assert "leaf[13, 29]" in page
    number = exam.case_set.cases.index(exam.case_set.of_check("mul")[0])
    wanted = next(iter(exam.expected[number].values()))
    assert f"{abs(wanted.value.flat[0]):.6f}"[:7] in page
    assert re.search(r"autograder run submitted/mul-own-operand/\S+ --seed-from \S+\.json", page)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_suffix(".json").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert result.checks == results["mul-own-operand"].checks
    assert not list((layout.course / "feedback").rglob("*canary*"))


def test_instructors_view_quotes_an_exception_escaped(graded):
    layout, exam, _, _ = graded
    path, _ = inspect_submission(
        layout, FeedbackRoom(layout, exam.case_set), exam, "L", "tells-by-message"
    )
    assert "ValueError: [[[" in path.read_text(encoding="utf-8")
