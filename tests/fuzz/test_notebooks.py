"""Notebooks as input: whatever a file holds, it is a submission or refused, never a traceback."""

import copy
import json
import os

import fuzz_notebooks
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.collect.gather import collect
from autograder.course.layout import Layout
from autograder.errors import SubmissionError, UsageError
from autograder.submission.known import cells_of
from autograder.submission.load import load_submission

FUZZ = settings(
    deadline=None, derandomize=True, max_examples=60, suppress_health_check=list(HealthCheck)
)
STUB = json.loads(fuzz_notebooks.RELEASED.read_text(encoding="utf-8"))
GRADE_IDS = [
    cell["metadata"]["nbgrader"]["grade_id"]
    for cell in STUB["cells"]
    if "nbgrader" in cell["metadata"]
]
TEXT = st.text(st.characters(codec=None), max_size=30) | st.sampled_from(
    ["%x", "!ls", "a = !b", "x?", "%%bash\nls", "\ud800", "\x00", "\ufeff", "#" * 40, "\n" * 500]
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from([10**30, 1e308, -1, 2**63, *GRADE_IDS[:3]]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip


def run(document, encoding="utf-8"):
    text = document if isinstance(document, str) else json.dumps(document)
    fuzz_notebooks.run_one(text.encode(encoding, "surrogatepass"))


def places(node, path=()):
    """Yield the path of everything in a JSON document."""
    yield path
    steps = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in steps if isinstance(node, dict | list) else ():
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))
        else:
            yield (*path, key)


@st.composite
def mutated_stubs(draw):
    """Take the released notebook and change its structure in a few places."""
    document = copy.deepcopy(STUB)
    document["cells"] = draw(st.permutations(document["cells"]))[: draw(st.integers(1, 6))]
    for _ in range(draw(st.integers(1, 5))):
        path = draw(st.sampled_from([path for path in places(document) if path]))
        parent = document
        for key in path[:-1]:
            parent = parent[key]
        change = draw(st.sampled_from(["delete", "replace", "wrap", "repeat"]))
        if change == "delete":
            del parent[path[-1]]
        elif change == "replace":
            parent[path[-1]] = draw(JUNK)
        elif change == "wrap":
            parent[path[-1]] = [parent[path[-1]]]
        elif isinstance(parent, list):
            parent.insert(0, copy.deepcopy(parent[path[-1]]))
        if not any(places(document)):
            break
    return document


def code(source, **fields):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [],
            "execution_count": None, **fields}  # fmt: skip


def v4(*cells, **fields):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **fields}


@FUZZ
@given(st.binary(max_size=200))
def test_random_bytes(data):
    fuzz_notebooks.run_one(data)


@FUZZ
@given(JUNK)
def test_random_json(document):
    run(document)


@FUZZ
@given(st.fixed_dictionaries({
    "nbformat": st.integers(0, 6) | JUNK, "nbformat_minor": st.integers(0, 6) | JUNK,
    "metadata": JUNK, "cells": JUNK | st.lists(JUNK, max_size=4), "worksheets": JUNK,
}))  # fmt: skip
def test_notebook_with_junk_in_each_place(document):
    run(document)


@FUZZ
@given(mutated_stubs())
def test_released_notebook_with_its_structure_changed(document):
    run(document)


@FUZZ
@given(st.lists(
    st.fixed_dictionaries(
        {"cell_type": st.sampled_from(["code", "markdown", "raw", "heading", "html"]) | JUNK,
         "source": TEXT | st.lists(TEXT, max_size=3) | JUNK},
        optional={"metadata": JUNK, "outputs": JUNK, "id": JUNK, "attachments": JUNK,
                  "input": JUNK, "level": JUNK, "language": JUNK, "prompt_number": JUNK},
    ), max_size=4), st.integers(1, 5))  # fmt: skip
def test_cells_of_every_version_with_junk_in_their_fields(cells, version):
    run({"nbformat": version, "nbformat_minor": 0, "metadata": {}, "cells": cells,
         "worksheets": [{"cells": cells, "metadata": {}}, {"cells": cells}]})  # fmt: skip


@FUZZ
@given(st.lists(st.sampled_from(
    ["%x", "!y", "a = %z", "b?", "/f 1", ",f 2", ";g", "%%time", "(", "'''", "\\", "\t", "x = [",
     ">>> 1", "In [1]: 2", "def f():", "  %x", "\x0c", "\r", "\u2028", "\ud83d", "é", "$"]
), max_size=12))  # fmt: skip
def test_magics_of_every_kind(lines):
    run(v4(code("\n".join(lines))))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "-0"])
def test_numbers_beyond_json(number):
    text = json.dumps(v4(code("x = 1", metadata={"n": 77777})))
    run(text.replace("77777", number))
    run(text.replace('"nbformat": 4', f'"nbformat": {number}'))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "latin-1"])
def test_encodings(encoding):
    run(json.dumps(v4(code("x = 'é'")), ensure_ascii=False), encoding)


def test_notebook_with_a_byte_order_mark_keeps_its_cells_for_the_instructor(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(v4(code("mine"))).encode())
    assert [cell.source for cell in cells_of(path)] == ["mine"]
    assert [cell.source for cell in load_submission(path).cells] == ["mine"]


def test_half_a_surrogate_pair_costs_that_character_only(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(v4(code("x = 1  # \ud83d"), code("y = '\ud83d\ude00'"))))
    assert [cell.source for cell in load_submission(path).cells] == ["x = 1  # \ufffd", "y = '😀'"]


def test_one_broken_cell_does_not_hide_a_written_answer(tmp_path):
    written = next(name for name in GRADE_IDS if name.startswith("systems"))
    answer = {"cell_type": "markdown", "source": "my answer",
              "metadata": {"nbgrader": {"grade_id": written}}}  # fmt: skip
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(v4(code(7), answer, {**answer, "source": 3})))
    assert fuzz_notebooks.template().answers(cells_of(path))[written].written


def test_of_two_cells_with_one_grade_id_the_first_is_shown_and_counts(tmp_path):
    written = next(name for name in GRADE_IDS if name.startswith("systems"))
    meta = {"nbgrader": {"grade_id": written, "points": 99, "locked": "no"}}
    original = next(
        cell for cell in STUB["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == written
    )  # fmt: skip
    first = {"cell_type": "markdown", "source": "my answer", "metadata": meta}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(v4(first, {**original, "metadata": meta})))
    submitted, template = cells_of(path), fuzz_notebooks.template()
    shown = [
        cell for cell in template.restore(submitted, {}).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == written
    ]  # fmt: skip
    assert [cell.source for cell in shown] == ["my answer"]
    assert shown[0].metadata.nbgrader["points"] == 5
    assert template.answers(submitted)[written].written


# Bounded work. No time is asserted: the work that is refused would take minutes or gigabytes.


@pytest.mark.parametrize(
    "document",
    ['{"nbformat":4,"nbformat_minor":5,"cells":[' + "[]," * 6_000_000 + "1]}",
     '{"nbformat":4,"cells":[' + "{}," * 6_000_000 + "{}]}"],
    ids=["lists", "dictionaries"],
)  # fmt: skip
def test_twenty_mebibytes_of_brackets_for_cells_are_refused_within_bounds(document, tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(document)
    with pytest.raises(SubmissionError, match=r"MiB of memory|5000 cells"):
        load_submission(path)


def test_hundred_thousand_cells_are_refused(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(
        json.dumps(v4(*[{"cell_type": "raw", "source": "x", "metadata": {}}] * 100_000))
    )
    with pytest.raises(SubmissionError, match="5000 cells"):
        load_submission(path)


def test_deep_nesting_is_refused():
    run("[" * 299_999)
    run('{"nbformat":4,"cells":' * 50_000)


# Files that are not what their name says.


def test_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    path = tmp_path / "a.ipynb"
    os.mkfifo(path)
    with pytest.raises(SubmissionError, match="regular"):
        load_submission(path)


def test_endless_device_and_folder_are_refused(tmp_path):
    (tmp_path / "a.ipynb").symlink_to("/dev/zero")
    (tmp_path / "b.ipynb").mkdir()
    for name in ("a.ipynb", "b.ipynb"):
        with pytest.raises(SubmissionError):
            load_submission(tmp_path / name)
        assert cells_of(tmp_path / name) == ()


def test_name_that_is_no_text_can_be_reported(tmp_path):
    path = tmp_path / os.fsdecode(b"a\xff.ipynb")
    path.write_text(json.dumps(v4(code("x"))), encoding="utf-8")
    assert load_submission(path).name == "a\ufffd.ipynb"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(SubmissionError) as raised:
        load_submission(path)
    assert raised.value.message.encode()


@pytest.fixture
def layout(tmp_path, config):
    return Layout(course=tmp_path / "course", config=config)


def test_student_with_a_file_and_a_folder_is_collected_once(tmp_path, layout):
    downloads = tmp_path / "downloads"
    (downloads / "ada").mkdir(parents=True)
    (downloads / "ada" / "05_autograd.ipynb").write_text("folder")
    (downloads / "ada.ipynb").write_text("file")
    first = collect([downloads], layout)
    assert first.changed("new") == ("ada",)
    assert {row.file for row in first.of("unreadable")} == {"ada", "ada.ipynb"}
    assert collect([downloads], layout).changed("unchanged") == ("ada",)


def test_names_that_are_no_students_are_refused_in_print(tmp_path, layout):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    for name in (b"ada\n.ipynb", b"b\xff.ipynb", b"\xe2\x80\xa8.ipynb", b"[red].ipynb"):
        (downloads / os.fsdecode(name)).write_text("x")
    collected = collect([downloads], layout)
    assert collected.changed("new") == ()
    assert len(collected.of("unknown student")) == 4
    assert all((row.name + row.file).encode() for row in collected.rows)


@FUZZ
@given(names=st.lists(st.sampled_from(["ada", "b.c", "d"]), max_size=3, unique=True),
       kinds=st.lists(st.sampled_from(["file", "folder", "pipe", "link", "loop", "dangling"]),
                      min_size=3, max_size=3))  # fmt: skip
def test_folder_of_odd_things_is_collected_or_refused(names, kinds, tmp_path_factory, config):
    root = tmp_path_factory.mktemp("odd")
    downloads = root / "downloads"
    downloads.mkdir()
    for name, kind in zip(names, kinds, strict=False):
        make(downloads, name, kind)
    layout = Layout(course=root / "course", config=config)
    try:
        collected = collect([downloads], layout)
    except UsageError:
        assert not names
        return
    taken = set(collected.changed("new"))
    assert taken == {name for name, kind in zip(names, kinds, strict=False) if kind == "file"}


def make(folder, name, kind):
    path = folder / f"{name}.ipynb"
    if kind == "file":
        path.write_text("x")
    elif kind == "folder":
        (folder / name / f"{name}.ipynb").mkdir(parents=True)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/etc/hostname")
    elif kind == "loop":
        (folder / name).mkdir()
        (folder / name / "05_autograd.ipynb").symlink_to(folder / name / "05_autograd.ipynb")
    else:
        path.symlink_to(folder / "nothing")
