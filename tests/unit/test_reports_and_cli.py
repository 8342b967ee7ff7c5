import json
import xml.etree.ElementTree as ET
from io import StringIO

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from autograder.cli import main
from autograder.grading.score import score_checkpoints, score_checks, score_extra_credit
from autograder.model import Outcome, Provenance, Result, decode_result, encode_result
from autograder.reports.classtable import class_row, render_class
from autograder.reports.junit import render_junit
from autograder.reports.text import points, render_result

HOSTILE = 'a]]>&<b>"\x1b[31m\x00\n::error::x'
COMMANDS = [
    "run", "release", "collect", "grade", "feedback", "inspect", "cases", "audit", "fairness",
    "demo", "doctor",
]  # fmt: skip


@pytest.fixture
def result(config):
    checks = score_checks(config, ())
    return Result(
        submission=HOSTILE, score=0, max_score=80, status="graded",
        outcome=Outcome("partial", "Some checks do not pass."),
        checkpoints=score_checkpoints(config.checkpoints, checks),
        extra_credit=score_extra_credit(checks), checks=checks, notes=("A note.",),
        provenance=Provenance("1", "c", "s", "f", "none", "now", 1.0),
    )  # fmt: skip


def printed(renderable, width=80):
    stream = StringIO()
    Console(file=stream, width=width, highlight=False).print(renderable)
    return stream.getvalue()


def test_result_survives_json(result):
    assert decode_result(encode_result(result)) == result


def test_result_of_another_schema_is_refused(result):
    changed = json.loads(encode_result(result))
    changed["schema"] = "autograder/result/v2"
    with pytest.raises(msgspec.ValidationError):
        decode_result(json.dumps(changed).encode())


def test_text_report_holds_no_control_character_and_fits_eighty_columns(result):
    text = printed(render_result(result))
    assert "\x1b" not in text
    assert "\x00" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_class_table_fits_eighty_columns(result):
    rows = {"a_rather_long_student_name": class_row(result)}
    text = printed(render_class(rows, {"eve": "no sandbox"}))
    assert max(map(len, text.splitlines())) <= 80
    assert "not graded: no sandbox" in text


def test_junit_counts_and_escapes(result):
    root = ET.fromstring(render_junit(result))  # noqa: S314 # our own text
    suites = root.findall("testsuite")
    assert [suite.get("tests") for suite in suites] == ["9", "17", "11"]
    assert suites[0].get("errors") == "9"
    assert len(root.findall(".//testcase/error")) == 37
    assert "function-base (0/4)" in {case.get("name") for case in root.iter("testcase")}


@pytest.mark.parametrize(
    ("value", "text"), [(4.0, "4"), (3.75, "3.75"), (2.5, "2.5"), (0, "0"), (40, "40")]
)
def test_points_are_written_without_needless_decimals(value, text):
    assert points(value) == text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_shows_an_example(command):
    shown = CliRunner().invoke(main, [command, "--help"])
    assert shown.exit_code == 0
    assert f"autograder {command}" in shown.output.split("Example")[1]


def test_help_names_every_command():
    shown = CliRunner().invoke(main, ["--help"]).output
    assert all(f"  {command} " in shown for command in COMMANDS)


def test_unknown_option_is_wrong_usage():
    assert CliRunner().invoke(main, ["run", "x.py", "--nonsense"]).exit_code == 2


def test_outside_a_course_the_command_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(main, ["cases"])
    assert shown.exit_code == 2
    assert "--course" in shown.output


def test_missing_submission_cannot_be_graded_and_standard_output_is_json(course, tmp_path):
    arguments = ["--course", str(course), "run", str(tmp_path / "no.ipynb"), "--format", "json"]
    shown = CliRunner(env={"AUTOGRADER_SEED": "x"}).invoke(main, arguments)
    assert shown.exit_code == 3
    assert json.loads(shown.stdout)["outcome"]["id"] == "unreadable"


def test_cases_lists_the_cases_of_one_check(course):
    shown = CliRunner().invoke(main, ["--course", str(course), "cases", "--check", "mul"])
    assert "d(a·b)/da is b" in shown.output
    assert (
        CliRunner().invoke(main, ["--course", str(course), "cases", "--check", "x"]).exit_code == 2
    )


def test_seed_from_a_file_that_is_no_result_is_wrong_usage(course, tmp_path):
    path = tmp_path / "result.json"
    path.write_text("{}", encoding="utf-8")
    arguments = ["--course", str(course), "run", "x.py", "--seed-from", str(path)]
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 2
    assert "is not a result" in shown.output
