"""The page about a class: what is in it, and what must not be."""

import base64
import hashlib
import re

import pytest
from made_class import make_overview, make_result, mistake
from markupsafe import escape

from autograder.reports.overview.page import LIBRARIES, VENDOR, render_overview_page
from autograder.reports.overview.records import FailedCase, Student
from autograder.reports.overview.students import student_of

HOSTILE = "</script><script>owned</script><img src=x onerror=owned>\"'\u202e"


def links(overview):
    return {one.student: f"../../feedback/{one.student}/p.html" for one in overview.students}


@pytest.fixture(scope="module")
def page(course, config):
    overview = make_overview(course, config, 60)
    return overview, render_overview_page(overview, links(overview))


def test_vendored_libraries_are_those_that_the_table_names():
    table = (VENDOR / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\S+)` \|.*\| `([0-9a-f]{64})` \|$", table, re.MULTILINE))
    assert set(rows) == set(LIBRARIES) == {path.name for path in VENDOR.glob("*.js")}
    versions = dict(re.findall(r"^\| `(\S+)` \|[^|]*\| (\S+) \|", table, re.MULTILINE))
    for name, digest in rows.items():
        data = (VENDOR / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert versions[name].encode() in data[:200]
        assert (VENDOR / f"{name.split('.')[0]}.LICENSE").is_file()


def test_every_script_of_the_page_and_no_other_is_allowed(page):
    _, text = page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    allowed = set(re.findall(r"sha256-([A-Za-z0-9+/=]+)", policy))
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digests = {base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts}
    assert len(scripts) == 4
    assert digests == allowed
    assert "default-src &#39;none&#39;" in policy


def test_nothing_is_loaded(page):
    _, text = page
    without_scripts = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"<(?:link|img|iframe|object|embed|base|form)\b", without_scripts)
    assert not re.search(r"@import|url\(", without_scripts)
    addresses = re.findall(r'(?:src|href)="([^"]*)"', without_scripts)
    assert addresses
    assert all(one.startswith(("#", "../../feedback/")) for one in addresses)


def test_every_student_is_in_the_table_without_any_script(page):
    overview, text = page
    table = text[text.index('<table id="students">') :]
    assert table.count("<tr>") == 1 + len(overview.students)
    for student in overview.students:
        assert student.student in table


def test_hostile_text_is_escaped_and_addresses_are_quoted(course, config):
    result = make_result(config, {"mul": (0.0, mistake(HOSTILE)), "add": (0.0, mistake("x", ""))})
    case = FailedCase(HOSTILE, "mul", HOSTILE)
    told = {"full_name": HOSTILE, "groups": (HOSTILE,), "waiting": (HOSTILE,), "cases": (case,)}
    students = [
        student_of(HOSTILE, result, state="graded", page=True, **told),
        Student("x", "missing", name=HOSTILE, reason=HOSTILE, groups=(HOSTILE,)),
    ]
    overview = make_overview(course, config, 2, students, conditions=[HOSTILE])
    text = render_overview_page(overview, links(overview))
    assert text.count("<script>") == 4
    assert "<img" not in text
    assert "\u202e" not in text
    assert str(escape("<img src=x onerror=owned>")) in text
    assert "feedback/%3C/script%3E" in text
    assert re.search(r'href="[^"]*[<>\']', text) is None
