"""The collection of hostile scripts itself: enough of them, each one told apart and described."""

import ast
import collections

import pytest
from collection import SCRIPTS, load_scripts, prelude_cell
from table import published_counts

LOADED = load_scripts()


def test_there_are_enough_scripts_of_every_area():
    areas = collections.Counter(script.area for script in LOADED)
    assert len(LOADED) >= 95
    assert set(areas) == {
        "channel", "files", "forging", "imports", "introspection", "kernel", "memory", "network",
        "numbers", "output", "processes", "time",
    }  # fmt: skip
    assert min(areas.values()) >= 5


def test_names_and_sentences_are_unique():
    assert len({script.name for script in LOADED}) == len(LOADED)
    assert len({script.tries for script in LOADED}) == len(LOADED)


def test_every_file_of_the_folder_is_loaded():
    assert len(list(SCRIPTS.rglob("*.py"))) == len(LOADED)


def test_published_table_counts_the_scripts_of_every_area(course):
    page = (course / "docs" / "security.md").read_text(encoding="utf-8")
    assert published_counts(page) == dict(collections.Counter(script.area for script in LOADED))


@pytest.mark.parametrize("script", LOADED, ids=lambda script: script.name)
def test_script_says_in_one_sentence_what_it_tries(script):
    ast.parse(script.source)
    assert script.tries.endswith(".")
    assert ". " not in script.tries
    assert len(script.tries) <= 120


def test_script_stands_before_or_after_the_cells_of_its_base():
    by_name = {script.name: script for script in LOADED}
    before, after = by_name["channel/wrong_magic"], by_name["time/slow_in_every_case"]
    alone = by_name["imports/empty_submission"]
    assert before.cells({}, ["base"])[1:] == [before.source, "base"]
    assert after.cells({}, ["base"])[1:] == ["base", after.source]
    assert alone.cells({}, ["base"])[1:] == [alone.source]
    assert (before.base, alone.base, before.slow, after.slow) == ("solution", "none", False, True)


def test_prelude_tells_what_was_reached_from_what_was_denied(capsys):
    namespace = {}
    exec(prelude_cell({"port": 7}), namespace)
    namespace["attempt"]("division", lambda: 1 // 0)
    namespace["attempt"]("sum", lambda: 1 + 1)
    namespace["syscall"]("mount", None, None, None, 0, None)
    assert namespace["TARGETS"] == {"port": 7}
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["denied division: ZeroDivisionError", "REACHED sum: 2"]
    assert lines[2].startswith("denied mount: ")
