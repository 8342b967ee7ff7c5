"""The roster: whatever a system exports, every student once, and nobody invented."""

import people
import pytest

from autograder.collect.gather import collect
from autograder.collect.model import Claim
from autograder.collect.roster import load_roster
from autograder.errors import ConfigError


@pytest.fixture
def read(tmp_path):
    def make(text, encoding="utf-8"):
        path = tmp_path / "roster.csv"
        path.write_bytes(text.encode(encoding))
        return load_roster(path)

    return make


EXPORTS = {
    "own": "id,name,email,lms_id,group\nada,Ada Love,ada@x.edu,00123,A\n",
    "canvas": "Student,ID,SIS User ID,SIS Login ID,Section,05 (77)\n"
              "    Points Possible,,,,,100\n"
              '"Love, Ada",00123,s-9,ada,A,\n"Student, Test",5,,zz9,A,\n',
    "moodle": '"First name","Last name",Username,"ID number","Email address"\n'
              "Ada,Love,ada,00123,ada@x.edu\n",
    "blackboard": "\ufeffLast Name\tFirst Name\tUsername\tStudent ID\nLove\tAda\tada\t00123\n",
    "gradescope": "First Name,Last Name,SID,Email,Sections\nAda,Love,ada,ada@x.edu,A\n",
    "github": '"identifier","github_username","github_id","name"\n"ada","ada-gh","99","Ada Love"\n',
    "classroom50": "username,first_name,last_name,email,section,github_id\n"
                   "ada,Ada,Love,ada@x.edu,A,99\n",
    "german, shortened": "Name;Matrikel-Nr.;E-Mail-Adresse\n\"Love, Ada\";ada;ada@x.edu\n",
    "brightspace": "OrgDefinedId,Last Name,First Name,Email\nada,Love,Ada,ada@x.edu\n",
    "german": "Matriculation;Vorname;Nachname;E-Mail\nada;Ada;Love;ada@x.edu\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(EXPORTS))
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_exports_of_every_system_are_rosters(kind, encoding, read):
    roster = read(EXPORTS[kind].removeprefix("\ufeff"), encoding)
    expected = "00123" if kind == "blackboard" else "ada"
    assert roster.find(Claim(("ada",))).id in {"ada", expected}
    assert len(roster.people) == 1
    (person,) = roster.people.values()
    assert (person.first, person.last) == ("Ada", "Love")
    assert roster.find(Claim(names=("loveada",))) == person
    assert roster.find(Claim(names=("Ada Love",))) == person
    assert isinstance(roster.find(Claim(("bob",), ("Bob",))), str)


def test_ids_are_told_apart_by_case_and_leading_zeros_where_both_are_there(read):
    roster = read("id,name\nBen,A B\nben,C D\n007,E F\n12,G H\n")
    assert roster.find(Claim(("Ben",))).name == "A B"
    assert roster.find(Claim(("ben",))).name == "C D"
    assert "Ben, ben" in roster.find(Claim(("BEN",)))
    assert roster.find(Claim(("7",))).id == "007"
    assert roster.find(Claim(("0012",))).id == "12"


def test_two_students_of_one_name_are_never_guessed(read):
    roster = read("id,name\na1,Ann Lee\na2,Ann Lee\n")
    assert "several students" in roster.find(Claim(names=("leeann",)))
    assert roster.find(Claim(("a2",), ("leeann",))).id == "a2"


def test_one_spelling_of_a_letter_is_as_good_as_another(read):
    roster = read("id,name\nzoë,Zoë O'Neil\n")  # composed
    assert roster.find(Claim(("zoe\u0308",))).id == "zoë"
    assert roster.find(Claim(names=("oneilzoe\u0308",))).id == "zoë"


@pytest.mark.parametrize(
    ("text", "match"),
    [("id,name\na,x\na,y\n", "second student"), ("id,name\n../x,x\n", "folder's name"),
     ("nothing,here\n1,2\n", "no column"), ("", "no column"), ("id\n.hidden\n", "hidden")],
)  # fmt: skip
def test_roster_that_is_wrong_names_its_line(text, match, read):
    with pytest.raises(ConfigError, match=match):
        read(text)


def test_roster_that_is_named_and_missing_is_an_error(make_layout, tmp_path):
    layout = make_layout("roster: nowhere.csv")
    with pytest.raises(ConfigError, match="roster"):
        collect([people.write({"a.ipynb": b"x"}, tmp_path / "d")], layout)


def test_unknown_people_are_kept_aside_and_never_in_submitted(make_layout, tmp_path):
    layout = make_layout(roster="id,name\nada,Ada\n")
    files = {"eve.ipynb": people.notebook("eve"), "ada.ipynb": people.notebook("ada")}
    for _ in range(2):
        account = collect([people.write(files, tmp_path / "d")], layout)
        assert [row.name for row in account.of("unknown student")] == ["eve"]
    assert layout.students() == ["ada"]
    kept = list(layout.course.glob(".autograder/attempts/*/.unknown/*/*/05_autograd.ipynb"))
    assert [path.read_bytes() for path in kept] == [people.notebook("eve")]


def test_group_hand_in_counts_for_everybody_in_it(make_layout, tmp_path):
    layout = make_layout(roster="id,name,email\nada,Ada A,a@x\nben,Ben B,b@x\n")
    metadata = b"""submission_7:
  :submitters:
  - :name: Ada A
    :sid: ''
    :email: a@x
  - :name: Ben B
    :sid: ben
    :email: other@x
  :created_at: 2026-03-01 20:00:00.000000000 Z
"""
    files = {"submission_7/x.ipynb": people.notebook("x"), "submission_metadata.yml": metadata}
    account = collect([people.write(files, tmp_path / "export")], layout)
    assert account.changed("new") == ("ada", "ben")
    assert not account.needs_a_look
