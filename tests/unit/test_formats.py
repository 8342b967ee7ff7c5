"""Formats of ``autograder run``: golden files, their readers' own parsers, and hostile text."""

import base64
import json
import re
import xml.etree.ElementTree as ET

import jsonschema
import junitparser
import msgspec
import pytest
from markdown_it import MarkdownIt

from autograder.errors import UsageError
from autograder.grading.score import score_checkpoints, score_checks, score_extra_credit
from autograder.model import CheckResult, Diagnosis, ExtraCredit, Outcome, Provenance, Result
from autograder.reports.formats import Report, find_format, format_names
from autograder.reports.formats.classroom_resources import describe
from autograder.reports.formats.places import lines_of_cells

OURS = [
    "classroom-resources", "classroom50", "github", "gitlab", "gradescope", "json", "junit",
    "lti-ags", "markdown", "prairielearn", "text",
]  # fmt: skip
CELLS = {
    0: "import numpy as np",
    1: "class MulBackward(Function):\n    def apply(self, g):\n        a, b = self.saved_tensors\n"
    "        return g * a.data, g * a.data",
    2: "class PowBackward(Function):\n    pass",
}
LINES = {0: (10,), 1: (20, 21, 22, 23), 2: (30, 31)}
PROVENANCE = Provenance(
    grader_version="0.1.0", case_set_digest="c" * 16, seed_digest="s" * 16,
    submission_sha256="f" * 64, isolation="bubblewrap+landlock+seccomp",
    started="2026-03-01T12:00:00+00:00", seconds=1.25, check_seconds={"mul": 0.013, "pow": 0.5},
)  # fmt: skip
WRONG = Diagnosis(
    id="own-operand", message="MulBackward uses a itself for the gradient of a.",
    hint="The rule for a is the mirror image of the rule for b.",
    confidence="almost certain: the numbers agree", sure="certain", cell=1, line=4,
    rule="MulBackward",
)  # fmt: skip
SKIPPED = Diagnosis("prerequisite", "Not judged yet. Fix tracking first.", "It may then pass.")
LATE = Diagnosis("timeout", "It ran out of time.", "Is there a loop that does not end?")
ENVIRONMENT = {
    "CLASSROOM": "spring", "ASSIGNMENT": "autograd", "SUBMISSION_TAG": "submit/3", "OWNER": "ada",
    "ASSIGNMENT_TYPE": "individual", "COMMIT_URL": "https://example.org/c/1",
    "RELEASE_URL": "https://example.org/r/3", "GITHUB_ACTOR": "ada", "GITHUB_ACTOR_ID": "7",
    "LTI_USER_ID": "user-7",
}  # fmt: skip


@pytest.fixture
def result():
    """One check of each status, two checks with the same mistake, and extra credit."""

    def check(id_, group, kind, score, most, status, found=None, case=""):
        return CheckResult(id_, f"{id_}: a title", group, kind, score, most, status, found, case)

    checks = (
        check("add", "checkpoint-1", "gradient", 5, 5, "passed"),
        check("mul", "checkpoint-1", "gradient", 1.2, 6, "failed", WRONG, "The product rule."),
        check("pow", "checkpoint-2", "gradient", 0, 2, "error", LATE, "A power."),
        check("paths", "checkpoint-2", "accumulation", 1, 3, "failed", WRONG, "x·x uses x twice."),
        check("calls", "checkpoint-2", "accumulation", 0, 3, "skipped", SKIPPED),
        check("neg", "extra-credit", "gradient", 1, 1, "passed"),
        check("gelu", "extra-credit", "gradient", 0, 1, "failed", WRONG, "GELU."),
    )
    groups = {"checkpoint-1": "Graph", "checkpoint-2": "Engine"}
    return Result(
        submission="05_autograd.ipynb", score=7.2, max_score=19, status="graded",
        outcome=Outcome("partial", "Some checks do not pass."),
        checkpoints=score_checkpoints(
            [Checkpoint(id_, title) for id_, title in groups.items()], checks
        ),
        extra_credit=ExtraCredit(score=1, max_score=2), checks=checks,
        notes=("Code cell 3 stopped at an error; the statements after it still ran.",),
        provenance=PROVENANCE,
    )  # fmt: skip


class Checkpoint:
    def __init__(self, id_, title):
        self.id, self.title, self.pass_at = id_, title, 0.8


@pytest.fixture
def unreadable(config):
    checks = score_checks(config, ())
    return Result(
        submission="notes.txt", score=0, max_score=80, status="error",
        outcome=Outcome("unreadable", "notes.txt is no notebook", "Hand in the notebook itself."),
        checkpoints=score_checkpoints(config.checkpoints, checks),
        extra_credit=score_extra_credit(checks), checks=checks, provenance=PROVENANCE,
    )  # fmt: skip


def report_of(result, **more):
    known = {
        "path": "work/05_autograd.ipynb", "cells": CELLS, "lines": LINES,
        "environment": ENVIRONMENT,
    }  # fmt: skip
    return Report(result=result, **{**known, **more})


def everything(name, report):
    """Return all that a format writes, by where it goes."""
    format_ = find_format(name)
    written = {"": format_.render(report)}
    return written | {variable: render(report) for variable, render in format_.appended.items()}


def test_every_format_of_ours_is_found_by_entry_point():
    assert set(OURS) <= set(format_names())


def test_a_format_that_is_not_there_is_wrong_usage_and_the_others_are_named():
    with pytest.raises(UsageError) as caught:
        find_format("excel")
    assert "junit" in caught.value.remedy


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("kind", ["graded", "unreadable", "public"])
def test_format_is_as_its_golden_file_says(name, kind, result, unreadable, golden):
    public = msgspec.structs.replace(
        result,
        provenance=msgspec.structs.replace(PROVENANCE, cases="public", isolation="none"),
    )
    subject = {"graded": result, "unreadable": unreadable, "public": public}[kind]
    for place, text in everything(name, report_of(subject)).items():
        suffix = f"-{place.lower()}" if place else ""
        golden(f"formats/{kind}/{name}{suffix}.txt", text)


# ---- what readers of the formats make of them ----


def rendered(name, report):
    return find_format(name).render(report)


def test_junit_is_read_back_by_a_parser_of_it(result, tmp_path):
    path = tmp_path / "report.xml"
    path.write_text(rendered("junit", report_of(result)), encoding="utf-8")
    suites = list(junitparser.JUnitXml.fromfile(str(path)))
    cases = {case.name: case for suite in suites for case in suite}
    assert list(cases) == [check.id for check in result.checks]
    assert cases["mul"].classname == "checkpoint-1"
    assert isinstance(cases["mul"].result[0], junitparser.Failure)
    assert isinstance(cases["pow"].result[0], junitparser.Error)
    assert isinstance(cases["calls"].result[0], junitparser.Skipped)
    assert cases["add"].is_passed
    assert (cases["mul"].time, cases["pow"].time) == (0.013, 0.5)
    root = ET.parse(path)  # noqa: S314 # our own text
    found = root.iterfind(".//testcase[@name='mul']/properties/property")
    properties = {entry.get("name"): entry.get("value") for entry in found}
    assert (properties["score"], properties["max_score"]) == ("1.2", "6")
    assert [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in suites] == [
        (2, 1, 0, 0), (3, 1, 1, 1), (2, 1, 0, 0)
    ]  # fmt: skip


def test_a_tests_name_does_not_depend_on_the_score(result):
    better = msgspec.structs.replace(
        result, checks=tuple(msgspec.structs.replace(c, score=0.5) for c in result.checks)
    )

    def names(subject):
        root = ET.fromstring(rendered("junit", report_of(subject)))  # noqa: S314 # our own text
        return [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]

    assert names(result) == names(better)
    assert len(set(names(result))) == len(names(result))


@pytest.mark.parametrize("name", [name for name in OURS if name != "json"])
def test_one_mistake_is_told_in_full_once(name, result):
    written = list(everything(name, report_of(result)).values())
    if name == "classroom-resources":
        written = [json.dumps(describe(report_of(result)))]
    for text in written:
        plain = re.sub(r"[\s\\]+", " ", text)
        assert len(re.findall(r"uses a itself for the +gradient of a", plain)) <= 1


def test_gradescope_keeps_to_its_rules(result):
    document = json.loads(rendered("gradescope", report_of(result)))
    assert document["score"] == 8.2
    assert document["visibility"] == "visible"
    assert document["stdout_visibility"] == "hidden"
    assert sum(test["max_score"] for test in document["tests"]) == result.max_score
    assert round(sum(test["score"] for test in document["tests"]), 2) == document["score"]
    keys = {"score", "max_score", "status", "name", "number", "output", "tags", "extra_data"}
    for test in document["tests"]:
        assert set(test) <= keys
        assert test["status"] in {"passed", "failed"}


def test_classroom50_has_whole_numbers_and_every_field_of_the_runner(result):
    document = json.loads(rendered("classroom50", report_of(result)))
    fields = [
        "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release",
        "review", "datetime", "graded_at",
    ]  # fmt: skip
    assert all(isinstance(document[field], str) and document[field] for field in fields)
    assert document["schema"] == "classroom50/result/v1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["datetime"])
    numbers = [document["score"], document["max-score"]]
    for test in document["tests"]:
        assert set(test) == {"test-name", "passed", "score", "max-score"}
        numbers += [test["score"], test["max-score"]]
    assert all(type(number) is int for number in numbers)
    assert document["score"] == sum(test["score"] for test in document["tests"]) == 820
    assert document["max-score"] == sum(test["max-score"] for test in document["tests"]) == 1900


def test_classroom_resources_has_a_number_for_every_score(result, unreadable):
    for subject, status in ((result, "fail"), (unreadable, "error")):
        document = json.loads(base64.b64decode(rendered("classroom-resources", report_of(subject))))
        assert document["status"] == status
        assert document["tests"]
        assert all(isinstance(test["score"], float | int) for test in document["tests"])
        assert sum(test["score"] for test in document["tests"]) == subject.score


def test_prairielearn_scores_a_share_and_does_not_grade_what_cannot_be_read(result, unreadable):
    document = json.loads(rendered("prairielearn", report_of(result)))
    assert document["gradable"] is True
    assert document["score"] == pytest.approx(7.2 / 19, abs=1e-6)
    assert {"name", "description", "points", "max_points", "message", "output"} == set(
        document["tests"][0]
    )
    refused = json.loads(rendered("prairielearn", report_of(unreadable)))
    assert refused["gradable"] is False
    assert refused["format_errors"] == ["notes.txt is no notebook. Hand in the notebook itself."]


CODE_QUALITY = {  # what GitLab's documentation asks of a report
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"}, "check_name": {"type": "string"},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object", "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "lines": {
                        "type": "object", "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}  # fmt: skip


def test_gitlab_reads_findings_on_the_students_lines(result):
    document = json.loads(rendered("gitlab", report_of(result)))
    jsonschema.validate(document, CODE_QUALITY)
    assert [(entry["check_name"], entry["location"]["lines"]["begin"]) for entry in document] == [
        ("mul", 23), ("pow", 1)
    ]  # fmt: skip
    assert len({entry["fingerprint"] for entry in document}) == len(document)


def test_lti_keeps_a_score_that_nobody_has(result, unreadable):
    score = json.loads(rendered("lti-ags", report_of(result)))
    assert (score["scoreGiven"], score["scoreMaximum"], score["userId"]) == (8.2, 19, "user-7")
    assert (score["activityProgress"], score["gradingProgress"]) == ("Completed", "FullyGraded")
    waiting = json.loads(rendered("lti-ags", report_of(unreadable)))
    assert waiting["gradingProgress"] == "PendingManual"
    assert "scoreGiven" not in waiting


def commands_of(text):
    """Read workflow commands as a runner does: ``::name key=value,…::message``."""
    found = []
    for line in text.splitlines():
        name, told, message = re.fullmatch(r"::([a-z]+) ?([^:]*)::(.*)", line).groups()
        found.append((name, dict(part.split("=", 1) for part in told.split(",")), message))
    return found


def test_github_annotates_the_students_own_lines_once(result):
    written = everything("github", report_of(result))
    annotations = commands_of(written[""])
    assert [name for name, _, _ in annotations] == ["error", "error", "notice"]
    assert annotations[0][1]["file"] == "work/05_autograd.ipynb"
    assert annotations[0][1]["line"] == "23"
    outputs = dict(line.split("=", 1) for line in written["GITHUB_OUTPUT"].splitlines())
    assert (outputs["score"], outputs["max_score"]) == ("7.2", "19")
    assert len(written["GITHUB_STEP_SUMMARY"]) < 1 << 20


# ---- hostile text ----

PAYLOADS = {
    "commands": "\n::error::x\r::add-mask::y\n##[error]z##vso[task.complete]\n::stop-commands::t",
    "markup": "<script>alert(1)</script><img src=x onerror=y>]]>&lt;!--",
    "markdown": "![i](http://e.example/x) [l](javascript:y) **b** `c` | d |\n# h\n@all <b> ~~s~~"
    " www.e.example",
    "formula": "=HYPERLINK(\"http://e.example\")\n+1\n-1\n@SUM(A1)\t=1",
    "terminal": "\x1b]0;title\x07\x1b[31mred\x9b2J\x00\x7f\b\r",
    "direction": "a\u202egnp.ipynb\u2066\u200f\ufeff\u2028\u2029",
    "long": "x" * 5000 + "`" * 300,
}  # fmt: skip
FORBIDDEN_CHARACTERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def poisoned(result, payload):
    """Put a payload into every text of a result that a person wrote."""
    replace = msgspec.structs.replace
    names = {"id", "kind", "status", "checkpoint", "schema", "started", "isolation", "cases"}

    def poison(record):
        changed = {}
        for field in record.__struct_fields__:
            value = getattr(record, field)
            if isinstance(value, str) and field not in names:
                changed[field] = payload
            elif isinstance(value, msgspec.Struct):
                changed[field] = poison(value)
            elif isinstance(value, tuple):
                changed[field] = tuple(
                    poison(part) if isinstance(part, msgspec.Struct) else payload for part in value
                )
        return replace(record, **changed)

    return poison(result)


@pytest.fixture(params=PAYLOADS, ids=list(PAYLOADS))
def hostile(request, result):
    payload = PAYLOADS[request.param]
    return report_of(poisoned(result, payload), path=payload, environment={})


@pytest.mark.parametrize("name", OURS)
def test_hostile_text_holds_no_control_character_and_begins_no_command(name, hostile):
    for text in everything(name, hostile).values():
        assert not FORBIDDEN_CHARACTERS.search(text)
        text.encode("utf-8")
        if name == "github":
            continue  # below
        for line in text.splitlines():
            assert not line.lstrip().startswith("::")
            assert "##[" not in line
            assert "##vso[" not in line


def test_hostile_text_adds_no_workflow_command(hostile, result):
    honest = commands_of(find_format("github").render(report_of(result, environment={})))
    commands = commands_of(find_format("github").render(hostile))
    assert [name for name, _, _ in commands] == [name for name, _, _ in honest]
    assert all(set(told) <= {"file", "line", "endLine", "title"} for _, told, _ in commands)
    assert not any("##[" in message for _, _, message in commands)
    outputs = find_format("github").appended["GITHUB_OUTPUT"](hostile)
    assert len(outputs.splitlines()) == 7


def test_hostile_text_is_text_in_xml(hostile):
    root = ET.fromstring(find_format("junit").render(hostile))  # noqa: S314 # our own text
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "testcase", "properties", "property", "failure", "error",
        "skipped",
    }  # fmt: skip


JSON_FORMATS = ["json", "gitlab", "gradescope", "prairielearn", "classroom50", "lti-ags"]


@pytest.mark.parametrize("name", JSON_FORMATS)
def test_hostile_text_in_json_is_harmless_on_a_page(name, hostile):
    text = find_format(name).render(hostile)
    json.loads(text)
    assert not set("<>&") & set(text)


def test_hostile_text_makes_no_markup_in_markdown(hostile, result):
    reader = MarkdownIt("gfm-like", {"linkify": False, "html": True})

    def tags(text):
        return re.findall(r"<[^>]*>", reader.render(text))

    text = find_format("markdown").render(hostile)
    assert tags(text) == tags(find_format("markdown").render(report_of(result)))
    outside_of_code = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert "@" not in outside_of_code


# ---- places ----


def test_lines_of_a_notebook_are_those_of_its_file(course, solution):
    from autograder.submission.load import load_submission

    text = solution.read_text(encoding="utf-8")
    cells = {cell.index: cell.source for cell in load_submission(solution).cells}
    found = lines_of_cells(text, cells, script=False)
    assert set(found) == set(cells)
    file = text.splitlines()
    for index, numbers in found.items():
        for number, line in zip(numbers, cells[index].splitlines(), strict=True):
            assert json.loads(file[number - 1].strip().removesuffix(",")).rstrip("\n") == line


def test_lines_of_a_notebook_on_one_line_are_unknown():
    text = json.dumps({"cells": [{"cell_type": "code", "source": ["x = 1\n", "y = 2"]}]})
    assert lines_of_cells(text, {0: "x = 1\ny = 2"}, script=False) == {}


def test_lines_of_a_script_are_its_own():
    assert lines_of_cells("a\nb\n", {0: "a\nb\n"}, script=True) == {0: (1, 2, 3)}
