"""Files as they really arrive: names, encodings, other formats, and what is broken."""

import json
import os

import nbformat
import pytest
from msgspec.structs import replace

from autograder.collect.gather import collect
from autograder.course.layout import Layout
from autograder.errors import SubmissionError
from autograder.submission import document
from autograder.submission.choose import choose, earlier_modules
from autograder.submission.document import read_document
from autograder.submission.files import plain_stem
from autograder.submission.load import load_submission

CODE = "class AddBackward:\n    x = 1\n"


def cell(source, **fields):
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
            "source": source, **fields}  # fmt: skip


def v4(*cells, **fields):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields}


def v3(*cells):
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}


def old_code(source, version):
    return {"cell_type": "code", {1: "code", 2: "input", 3: "input"}[version]: source}


PLAIN = v4(cell(CODE))
NOTEBOOK = json.dumps(PLAIN).encode()
WIDGETS = {"widgets": {"application/vnd.jupyter.widget-state+json": {"a": {"model": "x"}}}}
PLOTLY = cell(CODE, outputs=[{"output_type": "display_data", "data": {"x": [77777]}}])

MESSES = {
    # How programs write a notebook.
    "vscode": ("a.ipynb", v4(cell(CODE, metadata={"vscode": {"languageId": "python"}}))),
    "vscode-without-ids": ("a.ipynb", {**PLAIN, "nbformat_minor": 2}),
    "colab": ("a.ipynb", v4(
        cell(CODE, metadata={"id": "x1", "colab": {"base_uri": "https://x"}}),
        metadata={"colab": {"provenance": []}, "accelerator": "GPU"})),
    "colab-download": ("Copy of 05_autograd.ipynb", PLAIN),
    "kaggle": ("a.ipynb", v4(cell(CODE, metadata={"_uuid": "8f2839f2", "trusted": True},
                                  execution={"iopub.status.busy": "2024"}))),
    "deepnote": ("a.ipynb", v4(cell(CODE, metadata={"deepnote_cell_type": "code"}, block_group="1"),
                               metadata={"deepnote": {}})),
    "jupyterlite": ("a.ipynb", {**PLAIN, "metadata": {"kernelspec": {"name": "python"}}}),
    "jupyter-book": ("a.ipynb", v4(cell(CODE, metadata={"tags": ["hide-input"]}))),
    "databricks": ("a.ipynb", v4(cell(CODE, metadata={"application/vnd.databricks.v1+cell": {}}))),
    "sagemaker": ("a.ipynb", v4(cell(CODE), metadata={"instance_type": "ml.t3", "lcc_arn": ""})),
    "lines": ("a.ipynb", v4(cell(CODE.splitlines(keepends=True)))),
    "widgets": ("a.ipynb", {**PLAIN, "metadata": WIDGETS}),
    "no-metadata": ("a.ipynb", {"nbformat": 4, "cells": [{"cell_type": "code", "source": CODE}]}),
    "not-a-number": ("a.ipynb", json.dumps(v4(PLOTLY)).replace("77777", "NaN").encode()),
    "half-a-pair": ("a.ipynb", v4(cell(CODE), cell("'\ud83d'"))),
    "one-broken-cell": ("a.ipynb", v4(7, cell(CODE), {"cell_type": "code", "source": 3})),
    "junk-in-metadata": ("a.ipynb", v4(cell(CODE, metadata=[1], id=3))),
    "version-three": ("a.ipynb", v3(old_code(CODE, 3))),
    "version-three-without-language": ("a.ipynb", v3(old_code(CODE.splitlines(True), 3))),
    "version-two": ("a.ipynb", {**v3(old_code(CODE, 2)), "nbformat": 2}),
    "version-one": ("a.ipynb", {"cells": [old_code(CODE, 1)], "nbformat": 1}),
    "indented-by-four": ("a.ipynb", json.dumps(PLAIN, indent=4).encode()),
    "crlf-json": ("a.ipynb", json.dumps(PLAIN, indent=1).replace("\n", "\r\n").encode()),
    "crlf-cells": ("a.ipynb", v4(cell(CODE.replace("\n", "\r\n")))),
    "utf-8-mark": ("a.ipynb", b"\xef\xbb\xbf" + NOTEBOOK),
    "utf-16": ("a.ipynb", NOTEBOOK.decode().encode("utf-16")),
    "utf-16-without-a-mark": ("a.ipynb", NOTEBOOK.decode().encode("utf-16-le")),
    # What browsers, systems and course platforms make of a name.
    "second-download": ("05_autograd (1).ipynb", PLAIN),
    "lms-number": ("05_autograd-1.ipynb", PLAIN),
    "upper-case": ("A.IPYNB", PLAIN),
    "text-suffix": ("a.ipynb.txt", PLAIN),
    "json-suffix": ("a.ipynb.json", PLAIN),
    "json-only": ("a.json", PLAIN),
    "twice": ("a.ipynb.ipynb", PLAIN),
    "no-suffix": ("05_autograd", PLAIN),
    "text-only": ("a.txt", PLAIN),
    "odd-suffix": ("a.ipynb (1)", PLAIN),
    "notebook-called-py": ("a.py", PLAIN),
    # Python files.
    "script": ("a.py", CODE),
    "script-upper-case": ("A.PY", CODE),
    "script-in-a-text": ("a.py.txt", CODE),
    "script-without-a-suffix": ("autograd", CODE),
    "pyw": ("a.pyw", CODE),
    "nbconvert-script": ("a.py", "#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\n" + CODE),
    "jupytext-percent": ("a.py", "# ---\n# j:\n# ---\n# %% [markdown]\n# Hi\n# %%\n" + CODE),
    "jupytext-light": ("a.py", "# # Title\n\n# +\n" + CODE + "# -\n"),
    "script-utf-8-mark": ("a.py", b"\xef\xbb\xbf" + CODE.encode()),
    "script-utf-16": ("a.py", CODE.encode("utf-16")),
    "script-latin-1": ("a.py", b"# -*- coding: latin-1 -*-\n# \xe9\n" + CODE.encode()),
    "script-cookie-in-line-two": ("a.py", b"#!/x\n# vim: fileencoding=cp1252 :\n# \x80\n"
                                  + CODE.encode()),
    "script-crlf": ("a.py", CODE.replace("\n", "\r\n")),
    "script-old-mac": ("a.py", CODE.replace("\n", "\r")),
}  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def make(name, data):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps(data) if isinstance(data, dict) else data
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return make


@pytest.mark.parametrize("name", MESSES)
def test_code_of_a_file_as_it_arrives_is_read_as_it_was_written(write, name):
    file, data = MESSES[name]
    submission = load_submission(write(file, data))
    assert CODE in submission.cells[0].source
    is_script = name.startswith(("script", "pyw", "nbconvert", "jupytext"))
    assert bool(submission.script) == is_script
    assert bool(submission.document) != is_script


CUT = json.dumps(v4(cell(CODE), cell("x" * 300)))
REFUSED = {
    "conflict": ("a.ipynb", '{\n<<<<<<< HEAD\n"cells": [],\n=======\n>>>>>>> b\n}',
                 "conflict markers of a Git merge .line 2"),
    "trailing-comma": ("a.ipynb", NOTEBOOK.replace(b"_minor\": 5", b"_minor\": 5,"), "comma"),
    "trailing-comma-in-a-list": ("a.ipynb", '{"nbformat": 4, "cells": [1,]}', "comma"),
    "cut-in-a-text": ("a.ipynb", CUT[:-150], "in the middle"),
    "cut-between": ("a.ipynb", CUT[: CUT.index('"outputs"')], "in the middle"),
    "empty": ("a.ipynb", b"", "is empty"),
    "other-json": ("a.json", '{"scores": [1]}', "no cells"),
    "list": ("a.ipynb", "[1]", "other JSON"),
    "python-called-notebook": ("a.ipynb", CODE, "line 1 is not valid JSON"),
    "zip": ("a.ipynb", b"PK\x03\x04rest", "zip archive"),
    "pdf": ("a.ipynb", b"%PDF-1.7", "a PDF"),
    "html": ("a.ipynb", "\n<!DOCTYPE html><html>", "web page"),
    "lfs": ("a.ipynb", "version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    "apple-double": ("._a.ipynb", b"\x00\x05\x16\x07\x00\x02", "macOS"),
    "nul": ("a.py", b"x = 1\ny = \x00\n", "NUL byte in line 2"),
    "latin-1-without-a-cookie": ("a.py", b"# ok\n# \xe9\n", "not UTF-8 text .line 2"),
    "quadratic-codec": ("a.py", b"# coding: idna\n# \xe9\n", "not UTF-8"),
    "essay": ("a.txt", "I did not do it.", "neither"),
    "word": ("a.docx", "x", "neither"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_file_that_cannot_be_graded_is_named_with_what_to_do(write, name):
    file, data, words = REFUSED[name]
    with pytest.raises(SubmissionError, match=words) as raised:
        load_submission(write(file, data))
    assert raised.value.remedy


def test_script_with_conflict_markers_is_graded_and_told(write):
    text = f"<<<<<<< HEAD\n{CODE}=======\n>>>>>>> b\n"
    assert "from line 1" in load_submission(write("a.py", text)).notes[0]


@pytest.mark.parametrize("name", ["05_autograd (1).ipynb", "Copy of 05_autograd.ipynb",
                                  "05_Autograd-1.IPYNB", "05_autograd.ipynb.txt",
                                  "05_autograd - Copy (2).ipynb",
                                  "05_autograd-Copy1.ipynb"])  # fmt: skip
def test_name_of_a_copy_is_that_of_the_original(name):
    assert plain_stem(name) == "05_autograd"


# The record of what was read.


def test_document_tells_what_nbgrader_and_jupyter_noted(write):
    flags = {"grade_id": "g", "grade": True, "solution": False, "locked": True, "points": 1}
    read = load_submission(write("a.ipynb", v4(
        cell("x = 1", id="abc", metadata={"nbgrader": flags, "tags": ["t", 3]}),
        {"cell_type": "markdown", "source": ["a\n", "b"], "metadata": {}},
    ))).document  # fmt: skip
    first, second = read
    assert (first.grade_id, first.grade, first.solution, first.locked, first.task) == (
        "g", True, False, True, False
    )  # fmt: skip
    assert (first.id, first.tags) == ("abc", ("t", ""))
    assert (second.cell_type, second.source) == ("markdown", "a\nb")


def test_document_of_an_old_notebook_is_what_nbformat_makes_of_it(write, released):
    new = nbformat.read(released, as_version=4)
    old = nbformat.writes(nbformat.convert(new, 3), version=3)
    read = load_submission(write("a.ipynb", old)).document
    again = nbformat.convert(nbformat.reads(old, as_version=3), 4)
    kinds = [(one.cell_type, one.source) for one in read]
    assert kinds == [(one.cell_type, one.source) for one in again.cells]


def test_names_in_a_document_are_bounded():
    junk = {"nbgrader": {"grade_id": "g" * 10_000}, "tags": ["t"] * 1000}
    (read,) = read_document("a", json.dumps(v4(cell("x", metadata=junk, id="i" * 10_000))))
    assert max(len(read.grade_id), len(read.id), len(read.tags)) <= 200


# Bounds.


def test_old_notebook_of_300_000_outputs_is_read(write):
    outputs = '{"output_type":"stream","text":"x"}'
    text = json.dumps(v3({**old_code(CODE, 3), "outputs": [7]}))
    text = text.replace("[7]", f"[{','.join([outputs] * 300_000)}]")
    assert load_submission(write("a.ipynb", text)).cells[0].source == CODE


@pytest.mark.parametrize("make", [
    lambda n: '{"nbformat":4,"cells":[' + '{},' * n + "{}]}",
    lambda n: '{"nbformat":4,"cells":[],"metadata":[' + "[]," * n + "[]]}",
    lambda n: "[" * n,
    lambda n: '{"nbformat":4,"cells":' * (n // 20),
    lambda n: '{"nbformat":4,"cells":[' + ", " * n,
    lambda n: '{"nbformat":4,"cells":[' + '"' + "\\ud800" * n + '"]}',
    lambda n: '{"a":' + "9" * n + "}",
    lambda n: "<<<<<<< " * n,
    lambda n: "\n" * n + "{",
    lambda n: '{"nbformat":4,"x":NaN,"cells":[' + '{"source":[]},' * (n // 9) + "{}]}",
], ids=["cells", "lists", "deep", "nested", "commas", "halves", "digits", "markers", "blank",
        "tolerant"])  # fmt: skip
@pytest.mark.parametrize("size", [500_000, 2_000_000])
def test_hostile_text_is_read_or_refused_within_the_readers_limits(make, size, monkeypatch):
    """The limits end it, not a clock of the test: processor time and memory of the reader."""
    bounds = replace(document.BOUNDS, cpu_seconds=5, memory_mib=192)
    monkeypatch.setattr(document, "BOUNDS", bounds)
    try:
        read_document("a.ipynb", make(size))
    except SubmissionError as error:
        assert "processor time" not in error.message
        assert "longer than" not in error.message


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "dangling", "link", "sparse"])
def test_what_is_no_file_of_a_sensible_size_is_refused_unread(tmp_path, kind):
    path = tmp_path / "a.ipynb"
    (tmp_path / "b.ipynb").write_bytes(NOTEBOOK)
    makers = {
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "folder": path.mkdir,
        "dangling": lambda: path.symlink_to(tmp_path / "nothing"),
        "link": lambda: path.symlink_to(tmp_path / "b.ipynb"),
        "sparse": lambda: (path.touch(), os.truncate(path, 2 << 30)),
    }
    makers[kind]()
    with pytest.raises(SubmissionError, match=r"regular file|symbolic link|larger than 20 MiB"):
        load_submission(path)


# A folder.


@pytest.fixture
def ours(config):
    ids = list(config.cell_points)[:3]
    return v4(*(cell("pass", metadata={"nbgrader": {"grade_id": name}}) for name in ids))


def test_notebook_with_the_grade_cells_is_taken_whatever_its_name(write, tmp_path, config, ours):
    write("05_autograd.ipynb", v4(cell("x")))
    write("final version.ipynb", ours)
    choice = choose(tmp_path, config)
    assert choice.path.name == "final version.ipynb"
    assert "cells of the assignment" in choice.why


def test_filled_in_notebook_is_taken_before_the_blank_one(write, tmp_path, config, ours):
    blank = v4(*ours["cells"], cell("class AddBackward: ...\n# YOUR CODE HERE"))
    write("05_autograd.ipynb", blank)
    write("05_autograd (1).ipynb", v4(*ours["cells"], cell(CODE)))
    assert choose(tmp_path, config).path.name == "05_autograd (1).ipynb"


@pytest.mark.parametrize("place", [
    "tinytorch/core/autograd.py", "modules/05_autograd/autograd_dev.py",
    "modules/05_autograd/autograd.ipynb", "src/05_autograd/05_autograd.py", "autograd.py",
    "deep/er/Copy of 05_autograd (2).ipynb", "05_autograd.ipynb.txt",
])  # fmt: skip
def test_hand_in_is_found_where_the_course_keeps_it(write, tmp_path, config, place):
    path = write(place, PLAIN if "ipynb" in place else CODE)
    write("tinytorch/core/tensor.py", "class Tensor: ...")
    write("README.md", "x")
    for junk in (f"._{path.name}", f".ipynb_checkpoints/{path.name}", f"__MACOSX/{path.name}",
                 "~$autograd.ipynb", "venv/lib/autograd.py"):  # fmt: skip
        write(junk, "junk")
    assert choose(tmp_path, config).path == path


def test_files_that_nothing_tells_apart_are_named(write, tmp_path, config):
    write("a.ipynb", PLAIN)
    write("b.ipynb", v4(cell(CODE + "# other")))
    with pytest.raises(SubmissionError, match=r"a\.ipynb, b\.ipynb"):
        choose(tmp_path, config)


def test_two_copies_of_one_file_are_one(write, tmp_path, config):
    write("a.ipynb", PLAIN)
    write("a (1).ipynb", PLAIN)
    assert choose(tmp_path, config).path.name in {"a.ipynb", "a (1).ipynb"}


def test_links_in_a_folder_are_not_followed(write, tmp_path, config):
    (tmp_path / "05_autograd.ipynb").symlink_to("/dev/zero")
    (tmp_path / "up").symlink_to("/")
    path = write("mine.ipynb", PLAIN)
    assert choose(tmp_path, config).path == path


# Earlier modules, and collecting.


def test_own_modules_are_those_that_are_not_the_courses(write, tmp_path, course):
    handout = course / "source" / "05_autograd" / "tinytorch"
    write("tinytorch/core/tensor.py", "class Tensor: ...")
    write("tinytorch/core/losses.py", (handout / "core" / "losses.py").read_bytes())
    write("modules/02_activations/activations_dev.py", "x = 1")
    path = write("tinytorch/core/autograd.py", CODE)
    assert earlier_modules(path, handout) == (
        ("tensor", "class Tensor: ..."), ("activations", "x = 1")
    )  # fmt: skip


@pytest.fixture
def layout(tmp_path, config):
    return Layout(course=tmp_path / "course", config=config)


def test_python_files_are_collected_and_replace_a_notebook(write, tmp_path, layout):
    downloads = tmp_path / "downloads"
    write("downloads/ada.PY", CODE)
    write("downloads/ben.ipynb.txt", PLAIN)
    write("downloads/eve/tinytorch/core/autograd.py", CODE)
    write("downloads/roster.txt", "ada, ben")
    assert collect([downloads], layout).changed("new") == ("ada", "ben", "eve")
    names = [layout.submission(one).name for one in ("ada", "ben", "eve")]
    assert names == ["05_autograd.py", "05_autograd.ipynb", "05_autograd.py"]
    (downloads / "ada.PY").unlink()
    write("downloads/ada.ipynb", PLAIN)
    assert collect([downloads], layout).changed("updated") == ("ada",)
    assert sorted(path.name for path in layout.collected("ada").iterdir()) == [
        "05_autograd.ipynb", "submission_secret.txt"
    ]  # fmt: skip


def test_folder_of_the_exchange_is_taken_as_it_is(write, layout):
    home = "course/submitted/ada/05_autograd/"
    assert layout.submission("ada").name == "05_autograd.ipynb"
    path = write(home + "my autograd.py", CODE)
    write(home + "timestamp.txt", "now")
    assert layout.submission("ada") == path
    write(home + "other.py", CODE + "x = 2")
    write(home + "another.py", CODE + "x = 3")
    assert layout.submission("ada") == path  # it has the module's name
    path.unlink()
    assert layout.submission("ada").is_dir()
    with pytest.raises(SubmissionError, match="is a folder"):
        load_submission(layout.submission("ada"))


def test_own_modules_are_collected_where_the_course_uses_them(write, tmp_path, config):
    layout = Layout(course=tmp_path / "course", config=replace(config, package="student"))
    write("downloads/ada/05_autograd.ipynb", PLAIN)
    write("downloads/ada/tinytorch/core/tensor.py", "class Tensor: ...")
    collect([tmp_path / "downloads"], layout)
    assert collect([tmp_path / "downloads"], layout).changed("unchanged") == ("ada",)
    digest = layout.digest("ada")
    write("downloads/ada/tinytorch/core/tensor.py", "class Tensor: x = 1")
    assert collect([tmp_path / "downloads"], layout).changed("updated") == ("ada",)
    assert layout.digest("ada") not in {"", digest}
