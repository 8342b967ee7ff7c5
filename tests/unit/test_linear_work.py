"""Work on a student's text grows no faster than the text; it is counted, not timed."""

import ast
import gc
import re
import sys
from pathlib import Path

import pytest

from autograder.ci.secrecy import _NO_WALLS, _RUNS_CODE
from autograder.course.autograded import MAX_MARKDOWN, harmless
from autograder.course.new_check import (
    _HEAD,
    _IMPORT,
    _INSTALLED,
    _QUOTED,
    _SECTION,
    _TRACKED,
)
from autograder.course.notebook_text import _ALONE
from autograder.model import Diagnosis
from autograder.moments import _WRITTEN
from autograder.reports.boundary import in_json, on_page, on_terminal
from autograder.reports.code import MAX_CODE, Code
from autograder.reports.markup import MAX_ANSWER, markdown
from autograder.reports.selection import _CONDITION

ROOT = Path(__file__).resolve().parents[2]
PARSER = re._parser  # the standard library's own, which has no other name
REPEATS = {PARSER.MAX_REPEAT, PARSER.MIN_REPEAT, PARSER.POSSESSIVE_REPEAT}
FROM_THE_START = {"match", "fullmatch"}
MAX_WORK_AT_ONE_PLACE = 1000

# Patterns that read our own or the instructor's text only.
OF_TRUSTED_TEXT = {
    _WRITTEN.pattern: "a date of config.yaml, of a roster or of a download",
    _RUNS_CODE.pattern: "a workflow of the instructor's",
    _NO_WALLS.pattern: "a workflow of the instructor's",
    _ALONE.pattern: "the text of the instructor's notebook",
    _CONDITION.pattern: "what the instructor typed behind --filter",
    r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(%?)": "the same",
    **{
        each.pattern: "the course's notebook"
        for each in (_TRACKED, _INSTALLED, _HEAD, _SECTION, _QUOTED, _IMPORT)
    },
    r"^(?:class |@\w+\()(\w+)": "the course's solution",
    r"@(\w+)@": "a template of ours",
}


# Patterns that the rule below is too strict for: what ends a repetition cannot be part of it, or
# it can begin at one place of a line only.
REVIEWED = {
    r"(?m)(?:^[ \t]*#.*(?:\n|\Z))+", r"(?ms)^(?:print\()?[rRuUfF]{0,2}(\"\"\"|''')(.*?)\1",
    r"\b[A-Za-z]+(?:,? [A-Za-z'-]+){7}", r"(?m)^[ \t]*#+[ \t]?",
    r"(?m)^[ \t]*(?:def|class|import|from|for|while|if|with|return|assert|print|[@%!>\"'])"
    r"|[\w\])]\(|[\w\])][ \t]*=[^=]",
    r"[+-]?\d{1,15}(?:[.,]\d{1,15})?",
    r"(?m)^(?:class|(?:async[ \t]+)?def)[ \t]+([A-Za-z_]\w*)|^([A-Za-z_]\w*)[ \t]*=",
}  # fmt: skip
NAMES = {"collect", "exports", "guest"}
"""Folders of which the patterns read names of files, headings and numbers of the instructor's own
LMS file, and lines of our own tools, whose length is bounded, or run in the sandbox, where time and
memory have limits of their own."""


def patterns():
    """Yield each pattern of the package with the ways in which it is used.

    Those of ``NAMES`` are left out.
    """
    package = ROOT / "autograder"
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] in NAMES:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named, used, texts = {}, {}, constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and is_call_of_re(node.value):
                named[node.targets[0].id] = pattern_of(node.value, texts)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name):
                    used.setdefault(owner.id, set()).add(node.func.attr)
                if is_call_of_re(node) and node.func.attr != "compile":
                    yield path.name, pattern_of(node, texts), {node.func.attr}
        for name, pattern in named.items():
            yield path.name, pattern, used.get(name, {"search"})


def constants(tree):
    return {
        node.targets[0].id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def pattern_of(call, texts):
    """Return the pattern that stands in a call or has a name; one that is put together fails."""
    pattern = call.args[0]
    return pattern.value if isinstance(pattern, ast.Constant) else texts[pattern.id]


def is_call_of_re(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr != "escape"
    )


def repeats(items, depth=0):
    """Yield the bound of each repetition that may have several lengths, and how deep it lies."""
    for operation, argument in items:
        inner = depth
        if operation in REPEATS and argument[0] != argument[1]:
            yield argument[1], depth
            inner += 1
        for part in argument if isinstance(argument, list | tuple) else [argument]:
            for branch in part if isinstance(part, list) else [part]:
                if isinstance(branch, PARSER.SubPattern):
                    yield from repeats(branch, inner)


def is_linear(pattern, uses):
    """Tell whether a pattern's work at one place of the text is bounded, by construction.

    One that is tried at the start only may hold one repetition without a bound.
    """
    parsed = PARSER.parse(pattern)
    found = list(repeats(parsed))
    if len(parsed) == 1 == len(found):
        return True  # one run of signs: the search goes on behind it
    if any(depth for _, depth in found):
        return False
    unbounded = sum(bound == PARSER.MAXREPEAT for bound, _ in found)
    work = 1
    for bound, _ in found:
        work *= bound + 1 if bound != PARSER.MAXREPEAT else 1
    return unbounded <= (uses <= FROM_THE_START) and work <= MAX_WORK_AT_ONE_PLACE


@pytest.mark.parametrize(("file", "pattern", "uses"), list(patterns()))
def test_every_regular_expression_is_linear_by_construction(file, pattern, uses):
    assert pattern in {*OF_TRUSTED_TEXT, *REVIEWED} or is_linear(pattern, uses)


@pytest.mark.parametrize(
    ("pattern", "uses"),
    [
        (r"(?m)^(\s*)[%!]", {"sub"}),
        (r"(a+)+b", {"match"}),
        (r"a*a*b", {"match"}),
        (r"\](?=\((?!\s*http))", {"sub"}),
        (r"(a{0,9}){0,9}", {"match"}),
        (r"a{0,99}b{0,99}", {"search"}),
        (r"x\s*+y", {"search"}),
        (r"(?m)^(\s*)(%%?|!)(?=[A-Za-z.~/])", {"sub"}),
    ],
)
def test_patterns_that_are_not_linear_are_seen(pattern, uses):
    assert not is_linear(pattern, uses)


def test_patterns_of_the_package_are_found():
    assert len({pattern for _, pattern, _ in patterns()}) >= 8


def steps(work, *arguments):
    """Return how many lines of Python run; what C does within a line is not counted.

    What is made on first use, and what others run when the garbage collector is called, is not
    counted either.
    """
    count = 0

    def step(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return step

    work(*arguments)
    before = sys.gettrace()
    gc.disable()
    sys.settrace(step)
    try:
        work(*arguments)
    finally:
        sys.settrace(before)
        gc.enable()
    return count


PIECES = [
    " ", "\n", "\t", "a ", "a\n", "*", "*a ", "**a **b", "_a", "[", "![a](", "[a]: b\n", "`",
    "`a``b```", "> ", "- ", "1. ", "|a", "|a|b|\n|-|-|\n", "\\", "$", "$a$", "<a ", "&amp;",
    "\\begin{a}", "é", "\x1b", "%x\n", "!x\n", "def f():0\n", "class A:\n  x\n", "(", "not ", "1+",
    "a.", "'a' ", "\\\n", "\r", "\u2028",
]  # fmt: skip


def look_through(source):
    code = Code({0: source, 1: source})
    for _ in range(3):
        code.locate(Diagnosis("a", "b", "c", cell=0, line=source.count("\n"), rule="f"))


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
@pytest.mark.parametrize("work", [look_through, harmless, on_terminal, on_page, in_json])
def test_four_times_the_text_is_about_four_times_the_work(work, piece):
    small, large = (piece * (size // len(piece)) for size in (1000, 4000))
    assert steps(work, large) <= 6 * steps(work, small) + 200


@pytest.mark.parametrize(("work", "bound"), [(markdown, MAX_ANSWER), (harmless, MAX_MARKDOWN)])
@pytest.mark.parametrize("piece", ["*a ", "\\begin{a}", " "])
def test_beyond_its_bound_a_text_makes_no_more_work(work, bound, piece):
    at_bound, beyond = (piece * (2 * size // len(piece)) for size in (bound, 4 * bound))
    assert steps(work, beyond) <= 1.01 * steps(work, at_bound)


@pytest.mark.parametrize("piece", PIECES[::4], ids=ascii)
def test_an_answer_takes_a_bounded_number_of_steps(piece):
    """The Markdown parser is not linear; at the bound no piece is far from the ordinary."""
    assert steps(markdown, piece * (MAX_ANSWER // len(piece))) <= 4_000_000


def test_code_beyond_its_bound_is_not_looked_at():
    code = Code(dict.fromkeys(range(5000), "x = 1\n" * 1000))
    assert len(code.unread) == 5000 - MAX_CODE // 6000
