"""What comes from students: files to read, folders to collect, markers to check."""

import json

import nbformat
import pytest
from nbformat import v4

from autograder.collect.gather import collect
from autograder.course.layout import Layout
from autograder.course.markers import find_leak, marker_problems, public_lines, solution_lines
from autograder.errors import SubmissionError, UsageError
from autograder.submission import files
from autograder.submission.load import load_submission
from autograder.submission.notebooks import write_notebook


def test_a_notebook_is_written_as_nbformat_writes_it(released, course):
    for path in [released, *sorted((course / "tests" / "variants").glob("*.ipynb"))]:
        read = nbformat.read(path, as_version=4)
        assert write_notebook(read) == f"{nbformat.v4.nbjson.writes(read)}\n".encode()


@pytest.fixture
def write(tmp_path):
    def make(name, data):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return make


def notebook(*sources, **fields):
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
              "source": source} for source in sources]  # fmt: skip
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields}
    )


def test_code_cells_are_numbered_as_a_reader_counts_them(write):
    cells = load_submission(write("a.ipynb", notebook("x = 1", "", "y = 2"))).cells
    assert [(cell.index, cell.source) for cell in cells] == [(0, "x = 1"), (2, "y = 2")]


def test_source_as_a_list_of_lines_is_joined(write):
    cells = load_submission(write("a.ipynb", notebook(["x = 1\n", "y = 2"]))).cells
    assert cells[0].source == "x = 1\ny = 2"


def test_notebook_of_version_three_is_read(write):
    old = nbformat.convert(v4.new_notebook(cells=[v4.new_code_cell("x = 1")]), 3)
    submission = load_submission(write("a.ipynb", nbformat.writes(old, version=3)))
    assert [cell.source for cell in submission.cells] == ["x = 1"]


def test_byte_order_mark_is_not_part_of_the_code(write):
    assert load_submission(write("a.py", b"\xef\xbb\xbfx = 1")).cells[0].source == "x = 1"


def test_file_is_a_script_and_a_notebook_is_none(write):
    assert load_submission(write("a.py", "x = 1")).script == "a.py"
    assert load_submission(write("a.ipynb", notebook("x = 1"))).script == ""


@pytest.mark.parametrize(
    "data",
    ["", "{", "[]", "3", "null", '{"cells": 1}', '{"nbformat": 4}', "\x00\x01",
     notebook("x").replace('"code"', "7"), notebook(7), notebook({"a": 1}),
     '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [[]]}',
     "[" * 50_000, '{"nbformat": 99, "cells": []}'],
)  # fmt: skip
def test_file_that_is_no_notebook_is_refused_kindly_or_has_no_cells(write, data):
    try:
        submission = load_submission(write("a.ipynb", data))
    except SubmissionError as error:
        assert error.remedy
    else:
        assert all(isinstance(cell.source, str) for cell in submission.cells)


def test_text_in_another_encoding_is_refused(write):
    with pytest.raises(SubmissionError, match="UTF-8"):
        load_submission(write("a.py", "x = 'é'".encode("latin-1")))


def test_other_kinds_of_file_are_refused(write):
    with pytest.raises(SubmissionError, match="neither"):
        load_submission(write("a.docx", "x"))


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(SubmissionError, match="cannot be read"):
        load_submission(tmp_path / "nothing.ipynb")


def test_oversized_file_is_refused_before_it_is_read(write, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    with pytest.raises(SubmissionError, match="larger"):
        load_submission(write("a.py", "x = 1234567890"))


# Collecting.


@pytest.fixture
def layout(tmp_path, config):
    return Layout(course=tmp_path / "course", config=config)


@pytest.fixture
def downloads(tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


def test_files_and_folders_are_collected_once(layout, downloads):
    (downloads / "ada.ipynb").write_text("one", encoding="utf-8")
    (downloads / "ben" / "deep").mkdir(parents=True)
    (downloads / "ben" / "deep" / "anything.ipynb").write_text("two", encoding="utf-8")
    assert collect([downloads], layout).changed("new") == ("ada", "ben")
    assert layout.submission("ben").read_text(encoding="utf-8") == "two"
    again = collect([downloads], layout)
    assert (again.changed("new"), again.changed("unchanged")) == ((), ("ada", "ben"))
    (downloads / "ada.ipynb").write_text("changed", encoding="utf-8")
    assert collect([downloads], layout).changed("updated") == ("ada",)


def test_notebook_of_the_assignment_is_chosen_among_several(layout, downloads):
    (downloads / "ada").mkdir()
    for name in ("05_autograd.ipynb", "scratch.ipynb"):
        (downloads / "ada" / name).write_text(name, encoding="utf-8")
    collect([downloads], layout)
    assert layout.submission("ada").read_text(encoding="utf-8") == "05_autograd.ipynb"


def test_what_cannot_be_collected_is_refused_with_a_reason(layout, downloads, tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text("secret", encoding="utf-8")
    (downloads / "link.ipynb").symlink_to(secret)
    (downloads / "inside").mkdir()
    (downloads / "inside" / "05_autograd.ipynb").symlink_to(secret)
    (downloads / "a\tb.ipynb").write_text("x", encoding="utf-8")
    (downloads / "nothing").mkdir()
    (downloads / "two").mkdir()
    for name in ("a.ipynb", "b.ipynb"):
        (downloads / "two" / name).write_text(name, encoding="utf-8")
    collected = collect([downloads], layout)
    assert collected.changed("new") == ()
    reasons = {row.student or row.name: row.detail for row in collected.rows}
    assert set(reasons) == {"link", "inside", "a\tb", "nothing", "two"}
    assert collected.needs_a_look
    assert "symbolic link" in reasons["link"]
    assert "no notebook" in reasons["inside"]
    assert "2 files" in reasons["two"]


def test_folder_without_submissions_is_wrong_usage(layout, downloads):
    with pytest.raises(UsageError, match="holds no"):
        collect([downloads], layout)


# Markers.


def solved(*lines):
    text = "\n".join(["def f(x):", "    ### BEGIN SOLUTION", *lines, "    ### END SOLUTION"])
    return v4.new_notebook(cells=[v4.new_code_cell(text)])


def test_balanced_markers_are_accepted(tmp_path):
    assert marker_problems(solved("    return x * 2"), tmp_path) == []


@pytest.mark.parametrize(
    "line",
    ["### BEGIN SOLUTON", "# begin solution", "### BEGIN SOLUTION ###", "###END SOLUTION",
     "## END SOLUTION", "### END_SOLUTION", "### BEGIN HIDDEN TEST", "### END HIDDEN TESTS:"],
)  # fmt: skip
def test_line_that_looks_like_a_marker_is_refused(line, tmp_path):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(f"x = 1\n{line}")])
    (problem,) = marker_problems(notebook, tmp_path)
    assert "line 2" in problem
    assert "looks like" in problem


@pytest.mark.parametrize("line", ["# the solution begins here", "# the end", "begin = solution(x)"])
def test_ordinary_line_is_no_marker(line, tmp_path):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(f"{line}\ny = 2")])
    assert marker_problems(notebook, tmp_path) == []


def test_line_of_a_solution_is_found_and_a_shared_line_is_not():
    source = solved("    return secret_rule(x)")
    secret, public = solution_lines(source), public_lines(source)
    assert find_leak("    return secret_rule(x)", secret, public) == "return secret_rule(x)"
    assert find_leak("def f(x):", secret, public) is None


def test_three_shared_lines_are_a_leak_though_each_is_public():
    lines = ["first_long_line = 1", "second_long_line = 2", "third_long_line = 3"]
    assert find_leak("\n".join(lines[:2]), set(lines), set(lines)) is None
    assert find_leak("\n".join(lines), set(lines), set(lines)) == "first_long_line = 1"
