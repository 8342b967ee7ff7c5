"""nbgrader's own commands in a course with our configuration, and in one where it was left out."""

import shutil
from argparse import Namespace

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets import TraitError
from traitlets.config import Config, PyFileConfigLoader

from autograder.cli.context import open_layout
from autograder.collect.standing import standing
from autograder.course.agreement import find_differences, repair
from autograder.course.journal import Journal
from autograder.course.layout import GRADEBOOK_VARIABLE
from autograder.errors import UsageError
from autograder.nbgrader_plugin.configuration import FILE, keep_configuration
from autograder.nbgrader_plugin.exporters import course_of

STUDENTS = ["ada", "eve", "ian"]


@pytest.fixture(scope="module")
def graded(made):
    """The class after ``nbgrader autograde``."""
    said, status = made.nbgrader(["autograde", "05_autograd"])
    assert status == [0], said
    return made


def test_nbgrader_gives_the_grades_of_autograder(graded):
    theirs = {student: graded.grades(student) for student in STUDENTS}
    points, comments, score = theirs["ada"]
    assert 80 < score < 92
    assert points["test_accumulation"][0] < 6
    assert "second backward call" in comments["zero_grad"][0]
    assert theirs["ian"][2] == 92
    assert {one[0] for one in theirs["eve"][0].values()} == {None}
    assert all(Journal(graded.layout).read(student) for student in STUDENTS)
    assert find_differences(graded.layout, STUDENTS) == {}
    assert "3 graded" in graded.autograder("grade", "--force")
    assert {student: graded.grades(student) for student in STUDENTS} == theirs


def test_a_submission_steals_the_seed_where_nbgrader_runs_it_and_not_from_the_sandbox(graded):
    assert not graded.marker.exists()
    # The same submission with nbgrader's own engine: the thief is a real one.
    configuration = graded.folder / FILE
    configuration.rename(graded.folder / "aside")
    said, status = graded.nbgrader(
        ["autograde", "05_autograd", "--student=ian", "--force", "--course=autograd"]
    )
    (graded.folder / "aside").rename(configuration)
    assert status == [0], said
    assert graded.marker.read_text() == (graded.folder / ".autograder" / "seed").read_text()
    graded.marker.unlink()
    # Nobody's score is as it was given, and grade and status say for whom.
    told = graded.autograder("grade")
    assert "0 graded, 3 unchanged" in told
    assert "for 1 student:\n  ian: " in told
    assert "autograder grade --repair" in told
    found = standing(graded.layout)
    assert (found.differing, found.next) == (("ian",), "autograder grade --repair")
    assert "repaired: 1 student" in graded.autograder("grade", "--repair")
    assert find_differences(graded.layout, STUDENTS) == {}
    assert not graded.marker.exists()


def change(course, student, alter):
    from nbgrader.api import Gradebook

    with Gradebook(course.layout.gradebook_url) as book:
        notebook = book.find_submission_notebook("05_autograd", "05_autograd", student)
        alter({one.name: one for one in notebook.grades},
              {one.name: one for one in notebook.comments})  # fmt: skip
        book.db.commit()


def test_what_people_enter_is_no_difference_and_stays(graded):
    def grade_by_hand(grades, comments):
        grades["systems_pytorch"].manual_score = 4
        grades["test_mul"].manual_score = 5.5
        grades["test_add"].extra_credit = 1
        comments["systems_pytorch"].manual_comment = "Well argued."

    change(graded, "ada", grade_by_hand)
    assert find_differences(graded.layout, STUDENTS) == {}
    entered = graded.grades("ada")
    assert repair(graded.layout, ["ada"]) == {}
    assert graded.grades("ada")[1:] == entered[1:]
    assert [graded.grades("ada")[0][name][1:3] for name in ("test_mul", "test_add")] == [
        (5.5, None), (None, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("student", "cell", "score", "words"),
    [
        ("ada", "test_mul", 1.25, "test_mul has 1.25, and 6 was given"),
        ("eve", "test_mul", 0.0, "test_mul has 0, and no score was given"),
    ],
)
def test_another_score_is_told_and_mended(graded, student, cell, score, words):
    before = graded.grades(student)
    change(graded, student, lambda grades, _: setattr(grades[cell], "auto_score", score))
    assert find_differences(graded.layout, STUDENTS) == {student: words}
    assert repair(graded.layout, [student]) == {}
    assert graded.grades(student) == before


def test_a_notebook_that_formgrader_lacks_is_told_and_written_again(graded):
    path = graded.layout.autograded("ada")
    before = path.read_bytes()
    path.unlink()
    assert find_differences(graded.layout, STUDENTS) == {"ada": "formgrader's notebook is missing"}
    assert repair(graded.layout, ["ada"]) == {}
    assert path.read_bytes() == before


def test_a_gradebook_that_is_gone_is_told_for_everybody(graded, tmp_path):
    book = graded.folder / "gradebook.db"
    book.rename(tmp_path / "aside")
    found = find_differences(graded.layout, STUDENTS)
    assert not book.exists()
    (tmp_path / "aside").rename(book)
    assert found == dict.fromkeys(STUDENTS, "the gradebook has nothing")


def test_the_unreadable_has_a_notice_and_no_claim_about_its_cells(graded):
    notebook = nbformat.read(graded.layout.autograded("eve"), as_version=4)
    nbformat.validate(notebook)
    assert "could not be read" in notebook.cells[0].source
    assert "submitted/eve/05_autograd/05_autograd.ipynb" in notebook.cells[0].source
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "no such cell" not in text
    assert "put the released text back" not in text
    _, comments, _ = graded.grades("eve")
    assert {one[0] for one in comments.values()} == {None}


def test_a_student_without_names_is_called_by_the_id(graded):
    from nbgrader.api import Gradebook

    with Gradebook(graded.layout.gradebook_url) as book:
        names = {one.id: (one.last_name, one.first_name) for one in book.students}
    assert names == {student: (student, "") for student in STUDENTS}


def test_formgrader_finds_one_assignment_and_everybody_is_graded(graded):
    settings = Config()
    settings.CourseDirectory.root = str(graded.folder)
    api = NbGraderAPI(config=settings)
    assert api.get_source_assignments() == {"05_autograd"}
    assert api.get_autograded_students("05_autograd") == set(STUDENTS)


def test_pages_are_ours_and_are_released(graded):
    """And a student who was not graded by us gets none."""
    graded.exchange.mkdir(mode=0o777)
    graded.exchange.chmod(0o777)
    (graded.layout.collected("ada") / "submission_secret.txt").write_text("secret")
    graded.autograder("feedback", "--student=ada", "--force")
    ours = graded.layout.feedback("ada").read_bytes()
    result = graded.layout.result("ian")
    result.rename(result.with_name("aside"))
    said, status = graded.nbgrader(
        ["generate_feedback", "05_autograd", "--student=ada", "--force"],
        ["release_feedback", "05_autograd", "--student=ada", f"--Exchange.root={graded.exchange}"],
        ["release_assignment", "05_autograd", f"--Exchange.root={graded.exchange}"],
        ["export", "--to=grades.csv"],
        ["generate_feedback", "05_autograd", "--student=ian", "--force"],
    )
    result.with_name("aside").rename(result)
    assert status == [0, 0, 0, 0, 1], said
    assert "no page: ian: not graded: autograder grade --student ian" in said
    assert graded.layout.feedback("ada").read_bytes() == ours
    assert b"default-src 'none'" in ours
    (released,) = (graded.exchange / "autograd" / "feedback").glob("*.html")
    assert released.read_bytes() == ours
    outbound = graded.exchange / "autograd" / "outbound" / "05_autograd" / "05_autograd.ipynb"
    assert outbound.read_bytes() == graded.layout.released_notebook.read_bytes()
    assert "05_autograd,None" not in (graded.folder / "grades.csv").read_text()
    assert not graded.layout.feedback("ian").exists()


def test_zip_collect_validate_and_autograde_work_as_documented(graded, tmp_path):
    archive = graded.folder / "downloaded" / "05_autograd" / "archive"
    archive.mkdir(parents=True)
    shutil.copy(graded.layout.released_notebook, archive / "ben_05_autograd.ipynb")
    at_home = tmp_path / "05_autograd"
    shutil.copytree(graded.layout.release, at_home)
    said, status = graded.nbgrader(
        ["zip_collect", "05_autograd",
         r"--FileNameCollectorPlugin.named_regexp=.*/(?P<student_id>\w+?)_(?P<file_id>\w+)\.ipynb$"],
        ["autograde", "05_autograd", "--student=ben"],
        ["validate", str(at_home / "05_autograd.ipynb")],
    )  # fmt: skip
    assert status == [0, 0, 0], said
    assert said.count("The following cell failed") == 25
    assert graded.grades("ben")[2] == 0
    assert Journal(graded.layout).read("ben").outcome.id == "blank"
    shutil.rmtree(graded.layout.collected("ben").parent)


def test_failure_reaches_the_log_and_costs_nobody_a_grade(graded):
    before = graded.grades("ada")
    with Journal(graded.layout).locked():
        said, status = graded.nbgrader(["autograde", "05_autograd", "--student=ada", "--force"])
    assert status == [1]
    assert "Another run is grading this course" in said
    assert graded.grades("ada") == before
    assert find_differences(graded.layout, ["ada"]).keys() == {"ada"}
    assert repair(graded.layout, ["ada"]) == {}
    assert graded.layout.autograded("ada").is_file()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("db_url", "sqlite:///other.db"),
        ("submitted_directory", "handed_in"),
        ("autograded_directory", "graded"),
        ("feedback_directory", "pages"),
        ("directory_structure", "{nbgrader_step}/{assignment_id}/{student_id}"),
    ],
)
def test_folders_that_are_not_the_courses_are_refused(made, name, value):
    named = {"nbgrader": {"student": "ada", "assignment": "05_autograd"}}
    other = {"nbgrader": {"student": "ada", "assignment": "06_optimisers"}}
    converter = Namespace(coursedir=CourseDirectory(root=str(made.folder)))
    assert course_of(converter, named) == made.layout
    assert course_of(converter, other) is None
    setattr(converter.coursedir, name, value)
    with pytest.raises(UsageError, match="is not the course's"):
        course_of(converter, named)


def test_a_folder_that_is_no_course_is_refused(tmp_path):
    converter = Namespace(coursedir=CourseDirectory(root=str(tmp_path)))
    with pytest.raises(UsageError, match=r"no config\.yaml"):
        course_of(converter, {})


def test_a_class_that_cannot_be_imported_stops_nbgrader():
    settings = Config()
    settings.Autograde.exporter_class = "autograder.nbgrader_plugin.gone.GradedNotebook"
    with pytest.raises(TraitError, match="exporter_class"):
        Autograde(coursedir=CourseDirectory(), config=settings)


def test_configuration_is_kept_and_other_lines_stay(course, tmp_path):
    shutil.copy(course / "config.yaml", tmp_path)
    layout, path = open_layout(tmp_path), tmp_path / FILE
    path.write_text("c = get_config()\nc.CourseDirectory.course_id = 'old'\n", encoding="utf-8")
    assert keep_configuration(layout)
    made = path.read_text(encoding="utf-8")
    assert made.startswith("c = get_config()\n")
    assert keep_configuration(layout) == ""
    path.write_text(made.replace("GradedNotebook", "Gone") + "# mine\n", encoding="utf-8")
    assert keep_configuration(layout)
    assert path.read_text(encoding="utf-8") == made + "# mine\n"


@pytest.mark.parametrize(
    ("named", "variable", "url"),
    [
        ("", "", None),
        ("postgresql://db.example.edu/a", "", "postgresql+psycopg://db.example.edu/a"),
        ("postgresql://g:secret@db.example.edu/a", "", None),
        ("postgresql://g@db.example.edu/a?password=secret", "", None),
        ("", "postgres://g:secret@there/b", "postgresql+psycopg://g:secret@there/b"),
        ("postgresql://here/a", "postgresql://there/b", "postgresql+psycopg://there/b"),
    ],
)
def test_nbgrader_is_told_of_a_database_server_and_the_file_of_no_password(
    course, tmp_path, monkeypatch, named, variable, url
):
    text = (course / "config.yaml").read_text(encoding="utf-8")
    (tmp_path / "config.yaml").write_text(f"{text}\ngradebook: '{named}'\n", encoding="utf-8")
    monkeypatch.setenv(GRADEBOOK_VARIABLE, variable)
    layout = open_layout(tmp_path)
    keep_configuration(layout)
    assert "secret" not in (tmp_path / FILE).read_text(encoding="utf-8")
    loaded = PyFileConfigLoader(FILE, str(tmp_path)).load_config()
    assert loaded.CourseDirectory.get("db_url") == url
    if url:
        assert layout.gradebook_url == url


def test_configuration_that_nbgrader_would_do_without_is_refused(course, tmp_path):
    shutil.copy(course / "config.yaml", tmp_path)
    (tmp_path / FILE).write_text("c = get_config()\nc.Exchange.root = /srv\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 2 is not valid Python"):
        keep_configuration(open_layout(tmp_path))


def test_this_repository_has_the_configuration_that_a_course_gets(course, tmp_path):
    for name in ("config.yaml", FILE):
        shutil.copy(course / name, tmp_path)
    assert keep_configuration(open_layout(tmp_path)) == ""
