"""The feedback page: what it says, and that no text of a student gets through as markup."""

import itertools
import json
import re
from html.parser import HTMLParser

import msgspec
import pytest

from autograder.cases import load_cases
from autograder.grades import Member, StudentGrade
from autograder.grading.score import score_checkpoints, score_checks, score_extra_credit
from autograder.model import Diagnosis, Outcome, Provenance, Result
from autograder.reports.boundary import on_page
from autograder.reports.code import MAX_LINES, Code
from autograder.reports.feedback import MAX_SHOWN, Answer, Page, Remark, render_feedback
from autograder.reports.inspection import Inspected, Observation
from autograder.reports.markup import markdown

ADA = Member("ada", first="Ada", last="Lovelace")
EVIL = (
    "<script>alert(1)</script></style></title><img src=x onerror=alert(1)>\"'`&lt;"
    "<a href='javascript:alert(1)'>x</a>{{ 7 * 191 }}{% raw %}\x1b[31m\x1b]0;x\x07\x00\x08\r"
    "\u202e\ud800<svg onload=alert(1)>]]>--><!--"
)
VOID = {"meta", "br", "hr", "polyline", "path", "rect"}
HARMLESS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "h4", "p",
    "span", "nav", "ul", "ol", "li", "main", "table", "caption", "thead", "tbody", "tr", "th",
    "td", "div", "i", "b", "br", "section", "article", "details", "summary", "figure",
    "figcaption", "code", "pre", "em", "strong", "footer", "dl", "dt", "dd", "svg", "desc",
    "defs", "marker", "path", "polyline", "g", "rect", "text", "tspan", "blockquote", "hr",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects tags, attributes and text, and insists that tags are balanced."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.texts, self._open = [], [], [], []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join("".join(self.texts).split())


def make_result(config, diagnosis=None, **changes):
    checks = score_checks(config, ())
    if diagnosis is not None:
        checks = tuple(
            type(check)(
                id=check.id, title=changes.get("title", check.title), checkpoint=check.checkpoint,
                kind=check.kind, score=0, max_score=check.max_score, status="failed",
                diagnosis=diagnosis, case=changes.get("case", ""),
            )
            for check in checks
        )  # fmt: skip
    text = changes.get("text", "fine")
    return Result(
        submission=text, score=33.4, max_score=80, status=changes.get("status", "graded"),
        outcome=Outcome("partial", text, text),
        checkpoints=score_checkpoints(config.checkpoints, checks),
        extra_credit=score_extra_credit(checks), checks=checks, notes=(text,),
        provenance=Provenance("1.2.3", "casesdigest", "seeddigest", "a" * 64, "walls", "then", 1.0),
    )  # fmt: skip


def make_grade(result, member=ADA, **changes):
    values = {
        "checkpoints": result.checkpoints, "extra_credit": result.extra_credit,
        "total": result.score, "max_score": 100.0,
    }  # fmt: skip
    return StudentGrade(member=member, state="graded", work="graded", **{**values, **changes})


def make_page(result, **changes):
    values = {
        "grade": make_grade(result), "title": "05_autograd", "result": result, "cells": {},
        "pass_marks": {"checkpoint-1": 32.0, "checkpoint-2": 32.0}, "programs": {},
    }  # fmt: skip
    return Page(**{**values, **changes})


@pytest.fixture
def evil_page(config, course):
    case = load_cases(course / "tests" / "hidden", config).of_check("mul")[0]
    cell = f"class MulBackward:\n    '''{EVIL}'''\n"
    diagnosis = Diagnosis("x", EVIL, EVIL, EVIL, cell=0, line=2, rule=EVIL)
    result = make_result(config, diagnosis, text=EVIL, title=EVIL, case=case.sentence)
    return make_page(
        result,
        grade=make_grade(result, Member(EVIL, first=EVIL, last=EVIL)),
        title=EVIL,
        cells={0: cell.replace("\r", "")},
        programs={("mul", case.sentence): case.program},
        answers=[Answer("q1", EVIL, EVIL, 3.0, 5, EVIL), Answer("q2", EVIL, EVIL, None, 5)],
        remarks=[Remark(EVIL, EVIL, 1.0, 2.0)],
    )


def test_hostile_text_stays_text_wherever_it_stands(evil_page):
    inspected = {"mul": [Inspected(EVIL, EVIL, EVIL, (EVIL,), ((EVIL, EVIL),),
                                   (Observation(EVIL, EVIL, EVIL, EVIL),))]}  # fmt: skip
    for page in (
        render_feedback(evil_page),
        render_feedback(evil_page, inspected=inspected, replay=EVIL),
    ):
        read = Reader(page)
        assert set(read.tags) <= HARMLESS
        assert not [name for name, _ in read.attributes if name.startswith("on") or name == "src"]
        links = [value for name, value in read.attributes if name in {"href", "xlink:href"}]
        assert links
        assert all(value.startswith("#") for value in links)
        assert "alert(1)" in read.text
        assert "1337" not in page
        assert page.count("</style>") == 1
        assert page.encode("utf-8")
        assert not [char for char in page if not char.isprintable() and char not in "\n\t"]


def test_page_allows_no_script_and_no_request(evil_page):
    page = render_feedback(evil_page)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'http-equiv="Content-Security-Policy" content="{policy}"' in page
    assert "url(http" not in page
    assert "@import" not in page


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))",
        "![x](https://example.org/pixel.png)",
        "<https://example.org>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<img src=x onerror=alert(1)>",
        "<div>\n\nblock\n\n</div>",
        "# heading\n\nunder\n=====",
        "```<script>\nalert(1)\n```",
        "&lt;script&gt; &#60;script&#62;",
    ],
)
def test_answers_have_no_html_links_images_or_headings(source):
    tags = set(Reader(str(markdown(source))).tags)
    assert tags <= {"p", "pre", "code", "br", "ul", "li", "hr"}


def test_answers_keep_lists_emphasis_code_and_tables():
    shown = str(markdown("- *a*\n- **b**\n\n`c`\n\n| d | e |\n|---|---|\n| 1 | 2 |\n"))
    assert {"li", "em", "strong", "code", "table"} <= set(Reader(shown).tags)


def test_joiners_stay_in_answers_and_show_in_code():
    assert "می\u200cخواهم" in str(markdown("می\u200cخواهم"))
    assert on_page("a\u200cb\u202e") == "a\\u200cb\\u202e"


def test_page_shows_points_pass_marks_answers_comments_and_provenance(config):
    result = make_result(config, Diagnosis("wrong-value", "It is wrong.", "Look.", "fairly sure"))
    page = make_page(
        result,
        grade=make_grade(result, total=40.2, late_penalty=2.0, waiting=("q3",)),
        answers=[
            Answer("q1", "Question 1", "My *answer*.", 4.0, 5, "Good <point>."),
            Answer("q2", "Question 2", "", 0.0, 5),
            Answer("q3", "Question 3", "Other.", None, 5),
        ],
        remarks=[
            Remark("test_mul", "Generous.", 6.0, 1.2),
            Remark("mul_backward", "Neat."),
            Remark("test_add", extra=1.5),
        ],
    )
    text = Reader(render_feedback(page)).text
    for part in (
        "It is wrong. (How sure: fairly sure.)", "Hint. Look.", "pass mark 32", "My answer .",
        "Good <point>.", "No response.", "not graded yet", "Generous.", "Neat.", "casesdigest",
        "6 points instead of the automatic 1.2", "seeddigest", "a" * 64, "walls", "Handed in late",
        "Ada Lovelace (ada)", "1.5 points of extra credit, from your instructor",
    ):  # fmt: skip
        assert part.replace(" .", ".") in text.replace(" .", "."), part
    assert "40.2 of 100 points so far" in text


def test_page_without_points_says_that_this_is_no_zero(config):
    result = make_result(config, status="error")
    page = make_page(result, grade=make_grade(result, total=None, checkpoints=()))
    text = Reader(render_feedback(page)).text
    assert "There are no points for this yet, which is not a zero" in text
    assert "0 of 100" not in text


def test_status_has_a_word_beside_its_sign(config):
    page = render_feedback(make_page(make_result(config, Diagnosis("a", "b", "c"))))
    signs = re.findall(
        r'<span class="status [a-z]+"><span aria-hidden="true">(.)</span> (\w+)', page
    )
    assert ("✗", "not") in signs
    assert all(word for _, word in signs)


def test_headings_are_in_order_and_ids_unique(evil_page):
    read = Reader(render_feedback(evil_page))
    levels = [int(tag[1]) for tag in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = [value for name, value in read.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = {value[1:] for name, value in read.attributes if name == "href"}
    assert targets <= set(ids)


def test_unreadable_submission_says_so_and_shows_no_checks(config):
    page = render_feedback(make_page(make_result(config, text="Not a notebook.", status="error")))
    assert "Not a notebook." in page
    assert "of 80 points" not in page
    assert "MulBackward" not in page


def test_of_what_cannot_be_read_no_answer_is_said_to_be_missing(config):
    result = make_result(config, text="it ends in the middle", status="error")
    answers = (Answer("systems_a", "Question 1", "", None, 5),)
    text = Reader(render_feedback(make_page(result, answers=answers))).text
    assert "Question 1" in text
    assert "No response" not in text
    assert "it ends in the middle. it ends" in text  # two sentences
    read = make_result(config)
    assert "No response." in Reader(render_feedback(make_page(read, answers=answers))).text


CELLS = {
    0: "%matplotlib inline\nclass MulBackward:\n    def apply(self, g):\n        return g",
    2: "broken(",
    3: "x = 1\n" * 100,
    4: "class MULBACKWARD:\n" + "    a = 1\n" * 80,
}


def mark(excerpt):
    return [(excerpt.cell, line.number) for line in excerpt.lines if line.marked]


@pytest.mark.parametrize(
    ("diagnosis", "expected"),
    [
        ({"cell": 0, "line": 4}, [(0, 4)]),
        ({"cell": 3, "line": 50}, [(3, 50)]),
        ({"cell": 3, "line": 1000, "rule": "MulBackward"}, [(4, 1)]),
        ({"cell": 9, "line": 1, "rule": "MulBackward"}, [(4, 1)]),
        ({"rule": "mulbackward"}, [(4, 1)]),
        ({"cell": 2, "line": 1}, [(2, 1)]),
    ],
)
def test_right_line_is_marked(diagnosis, expected):
    excerpt = Code(CELLS).locate(Diagnosis("a", "b", "c", **diagnosis))
    assert mark(excerpt) == expected
    assert len(excerpt.lines) <= MAX_LINES


@pytest.mark.parametrize(
    "diagnosis", [{}, {"cell": 9, "line": 1}, {"rule": "NoSuchBackward"}, {"cell": 0, "line": 0}]
)
def test_no_place_is_invented(diagnosis):
    assert Code(CELLS).locate(Diagnosis("a", "b", "c", **diagnosis)) is None


@pytest.mark.parametrize(
    "source", ["\x00", "(" * 5000, "x = '\\d'", "\ud800", "-" * 100_000, "y" * 300_000]
)
def test_no_cell_breaks_the_page(source, config):
    diagnosis = Diagnosis("a", "b", "c", cell=0, line=1, rule="MulBackward")
    assert render_feedback(make_page(make_result(config, diagnosis), cells={0: source}))


def test_result_without_the_newer_fields_is_still_read(config):
    from autograder.model import decode_result, encode_result

    old = json.loads(encode_result(make_result(config, Diagnosis("a", "b", "c"))))
    for check in old["checks"]:
        del check["case"]
        check["diagnosis"] = {"id": "a", "message": "b", "hint": "c"}
    assert decode_result(json.dumps(old).encode()).checks[0].diagnosis.rule == ""


def test_an_answer_of_megabytes_is_cut_and_says_so():
    page = str(markdown("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 300_000))
    assert len(page) < 1_000_000
    assert "characters, is left out" in page


def test_code_that_is_too_long_is_left_out_and_says_so(config):
    page = make_page(
        make_result(config, Diagnosis("a", "b", "c", cell=1, line=2)),
        cells={0: "ok = 1", 1: "x\n" * 100_000, 2: "y = 2"},
    )
    text = Reader(render_feedback(page)).text
    assert "Nothing of code cell 2 is shown here" in text
    many = make_page(make_result(config), cells=dict.fromkeys(range(40), "x" * 90000))
    assert "Nothing of code cells 5, 6, 7, 8, 9 and 31 more is shown" in render_feedback(many)


def test_a_page_shows_a_bounded_number_of_lines(config):
    result = make_result(config)
    checks = tuple(
        type(check)(
            id=check.id, title=check.title, checkpoint=check.checkpoint, kind=check.kind, score=0,
            max_score=check.max_score, status="failed",
            diagnosis=Diagnosis(f"d{place}", "b", "c", cell=0, line=place * 195 + 20),
        )
        for place, check in enumerate(result.checks)
    )  # fmt: skip
    lines = "".join(f"def f{n}():\n" + "    pass\n" * 38 for n in range(200))
    result = msgspec.structs.replace(result, checks=checks)
    text = render_feedback(make_page(result, cells={0: lines}))
    assert "lines of code at most" in text
    assert MAX_SHOWN - MAX_LINES <= text.count('class="n"') <= MAX_SHOWN


def test_lines_are_counted_as_python_counts_them():
    source = "a = '\u2028\x0c'\r\nb = 1\rc = 2\n"
    excerpt = Code({0: source}).locate(Diagnosis("a", "b", "c", cell=0, line=2))
    assert [line.text for line in excerpt.lines if line.marked] == ["b = 1"]
    assert len(excerpt.lines) == 3
