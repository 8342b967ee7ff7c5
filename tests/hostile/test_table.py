"""The table of the abuse suite, from reports that are made up."""

import click
import pytest
from arena import Breach, Report
from collection import Script
from table import BEGIN, END, published_counts, render_table, replace_table

SCRIPTS = [
    Script(name, name.partition("/")[0], "Tries.", "") for name in ("files/a", "files/b", "time/c")
]
REPORTS = [
    Report("L", "root", held=["files/a", "files/b", "time/c"]),
    Report("B", "root", held=["files/a", "time/c"], breaches=[Breach("files/b", "REACHED b")]),
    Report("B", "unprivileged", skipped="no | here\nat all"),
]
TABLE = """\
| area | scripts | L, root | B, root | B, unprivileged |
| --- | ---: | --- | --- | --- |
| files | 2 | 2 of 2 held | 1 of 2 held | skipped: no \\| here |
| time | 1 | 1 of 1 held | 1 of 1 held | skipped: no \\| here |
| all | 3 | 3 of 3 held | 2 of 3 held | skipped: no \\| here |
"""


def test_cells_count_what_held_and_say_why_nothing_ran():
    assert render_table(SCRIPTS, REPORTS) == TABLE


def test_table_goes_between_its_marks_and_is_read_back():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    replaced = replace_table(page, TABLE)
    assert replaced == f"before\n{BEGIN}\n\n{TABLE}\n{END}\nafter\n"
    assert replace_table(replaced, TABLE) == replaced
    assert published_counts(replaced) == {"files": 2, "time": 1}


def test_page_without_marks_is_refused():
    with pytest.raises(click.UsageError, match="begin"):
        replace_table("no marks", TABLE)
