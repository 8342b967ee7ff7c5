"""Archives of strangers: bounded, nothing outside, what is refused is named, the rest comes."""

import io
import os
import stat
import struct
import zipfile

import people
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.collect import unpack as module
from autograder.collect.gather import collect
from autograder.collect.unpack import Limits
from autograder.collect.unpack import unpack_zip as unpack
from autograder.errors import InfrastructureError, SubmissionError, UsageError

SMALL = Limits(members=20, total=1 << 20)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "deep" / "out"


def archive(tmp_path, *members):
    """Write a zip of (name or ZipInfo, data)."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members:
            opened.writestr(name, data, zipfile.ZIP_DEFLATED)
    return path


def special(name, kind):
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    info.create_system = 3
    return info


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "reason"),
    [("../evil.ipynb", "leaves"), ("a/../../evil.ipynb", "leaves"), ("/etc/evil.ipynb", "absolute"),
     ("C:\\evil.ipynb", "absolute"), ("..\\evil.ipynb", "leaves"), ("x" * 300, "too long"),
     ("/".join("abcdefghijklmno") + "/x.ipynb", "deep"),
     (special("link.ipynb", stat.S_IFLNK), "link"), (special("dev", stat.S_IFCHR), "regular"),
     (special("pipe", stat.S_IFIFO), "regular")],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)  # fmt: skip
def test_member_that_would_do_harm_is_refused_and_the_rest_comes(name, reason, tmp_path, out):
    (refused,) = unpack(archive(tmp_path, (name, "/etc/passwd"), ("good.py", "x")), out, SMALL)
    assert reason in refused.reason
    assert files_in(out) == ["good.py"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "deep"]


def test_encrypted_member_is_refused(tmp_path, out):
    path = archive(tmp_path, ("a.py", "x"), ("b.py", "y"))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert [one.reason for one in unpack(path, out, SMALL)] == ["it is encrypted"]
    assert files_in(out) == ["b.py"]


def test_bombs_are_refused(tmp_path, out):
    path = archive(tmp_path, ("bomb", bytes(8 << 20)), ("big", os.urandom(2 << 20)), ("ok", b"x"))
    reasons = {one.name: one.reason for one in unpack(path, out, SMALL)}
    assert reasons == {"bomb": "it is a zip bomb", "big": "it unpacks to more than may be"}
    assert files_in(out) == ["ok"]


def test_bomb_that_lies_about_its_size_is_stopped(tmp_path, out):
    path = archive(tmp_path, ("bomb", bytes(3 << 20)))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    path.write_bytes(data)
    assert len(unpack(path, out, SMALL)) == 1
    assert files_in(out) == []


def test_too_many_members_are_refused_before_they_are_listed(tmp_path, out):
    path = archive(tmp_path, *((f"{at}", "") for at in range(30)))
    with pytest.raises(SubmissionError, match="holds 30 files"):
        unpack(path, out, SMALL)
    path = archive(tmp_path, *((f"{at}", "") for at in range(200)))
    with pytest.raises(SubmissionError, match="lists more than 20"):
        unpack(path, out, SMALL)


def test_names_in_other_encodings_and_doubles_are_taken_or_named(tmp_path, out):
    info = zipfile.ZipInfo("caf?.py")
    path = archive(tmp_path, (info, "x"), ("same.py", "1"))
    with zipfile.ZipFile(path, "a") as opened, pytest.warns(UserWarning):
        opened.writestr("same.py", "2")
    path.write_bytes(path.read_bytes().replace(b"caf?.py", b"caf\xe9.py"))
    assert [one.name for one in unpack(path, out, SMALL)] == ["same.py"]
    assert (out / "same.py").read_text() == "1"
    assert len(files_in(out)) == 2
    path.write_bytes(path.read_bytes().replace(b"caf\xe9.py", "zoë.py".encode()))
    unpack(path, tmp_path / "second", SMALL)
    assert "zoë.py" in files_in(tmp_path / "second")


def test_truncated_download_is_wrong_usage(tmp_path, students, classroom):
    path = tmp_path / "class.zip"
    path.write_bytes(people.zipped(people.canvas(students))[:-2000])
    with pytest.raises(UsageError, match="cut off"):
        collect([path], classroom)
    assert not (classroom.course / "submitted").exists()


def test_a_disk_that_fills_leaves_nothing_half_written(tmp_path, out, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_copy", full)
    with pytest.raises(InfrastructureError, match="No space left"):
        unpack(archive(tmp_path, ("a.py", "x")), out, SMALL)
    assert files_in(out) == []


def test_students_bomb_costs_that_student_alone(tmp_path, classroom, students):
    ben = {"05_autograd.ipynb": people.notebook("ben")}
    bomb = people.zipped({"05_autograd.ipynb": bytes(30 << 20)})
    nested = people.zipped({"x.ipynb": people.notebook("x")})
    for _ in range(6):
        nested = people.zipped({"next.zip": nested})
    files = {"Ben/hw.zip": bomb, "ben/05_autograd.ipynb": ben["05_autograd.ipynb"],
             "007/hw.zip": nested, "émile/hw.zip": b"PK\x03\x04 cut off"}  # fmt: skip
    account = collect([people.write(files, tmp_path / "down")], classroom)
    assert account.changed("new") == ("ben",)
    reasons = {row.student: row.detail for row in account.of("not a submission", "unreadable")}
    assert "deep" in reasons["007"]
    assert "damaged" in reasons["émile"]
    assert {row.status for row in account.rows if row.student == "Ben"} == {
        "unreadable", "missing",
    }  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_bytes_are_unpacked_or_refused(data, tmp_path_factory):
    out = io.BytesIO()
    names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in data.draw(st.lists(names, max_size=4, unique=True)):
            opened.writestr(zipfile.ZipInfo(name), data.draw(st.binary(max_size=60)))
    raw = bytearray(out.getvalue())
    for _ in range(data.draw(st.integers(0, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    root = tmp_path_factory.mktemp("fuzz")
    path = root / "f.zip"
    path.write_bytes(raw)
    try:
        for one in unpack(path, root / "in" / "out", SMALL):
            assert one.reason
    except SubmissionError as error:
        assert error.message
    assert sorted(one.name for one in root.iterdir() if one.name != "f.zip") in ([], ["in"])
    assert not any(one.is_symlink() for one in root.rglob("*"))
