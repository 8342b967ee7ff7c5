"""Rosters as spreadsheets and other systems save them."""

import pytest

from autograder.collect.deadlines import Deadlines
from autograder.collect.model import Claim
from autograder.collect.roster import load_roster
from autograder.errors import ConfigError


@pytest.fixture
def read(tmp_path):
    def read(data):
        path = tmp_path / "roster.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return load_roster(path)

    return read


@pytest.mark.parametrize(
    "data",
    [
        b'sep=;\r\nid;name;email\r\n007;"Doe, Jane";j@x\r\n',
        b'\xef\xbb\xbf"sep=;"\nid;name;email\n007;"Doe, Jane";j@x\n',
        'id\tname\temail\n007\tDoe, Jane\tj@x\n'.encode("utf-16"),
        b'Class list of the autumn\n\nid,name,email\n007,"Doe, Jane",j@x\n',
        b'id,name,email\n="007","Doe, Jane",j@x\n',
        b'Vorname,Nachname,ID-Nummer,E-Mail-Adresse,Gruppen\nJane,Doe,007,j@x,Mo\n',
        "Prénom,Nom de famille,Numéro d'identification,Adresse de courriel\n"
        "Jane,Doe,007,j@x\n".encode(),
        b"OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\n"
        b"#9,#007,Doe,Jane,j@x,#\n",
        b"Name,Email,Login ID,SIS ID,Role\nJane Doe,j@x,007,9,Student\n"
        b"Pat Prof,p@x,pat,8,Teacher\n",
        "学号,姓名,邮箱\n007,\"Doe, Jane\",j@x\n".encode(),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_and_a_system_write(data, read):
    (person,) = read(data).people.values()
    assert (person.id, person.first, person.last, person.email) == ("007", "Jane", "Doe", "j@x")


def test_a_column_of_emails_in_another_language_is_enough(read):
    assert list(read("E-Mail-Adresse,Vorname\nj@x,Jane\n").people) == ["j@x"]


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"id,name\n1.23457E+11,A\n1.23457E+11,B\n", "line 2: a spreadsheet has shortened"),
        (b'id,name\n7,"Doe, Jane\n8,Bob\n', "quote is not closed"),
        (b"id,name\n\n7,A\n,Bob Ross\n", "line 4: Bob Ross has no id"),
        (b"id,name,email\n", "names no student"),
        (b"PK\x03\x04 a workbook", "workbook"),
        (b"\xd0\xcf\x11\xe0 an old one", "workbook"),
        (b"jdoe,Jane Doe\n", "its first line is: jdoe, Jane Doe"),
        (b"id,name\n7,Ja\0ne\n", "NUL"),
    ],
)
def test_what_is_no_roster_says_why(data, match, read):
    with pytest.raises(ConfigError, match=match):
        read(data)


def test_a_number_that_became_a_fraction_is_the_number(read):
    assert list(read("id,name\n123.0,Jane\n").people) == ["123"]


def test_names_that_differ_in_a_mark_alone_are_told_apart_where_they_are_spelt(read):
    roster = read('id,name\na1,"Smith-Jones, Anna"\na2,"Smith Jones, Anna"\n')
    assert roster.find(Claim(names=("Anna Smith-Jones",))).id == "a1"
    assert roster.find(Claim(names=("Anna Smith Jones",))).id == "a2"
    assert "several" in roster.find(Claim(names=("smithjonesanna",)))


def test_extensions_of_a_spreadsheet(make_layout):
    layout = make_layout(
        "due: 2026-03-01 23:59 UTC\nextensions: more.csv", roster="id,name\nada,Ada\nben,Ben\n"
    )
    file = layout.course / "more.csv"
    file.write_text("\ufeffsep=;\nstudent;due\n\nada;2026-03-04 12:00\n", encoding="utf-8")
    roster = load_roster(layout.course / "roster.csv")
    deadlines = Deadlines(layout.config, roster, layout.course)
    assert deadlines.of(roster.people["ada"]).day == 4
    file.write_text("student,due\nada,2026-03-04\nada,2026-03-05\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 3: there is a second moment for 'ada'"):
        Deadlines(layout.config, roster, layout.course)
