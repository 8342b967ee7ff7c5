"""What people read: no word twice, no sentence that loses its reader, no phrase that was retired.

Spelling is codespell's, in ``make lint``.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("autograder/grading/words", "autograder/kernel", "autograder/reports", "autograder/cli",
        "autograder/pytest_plugin", "reference/operations", "tests/public",
        "source/05_autograd/tinytorch/checks")  # fmt: skip
PAGES = ("README.md", "docs/*.md", "source/05_autograd.py", "editions/*/source/*.py")
RETIRED = (
    "So it is in", "First mend", "one entry an input", "No likely mistake that we know of",
    "every operation is not tracked", "The case:", "Something else came", "Findings are missing",
    "the numbers and the calls of your rules agree", "hands a gradient that is not the incoming",
    "One of the arrays that went in came out", "was it the right notebook",
)  # fmt: skip
TWICE = re.compile(r"\b([A-Za-z]{2,}) \1\b")
RIGHT_TWICE = {"that that", "had had"}
MAX_WORDS = 34
"""Of a sentence that a finding says."""


def literals(path):
    """Yield the texts of a module, an f-string as one text; docstrings count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
             for part in node.values}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                part.value if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        ):
            yield node.value


MODULES = sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py"))
TEXTS = [*MODULES, *sorted(path for page in PAGES for path in ROOT.glob(page))]


def texts_of(path):
    return list(literals(path)) if path in MODULES else [path.read_text(encoding="utf-8")]


def test_there_is_something_to_read():
    assert len(MODULES) > 60
    assert len(TEXTS) > len(MODULES) + 15


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_word_stands_twice_and_no_retired_phrase_is_back(path):
    for text in texts_of(path):
        plain = re.sub(r"(?s)```.*?```|`[^`]*`", "", text)
        doubled = {found[0] for found in TWICE.finditer(plain)} - RIGHT_TWICE
        assert not doubled
        assert not [phrase for phrase in RETIRED if phrase in text]


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if {"words", "operations", "public"} & set(path.parts)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_sentence_that_is_said_to_a_student_is_short(path):
    for text in literals(path):
        for sentence in re.split(r"(?<=[.?!])\s", text):
            assert len(sentence.split()) <= MAX_WORDS, sentence
