"""The same class in every layout: the same submissions, and all of it accounted for."""

import people
import pytest

from autograder.collect.gather import collect


def submitted(layout):
    return {
        path.parents[1].name: path.read_bytes()
        for path in layout.course.glob("submitted/*/*/05_autograd.*")
    }


def snapshot(layout):
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in layout.course.rglob("*") if path.is_file()
    }  # fmt: skip


def told(account, students):
    """What the table says of each student; outsiders go by name, id or number."""
    found = {}
    for row in account.rows:
        found.setdefault(row.student, set()).add(row.status)
    unknown = len(account.of("unknown student"))
    return {s.id: found.get(s.id, set()) for s in students if not s.outsider}, unknown


@pytest.fixture(params=["zip", "unpacked"])
def source(request, tmp_path, students):
    def make(name):
        files = people.LAYOUTS[name](students)
        if request.param == "zip":
            path = tmp_path / f"{name}.zip"
            path.write_bytes(people.zipped(files))
            return path
        return people.write(files, tmp_path / name)

    return make


@pytest.mark.parametrize("name", sorted(people.LAYOUTS))
def test_class_is_collected_from_every_layout(name, source, classroom, students):
    path = source(name)
    account = collect([path], classroom)
    assert account.sources == ((str(path), name),)
    assert submitted(classroom) == {s.id: s.wanted for s in students
                                    if s.wanted is not None and not s.outsider}  # fmt: skip
    says, unknown = told(account, students)
    assert says == {s.id: people.expected(s, name) for s in students if not s.outsider}
    assert unknown == 2
    assert account.needs_a_look
    before = snapshot(classroom)
    again = collect([path], classroom)
    assert (again.changed("new"), again.changed("updated")) == ((), ())
    assert snapshot(classroom) == before


def test_a_class_has_sixty_students(students):
    assert len(students) >= 64


def test_dry_run_tells_the_same_and_writes_nothing(source, classroom, students):
    path, before = source("gradescope"), snapshot(classroom)
    dry = collect([path], classroom, dry_run=True)
    assert snapshot(classroom) == before
    assert dry.rows == collect([path], classroom).rows
