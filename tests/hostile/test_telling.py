"""What a submission can tell whoever reads its result: it knows the hidden inputs, and is bounded.

Each script says a payload in one channel, in every case and cell that it can, as loudly as it can.
Whatever is different between payloads has come out. The bounds are those of docs/security.md.
"""

import math
import re

import nbformat
import pytest
from msgspec.structs import replace
from nbformat import v4

from autograder.grading.allowance import (
    MAX_EXCEPTIONS,
    MAX_IDENTIFIERS,
    MAX_LINE,
    MAX_NAMES,
    MAX_PACKAGES,
    MAX_PLACES,
)
from autograder.grading.grader import STEPS
from autograder.grading.names_of_errors import exception_name
from autograder.model import encode_result

RULES = ("Add", "Mul", "Sub", "Div", "Matmul", "Sum", "Pow", "ReLU", "Sigmoid", "MSE", "Mean",
         "CrossEntropy", "Neg", "Transpose", "Reshape", "Softmax", "GELU", "BCE",
         "Slice")  # fmt: skip
LINES = 12_000
PAYLOADS = range(3)

# `draw()` gives the next pseudo-random number of the payload: another one in every call.
DRAW = """
import random, builtins
_dice = random.Random({payload})
def draw(n): return _dice.randrange(n)
WORDS = [{words}]
"""
WORDS = [f"told{number}" for number in range(3000)]
RAISE_SOMEWHERE = "exec(compile('\\n' * draw(11_900) + 'raise ValueError', '<cell 0>', 'exec'))"
IN_EVERY_RULE = {
    "lines of checks": RAISE_SOMEWHERE,
    "types of exceptions": (
        "raise draw_one([e for e in vars(builtins).values() if isinstance(e, type)"
        " and issubclass(e, Exception) and not issubclass(e, UnicodeError)])"
    ),
    "types of its own": "raise type(draw_one(WORDS), (Exception,), {})",
    "undefined names": "raise NameError(f'name {draw_one(WORDS)!r} is not defined')",
    "attributes": (
        "raise AttributeError(f'{draw_one(WORDS)!r} object has no attribute {draw_one(WORDS)!r}')"
    ),
    "arguments": (
        "raise TypeError('.'.join(draw_one(WORDS) for _ in range(12))"
        " + f'() missing 1 required positional argument: {draw_one(WORDS)!r}')"
    ),
    "keys": "raise KeyError(draw_one(WORDS))",
    "factors": "return tuple(grad_output * (draw(400) - 200) / (1 + draw(12)) for _ in range(2))",
    "shapes": "import numpy as np; return (np.ones((1,) * draw(12) + (2,) * draw(4)),) * 2",
}
IN_CELLS = {
    "lines of cells": RAISE_SOMEWHERE,
    "exceptions of cells": "raise type(draw_one(dir(builtins)), (Exception,), {})",
}


def hostile(channel, payload, solution):
    """Return a submission that says a payload in a channel."""
    words = ", ".join(map(repr, WORDS))
    head = DRAW.format(payload=payload, words=words)
    head += "def draw_one(things): return sorted(things, key=str)[draw(len(things))]\n"
    # Many lines, which all exist; the text is the same for every payload but for one number.
    head += "#\n" * LINES
    rules = [
        f"class {rule}Backward({rule}Backward):\n"
        f"    def apply(self, grad_output):\n        {IN_EVERY_RULE[channel]}\n"
        for rule in RULES
        if channel in IN_EVERY_RULE
    ]
    cells = [IN_CELLS[channel]] * 40 if channel in IN_CELLS else []
    base = [cell.source for cell in nbformat.read(solution, as_version=4).cells
            if cell.cell_type == "code"]  # fmt: skip
    return v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in (head, *base, *rules, *cells)])


def results(grader, channel, solution, folder):
    found = []
    for payload in PAYLOADS:
        path = folder / "05_autograd.ipynb"
        nbformat.write(hostile(channel, payload, solution), path)
        result = grader.grade(path).result
        same = replace(result.provenance, submission_sha256="", started="", seconds=0.0)
        found.append(replace(result, provenance=same))
    return found


def places_of(text):
    found = re.findall(r"[Ll]ine (\d+) of code cell (\d+)", text)
    found += [(line, str(int(cell) + 1)) for cell, line in
              re.findall(r'"cell": (\d+),\s*"line": (\d+)', text)]  # fmt: skip
    return {(int(line), int(cell)) for line, cell in found}


def exceptions_of(text):
    words = re.findall(r"\b[A-Z]\w*\b|\bopen\b", text)
    return {word for word in words if exception_name(word) == word}


@pytest.mark.parametrize("channel", [*IN_EVERY_RULE, *IN_CELLS])
def test_whatever_a_submission_says_few_things_arrive(grader, channel, solution, tmp_path):
    told = set()
    for result in results(grader, channel, solution, tmp_path):
        text = encode_result(result).decode()
        assert len(places_of(text)) <= MAX_PLACES
        assert all(line <= MAX_LINE for line, _ in places_of(text))
        assert len(exceptions_of(text) - {"NotImplementedError"}) <= MAX_EXCEPTIONS + 1
        words = set(re.findall(r"\btold\d+", text))
        assert len(words) <= MAX_NAMES
        told |= words
    if channel in {"undefined names", "keys"}:
        assert told, "the test says nothing that could be told"


def test_seconds_come_out_in_steps(grader, solution, tmp_path):
    for result in results(grader, "keys", solution, tmp_path)[:1]:
        assert set(result.provenance.check_seconds.values()) <= set(STEPS)
        assert result.provenance.seconds == round(result.provenance.seconds, 1)


def test_factors_that_are_told_are_few():
    from autograder.kernel.facts import simple

    told = {simple(top / bottom) for top in range(-500, 501) for bottom in range(1, 61) if top}
    assert len(told) <= 100


def test_the_bits_of_a_grading_are_as_the_page_says(config, exam, course):
    page = (course / "docs" / "security.md").read_text(encoding="utf-8")
    said = {name: int(bits) for name, bits in re.findall(r"^\| (.+?) \| .+ \| (\d+) \|$", page,
                                                          re.MULTILINE)}  # fmt: skip
    for name, bits in channels(config, exam).items():
        assert said[name] == bits, name
    assert said["together"] == sum(channels(config, exam).values())


def channels(config, exam):
    """Return how many bits each channel carries at most, rounded up."""
    checks = config.all_checks
    cases = [len(exam.case_set.of_check(check.id)) for check in checks]
    slots = len(checks) + 6

    def bits(*choices):
        return math.ceil(sum(map(math.log2, choices)))

    return {
        "points": bits(*(100 * check.points + 1 for check in checks)),
        "which case is spoken of, how many fail and how many are excused": bits(
            *(number * (number + 1) * (number + 1) for number in cases)
        ),
        "findings": bits(*([FINDINGS] * len(checks))),
        "lines": bits(*([MAX_LINE] * MAX_PLACES), *([MAX_PLACES + 1] * slots)),
        "identifiers": bits(*([MAX_IDENTIFIERS] * MAX_NAMES), *([(MAX_NAMES + 1) ** 3] * slots)),
        "packages": bits(*([1000**2] * MAX_PACKAGES), *([MAX_PACKAGES + 1] * len(checks))),
        "exceptions": bits(*([80] * MAX_EXCEPTIONS), *([MAX_EXCEPTIONS + 1] * slots)),
        "seconds": bits(*([len(STEPS)] * len(checks)), 10 * 6 * config.limits.submission_seconds),
        "outcome and notes": 64,
    }


FINDINGS = 1 << 16
"""More than 200 mistakes in up to 178 cases, or 20 rules with 3 operands and some 110 facts:
what can be said of one check, names, places and the case aside."""
