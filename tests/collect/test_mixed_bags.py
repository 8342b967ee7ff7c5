"""What a first download holds: several files at once, nothing that says whose, and odd names."""

import people
import pytest

from autograder.collect.gather import collect
from autograder.errors import UsageError

NOTEBOOK, DAMAGED = people.notebook, b"PK\x03\x04 and then nothing"


@pytest.fixture
def take(make_layout, tmp_path):
    layout = make_layout()

    def collected(files):
        account = collect([people.write(files, tmp_path / "download")], layout)
        return account, {(row.student, row.status, row.detail) for row in account.rows}

    return layout, collected


def test_damaged_archive_beside_a_notebook_costs_only_itself(take):
    layout, collected = take
    start = "M5_ada_attempt_2026-03-01-10-00-00"
    _, told = collected({f"{start}.txt": b"", f"{start}_05_autograd.ipynb": NOTEBOOK("ada"),
                         f"{start}_notes.docx": DAMAGED, f"{start}_data.zip": DAMAGED})  # fmt: skip
    assert layout.submission("ada").read_bytes() == NOTEBOOK("ada")
    assert ("ada", "not a submission", "") in told
    assert ("ada", "unreadable", "the zip archive is cut off or damaged") in told


def test_file_that_was_taken_of_several_is_named(take):
    _, collected = take
    account, _ = collected({"leeann_1_21_photo.png": b"\x89PNG",
                            "leeann_1_22_05_autograd.ipynb": NOTEBOOK("x")})  # fmt: skip
    assert [row.file for row in account.of("taken")] == ["leeann_1: 05_autograd.ipynb"]
    assert [row.file for row in account.of("not a submission")] == ["leeann_1: photo.png"]


def test_two_that_nothing_tells_apart_are_named_and_need_a_look(take):
    layout, collected = take
    account, told = collected({"lee_1_21_draft.ipynb": NOTEBOOK("a"),
                               "lee_1_22_final.ipynb": NOTEBOOK("b")})  # fmt: skip
    reason = "it holds 2 files that could be the hand-in: draft.ipynb, final.ipynb"
    assert told == {("1", "unreadable", reason)}
    assert account.needs_a_look
    assert layout.students() == []


@pytest.mark.parametrize(
    "files",
    [{"lee_1_21_notes.txt": b"what I did"}, {"lee_1_text.html": b"<p>see above"},
     {"lee_1_link.html": b"<a>"}],
    ids=["essay", "typed", "link"],
)  # fmt: skip
def test_what_is_no_submission_belongs_to_its_student(files, take):
    _, collected = take
    account, _ = collected(files | {"loi_2_31_05_autograd.ipynb": NOTEBOOK("x")})
    assert [row.student for row in account.of("not a submission")] == ["1"]
    assert account.of("unreadable") == ()


def test_student_who_typed_into_moodle_is_named(make_layout, tmp_path):
    layout = make_layout(roster="id,name\nada,Ada Love\nben,Ben Lee\n")
    files = {"Ada Love_1_assignsubmission_onlinetext/onlinetext.html": b"<p>x",
             "Ben Lee_2_assignsubmission_file/a.ipynb": NOTEBOOK("b")}  # fmt: skip
    account = collect([people.write(files, tmp_path / "d")], layout)
    assert {(row.student, row.status) for row in account.rows} == {
        ("ada", "not a submission"), ("ada", "missing"), ("ben", "taken"),
    }  # fmt: skip
    assert [row.detail for row in account.of("missing")] == ["no submission in it"]


def test_students_own_number_in_a_name_is_no_resubmission(take):
    layout, collected = take
    collected({"lee_1_21_hw-2.ipynb": NOTEBOOK("first"), "lee_1_35_hw-1.ipynb": NOTEBOOK("later")})
    assert layout.submission("1").read_bytes() == NOTEBOOK("later")


def test_gradescope_number_is_nobody_where_the_metadata_leave_it_out(take):
    layout, collected = take
    listed = "submission_{0}:\n  :submitters:\n  - :name: N\n    :sid: s{0}\n    :email: e\n"
    account, _ = collected({
        "submission_1/a.ipynb": NOTEBOOK("1"), "submission_3/a.ipynb": NOTEBOOK("3"),
        "submission_metadata.yml": (listed.format(1) + listed.format(2)).encode(),
    })  # fmt: skip
    assert layout.students() == ["s1"]
    assert [row.file for row in account.of("unknown student")] == ["submission_3"]
    assert [(row.student, row.detail) for row in account.of("not a submission")] == [
        ("s2", "it came without a file")
    ]


def test_two_files_for_one_student_are_never_guessed_and_stay_so(make_layout, tmp_path):
    layout = make_layout(roster="id,name,email\nann,Ann,ann@x.edu\n")
    source = people.write(
        {"ANN.ipynb": NOTEBOOK("a"), "ann.ipynb": NOTEBOOK("b"),
         "ann@x.edu.py": people.script("c")},
        tmp_path / "d",
    )  # fmt: skip
    for change in ("new", "unchanged"):
        account = collect([source], layout)
        assert account.changed(change) == ("ann",)
        assert [row.detail for row in account.of("unreadable")] == [
            "nothing says whether this or ANN.ipynb counts"
        ] * 2


def test_file_named_like_the_assignment_is_nobodys(take):
    layout, collected = take
    account, told = collected({"05_autograd (1).ipynb": NOTEBOOK("a"), "ben.ipynb": NOTEBOOK("b")})
    assert layout.students() == ["ben"]
    assert ("", "unknown student", "nothing says whose it is") in told
    assert account.needs_a_look


@pytest.mark.parametrize("roster", [None, "id,name\nben,Ben\nada,Ada\neve (2),Eve\n"])
def test_copy_that_a_browser_made_is_the_students(roster, make_layout, tmp_path):
    layout = make_layout(roster=roster)
    files = {"ben (1).ipynb": NOTEBOOK("b"), "ada(12).py": people.script("a"),
             "eve (2).ipynb": NOTEBOOK("e")}  # fmt: skip
    collect([people.write(files, tmp_path / "d")], layout)
    assert layout.students() == ["ada", "ben", "eve" if roster is None else "eve (2)"]


@pytest.mark.parametrize("kind", ["", "folder"])
def test_one_file_and_the_course_itself_are_wrong_usage(kind, take, tmp_path):
    layout, _ = take
    path = tmp_path / "ada.ipynb"
    path.write_bytes(NOTEBOOK("ada"))
    with pytest.raises(UsageError, match="one file"):
        collect([path], layout, kind=kind)
    with pytest.raises(UsageError, match="course itself"):
        collect([layout.course], layout, kind=kind)
