"""Files for other gradebooks, read back by the rules that those gradebooks state."""

import csv
import io
import json
import re
import shutil

import pyarrow.parquet
import pytest
from click.testing import CliRunner
from room import open_room

from autograder.cli import main
from autograder.collect.lateness import enter_lateness
from autograder.reports.boundary import in_spreadsheet

ROSTER = """id,matriculation,name,email,lms_id,group
ada,S1,Ada Lovelace,ada@example.edu,9001,A
007,S2,"O'Neil, Zoë",zoe@example.edu,9002,A
李雷,S3,雷 李,li@example.edu,9003,B
=cmd,S4,"=HYPERLINK(""x""), Eve",eve@example.edu,9004,B
late,S5,Late Comer,late@example.edu,9005,
waits,S6,Wai Ting,waits@example.edu,9006,
broken,S7,Bro Ken,broken@example.edu,9007,
gone,S8,Miss Ing,gone@example.edu,9008,
free,S9,Ex Cused,free@example.edu,9009,
"""
EXTRA = "due: 2026-03-01 23:00 UTC\nexcused: [free]\nlate: {points_per_day: 5}"
ANSWERS = dict.fromkeys(("systems_graph_memory", "systems_pytorch"), "Because.")
TOTALS = {"ada": 80 + 12 + 16, "007": 77 + 12 + 16, "李雷": 80 + 12 + 16, "=cmd": 80 + 12 + 16,
          "late": 80 + 12 + 16 - 5}  # fmt: skip
CHECKPOINTS = {"ada": (40, 40), "007": (37, 40), "李雷": (40, 40), "=cmd": (40, 40),
               "late": (40, 40), "waits": (40, 40)}  # fmt: skip


@pytest.fixture(scope="module")
def graded(build_room, tmp_path_factory):
    """Return the folder of a graded class."""
    room = build_room(tmp_path_factory.mktemp("graded"), EXTRA, ROSTER)
    for student in (*CHECKPOINTS, "broken", "outsider"):
        moment = "2026-03-02 01:00:00 UTC" if student == "late" else "2026-03-01 20:00:00 UTC"
        room.hand_in(student, ANSWERS, moment=moment)
        shares = {"mul": 0.5} if student == "007" else {}
        if student == "broken":
            room.grade(student, status="error", outcome="unreadable")
        else:
            room.grade(student, **shares)
    for student in (*TOTALS, "outsider"):
        room.answer_all(student)
    enter_lateness(room.layout)
    return room.layout.course


@pytest.fixture
def classroom(graded, course, tmp_path):
    shutil.copytree(graded, tmp_path / "course")
    return open_room(tmp_path / "course", course)


def export(room, *arguments, code=0):
    shown = CliRunner().invoke(
        main, ["--course", str(room.layout.course), "export", *map(str, arguments)]
    )
    assert shown.exit_code == code, shown.output
    return shown.output


def rows_of(path, **options):
    text = path.read_text(encoding=options.pop("encoding", "utf-8"))
    return list(csv.reader(io.StringIO(text), **options))


def write(folder, name, rows, delimiter=",", encoding="utf-8"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path = folder / name
    path.write_bytes(out.getvalue().encode(encoding))
    return path


# The general formats: everybody, with a state.


def test_csv_holds_everybody_with_a_state_and_no_zero_for_an_error(classroom, tmp_path):
    out = tmp_path / "grades.csv"
    told = export(classroom, "--to", "csv", "--into", out)
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(out.read_text("utf-8")))}
    assert set(rows) == {*CHECKPOINTS, "broken", "gone", "free"} - {"=cmd"} | {"'=cmd"}
    states = {student: row["state"] for student, row in rows.items()}
    assert states == {"ada": "graded", "007": "graded", "李雷": "graded", "'=cmd": "graded",
                      "late": "graded", "waits": "waiting", "broken": "error", "gone": "missing",
                      "free": "excused"}  # fmt: skip
    for student in ("broken", "gone", "free"):
        assert {rows[student][key] for key in ("total", "checkpoint_1", "automatic")} == {""}
        assert rows[student]["max_score"] == "100"
    for student, total in TOTALS.items():
        row = rows[student if student != "=cmd" else "'=cmd"]
        assert float(row["total"]) == total
        parts = (float(row[key]) for key in (
            "automatic", "overrides", "written", "extra_credit"))  # fmt: skip
        assert sum(parts) - float(row["late_penalty"]) == total
    assert rows["late"]["handed_in"] == "2026-03-02T01:00:00+00:00"
    assert rows["late"]["seconds_late"] == "7200"
    assert rows["007"]["checkpoint_1"] == "37"
    assert rows["007"]["last_name"] == "O'Neil"
    assert rows["waits"]["waiting_cells"] == "systems_graph_memory systems_pytorch"
    assert "1 cannot be graded: Bro Ken (broken)" in told


def test_every_cell_is_quoted_and_none_is_a_formula(classroom, tmp_path):
    out = tmp_path / "grades.csv"
    export(classroom, "--to", "csv", "--into", out)
    text = out.read_bytes().decode("utf-8")
    for line in text.split("\r\n")[:-1]:
        assert line.startswith('"')
        assert line.endswith('"')
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not any(re.match(r"[=+@-](?!\d)", cell) for cell in cells)
    assert '\'=HYPERLINK("x")' in cells


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1+1", "'=1+1"), ("+49 12", "'+49 12"), ("@x", "'@x"), ("-x", "'-x"), (" =1", "' =1"),
     ("\t=1", "\\t=1"), ("＝1+1", "'＝1+1"), ("-5.25", "-5.25"), ("-", "-"), ("a=b", "a=b"),
     ("", ""), ("\r=1", "\\r=1"), ("\n=1", "'\n=1"), ("-1+cmd|' /C'!A0", "'-1+cmd|' /C'!A0")],
)  # fmt: skip
def test_a_cell_is_shown_and_not_run(text, cell):
    assert in_spreadsheet(text) == cell


def test_json_lines_and_parquet_hold_the_same(classroom, tmp_path):
    lines, table = tmp_path / "grades.jsonl", tmp_path / "grades.parquet"
    export(classroom, "--to", "jsonl", "--into", lines)
    export(classroom, "--to", "parquet", "--into", table)
    objects = [json.loads(line) for line in lines.read_text("ascii").splitlines()]
    assert {one.pop("schema") for one in objects} == {"autograder/grade/v1"}
    assert pyarrow.parquet.read_table(table).to_pylist() == objects
    by_student = {one["student"]: one for one in objects}
    assert by_student["broken"]["total"] is None
    assert by_student["=cmd"]["total"] == TOTALS["=cmd"]
    types = pyarrow.parquet.read_schema(table)
    assert str(types.field("total").type) == "double"
    assert str(types.field("final").type) == "bool"


def test_parquet_without_pyarrow_says_what_to_install(classroom, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    told = export(classroom, "--to", "parquet", "--into", tmp_path / "x", code=2)
    assert "tinytorch-autograder[parquet]" in told
    assert not (tmp_path / "x").exists()


def test_the_total_is_the_same_everywhere(classroom, tmp_path):
    """Gradebook, page, table, CSV: a student with an override, extra credit and a penalty."""
    from nbgrader.api import Gradebook
    from rich.console import Console

    from autograder.reports.classtable import class_row, render_class

    classroom.give("late", "test_mul", manual_score=4.5)
    classroom.give("late", "test_add", extra_credit=0.25)
    out = tmp_path / "grades.csv"
    export(classroom, "--to", "csv", "--into", out)
    expected = 80 - 1.5 + 0.25 + 12 + 16 - 5
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(out.read_text("utf-8")))}
    assert float(rows["late"]["total"]) == expected
    grades = classroom.grades()
    assert grades["late"].total == expected
    assert f"{expected} <span>of 100 points" in classroom.page("late")
    with Gradebook(classroom.layout.gradebook_url, course_id="autograd") as book:
        (found,) = (one for one in book.assignment_submissions("05_autograd")
                    if one.student_id == "late")  # fmt: skip
        assert round(max(found.score - found.late_submission_penalty, 0), 2) == expected
    console = Console(file=io.StringIO(), width=80)
    console.print(render_class({"late": class_row(classroom.result("late"))}, {}, grades))
    assert str(expected) in console.file.getvalue()


# Canvas: by ID, then SIS User ID, then SIS Login ID; a second row of points; EX excuses.

CANVAS = [
    ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "05_autograd (771)",
     "Quiz (772)", "Current Score"],
    ["    Points Possible", "", "", "", "", "100.00", "10.00", "(read only)"],
    ["Lovelace, Ada", "9001", "S1", "ada", "A", "", "7", ""],
    ["O'Neil, Zoë", "9002", "S2", "007", "A", "12", "7", ""],
    ["李 雷", "9003", "S3", "李雷", "B", "", "7", ""],
    ['"=HYPERLINK(""x"")", Eve', "9004", "S4", "=cmd", "B", "", "7", ""],
    ["Comer, Late", "9005", "S5", "late", "", "", "7", ""],
    ["Ting, Wai", "9006", "S6", "waits", "", "", "7", ""],
    ["Ken, Bro", "9007", "S7", "broken", "", "3", "7", ""],
    ["Cused, Ex", "9009", "S9", "free", "", "", "7", ""],
    ["Nobody, Known", "9999", "S99", "nobody", "", "", "7", ""],
    ["Student, Test", "5", "", "x", "", "", "", ""],
]  # fmt: skip


def import_into_canvas(path):
    """Return what Canvas would store, by ID and title: blanks and unknown people are ignored."""
    header, *rows = rows_of(path)
    assert header[:2] == ["Student", "ID"]
    assert "Section" in header
    titles = header[header.index("Section") + 1 :]
    if rows[0][0] == "    Points Possible":
        possible = dict(zip(titles, rows[0][-len(titles) :], strict=True))
        rows = rows[1:]
    stored = {}
    for row in rows:
        for title, cell in zip(titles, row[-len(titles) :], strict=True):
            if cell:
                stored[row[1] or row[3], title] = cell if cell == "EX" else float(cell)
    return stored, possible


def test_canvas_file_is_filled_and_changes_nothing_else(classroom, tmp_path):
    download, out = write(tmp_path, "download.csv", CANVAS), tmp_path / "upload.csv"
    told = export(classroom, "--to", "canvas", "--fill", download, "--into", out, code=3)
    stored, possible = import_into_canvas(out)
    title = "05_autograd (771)"
    numbers = {"ada": "9001", "007": "9002", "李雷": "9003", "=cmd": "9004", "late": "9005"}
    assert stored == {
        **{(numbers[student], title): total for student, total in TOTALS.items()},
        ("9009", title): "EX",
    }
    assert possible == {title: "100"}
    assert "1 waits for a hand grade: Wai Ting (waits)" in told
    assert "Known Nobody" in told
    assert "1 nothing handed in: Miss Ing (gone)" in told
    assert download.read_text("utf-8").count("Quiz") == 1


def test_canvas_takes_checkpoints_as_columns_of_their_own(classroom, tmp_path):
    download, out = write(tmp_path, "download.csv", CANVAS), tmp_path / "upload.csv"
    told = export(
        classroom,
        "--to",
        "canvas",
        "--fill",
        download,
        "--into",
        out,
        "--checkpoint",
        "all",
        code=3,
    )
    stored, possible = import_into_canvas(out)
    titles = ("05_autograd checkpoint-1", "05_autograd checkpoint-2")
    assert possible == dict.fromkeys(titles, "40")
    assert stored["9002", titles[0]] == 37
    assert stored["9006", titles[1]] == 40, "a checkpoint does not wait for an answer"
    assert not any(number == "9007" for number, _ in stored)
    assert "Canvas will make a new assignment" in told


def test_canvas_column_of_other_points_is_refused(classroom, tmp_path):
    rows = [CANVAS[0], [*CANVAS[1][:5], "80.00", "", ""], *CANVAS[2:]]
    download = write(tmp_path, "download.csv", rows)
    told = export(classroom, "--to", "canvas", "--fill", download, "--into", tmp_path / "x", code=2)
    assert "has 80 points, and what goes there has 100" in told
    assert not (tmp_path / "x").exists()


def test_two_columns_of_one_name_are_told_apart_by_their_numbers(classroom, tmp_path):
    rows = [[*row, row[5]] for row in CANVAS]
    rows[0][-1] = "05_autograd (999)"
    download, out = write(tmp_path, "download.csv", rows), tmp_path / "upload.csv"
    fill = ("--to", "canvas", "--fill", download, "--into", out)
    assert "several columns '05_autograd'" in export(classroom, *fill, code=2)
    assert not out.exists()
    export(classroom, *fill, "--column", "05_autograd (999)", code=3)
    assert import_into_canvas(out)[0]["9001", "05_autograd (999)"] == TOTALS["ada"]


def test_canvas_file_without_a_download_is_matched_by_id_and_login(classroom, tmp_path):
    out = tmp_path / "canvas.csv"
    export(classroom, "--to", "canvas", "--into", out)
    stored, _ = import_into_canvas(out)
    assert stored["9001", "05_autograd"] == TOTALS["ada"]
    assert stored["9009", "05_autograd"] == "EX"
    assert len(stored) == len(TOTALS) + 1


def test_a_number_that_is_another_students_id_here_is_nobodys(classroom, tmp_path):
    rows = [*CANVAS[:2], ["Lovelace, Ada", "007", "S1", "ada", "A", "", "", ""]]
    out = tmp_path / "upload.csv"
    told = export(classroom, "--to", "canvas", "--fill", write(tmp_path, "d.csv", rows),
                  "--into", out, code=3)  # fmt: skip
    assert import_into_canvas(out)[0] == {}
    assert "not one alone: Ada Lovelace" in told
    assert "NOT EXPORTED: Ada Lovelace (ada)" in told


def test_grades_so_far_are_exported_only_when_asked_for(classroom, tmp_path):
    download, out = write(tmp_path, "download.csv", CANVAS), tmp_path / "upload.csv"
    export(classroom, "--to", "canvas", "--fill", download, "--into", out, "--so-far", code=3)
    assert import_into_canvas(out)[0]["9006", "05_autograd (771)"] == 92


# Moodle's worksheet: needs Identifier, Grade and Last modified (grade), skips what is empty, below
# zero or above the maximum, and takes every feedback cell for new feedback.

MOODLE = [
    ["Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Maximum grade",
     "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
     "Feedback comments"],
    *([f"Participant {number}", name, "", email, "Submitted", "", "100.00", "Yes", "x",
       "Monday, 2 March 2026, 1:00 PM", "- see me"]
      for number, name, email in (
          (51, "Ada Lovelace", "ada@example.edu"), (52, "Zoë O'Neil", "zoe@example.edu"),
          (53, "雷 李", "li@example.edu"), (56, "Wai Ting", "waits@example.edu"),
          (57, "Bro Ken", "broken@example.edu"))),
]  # fmt: skip


def import_into_moodle(path, most):
    """Return what Moodle would store, by participant's number."""
    header, *rows = rows_of(path)
    places = [header.index(name) for name in ("Identifier", "Grade", "Last modified (grade)")]
    assert not any("eedback" in title for title in header)
    stored = {}
    for row in rows:
        identifier, grade, modified = (row[place] for place in places)
        assert modified.startswith("Monday")
        number = float(grade.replace(",", ".")) if grade else None
        if number is not None and 0 <= number <= most:
            stored[identifier.removeprefix("Participant ")] = number
    return stored


def test_moodle_worksheet_is_filled_and_nothing_is_skipped_without_a_word(classroom, tmp_path):
    download, out = write(tmp_path, "sheet.csv", MOODLE), tmp_path / "upload.csv"
    told = export(classroom, "--to", "moodle", "--fill", download, "--into", out, code=3)
    assert import_into_moodle(out, 100) == {}
    assert "NOT EXPORTED: Ada Lovelace (ada): 108 is above the maximum grade 100" in told
    export(classroom, "--to", "moodle", "--fill", download, "--into", out, "--cap", code=3)
    assert import_into_moodle(out, 100) == {"51": 100, "52": 100, "53": 100}


def test_moodle_worksheet_takes_a_checkpoint_and_a_decimal_comma(classroom, tmp_path):
    classroom.give("ada", "test_mul", manual_score=5.5)
    rows = [MOODLE[0], *([*row[:6], "40,00", *row[7:]] for row in MOODLE[1:])]
    download, out = write(tmp_path, "sheet.csv", rows), tmp_path / "upload.csv"
    told = export(
        classroom, "--to", "moodle", "--fill", download, "--into", out, "--checkpoint", "1", code=3
    )
    assert import_into_moodle(out, 40) == {"51": 39.5, "52": 37, "53": 40, "56": 40}
    assert '"39,5"' in out.read_text("utf-8")
    assert "NOT EXPORTED: Late Comer (late): sheet.csv has no line for this student" in told


# As Moodle's language packs have it; the word before a number has no space in two of them.
TRANSLATED = [
    ("Teilnehmer/in", ["ID", "Vollständiger Name", "ID-Nummer", "E-Mail-Adresse", "Status",
     "Bewertung", "Bestwertung", "Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)",
     "Zuletzt geändert (Bewertung)", "Feedback als Kommentar"]),
    ("Participant", ["Identifiant", "Nom complet", "Numéro d'identification", "Adresse de courriel",
     "Statut", "Note", "Note maximale", "La note peut être modifiée",
     "Dernière modification (travail remis)", "Dernière modification (note)",
     "Feedback par commentaires"]),
    ("Participante ", ["Identificador", "Nombre completo", "Número de ID", "Dirección de correo",
     "Estado", "Calificación", "Calificación máxima", "La calificación puede ser cambiada",
     "Última modificación (entrega)", "Última modificación (calificación)",
     "Comentarios de retroalimentación"]),
]  # fmt: skip


@pytest.mark.parametrize(("word", "titles"), TRANSLATED)
def test_moodle_worksheet_is_known_in_other_languages(classroom, tmp_path, word, titles):
    rows = [
        titles,
        *([row[0].replace("Participant ", word), *row[1:6], "100,00", *row[7:]]
          for row in MOODLE[1:]),
    ]  # fmt: skip
    download, out = write(tmp_path, "sheet.csv", rows), tmp_path / "upload.csv"
    export(classroom, "--to", "moodle", "--fill", download, "--into", out, "--cap", code=3)
    header, *filled = rows_of(out)
    assert header == [titles[place] for place in (0, 1, 3, 4, 5, 6, 9)]
    assert {row[0]: row[4] for row in filled} == {
        f"{word}{number}": "100" for number in (51, 52, 53)
    }


def test_moodle_import_file_has_user_names_and_no_feedback(classroom, tmp_path):
    out = tmp_path / "moodle.csv"
    export(classroom, "--to", "moodle", "--into", out, "--checkpoint", "all")
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert {row["username"] for row in rows} == {*CHECKPOINTS, "'=cmd"} - {"=cmd"}
    assert list(rows[0])[4:] == ["05_autograd checkpoint-1", "05_autograd checkpoint-2"]
    assert not any("feedback" in title for title in rows[0])


# Blackboard: by user name; a column by the number in its title; tab-delimited UTF-16.

BLACKBOARD = [
    ["Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability",
     "05_autograd [Total Pts: 100 Score] |12345", "Quiz [Total Pts: 10 Score] |12346"],
    ["Lovelace", "Ada", "ada", "S1", "x", "Yes", "Needs Grading", "3"],
    ["O'Neil", "Zoë", "007", "S2", "x", "Yes", "", "3"],
    ["Ken", "Bro", "broken", "S7", "x", "Yes", "", "3"],
]  # fmt: skip


def test_blackboard_file_is_filled_in_its_own_encoding(classroom, tmp_path):
    download = write(tmp_path, "gc.xls", BLACKBOARD, "\t", "utf-16")
    out = tmp_path / "upload.txt"
    told = export(classroom, "--to", "blackboard", "--fill", download, "--into", out, code=3)
    header, *rows = rows_of(out, encoding="utf-16", delimiter="\t")
    assert header[-1] == "05_autograd [Total Pts: 100 Score] |12345"
    assert {row[2]: float(row[-1]) for row in rows} == {"ada": 108, "007": 105}
    assert not any("Quiz" in title for title in header)
    assert "NOT EXPORTED: Late Comer (late)" in told


def test_blackboard_column_without_a_number_is_refused(classroom, tmp_path):
    download = write(tmp_path, "gc.xls", BLACKBOARD, "\t", "utf-16")
    told = export(classroom, "--to", "blackboard", "--fill", download, "--column", "New",
                  "--into", tmp_path / "x", code=2)  # fmt: skip
    assert "no column 'New'" in told
    assert "Download it" in export(classroom, "--to", "blackboard", code=2)


def test_gradescope_layout_has_a_status_for_everybody(classroom, tmp_path):
    out = tmp_path / "gradescope.csv"
    export(classroom, "--to", "gradescope", "--into", out)
    rows = {row["SID"]: row for row in csv.DictReader(io.StringIO(out.read_text("utf-8")))}
    assert {student: row["Status"] for student, row in rows.items()} == {
        "ada": "Graded", "007": "Graded", "李雷": "Graded", "'=cmd": "Graded", "late": "Graded",
        "waits": "Ungraded", "broken": "Ungraded", "gone": "Missing", "free": "Missing",
    }  # fmt: skip
    assert rows["broken"]["Total Score"] == ""
    assert rows["late"]["Lateness (H:M:S)"] == "02:00:00"


# Around all of them.


@pytest.mark.parametrize("target", ["canvas", "moodle", "blackboard"])
def test_a_file_of_something_else_is_refused(classroom, tmp_path, target):
    download = write(tmp_path, "other.csv", [["a", "b"], ["1", "2"]])
    export(classroom, "--to", target, "--fill", download, "--into", tmp_path / "x", code=2)
    export(classroom, "--to", target, "--fill", download, "--into", download, code=2)
    assert download.read_text("utf-8") == "a,b\n1,2\n" or download.read_bytes() == b"a,b\r\n1,2\r\n"


def test_an_unknown_target_names_those_there_are(classroom):
    assert "canvas|csv|gradescope" in export(classroom, "--to", "nothing", code=2)


# What people do to a file between download and upload.


def test_whom_canvas_has_excused_keeps_that(classroom, tmp_path):
    rows = [["Student", "ID", "Section", "05_autograd (1)"], ["    Points Possible", "", "", "100"],
            ["Lovelace, Ada", "9001", "", "EX"], ["O'Neil, Zoë", "9002", "", "3"],
            ["Cused, Ex", "9009", "", "EX"]]  # fmt: skip
    fill, out = write(tmp_path, "grades.csv", rows), tmp_path / "out.csv"
    told = export(classroom, "--to", "canvas", "--fill", fill, "--into", out, code=3)
    assert "Ada Lovelace (ada): excused in Canvas" in told
    assert {row[0]: row[-1] for row in rows_of(out)[2:]} == {
        "O'Neil, Zoë": "105",
        "Cused, Ex": "EX",
    }


def test_two_lines_that_could_be_one_student_are_nobodys(classroom, tmp_path):
    """A spreadsheet took the zeros from an id; one student in two sections is another matter."""
    rows = [["Student", "ID", "SIS Login ID", "Section", "05_autograd (1)"],
            ["    Points Possible", "", "", "", "100"],
            ["O'Neil, Zoë", "", "007", "", ""], ["O'Neil, Zoë", "", "7", "", ""],
            ["Lovelace, Ada", "9001", "ada", "A", ""],
            ["Lovelace, Ada", "9001", "ada", "B", ""]]  # fmt: skip
    fill, out = write(tmp_path, "grades.csv", rows), tmp_path / "out.csv"
    told = export(classroom, "--to", "canvas", "--fill", fill, "--into", out, code=3)
    assert "Zoë O'Neil (007): several lines of grades.csv" in told
    assert [row[0] for row in rows_of(out)[2:]] == ["Lovelace, Ada"] * 2


def test_a_file_that_a_spreadsheet_saved_is_read(classroom, tmp_path):
    text = (
        "sep=;\r\nStudent;ID;Section;05_autograd (1)\r\n    Points Possible;;;100,0\r\n"
        '"Lovelace, Ada";9001;;\r\n'
    )
    fill, out = tmp_path / "grades.csv", tmp_path / "out.csv"
    fill.write_text(text, encoding="utf-8", newline="")
    export(classroom, "--to", "canvas", "--fill", fill, "--into", out, code=3)
    assert rows_of(out, delimiter=";")[2] == ["Lovelace, Ada", "9001", "", "108"]
    fill.write_bytes(b"PK\x03\x04 a workbook")
    told = export(classroom, "--to", "canvas", "--fill", fill, "--into", out, code=2)
    assert "is a workbook" in told


def test_blackboards_preview_user_is_no_stranger(classroom, tmp_path):
    header = ["Last Name", "First Name", "Username", "05_autograd [Total Pts: 100 Score] |12"]
    rows = [header, ["Lovelace", "Ada", "ada", ""], ["Prof", "Pat", "pat_previewuser", ""]]
    fill = write(tmp_path, "gc.xls", rows, delimiter="\t", encoding="utf-16")
    told = export(
        classroom, "--to", "blackboard", "--fill", fill, "--into", tmp_path / "out", code=3
    )
    assert "no student of this course" not in told


def test_an_id_that_must_not_be_a_formula_is_told(classroom, tmp_path):
    for target in ("moodle", "canvas"):
        told = export(classroom, "--to", target, "--into", tmp_path / target)
        assert "an apostrophe stands before =cmd" in told


def test_a_grade_that_moodle_has_locked_is_told(classroom, tmp_path):
    header = ["Identifier", "Full name", "Grade", "Maximum grade", "Grade can be changed",
              "Last modified (grade)"]  # fmt: skip
    rows = [header, ["Participant 9001", "Ada Lovelace", "50", "100.00", "No", "-"],
            ["Participant 9003", "雷 李", "", "100.00", "Yes", "-"]]  # fmt: skip
    fill, out = write(tmp_path, "sheet.csv", rows), tmp_path / "out.csv"
    told = export(classroom, "--to", "moodle", "--fill", fill, "--cap", "--into", out, code=3)
    assert "Ada Lovelace (ada): Moodle says that this grade cannot be changed" in told
    assert [row[0] for row in rows_of(out)[1:]] == ["Participant 9003"]
