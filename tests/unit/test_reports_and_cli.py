import json
import shutil
from io import StringIO

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from autograder.cli import main
from autograder.grades import Member, StudentGrade
from autograder.grading.score import score_checkpoints, score_checks, score_extra_credit
from autograder.model import Outcome, Provenance, Result, decode_result, encode_result
from autograder.reports.boundary import in_json, on_page, on_terminal
from autograder.reports.classtable import class_row, render_class
from autograder.reports.text import points, render_result

HOSTILE = 'a]]>&<b>"\x1b[31m\x00\n::error::x'
CANARIES = {
    "escape": "\x1b[31m", "bell": "\x07", "runs backwards": "\u202e", "half": "\udce9",
    "github": "::error::owned", "azure": "##[error]owned", "teamcity": "##teamcity[owned]",
    "return": "x\r::error::owned", "line": "x\n::error::owned", "c1": "\x9b31m",
    "separator": "\u2028::error::owned",
}  # fmt: skip
COMMANDS = [
    "run", "release", "collect", "grade", "feedback", "inspect", "cases", "audit", "fairness",
    "demo", "doctor", "ci", "bundle", "export", "history", "regrade", "overview", "status",
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
    long = Member("a_rather_long_student_name", first="Maximiliana Theodora", last="von der Au")
    grades = {
        long.id: StudentGrade(
            member=long, state="outdated", work="outdated", total=1234.56, max_score=100,
            late_penalty=12.5, waiting=("q",), checkpoints=result.checkpoints,
        ),
        "eve": StudentGrade(member=Member("eve"), state="ungraded", work="ungraded"),
    }  # fmt: skip
    text = printed(render_class({long.id: class_row(result)}, {"eve": "no sandbox"}, grades))
    assert "1234.56…" in text
    assert "Theodora" in text
    assert "1 wait for a hand grade" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "not graded: no sandbox" in text


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


@pytest.mark.parametrize("command", [*COMMANDS, "add check"])
def test_help_fits_a_terminal(command):
    shown = CliRunner().invoke(main, [*command.split(), "--help"], terminal_width=80)
    assert shown.exit_code == 0
    assert [line for line in shown.output.splitlines() if len(line) > 80] == []


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


def unharmed(text):
    """Tell what a terminal or a CI log would act on."""
    raw = [char for char in text if not char.isprintable() and char != "\n"]
    return raw + [order for order in ("::", "##") if order in text]


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
def test_each_boundary_makes_text_harmless(canary):
    assert unharmed(on_terminal(canary)) == []
    assert "\n" not in on_terminal(canary)
    assert all(char.isprintable() or char == "\n" for char in on_page(canary))
    document = msgspec.json.encode({"key": canary.replace("\udce9", "é"), "n": [1, {}]}).decode()
    assert unharmed(in_json(document)) == []
    assert json.loads(in_json(document)) == json.loads(document)


def test_json_keeps_characters_beyond_the_basic_plane():
    assert json.loads(in_json('["😀·"]')) == ["😀·"]
    assert in_json('["😀·"]').isascii()


@pytest.fixture
def hostile_course(course, tmp_path):
    """A course in whose folder files and students have every canary in their names."""
    shutil.copy(course / "config.yaml", tmp_path)
    for name in ("source", "release", "tests/hidden"):
        shutil.copytree(course / name, tmp_path / name)
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    for canary in CANARIES.values():
        (downloads / f"{canary}.ipynb").write_text("{", encoding="utf-8")
    return tmp_path


def in_course(course, *arguments):
    runner = CliRunner(env={"AUTOGRADER_SEED": "x"})
    shown = runner.invoke(main, ["--course", str(course), *arguments])
    assert shown.exception is None or isinstance(shown.exception, SystemExit), shown.exception
    return shown


@pytest.mark.parametrize("format_", ["text", "json", "junit"])
@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
def test_no_file_name_reaches_the_output_of_run_raw(hostile_course, canary, format_):
    path = hostile_course / "downloads" / f"{canary}.ipynb"
    shown = in_course(hostile_course, "run", str(path), "--format", format_, "--isolation", "none")
    assert shown.exit_code == 3
    assert unharmed(shown.stdout) == []
    assert unharmed(shown.stderr) == []


def test_no_file_name_reaches_the_output_of_collect_raw(hostile_course):
    shown = in_course(hostile_course, "collect", str(hostile_course / "downloads"))
    assert shown.exit_code == 3
    assert unharmed(shown.stdout + shown.stderr) == []
    for canary in CANARIES.values():
        shown = in_course(hostile_course, "collect", str(hostile_course / canary))
        assert shown.exit_code == 2
        assert unharmed(shown.stdout + shown.stderr) == []


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
def test_no_name_reaches_the_table_or_an_error_raw(hostile_course, result, canary):
    hostile = StudentGrade(member=Member(canary, first=canary), state="missing", work="missing")
    table = render_class({canary: class_row(result)}, {canary: canary}, {canary: hostile})
    assert unharmed(printed(table)) == []
    for arguments in (["grade", "--student", canary], ["inspect", canary], [f"--{canary}"],
                      ["cases", "--check", canary], ["run", "x.py", "--seed-from", canary],
                      ["run", "x.py", f"--{canary}"], ["trust", canary]):  # fmt: skip
        shown = in_course(hostile_course, *arguments)
        assert shown.exit_code in {2, 4}
        assert unharmed(shown.stdout + shown.stderr) == []


def run_on(course, *arguments, **environment):
    runner = CliRunner(env={"AUTOGRADER_SEED": "x", "CI": "", **environment})
    return runner.invoke(main, ["--course", str(course), "run", *map(str, arguments)])


def test_several_formats_go_to_several_places(course, tmp_path):
    report, summary = tmp_path / "deep" / "report.xml", tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    shown = run_on(
        course, tmp_path / "no.ipynb", "--format", "github", "--format", f"junit={report}",
        GITHUB_STEP_SUMMARY=str(summary),
    )  # fmt: skip
    assert shown.exit_code == 3
    assert shown.stdout.startswith("::error ")
    assert report.read_text(encoding="utf-8").startswith("<?xml")
    assert summary.read_text(encoding="utf-8").startswith("before\n## Not graded")


def test_two_formats_on_standard_output_are_wrong_usage(course, tmp_path):
    shown = run_on(course, tmp_path / "no.ipynb", "--format", "json", "--format", "junit")
    assert shown.exit_code == 2
    assert "standard output" in shown.output


def test_format_that_is_not_there_is_wrong_usage(course, tmp_path):
    shown = run_on(course, tmp_path / "no.ipynb", "--format", "excel")
    assert shown.exit_code == 2
    assert "junit" in shown.output


def test_file_of_an_earlier_run_is_gone_when_a_run_fails(course, tmp_path):
    report = tmp_path / "report.json"
    report.write_text("an earlier run's", encoding="utf-8")
    shown = run_on(
        tmp_path, tmp_path / "no.ipynb", "--format", f"json={report}"
    )  # there is no course
    assert shown.exit_code == 2
    assert not report.exists()


def test_hidden_cases_without_isolation_are_refused_in_ci(course, tmp_path):
    shown = run_on(course, tmp_path / "no.ipynb", "--isolation", "none", CI="true")
    assert shown.exit_code == 2
    assert "seed" in shown.output


def test_public_cases_without_isolation_may_run_in_ci_and_the_result_says_so(course, solution):
    shown = run_on(
        course, solution, "--cases", "public", "--isolation", "none", "--format", "json", CI="true"
    )
    result = json.loads(shown.stdout)
    assert (result["score"], result["provenance"]["isolation"]) == (80, "none")
    assert result["provenance"]["cases"] == "public"


def test_public_cases_need_no_seed_and_draw_other_inputs_for_another_file(course, tmp_path):
    digests = []
    for text in ("x = 1\n", "x = 1\n", "x = 2\n"):
        path = tmp_path / "submission.py"
        path.write_text(text, encoding="utf-8")
        shown = run_on(course, path, "--cases", "public", "--format", "json", AUTOGRADER_SEED="")
        digests.append(json.loads(shown.stdout)["provenance"]["seed_digest"])
    assert digests[0] == digests[1] != digests[2]


def test_a_grade_with_public_cases_can_be_repeated_from_its_result(course, tmp_path):
    path, first = tmp_path / "submission.py", tmp_path / "result.json"
    path.write_text("x = 1\n", encoding="utf-8")
    run_on(course, path, "--cases", "public", "--format", f"json={first}")
    shown = run_on(course, path, "--seed-from", first)
    assert shown.exit_code == 0
    assert "the same result, check by check" in shown.stderr
