"""A new operation takes three files: it is graded, and its mistakes are named, without more ado."""

import shutil

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from autograder.audit.declared import require_whole_operations
from autograder.audit.fairness import try_seeds, variants
from autograder.audit.hosts import topological_source
from autograder.audit.lacking import code_of, lacking, told
from autograder.audit.mutants import apply_edits, load_catalogue
from autograder.cli.init import make_course
from autograder.cli.main import main
from autograder.config import load_config
from autograder.course.build import build
from autograder.course.layout import Layout
from autograder.course.markers import USUAL
from autograder.course.new_check import Wanted, add_check
from autograder.errors import ConfigError, ReleaseRefused, UsageError
from autograder.grading.grader import Exam, Grader
from autograder.operations import operations
from autograder.public.generate import public_data

TANH = Wanted(name="tanh", forward="np.tanh(x)", gradient=("g * (1 - out**2)",))


def layout_of(folder):
    return Layout(course=folder, config=load_config(folder / "config.yaml"))


@pytest.fixture
def fresh(tmp_path):
    make_course(tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    folder = tmp_path_factory.mktemp("added") / "course"
    make_course(folder)
    files = add_check(layout_of(folder), TANH)
    build(layout_of(folder))
    return layout_of(folder), [path.relative_to(folder).as_posix() for path in files]


@pytest.fixture(scope="module")
def graded(added, tmp_path_factory):
    """Return the check's result for the solution and for each of its declared mistakes."""
    layout = layout_of(added[0].course)
    folder = tmp_path_factory.mktemp("submissions")
    solution = topological_source(layout.source / f"{layout.config.notebook}.ipynb")
    texts = {"right": solution}
    for entry in load_catalogue(layout.course):
        if entry.check == "tanh":
            texts[entry.id] = apply_edits(solution, entry.topological, entry.id)
    exam = Exam(layout.course, layout.config, b"a seed", draft=True)
    found = {}
    with exam.worker(exam.choose_tier("auto")) as worker:
        for name, text in texts.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
            result = Grader(exam, worker).grade(folder / f"{name}.py").result
            found[name] = result, {check.id: check for check in result.checks}["tanh"]
    return found


@pytest.fixture(scope="module")
def required(tmp_path_factory):
    """A course without extra credit in which the new check counts."""
    folder = tmp_path_factory.mktemp("required") / "course"
    make_course(folder)
    path = folder / "config.yaml"
    text = path.read_text(encoding="utf-8").replace("stretch: on", "stretch: off")
    path.write_text(text, encoding="utf-8")
    add_check(layout_of(folder), replace(TANH, required=True, points=2))
    build(layout_of(folder))
    return layout_of(folder)


def test_a_required_check_has_its_own_cell_and_counts(required, tmp_path):
    (check,) = [one for one in required.config.checks if one.id == "tanh"]
    assert (check.checkpoint, check.cell, check.solution) == (
        "checkpoint-2", "test_tanh", "tanh_backward"
    )  # fmt: skip
    solution = required.solution
    wrong = tmp_path / "wrong.py"
    text = topological_source(solution)
    wrong.write_text(text.replace("g * (1 - out**2)", "g * (1 - out)"), encoding="utf-8")
    exam = Exam(required.course, required.config, b"a seed", draft=True)
    with exam.worker(exam.choose_tier("auto")) as worker:
        right = Grader(exam, worker).grade(solution).result
        lost = Grader(exam, worker).grade(wrong).result
    assert right.score == right.max_score == 82
    assert (lost.score, lost.max_score) == (80, 82)


def test_the_line_that_tracks_it_is_left_out_with_the_check(required, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(required.course, folder)
    path = folder / "config.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "{id: tanh" not in line), encoding="utf-8")
    layout = layout_of(folder)
    notes = build(layout).notes
    assert "TanhBackward" not in layout.solution.read_text(encoding="utf-8")
    assert any("hidden cases of 'tanh'" in note for note in notes)


def test_right_submissions_of_other_styles_are_judged_without_a_new_rule(required):
    """They were written before it; all of them had to be edited or removed."""
    required = layout_of(required.course)  # a process works on one course at a time
    corpus = variants(required.course)
    found = [lacking(code_of(path), required.config) for path in corpus]
    assert set(found) == {frozenset({"tanh"})}
    assert told(corpus, required.config) == (
        f"{len(corpus)} of tests/variants name no rule for 'tanh', and were judged without that"
        " check",
    )
    reports = try_seeds(required.course, required.config, "L", ["a"], 1, corpus[:2])
    assert next(reports).lost == {}


def test_a_mutant_of_the_new_rule_always_changes_something(required):
    """Its solution takes its operand by a place, 0, for which -1 is as good."""
    assert (
        "saved_tensors["
        not in (
            required.text.read_text(encoding="utf-8")
            .partition("class TanhBackward")[2]
            .partition("# %%")[0]
        )
    )


def test_without_extra_credit_it_says_what_to_do(fresh):
    path = fresh / "config.yaml"
    text = path.read_text(encoding="utf-8").replace("stretch: on", "stretch: off")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"parts: \{stretch: off\}, so extra credit is not"
    ) as said:
        add_check(layout_of(fresh), TANH)
    assert "--required" in said.value.remedy


def test_sentences_that_may_be_true_no_longer_are_shown_with_their_lines(fresh):
    shown = CliRunner().invoke(
        main,
        ["--course", str(fresh), "add", "check", "tanh", "--forward", TANH.forward,
         "--gradient", *TANH.gradient],
    )  # fmt: skip
    assert shown.exit_code == 0
    lines = (fresh / "source" / "05_autograd.py").read_text(encoding="utf-8").splitlines()
    (place,) = [n for n, line in enumerate(lines, 1) if "`Tanh`, comparisons" in line]
    assert f"source/05_autograd.py, line {place}: is this still true?" in shown.output


def test_students_read_what_to_install(added):
    layout, _ = added
    text = layout.text.read_text(encoding="utf-8")
    assert "Let `enable_autograd()` track `Tanh.forward`" in text


def test_three_files_are_touched_and_help_names_them(added):
    _, files = added
    assert files == ["reference/operations/tanh.py", "config.yaml", "source/05_autograd.py"]
    said = CliRunner().invoke(main, ["add", "check", "--help"]).output
    assert "reference/operations/NAME.py" in said
    assert "config.yaml" in said
    assert "source/NOTEBOOK.py" in said


def test_the_solution_has_full_marks_and_the_new_check(graded):
    result, check = graded["right"]
    assert (result.score, check.status) == (result.max_score, "passed")


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ("tanh-hands-on", "TanhBackward hands G on as it is"),
        ("tanh-drops-gradient", "TanhBackward forgets the incoming gradient G"),
    ],
)
def test_a_wrong_rule_is_named_with_its_mistake(graded, mistake, sentence):
    result, check = graded[mistake]
    assert check.status == "failed"
    assert sentence in check.diagnosis.message
    assert check.diagnosis.rule == "TanhBackward"
    assert result.score == result.max_score


def test_nothing_is_missing_and_the_public_check_has_both_cases(added):
    layout, _ = added
    said = require_whole_operations(layout_of(layout.course))
    assert said == "20 operations are declared, and their rules are right"
    data = public_data(layout.course, layout.config, USUAL.code_stub)
    assert "tanh/rule_of_tanh" in data
    assert "tanh/tanh_in_a_chain" in data
    assert "TanhBackward hands G on as it is" in data


def test_a_gradient_that_is_no_derivative_is_refused_and_nothing_is_written(fresh):
    before = (fresh / "config.yaml").read_bytes()
    with pytest.raises(UsageError, match="gradient of tanh for operand 1 is not the derivative"):
        add_check(layout_of(fresh), Wanted(name="tanh", forward="np.tanh(x)", gradient=("g*out",)))
    assert (fresh / "config.yaml").read_bytes() == before
    assert not (fresh / "reference" / "operations" / "tanh.py").exists()
    assert "tanh" not in operations()


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted(name="mul"), "There is an operation mul"),
        (Wanted(name="../x"), "is no name"),
        (Wanted(name="cosh"), "The handout has no class Cosh"),
        (Wanted(name="tanh", forward="np.tanh(x)"), "belong together"),
        (Wanted(name="tanh", forward="np.tanh(", gradient=("g",)), "is no formula"),
    ],
)
def test_what_cannot_be_added_is_said(fresh, wanted, why):
    with pytest.raises(UsageError, match=why):
        add_check(layout_of(fresh), wanted)


def test_without_formulas_release_says_what_is_not_defined(fresh):
    run = CliRunner().invoke
    made = run(main, ["--course", str(fresh), "add", "check", "tanh"])
    assert made.exit_code == 0, made.output
    refused = run(main, ["--course", str(fresh), "release"])
    assert refused.exit_code == ConfigError.exit_code
    assert "operations/tanh.py: gradient of tanh not defined" in refused.output
    assert "operations/tanh.py: forward of tanh not defined" in refused.output
    assert "Traceback" not in refused.output


def test_all_that_is_missing_is_said_at_once(fresh):
    add_check(layout_of(fresh), TANH)
    path = fresh / "reference" / "operations" / "tanh.py"
    text = path.read_text(encoding="utf-8").replace("code=", "code=() and ")
    path.write_text(text.replace("np.tanh(x)", "np.sinh(x)"), encoding="utf-8")
    with pytest.raises(ReleaseRefused) as refused:
        require_whole_operations(layout_of(fresh))
    for line in (
        "operations/tanh.py: gradient of tanh for operand 1 is not the derivative of forward",
        "05_autograd.ipynb: class TanhBackward of tanh not defined",
        "operations/tanh.py: no mutant of tanh defined",
    ):
        assert line in refused.value.message
