"""Deadlines: zones, extensions, which attempt counts, what late costs, and nbgrader's own files."""

from datetime import UTC, datetime, timedelta

import people
import pytest
from nbgrader.api import Gradebook

from autograder.collect.attempts import Attempt, Attempts
from autograder.collect.deadlines import Deadlines
from autograder.collect.gather import collect
from autograder.collect.lateness import enter_lateness, enter_roster
from autograder.collect.roster import Person, Roster, load_roster
from autograder.errors import ConfigError, InfrastructureError
from autograder.moments import parse_moment

ADA, BEN = Person("ada", groups=("A",)), Person("ben")
DUE = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def deadlines(make_layout):
    def make(extra):
        layout = make_layout(f"due: 2026-03-01 12:00 UTC\n{extra}")
        return Deadlines(layout.config, Roster([ADA, BEN]), layout.course)

    return make


def attempt(hours, **fields):
    time = (DUE + timedelta(hours=hours)).isoformat()
    return Attempt(digest=str(hours), received=time, source="s", file="f", time=time, **fields)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-03-01 23:59 Europe/Berlin", 22), ("2026-07-01 23:59 Europe/Berlin", 21),
     ("2026-03-01T23:59:00+05:30", 18), ("2026-03-01 23:59 UTC", 23), ("2026-03-01T23:59Z", 23),
     ("2026-03-01 UTC", 23), ("2026-03-01 9:05 UTC", 9)],
)  # fmt: skip
def test_moments_are_read_with_their_zone(text, hour):
    assert parse_moment(text).astimezone(UTC).hour == hour


@pytest.mark.parametrize(
    "text", ["2026-03-01 23:59", "tomorrow", "2026-02-30 UTC", "2026-03-01 12:00 Mars/X"]
)
def test_moment_without_a_zone_or_day_is_wrong(text, make_layout):
    layout = make_layout(f"due: {text}")
    with pytest.raises(ConfigError, match="due"):
        Deadlines(layout.config, Roster(), layout.course)


def test_extension_never_shortens_and_the_latest_holds(deadlines):
    made = deadlines("extensions: {ada: 2026-03-02 12:00, A: 2026-03-03 12:00, ben: 2026-02-01}")
    assert made.of(ADA) == DUE + timedelta(days=2)
    assert made.of(BEN) == DUE


def test_extensions_come_from_a_csv_too(make_layout):
    layout = make_layout("due: 2026-03-01 12:00 UTC\nextensions: more.csv")
    (layout.course / "more.csv").write_text("student,due\nada,2026-03-04 12:00\n", encoding="utf-8")
    assert Deadlines(layout.config, Roster([ADA]), layout.course).of(ADA) == DUE + timedelta(days=3)


def test_ids_that_look_like_numbers_are_ids(make_layout):
    layout = make_layout(
        "due: 2026-03-01 23:59 UTC\nextensions: {0012: 2026-03-08 23:59, 1_000: 2026-03-04}\n"
        "excused: [no, 12]",
        roster="id,name\n0012,A\n12,B\n1_000,C\nno,D\n10,E\n",
    )
    roster = load_roster(layout.course / "roster.csv")
    deadlines = Deadlines(layout.config, roster, layout.course)
    assert {one: deadlines.of(roster.people[one]).day for one in ("0012", "1_000", "10")} == {
        "0012": 8, "1_000": 4, "10": 1,
    }  # fmt: skip
    excused = {one.id for one in roster.people.values() if deadlines.excused(one)}
    assert excused == {"no", "12"}


@pytest.mark.parametrize("extra", ["extensions: {nobody: 2026-03-02 12:00}", "excused: [nobody]"])
def test_extension_for_nobody_is_wrong(extra, deadlines):
    with pytest.raises(ConfigError, match="nobody"):
        deadlines(extra)


@pytest.mark.parametrize(
    ("counts", "hours", "expected"),
    [("before-deadline", (-2, -1, 5), -1), ("before-deadline", (3, 5), 5), ("last", (-1, 5), 5),
     ("before-deadline", (5, -1), -1)],
)  # fmt: skip
def test_attempt_that_counts_is_the_policys(counts, hours, expected, deadlines):
    made = deadlines(f"late: {{counts: {counts}}}")
    (counting,) = made.candidates(ADA, [attempt(one) for one in hours])
    assert counting.digest == str(expected)


def test_unreadable_attempt_counts_only_alone(deadlines):
    made = deadlines("")
    broken = attempt(-1, fault="not JSON")
    assert made.candidates(ADA, [broken, attempt(-2)]) == [attempt(-2)]
    assert made.candidates(ADA, [broken]) == [broken]


def test_late_costs_points_a_day_up_to_a_most_and_never_below_zero(deadlines):
    made = deadlines("late: {points_per_day: 5, at_most: 12, grace_minutes: 10}")
    late = [made.seconds_late(ADA, DUE + timedelta(minutes=one)) for one in (5, 10, 11, 1500)]
    assert [made.penalty("ada", 80, one) for one in late] == [0, 0, 5, 10]
    assert made.penalty("ada", 80, 10 * 86400) == 12
    assert made.penalty("ada", 3, 86400) == 3


def test_penalty_is_what_nbgraders_plugin_says(deadlines):
    made = deadlines(
        "late: {plugin: nbgrader.plugins.LateSubmissionPlugin, options: {penalty_method: zero}}"
    )
    assert made.penalty("ada", 80, 60) == 80
    with pytest.raises(ConfigError, match=r"late\.plugin"):
        deadlines("late: {plugin: no.such.Thing}").penalty("ada", 80, 60)


def test_everybody_has_what_release_feedback_reads(students, classroom, tmp_path):
    collect([people.write(people.canvas(students), tmp_path / "canvas")], classroom)
    homes = [classroom.collected(one) for one in classroom.students()]
    # Canvas tells no time, and formgrader cannot read an empty one.
    assert not any((home / "timestamp.txt").exists() for home in homes)
    secrets = {(home / "submission_secret.txt").read_text() for home in homes}
    assert len(secrets) == len(homes)


def test_exchange_brings_its_time_and_secret(students, classroom, tmp_path):
    collect([people.write(people.exchange(students), tmp_path / "exchange")], classroom)
    home = classroom.collected("Ben")
    assert (home / "submission_secret.txt").read_text() == "secret of Ben"
    assert (home / "timestamp.txt").read_text() == "2026-03-01 21:59:00.000000 UTC\n"


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader itself
def test_names_times_extensions_and_penalties_reach_nbgrader(students, classroom, tmp_path):
    collect([people.write(people.gradescope(students), tmp_path / "export")], classroom)
    enter_roster(classroom)
    late = next(s for s in students if s.wanted == people.notebook("late"))
    with Gradebook(classroom.gradebook_url, course_id="autograd") as book:
        assert book.find_student("zoë.o'neil").last_name == "O'Neil"
        assert book.find_student("007").lms_user_id == "0000103"
        book.add_assignment("05_autograd")
        book.add_notebook("05_autograd", "05_autograd")
        book.add_grade_cell("q", "05_autograd", "05_autograd", max_score=50, cell_type="code")
        for student in (late.id, "extended", "Ben"):
            book.add_submission("05_autograd", student)
            book.find_grade("q", "05_autograd", "05_autograd", student).auto_score = 40
        book.db.commit()
    assert enter_lateness(classroom) == {late.id: 10}
    with Gradebook(classroom.gradebook_url, course_id="autograd") as book:
        found = {s.student_id: s for s in book.find_assignment("05_autograd").submissions}
        assert found[late.id].total_seconds_late == 30 * 3600
        assert found["extended"].total_seconds_late == 0
        assert found["Ben"].timestamp == datetime(2026, 3, 1, 21, 59)
        assert found[late.id].notebooks[0].late_submission_penalty == 10
        assert found["Ben"].notebooks[0].late_submission_penalty is None
    assert enter_lateness(classroom) == {late.id: 10}


def test_attempt_that_is_damaged_where_it_is_kept_is_never_put_into_place(make_layout, tmp_path):
    layout = make_layout(roster="id,name\nada,Ada\n")
    source = people.write({"ada.ipynb": people.notebook("first")}, tmp_path / "d")
    collect([source], layout)
    attempts = Attempts(layout)
    (kept,) = attempts.of("ada")
    for damage in (b"else", None):
        path = attempts.folder("ada", kept) / "05_autograd.ipynb"
        path.unlink() if damage is None else path.write_bytes(damage)
        with pytest.raises(InfrastructureError, match="damaged"):
            attempts.read("ada", kept)
        collect([source], layout)
        assert attempts.read("ada", kept) == {"05_autograd.ipynb": people.notebook("first")}
