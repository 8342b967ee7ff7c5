"""``pytest --submission FILE`` in the course's folder, each time by a pytest of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import junitparser
import pytest

COURSE = Path(__file__).resolve().parents[2]
RIGHT = COURSE / "tests" / "variants" / "recursive.py"
MUL = "tests/public/rules.py::mul::multiply"


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    path = tmp_path_factory.mktemp("handed-in") / "wrong.py"
    text = RIGHT.read_text(encoding="utf-8")
    path.write_text(text.replace("grad_output * b.data", "grad_output * a.data"), encoding="utf-8")
    return path


def run(*arguments, cwd=COURSE, **environment):
    env = {**os.environ, "AUTOGRADER_SEED": "the plugin's", "CI": "", **environment}
    env = {key: value for key, value in env.items() if not key.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_failure_shows_the_students_lines_and_our_finding(wrong):
    done = run("--submission", wrong, "--cases", "public", MUL)
    assert done.returncode == 1
    assert re.search(r">   class MulBackward\(Function\):\n +def apply", done.stdout)
    assert "E   Tried: MulBackward(a, b).apply(G) for two tensors" in done.stdout
    assert "E   Exactly this comes out when MulBackward uses a itself" in done.stdout
    assert re.search(r"^wrong\.py:\d+: mul-own-first$", done.stdout, re.MULTILINE)
    assert f"FAILED {MUL} - Exactly" in done.stdout
    assert " of 80 points" in done.stdout


def test_junit_of_two_processes_is_read_back_by_a_parser_of_it(wrong, tmp_path):
    path = tmp_path / "report.xml"
    done = run(f"--submission={wrong}", "--cases=public", "-n", "2", f"--junitxml={path}")
    assert done.returncode == 1
    cases = [case for suite in junitparser.JUnitXml.fromfile(str(path)) for case in suite]
    failed = {case.name for case in cases if not case.is_passed}
    assert len({(case.classname, case.name) for case in cases}) == len(cases) == 84
    assert "multiply" in failed
    assert "add_vectors" not in failed
    text = path.read_text(encoding="utf-8")
    assert '<property name="kind" value="gradient"' in text
    assert text.count("uses a itself for the gradient of a") <= 2 * len(failed)


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (("-m", "training"), 2),
        (("-m", "checkpoint_1 and shape"), 2),
        (("-k", "matmul_broadcast"), 2),
        (("tests/05_autograd/test_mul.py",), 2),
        (("tests/05_autograd/::mul",), 2),
        (("tests/05_autograd/",), 84),
        ((), 84),
        ((MUL,), 1),
    ],
    ids=str,
)
def test_cases_are_chosen_as_tests_are(arguments, count):
    done = run("--submission", RIGHT, "--cases", "public", "--collect-only", "-q", *arguments)
    names = [line for line in done.stdout.splitlines() if line.startswith("tests/public/")]
    assert len(names) == count


def test_x_stops_at_the_first_failure(wrong):
    done = run("--submission", wrong, "--cases", "public", "-x")
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "stopping after 1 failures" in done.stdout


def test_hidden_cases_run_by_default_and_show_no_number_of_theirs(wrong, tmp_path):
    """Even with locals asked for: what is shown are words, and the student's own lines."""
    path = tmp_path / "report.xml"
    done = run("--submission", wrong, "-l", "-vv", "--tb=long", f"--junitxml={path}", "-m", "shape")
    assert done.returncode == 1
    shown = done.stdout + path.read_text(encoding="utf-8")
    assert "tests/hidden/shape.py::broadcasting::multiply_rows_and_columns" in shown
    numbers = set(re.findall(r"\d+\.\d{4,}", shown))
    times = set(re.findall(r'time="(\d+\.\d+)"', shown)) | set(re.findall(r"in (\d+\.\d+)s", shown))
    stamps = {number for number in numbers if re.search(rf":{number}", shown)}
    assert numbers <= times | stamps
    assert "array(" not in shown.replace("np.array(", "")


def test_a_submission_that_cannot_be_read_is_wrong_usage(tmp_path):
    path = tmp_path / "broken.ipynb"
    path.write_text("{", encoding="utf-8")
    done = run("--submission", path, "--cases", "public")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ends in the middle" in done.stderr


def test_hidden_cases_without_isolation_are_refused_in_ci(wrong):
    done = run("--submission", wrong, "--isolation", "none", CI="true")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "secret seed" in done.stderr


def test_without_a_submission_the_plugin_takes_no_part(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    done = run(cwd=tmp_path)
    assert done.returncode == 0
    assert "submission:" not in done.stdout
