"""collect, attempts, status and init as they are typed."""

import json
import subprocess
import sys
import zipfile

import people
import pytest
from click.testing import CliRunner

from autograder.cli import init as init_module
from autograder.cli.main import main
from autograder.collect.sources import all_sources


@pytest.fixture
def run(classroom, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def call(*arguments, course=classroom.course):
        named = ["--course", str(course)] if course else []
        return CliRunner().invoke(main, [*named, *map(str, arguments)])

    return call


@pytest.fixture
def download(students, tmp_path):
    path = tmp_path / "canvas.zip"
    path.write_bytes(people.zipped(people.canvas(students)))
    return path


def test_exit_status_says_whether_something_needs_a_look(run, make_layout, download, tmp_path):
    assert run("collect", download).exit_code == 3
    assert run("collect", tmp_path / "nothing").exit_code == 2
    assert run("collect", "--from", "nonsense", download).exit_code == 2
    quiet = make_layout(roster="id,name\nada,Ada\n", name="quiet").course
    files = people.write({"ada.ipynb": people.notebook("ada")}, tmp_path / "one")
    assert run("collect", files, course=quiet).exit_code == 0
    (quiet / "roster.csv").write_text("id,name\nada,Ada\nben,Ben\n", encoding="utf-8")
    done = run("collect", files, course=quiet)
    assert done.exit_code == 3
    assert "ben" in done.output
    assert "missing" in done.output


def test_json_tells_of_every_file(run, download, students):
    document = json.loads(run("collect", "--format", "json", download).stdout)
    assert document["schema"] == "autograder/collected/v1"
    assert document["needs_a_look"] is True
    told = {row["file"] for row in document["rows"]}
    for name in people.canvas(students):
        own = name.split("_", 3)[-1]
        assert any(name == file or file.endswith(f": {own}") for file in told) or own in {
            "helper.py", "05_autograd.ipynb",
        }, name  # fmt: skip


def test_attempts_of_a_student_are_shown(run, download, students):
    run("collect", download)
    both = next(s for s in students if s.wanted == people.notebook("in time"))
    shown = run("attempts", both.id)
    assert shown.exit_code == 0
    assert shown.output.count("unknown") == 2  # Canvas tells no time
    assert "counts" in shown.output
    assert "late" in shown.output
    assert run("attempts", "nobody").exit_code == 2


def test_status_counts_and_names_the_next_command(run, download):
    assert "autograder release" in run("status").output
    before = json.loads(run("status", "--format", "json").stdout)
    assert (before["collected"], before["roster"]) == (0, 66)
    run("collect", download)
    after = json.loads(run("status", "--format", "json").stdout)
    assert after["collected"] == 63
    assert len(after["missing"]) == 2
    assert after["excused"] == 1
    assert len(after["changed"]) == 63


def test_names_are_harmless_on_a_terminal(run, tmp_path):
    people.write(
        {"\x1b[31mred::error.pdf": b"%PDF", "Ben.ipynb": people.notebook("x")}, tmp_path / "d"
    )
    shown = run("collect", tmp_path / "d").output
    assert "\x1b[31m" not in shown
    assert "::error" not in shown


def test_init_makes_an_approved_course_that_releases_and_keeps_its_secrets(run, tmp_path):
    target = tmp_path / "mine"
    assert run("init", target, course=None).exit_code == 0
    for name in init_module.TEMPLATE:
        assert (target / name).exists()
    subprocess.run(["git", "init", "--quiet"], cwd=target, check=True)
    for secret in (".autograder/seed", "gradebook.db", "submitted/ada/x", "roster.csv"):
        assert (
            subprocess.run(
                ["git", "check-ignore", "--quiet", secret], cwd=target, check=False
            ).returncode
            == 0
        )
    there = subprocess.run([sys.executable, "-m", "autograder", "status"], cwd=target,
                           capture_output=True, text=True, check=False)  # fmt: skip
    assert "autograder release" in there.stdout, there.stderr
    assert run("init", target, course=None).exit_code == 2


def test_template_is_in_the_wheel_and_nothing_else_of_the_repository(tmp_path, course):
    import tomllib

    project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {name: f"autograder/template/{name}" for name in init_module.TEMPLATE}
    declared = project["project"]["entry-points"]["autograder.sources"]
    assert set(declared) == set(all_sources())


def test_a_source_of_another_package_is_found(monkeypatch, tmp_path, make_layout):
    from importlib.metadata import EntryPoint

    from autograder.collect import sources
    from autograder.collect.gather import collect

    (tmp_path / "mylms.py").write_text(
        "from autograder.collect.model import Claim, HandIn\n"
        "from autograder.collect.sources.base import Source\n"
        "class Mine(Source):\n"
        "    name = 'mylms'\n"
        "    rank = 1\n"
        "    def recognises(self, place):\n"
        "        return (place.path / 'mine').exists()\n"
        "    def hand_ins(self, place):\n"
        "        yield HandIn((Claim(('ada',)),), (('a.py', place.path / 'mine'),), 'mine')\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("mylms", "mylms:Mine", sources.GROUP)
    monkeypatch.setattr(sources, "entry_points", lambda group: [point])
    layout = make_layout()
    people.write({"mine": people.script("ada")}, tmp_path / "d")
    assert collect([tmp_path / "d"], layout).sources[0][1] == "mylms"
    assert layout.submission("ada").read_bytes() == people.script("ada")


def test_a_zip_of_a_class_in_a_folder_is_a_class(make_layout, tmp_path):
    from autograder.collect.gather import collect

    files = {f"top/{s}/05_autograd.ipynb": people.notebook(s) for s in ("ada", "ben")}
    path = tmp_path / "all.zip"
    path.write_bytes(people.zipped(files))
    assert zipfile.is_zipfile(path)
    assert collect([path], make_layout()).changed("new") == ("ada", "ben")
