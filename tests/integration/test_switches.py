"""What config.yaml switches off is gone everywhere; its names and points are what shows."""

import json
import shutil

import nbformat
import pytest

from autograder.config import load_config
from autograder.course.build import build
from autograder.course.layout import Layout
from autograder.course.notebook_text import make_notebook
from autograder.course.release import release
from autograder.errors import ReleaseRefused
from autograder.grading.grader import Exam, Grader


class Course:
    """A course of its own, to change and to build."""

    def __init__(self, folder):
        self.folder = folder

    def change(self, old, new, file="config.yaml"):
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def drop(self, line_with, file="config.yaml"):
        path = self.folder / file
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if line_with not in line]
        assert len(kept) < len(lines)
        path.write_text("".join(kept), encoding="utf-8")

    @property
    def layout(self):
        return Layout(course=self.folder, config=load_config(self.folder / "config.yaml"))

    def build(self):
        return build(self.layout)

    def refused(self):
        with pytest.raises(ReleaseRefused) as caught:
            self.build()
        return caught.value.message

    @property
    def notebook(self):
        layout = self.layout
        path = layout.source / f"{layout.config.notebook}.ipynb"
        return nbformat.read(path, as_version=4)

    @property
    def text(self):
        return "\n".join(cell.source for cell in self.notebook.cells)

    def cells(self):
        return {cell.id: cell for cell in self.notebook.cells}

    def public(self):
        data = (self.layout.handout / "checks" / "cases.json").read_text(encoding="utf-8")
        return {check["id"]: check for check in json.loads(data)["checks"]}

    def grade(self):
        """Grade the solution."""
        layout = self.layout
        exam = Exam(self.folder, layout.config, b"switches", draft=True)
        with exam.worker("L") as worker:
            return (
                Grader(exam, worker).grade(layout.source / f"{layout.config.notebook}.ipynb").result
            )


@pytest.fixture
def mine(course, tmp_path):
    for name in ("source", "tests/hidden", "tests/public"):
        shutil.copytree(
            course / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(course / "config.yaml", tmp_path)
    return Course(tmp_path)


def test_a_course_that_is_up_to_date_is_built_without_a_change(mine):
    built = mine.build()
    assert built.written == ()
    assert built.notes == ()


def test_stretch_that_is_off_is_gone_from_notebook_checks_and_totals(mine):
    mine.change("stretch: on", "stretch: off")
    mine.build()
    assert "stretch" not in mine.text.lower()
    assert "NegBackward" not in mine.text
    assert "@@" not in mine.text
    assert "test_stretch" not in mine.cells()
    assert {check["checkpoint"] for check in mine.public().values()} == {
        "checkpoint-1", "checkpoint-2"
    }  # fmt: skip
    result = mine.grade()
    assert (result.score, result.max_score, result.extra_credit.max_score) == (80, 80, 0)
    assert not [check for check in result.checks if check.checkpoint == "extra-credit"]


def test_written_part_that_is_off_leaves_no_question_behind(mine):
    mine.change("written: on", "written: off")
    mine.build()
    assert mine.layout.config.max_score == 80
    assert "Systems thinking" not in mine.text
    assert "Question 1" not in mine.text


def test_check_of_no_points_is_practice(mine):
    """It is public, its cell stays, and nothing hidden is run for it."""
    mine.change(
        "kind: gradient, points: 5, cell: test_sub", "kind: gradient, points: 0, cell: test_sub"
    )
    mine.build()
    assert mine.cells()["test_sub"].source == 'check("sub")'
    assert mine.cells()["test_sub"].metadata.nbgrader["grade"] is False
    assert mine.public()["sub"]["points"] == 0
    result = mine.grade()
    assert "sub" not in {check.id for check in result.checks}
    assert (result.score, result.max_score) == (75, 75)


def test_check_that_is_left_out_takes_its_cell_and_its_public_cases_with_it(mine):
    mine.drop("{id: gelu")
    mine.drop("{id: sub,")
    built = mine.build()
    assert "GELU in its tanh form" not in mine.text
    assert "test_sub" not in mine.cells()
    assert "sub_backward" in mine.cells()  # what students write is needed further down
    assert not {"gelu", "sub"} & mine.public().keys()
    assert "left out: cell test_sub, since config.yaml has no check there" in built.notes
    assert any("hidden cases of 'gelu'" in line for line in built.notes)
    assert mine.grade().max_score == 75


def test_a_check_that_needs_one_of_no_points_needs_it_no_more(mine):
    mine.change(
        "kind: graph, points: 3, cell: test_tracking", "kind: graph, points: 0, cell: test_tracking"
    )
    assert not any("tracking" in check.needs for check in mine.layout.config.all_checks)


def test_title_points_and_pass_mark_show_in_the_notebook(mine):
    mine.change("Module 05: Autograd", "Week 6: Gradients")
    mine.change(
        "kind: gradient, points: 6, cell: test_mul", "kind: gradient, points: 7.5, cell: test_mul"
    )
    mine.change('construction", pass_at: 0.8', 'construction", pass_at: 0.625')
    mine.build()
    assert mine.notebook.cells[0].source.startswith("# Week 6: Gradients\n")
    assert "| Checkpoint 1 | 41.5 |" in mine.text
    assert "Checkpoint 1 is passed with 62.5 % of its points" in mine.text
    assert mine.cells()["test_mul"].metadata.nbgrader["points"] == 7.5


def test_renamed_assignment_is_told_what_to_move_and_then_works(mine, grader):
    mine.change("assignment: 05_autograd", "assignment: 06_autograd")
    message = mine.refused()
    assert "mv source/05_autograd source/06_autograd" in message
    assert "mv source/05_autograd.py source/06_autograd.py" in message
    source = mine.folder / "source"
    (source / "05_autograd").rename(source / "06_autograd")
    (source / "05_autograd.py").rename(source / "06_autograd.py")
    built = mine.build()
    assert source / "06_autograd" / "06_autograd.ipynb" in built.written
    assert not (source / "06_autograd" / "05_autograd.ipynb").exists()
    said = []
    files = release(mine.layout, grader, said.append)
    assert mine.folder / "release" / "06_autograd" / "06_autograd.ipynb" in files


def test_nbgraders_own_options_are_honoured(mine, grader):
    (mine.folder / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        'c.ClearSolutions.code_stub = {"python": "# HIER SCHREIBEN\\nraise NotImplementedError"}\n'
        'c.ClearSolutions.text_stub = "HIER ANTWORTEN"\n'
        'c.ClearSolutions.begin_solution_delimeter = "ANFANG DER LÖSUNG"\n'
        'c.ClearSolutions.end_solution_delimeter = "ENDE DER LÖSUNG"\n',
        encoding="utf-8",
    )
    assert "'### BEGIN SOLUTION'" in with_problems(mine, grader)
    mine.change("### BEGIN SOLUTION", "### ANFANG DER LÖSUNG", "source/05_autograd.py")
    mine.change("### END SOLUTION", "### ENDE DER LÖSUNG", "source/05_autograd.py")
    mine.build()
    release(mine.layout, grader, lambda _: None)
    notebook = nbformat.read(mine.layout.released_notebook, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert text.count("# HIER SCHREIBEN") > 20
    assert "HIER ANTWORTEN" in text
    assert "LÖSUNG" not in text
    data = mine.layout.handout / "checks" / "cases.json"
    assert json.loads(data.read_text(encoding="utf-8"))["stub"].startswith("# HIER SCHREIBEN")


def with_problems(mine, grader):
    with pytest.raises(ReleaseRefused) as caught:
        release(mine.layout, grader, lambda _: None)
    return caught.value.message


def test_all_that_does_not_fit_is_told_at_once(mine):
    mine.change("cell: test_add", "cell: test_ad")
    mine.change("solution: track,", "solution: trak,")
    mine.change("@@points checkpoint-1@@", "@@points checkpoint-3@@", "source/05_autograd.py")
    mine.change('with="gelu"', 'with="gellu"', "source/05_autograd.py")
    mine.change('check="mul"', 'check="mull"', "tests/hidden/gradient.py")
    mine.drop("mul:", "tests/public/rules.yaml")
    message = mine.refused()
    lines = message.splitlines()
    for words in ("'test_ad'", "'trak'", "@@points checkpoint-3@@", "'gellu'", "'mull'"):
        assert any(words in line for line in lines), (words, message)


def test_notebook_that_was_edited_by_hand_is_not_written_over(mine):
    path = mine.layout.source / "05_autograd.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[3].source += "\nA sentence of mine."
    nbformat.write(notebook, path)
    assert "edited by hand" in mine.refused()
    assert "A sentence of mine." in path.read_text(encoding="utf-8")
    (mine.folder / "source" / "05_autograd.py").unlink()
    mine.build()
    assert "A sentence of mine." in path.read_text(encoding="utf-8")


def test_notebook_that_jupyter_saved_with_outputs_is_made_again(mine):
    path = mine.layout.source / "05_autograd.ipynb"
    before = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.execution_count = 3
    nbformat.write(notebook, path)
    mine.build()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@@if stretch@@ x", "without @@end@@"),
        ("x @@end@@", "before it"),
        ("@@ttle@@", "nothing for"),
    ],
)
def test_a_tag_that_means_nothing_is_named_with_its_cell(config, text, words):
    made = make_notebook(f"# %% [markdown]\n# {text}\n", config)
    assert "a cell from line 1: " in made.problems[0]
    assert words in made.problems[0]


def test_only_the_configuration_says_what_the_assignment_is_called(course, config):
    """Else whoever renames it has to find all the places."""
    paths = [course / "Makefile", course / "pyproject.toml", *(course / "source").glob("*.py")]
    paths += [
        path
        for folder in ("autograder", f"source/{config.assignment}/tinytorch", "tests/wild/kinds")
        for path in (course / folder).rglob("*")
        if path.suffix in {".py", ".j2", ".yaml", ".yml", ".toml", ".js"}
    ]
    assert len(paths) > 200
    named = [str(path) for path in paths if config.assignment in path.read_text(encoding="utf-8")]
    assert named == []
