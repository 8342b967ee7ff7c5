"""A written answer that is not in its cell waits for a human, in nbgrader's own gradebook."""

import shutil

import nbformat
import pytest
from nbformat import v4

from autograder.collect.gather import collect
from autograder.course.answers import FOUND_ELSEWHERE, find_answers
from autograder.course.autograded import PUT_BACK, Template
from autograder.course.classroom import Classroom, choose_students
from autograder.course.layout import Layout
from autograder.submission.known import cells_of, read_known

QUESTIONS = ("graph_memory", "reverse_mode", "accumulation", "pytorch")
ANSWER = "Each result keeps a node, and the node keeps the operands until nobody holds the loss."


def cell_of(notebook, name):
    return next(
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def place_of(notebook, question):
    return notebook.cells.index(cell_of(notebook, f"systems_{question}"))


def nothing(notebook):
    """Hand in what was released."""


def in_its_cell(notebook):
    cell_of(notebook, "systems_graph_memory").source = ANSWER


def in_its_cell_as_code(notebook):
    place = place_of(notebook, "graph_memory")
    meta = notebook.cells[place].metadata
    notebook.cells[place] = v4.new_code_cell(f"# {ANSWER}", metadata=meta)


def in_its_cell_without_metadata(notebook):
    cell = cell_of(notebook, "systems_graph_memory")
    cell.metadata, cell.source = {}, ANSWER


def without_metadata_and_id(notebook):
    in_its_cell_without_metadata(notebook)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"other-{number}"


def below(notebook):
    place = place_of(notebook, "graph_memory")
    notebook.cells.insert(place + 1, v4.new_markdown_cell(ANSWER))


def in_a_few_words_below(notebook):
    place = place_of(notebook, "graph_memory")
    notebook.cells.insert(place + 1, v4.new_raw_cell("It is freed."))


def as_raw(notebook):
    notebook.cells[place_of(notebook, "graph_memory")] = v4.new_raw_cell(ANSWER)


def as_a_comment(notebook):
    notebook.cells[place_of(notebook, "graph_memory")] = v4.new_code_cell(f"# {ANSWER}")


def as_a_string(notebook):
    notebook.cells[place_of(notebook, "graph_memory")] = v4.new_code_cell(f'"""{ANSWER}"""')


def as_text_in_a_code_cell(notebook):
    notebook.cells[place_of(notebook, "graph_memory")] = v4.new_code_cell(ANSWER)


def in_the_question(notebook):
    notebook.cells[place_of(notebook, "graph_memory") - 1].source += f"\n\nAnswer: {ANSWER}"


def at_the_end(notebook):
    notebook.cells.append(v4.new_markdown_cell(f"Question 1: {ANSWER}"))


ELSEWHERE = [
    without_metadata_and_id, below, in_a_few_words_below, as_raw, as_a_comment, as_a_string,
    as_text_in_a_code_cell, in_the_question, at_the_end,
]  # fmt: skip


@pytest.fixture
def find(released, tmp_path):
    def find(edit):
        notebook = nbformat.read(released, as_version=4)
        edit(notebook)
        path = tmp_path / "submission.ipynb"
        nbformat.write(notebook, path)
        return find_answers(cells_of(path), read_known(released))

    return find


@pytest.mark.parametrize("edit", ELSEWHERE)
def test_an_answer_elsewhere_is_found_for_its_question(find, edit):
    answer = find(edit)["systems_graph_memory"]
    assert answer.written
    assert answer.elsewhere
    assert ("It is freed." if edit is in_a_few_words_below else ANSWER) in answer.text
    assert "Question 1:" not in answer.text or edit is at_the_end


@pytest.mark.parametrize("edit", [in_its_cell, in_its_cell_as_code, in_its_cell_without_metadata])
def test_an_answer_in_its_cell_is_the_answer(find, edit):
    answers = find(edit)
    answer = answers["systems_graph_memory"]
    assert (answer.written, answer.elsewhere) == (True, False)
    assert ANSWER in answer.text
    assert not answers["systems_pytorch"].written


def test_what_stands_at_one_question_is_shown_there(find):
    def edit(notebook):
        below(notebook)
        place = place_of(notebook, "accumulation")
        notebook.cells.insert(place + 1, v4.new_markdown_cell("Two paths, one leaf: a sum."))

    answers = find(edit)
    assert answers["systems_graph_memory"].text == ANSWER
    assert answers["systems_accumulation"].text == "Two paths, one leaf: a sum."
    assert answers["systems_pytorch"].written


def with_a_name(notebook):
    notebook.cells.insert(0, v4.new_markdown_cell("Ada Lovelace, 123456"))


def with_remarks_on_code(notebook):
    cell_of(notebook, "add_backward").source += "\nx = 1  # one\n# then two\ny = 2"


def without_one_cell(notebook):
    notebook.cells.remove(cell_of(notebook, "systems_pytorch"))


@pytest.mark.parametrize("edit", [nothing, with_a_name, with_remarks_on_code, without_one_cell])
def test_nothing_written_anywhere_is_no_answer(find, edit):
    assert [answer.written for answer in find(edit).values()] == [False] * len(QUESTIONS)


@pytest.mark.parametrize(
    "source", ["x" * 300_000, '"""' * 100_000, "# x\n" * 100_000, "a " * 90_000]
)
def test_a_hostile_cell_is_looked_at_in_one_pass(find, source):
    def edit(notebook):
        notebook.cells.append(v4.new_code_cell(source))

    assert len(find(edit)["systems_pytorch"].text) < 20_000


@pytest.fixture(scope="module")
def books(course, config, exam, tmp_path_factory):
    """Grade one student for each edit of the solution without its answers."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(course / "source", root / "source")
    shutil.copytree(course / "release", root / "release")
    layout = Layout(course=root, config=config)
    downloads = root / "downloads"
    downloads.mkdir()
    for edit in (nothing, in_its_cell, *ELSEWHERE, damaged):
        notebook = nbformat.read(layout.source / "05_autograd.ipynb", as_version=4)
        for question in QUESTIONS:
            cell_of(notebook, f"systems_{question}").source = "YOUR ANSWER HERE"
        edit(notebook)
        nbformat.write(notebook, downloads / f"{edit.__name__}.ipynb")
    notebook = nbformat.read(layout.source / "05_autograd.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.metadata = {}
    nbformat.write(notebook, downloads / "all_metadata_lost.ipynb")
    collect([downloads], layout)
    Classroom(layout, exam, "auto").grade(
        choose_students(layout, ()), processes=2, force=False, progress=lambda *_: None
    )
    return layout


def damaged(notebook):
    """Damage, retype and delete cells of the assignment."""
    setup, mul = cell_of(notebook, "setup"), cell_of(notebook, "mul_backward")
    setup.source = setup.source.replace("as np", "as np as np")
    mul.cell_type = "markdown"
    del mul["outputs"], mul["execution_count"]
    notebook.cells.remove(cell_of(notebook, "check_helpers"))
    notebook.cells.remove(cell_of(notebook, "neg_backward"))
    cell_of(notebook, "numerical_gradient").source = "numerical_gradient = None"


def grades(layout, student):
    from nbgrader.api import Gradebook

    with Gradebook(layout.gradebook_url) as book:
        notebook = book.find_submission_notebook("05_autograd", "05_autograd", student)
        assert sum(item.auto_score or 0 for item in notebook.grades) == 80
        return {
            item.name.removeprefix("systems_"): (item.auto_score, bool(item.needs_manual_grade))
            for item in notebook.grades
            if item.name.startswith("systems_")
        }


def shown(layout, student):
    notebook = nbformat.read(layout.autograded(student), as_version=4)
    nbformat.validate(notebook)
    return notebook


@pytest.mark.parametrize("edit", ELSEWHERE)
def test_an_answer_elsewhere_waits_and_is_shown_at_its_cell(books, edit):
    assert grades(books, edit.__name__)["graph_memory"] == (None, True)
    source = cell_of(shown(books, edit.__name__), "systems_graph_memory").source
    assert source.startswith(FOUND_ELSEWHERE)
    assert ("It is freed." if edit is in_a_few_words_below else ANSWER) in source


def test_answers_of_a_notebook_that_lost_all_metadata_wait(books):
    assert set(grades(books, "all_metadata_lost").values()) == {(None, True)}


def test_blank_answers_are_zero_as_before(books):
    assert set(grades(books, "nothing").values()) == {(0.0, False)}
    assert grades(books, "in_its_cell") == {
        "graph_memory": (None, True),
        **dict.fromkeys(QUESTIONS[1:], (0.0, False)),
    }


def test_formgrader_shows_what_ran(books):
    notebook = shown(books, "damaged")
    cells = notebook.cells
    setup = cell_of(notebook, "setup")
    assert "as np as np" in cells[cells.index(setup) - 1].source
    assert setup.source.startswith("# The grader put the released text back: ")
    assert setup.source.splitlines()[1] == "import numpy as np"
    mul = cell_of(notebook, "mul_backward")
    assert (mul.cell_type, mul.source[:17]) == ("code", "class MulBackward")
    helpers = cell_of(notebook, "check_helpers")
    assert helpers.source.startswith(f"{PUT_BACK}\ndef as_array")
    assert cells.index(helpers) < cells.index(cell_of(notebook, "function"))
    assert cell_of(notebook, "neg_backward").source == "# The submission has no such cell."
    assert cell_of(notebook, "numerical_gradient").source == "numerical_gradient = None"
    assert cell_of(notebook, "test_mul").source == 'check("mul")'


def test_formgrader_shows_a_whole_notebook_cell_by_cell(released):
    document = cells_of(released)
    restored = Template(released).restore(document, {})
    assert [cell.source for cell in restored.cells] == [cell.source for cell in document]
