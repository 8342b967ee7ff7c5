"""The words and pictures of a failing check, without a notebook around them."""

import dataclasses
import html.parser
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.config import load_config
from autograder.grading.compare import compare as grader_compare
from autograder.grading.oracle import Expected

COURSE = Path(__file__).resolve().parents[2]
SOURCE = COURSE / "source" / "05_autograd"

HOSTILE = "<script>alert(1)</script>\x1b[31m\x07"


@pytest.fixture(scope="module")
def checks():
    """The package, imported here: rules alone change nothing in it."""
    sys.path.insert(0, str(SOURCE))
    try:
        import tinytorch.checks as package
        from tinytorch.checks import compare, data, diagnose, page, picture, run, told, words
        from tinytorch.core.tensor import Tensor

        yield {
            "package": package, "compare": compare, "data": data, "diagnose": diagnose,
            "page": page, "picture": picture, "run": run, "told": told, "words": words,
            "Tensor": Tensor,
        }  # fmt: skip
    finally:
        sys.path.remove(str(SOURCE))
        for name in [name for name in sys.modules if name.split(".")[0] == "tinytorch"]:
            del sys.modules[name]


def rule(function):
    """Make a rule class whose apply is the function of (a, b, gradient)."""

    class MulBackward:
        def __init__(self, *tensors):
            self.saved_tensors = tensors

        def apply(self, gradient):
            return function(*self.saved_tensors, gradient)

    return MulBackward


def report_on_mul(checks, function):
    (check,) = checks["data"].find("mul")
    return checks["run"].run_check(check, {"MulBackward": rule(function)})


def raises(error):
    raise error


RIGHT = (lambda a, b, g: (g * b.data, g * a.data),)
WRONG = {
    "own": (lambda a, b, g: (g * a.data, g * b.data), "Exactly this comes out when Mul"),
    "sign": (lambda a, b, g: (-g * b.data, -g * a.data), "right but for its sign"),
    "twice": (lambda a, b, g: (2 * g * b.data, 2 * g * a.data), "2 times what it should be"),
    "zero": (lambda a, b, g: (0 * g, 0 * g), "All of it is zero"),
    "itself": (lambda a, b, g: (a.data, g * a.data), "An input was returned unchanged"),
    "no G": (lambda a, b, g: (b.data, g * a.data), "MulBackward forgets the incoming gradient G"),
    "none": (lambda a, b, g: (None, None), "returned None where a gradient was due"),
    "shape": (lambda a, b, g: ((g * b.data).T, g * a.data), "turned around"),
    "number": (lambda a, b, g: (np.sum(g), np.sum(g)), "One number came where"),
    "nan": (lambda a, b, g: (g * np.nan, g * a.data), "inf or nan"),
    "integers": (lambda a, b, g: ((g * b.data).astype(int), g), "dtype int64"),
    "bare": (lambda a, b, g: g * b.data, "not a tuple"),
    "short": (lambda a, b, g: (g * b.data,), "returned too few entries"),
    "measured": (
        lambda a, b, g: (g * b.data * (1 + 1e-3 * np.sin(b.data)), g * a.data),
        "is it measured by a finite difference?",
    ),
    "raises": (lambda a, b, g: raises(ValueError(HOSTILE)), "Your code raised ValueError"),
}


def test_a_right_rule_is_one_line(checks):
    report = report_on_mul(checks, *RIGHT)
    line = checks["words"].passed(report)
    assert report.passed
    assert line.startswith("✓ mul: ")
    assert "\n" not in line


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_named_with_as_much_confidence_as_there_is(checks, name):
    function, said = WRONG[name]
    report = report_on_mul(checks, function)
    text = checks["words"].failed(report)
    assert said in " ".join(text.split())
    rule_in_words = checks["data"].find("mul")[0]["rule"]
    assert " ".join(rule_in_words.split()) in " ".join(text.split())
    assert said in checks["diagnose"].diagnose(report).sentence
    assert "ContractError" not in text  # that is ours, and no code of the student's raised it


class Balanced(html.parser.HTMLParser):
    """Notes the tags, and whether each that was opened was closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert "http" not in (value or "") or name == "xmlns", value
        if tag not in {"path", "rect", "circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)
        assert attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", WRONG)
def test_html_is_balanced_and_runs_nothing(checks, name):
    page = checks["page"].failed(report_on_mul(checks, WRONG[name][0]))
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert not parser.seen & {"script", "style", "link", "img", "iframe"}


def test_what_a_student_writes_is_text_and_nothing_else(checks):
    hostile = type(HOSTILE, (Exception,), {"__str__": lambda self: HOSTILE})
    report = report_on_mul(checks, lambda a, b, g: raises(hostile()))
    page = checks["page"].failed(report)
    text = checks["words"].for_terminal(checks["words"].failed(report))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", page + text)


def test_an_exception_that_cannot_say_what_it_is_breaks_nothing(checks):
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError("no")

    report = report_on_mul(checks, lambda a, b, g: raises(MuteError()))
    assert "Your code raised MuteError" in checks["words"].failed(report)


def test_a_missing_name_is_kindly_pointed_at(checks):
    (check,) = checks["data"].find("mul")
    report = checks["run"].run_check(check, {})
    assert report.unfinished == "MulBackward"
    assert "is not defined yet" in checks["words"].unfinished(report)


def test_a_part_that_is_not_there_is_named_and_nothing_was_raised(checks):
    (check,) = checks["data"].find("mul")
    report = checks["run"].run_check(check, {"MulBackward": type("MulBackward", (), {})})
    text = checks["words"].failed(report)
    assert "MulBackward cannot be built from its operands." in text
    assert "raised" not in text


def test_a_check_cell_takes_the_names_that_grading_takes(checks):
    (check,) = checks["data"].find("mul")
    rule_of = rule(lambda a, b, g: (g * b.data, g * a.data))
    rule_of.backward = rule_of.apply
    del rule_of.apply
    assert checks["run"].run_check(check, {"MulBackward": rule_of}).passed


def test_an_interrupt_is_not_swallowed(checks):
    with pytest.raises(KeyboardInterrupt):
        report_on_mul(checks, lambda a, b, g: raises(KeyboardInterrupt()))


def test_a_loop_that_does_not_end_is_stopped_and_its_place_is_told(checks, monkeypatch):
    def loops(a, _b, _g):
        while a is not None:
            len(a.shape)

    monkeypatch.setattr(checks["run"], "SECONDS", 0.2)
    report = report_on_mul(checks, loops)
    text = checks["words"].failed(report)
    assert "Your code was stopped: more than 0.2 s of processor time" in text
    assert "did not come to an end in time" in " ".join(text.split())
    assert "raised" not in text


def test_the_handouts_comparison_agrees_with_the_graders(checks):
    tolerance = load_config(COURSE / "config.yaml").tolerance
    value, spread = np.array([[1.5, -2.0, 0.0]]), np.array([[1e-7, 1e-7, 0.0]])
    described = {
        "what": "grad", "single": False, "spread": spread.ravel().tolist(),
        "array": {"shape": [1, 3], "dtype": "float64", "values": value.ravel().tolist()},
    }  # fmt: skip
    expected = Expected(what="grad", value=value, spread=spread)
    given = [
        None, "ValueError", value, value + 3e-7, value + 5e-7 * value, value * (1 + 1e-6), -value,
        value.T, value[0], value.astype(np.float32), value.astype(np.int64), np.array(1.5),
        np.full((1, 3), np.nan), np.full((1, 3), np.inf), (value * (1 + 5e-7)).astype(np.float32),
    ]  # fmt: skip
    with np.errstate(invalid="ignore"):
        for actual in given:
            ours = checks["compare"].compare("x", described, actual)
            theirs = grader_compare("x", expected, actual, tolerance)
            assert (ours is None) == (theirs is None), actual
            if ours is not None and not isinstance(actual, str):
                assert ours.kind == theirs.kind, actual


def test_every_part_has_cells_that_ask_for_it(checks, course):
    text = (course / "source" / "05_autograd.py").read_text(encoding="utf-8")
    for part in checks["data"].parts():
        assert f'check("{part}")' in text, part


def test_graphs_mark_the_edge_whose_gradient_is_wrong(checks):
    report = report_on_mul(checks, lambda a, b, g: (g * b.data, g * b.data))
    outcome = report.failing[0]
    graph = checks["picture"].graph_of(outcome.case["program"], checks["words"].verdicts(outcome))
    assert {graph.nodes[edge[0]].label: good for edge, good in graph.marks.items()} == {
        "a": True, "b": False
    }  # fmt: skip
    text = checks["words"].failed(report)
    assert re.search(r"─ b \(2, 3\) +✗", text)
    assert re.search(r"─ a \(2, 3\) +✓", text)


def test_one_mistake_is_told_in_full_once_until_its_check_runs_anew(checks):
    told, words, page = checks["told"], checks["words"], checks["page"]
    report = report_on_mul(checks, lambda a, b, g: (g * a.data, g * b.data))
    elsewhere = {**report.check, "id": "chain", "title": "Another check"}
    other = dataclasses.replace(report, check=elsewhere)
    told.forget([report, other])
    assert "Exactly this comes out" in words.failed(report)
    assert "Exactly this comes out" in page.failed(report)
    assert f"The same mistake as for: {report.check['title']}" in joined(words.failed(other))
    assert "Fix it there first" in page.failed(other)
    told.forget([report])
    assert "Exactly this comes out" in words.failed(other)


def joined(text):
    return " ".join(text.split())
