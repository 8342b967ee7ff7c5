"""What people hand in where nobody has told them how."""

import bz2
import gzip
import io
import subprocess
import tarfile

import people
import pytest

from autograder.collect.archives import unpack
from autograder.collect.gather import collect
from autograder.collect.unpack import STUDENT_ZIP, Limits
from autograder.errors import SubmissionError, UsageError

ROSTER = (
    "id,name,email,lms_id,group\n"
    'sean,"O\'Brien, Seán",s@x,101,Tue\njorg,"Müller, Jörg",j@x,102,Tue\n'
    "ann,Ann Lee,a@x,103,Mon\nlena,Lena Meier,l@x,104,Mon\nrar,Rar Man,r@x,105,Mon\n"
)
NOTEBOOK = people.notebook("x")


def tarred(files, kind="gz"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{kind}") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(data, bytes):
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
            else:
                info.type, info.linkname = data
                archive.addfile(info)
    return out.getvalue()


@pytest.fixture
def take(make_layout, tmp_path):
    def take(files, roster=ROSTER, kind=""):
        layout = make_layout("due: 2026-11-20 23:59 UTC", roster=roster)
        return collect([people.write(files, tmp_path / "in" / "down")], layout, kind=kind)

    return take


def rows(account):
    return {
        (row.student, row.status, row.detail) for row in account.rows if row.status != "missing"
    }


# Archives.


@pytest.mark.parametrize("kind", ["", "gz", "bz2"])
def test_a_tar_archive_is_unpacked(kind, take):
    data = tarred({"hw/05_autograd.ipynb": NOTEBOOK, "hw/._05_autograd.ipynb": b"\0\5"}, kind)
    account = take({f"Ann Lee_1_assignsubmission_file_/hw.{kind or 'tar'}": data,
                    "Lena Meier_2_assignsubmission_file_/05_autograd.ipynb": NOTEBOOK})  # fmt: skip
    assert account.changed("new") == ("ann", "lena")


def test_a_class_as_a_tar_archive(make_layout, tmp_path):
    layout = make_layout(roster=ROSTER)
    path = tmp_path / "class.tgz"
    path.write_bytes(tarred({"ann.ipynb": NOTEBOOK, "sean.ipynb": NOTEBOOK}))
    assert collect([path], layout).changed("new") == ("ann", "sean")
    path.write_bytes(b"7z\xbc\xaf\x27\x1c")
    with pytest.raises(UsageError, match="a 7z archive, which is not unpacked here"):
        collect([path], layout)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [("hw.7z", b"7z\xbc\xaf\x27\x1c...", "a 7z archive"), ("hw.rar", b"Rar!...", "a RAR archive"),
     ("hw.gz", gzip.compress(NOTEBOOK), "a compressed file")],
)  # fmt: skip
def test_an_archive_that_is_not_unpacked_is_no_pdf(name, data, kind, take):
    """It may be the submission: it is unreadable, alone or beside others."""
    account = take({f"leeann_103_1_{name}": data, f"manrar_105_2_{name}": data,
                    "manrar_105_3_notes.pdf": b"%PDF"})  # fmt: skip
    told = rows(account)
    for student in ("ann", "rar"):
        assert any(one[0] == student and one[1] == "unreadable" and kind in one[2] for one in told)
    assert account.needs_a_look


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"../up.ipynb": NOTEBOOK}, "leaves the archive"),
        ({"/etc/up.ipynb": NOTEBOOK}, "absolute"),
        ({"a.ipynb": (tarfile.SYMTYPE, "/etc/passwd")}, "link"),
        ({"a.ipynb": (tarfile.LNKTYPE, "good.ipynb")}, "link"),
        ({"a.ipynb": (tarfile.FIFOTYPE, "")}, "no regular file"),
        ({"a.ipynb": bytes(81 << 20)}, "more than may be"),
        ({"good.ipynb": b"again"}, "has its name"),
    ],
)
def test_a_bad_member_is_refused_by_name_and_the_rest_comes(files, reason, tmp_path):
    path, out = tmp_path / "a.tgz", tmp_path / "out"
    first = 512 + -(-len(NOTEBOOK) // 512) * 512
    good, bad = tarred({"good.ipynb": NOTEBOOK}, ""), tarred(files, "")
    path.write_bytes(gzip.compress(good[:first] + bad))
    (refused,) = unpack(path, out, STUDENT_ZIP)
    assert reason in refused.reason
    assert [one.name for one in out.rglob("*.*")] == ["good.ipynb"]
    assert (out / "good.ipynb").read_bytes() == NOTEBOOK


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_a_tar_archive_that_is_cut_off_is_refused_or_whole(pack, tmp_path):
    wanted = {"a.ipynb": NOTEBOOK * 3, "b.ipynb": NOTEBOOK * 9}
    data = pack(tarred(wanted, ""))
    refused = 0
    for length in range(min(600, len(data) // 9), len(data), max(1, len(data) // 90)):
        path, out = tmp_path / f"{length}.tar", tmp_path / f"out{length}"
        path.write_bytes(data[:length])
        try:
            unpack(path, out, STUDENT_ZIP)
        except SubmissionError as error:
            assert "cut off" in error.message
            refused += 1
        else:  # the zeros at its end are not needed
            assert {one.name: one.read_bytes() for one in out.iterdir()} == wanted
    assert refused > 20


def test_a_tar_bomb_takes_no_memory(tmp_path):
    """A name of a gigabyte, too many members, more than may come out."""
    limits = Limits(members=50, total=1 << 20)
    info = tarfile.TarInfo("a")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    long_name = info.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 20)
    many = tarred({f"{at}.ipynb": b"x" for at in range(60)}, "")
    large = tarred({f"{at}.ipynb": bytes(1 << 19) for at in range(9)}, "")
    for place, data in enumerate((long_name, many, large)):
        path = tmp_path / f"{place}.tgz"
        path.write_bytes(gzip.compress(data))
        with pytest.raises(SubmissionError, match="more than"):
            unpack(path, tmp_path / f"out{place}", limits)


# What was typed, and what is nobody's.


def test_text_that_was_typed_is_told_as_that(take):
    account = take({
        "leeann_103_text.html": b"<html>", "manrar_105_link.html": b"<html>",
        "meierlena_104_9_05_autograd.ipynb": NOTEBOOK, "desktop.ini": b"x",
    })  # fmt: skip
    assert rows(account) == {
        ("ann", "not a submission", "text was typed into Canvas, and no file handed in"),
        ("rar", "not a submission", "a link was typed into Canvas, and no file handed in"),
        ("lena", "taken", ""),
    }


def test_all_of_moodles_plugins(take):
    account = take({
        "Ann Lee_1_assignsubmission_onlinetext_/onlinetext.html": b"<html>",
        "Lena Meier_2_assignsubmission_file_/05_autograd.ipynb": NOTEBOOK,
        "Lena Meier_2_assignfeedback_file_/marked.pdf": b"%PDF",
        "Rar Man_3_assignsubmission_comments_/comments.html": b"<html>",
        "Jörg Müller_4_assignsubmission_pdf_/05_autograd.ipynb": NOTEBOOK,
    })  # fmt: skip
    assert dict(account.sources) and account.sources[0][1] == "moodle"
    assert rows(account) == {
        ("ann", "not a submission", "text was typed into Moodle, and no file handed in"),
        ("lena", "taken", ""),
        ("", "not a submission", "it is feedback, and nobody's hand-in"),
        ("rar", "not a submission", "a comment was typed into Moodle, and no file handed in"),
        ("jorg", "taken", ""),
    }


def test_a_group_before_the_name_in_moodle(take):
    account = take({
        "Group 1-Jörg Müller_2_assignsubmission_file_/a.ipynb": NOTEBOOK,
        "Default group-Anna-Lena Meier_3_assignsubmission_file_/a.ipynb": NOTEBOOK,
    })  # fmt: skip
    assert account.changed("new") == ("jorg",)
    assert [row.file for row in account.of("unknown student")] == [
        "Default group-Anna-Lena Meier_3/a.ipynb"
    ]


def test_a_name_of_two_parts_is_no_group_and_a_name(take):
    """Anna-Lena Meier is not Lena Meier."""
    account = take({"Anna-Lena Meier_3_assignsubmission_file_/a.ipynb": NOTEBOOK,
                    "Ann Lee_1_assignsubmission_file_/a.ipynb": NOTEBOOK})  # fmt: skip
    assert account.changed("new") == ("ann",)
    assert [row.name for row in account.of("unknown student")] == ["Anna-Lena Meier"]


def test_those_without_an_id_in_gradescope_are_no_student_called_null(take):
    metadata = "".join(
        f"submission_{at}:\n  :submitters:\n  - :name: {name}\n    :sid: {sid}\n"
        f"    :email: {at}@x\n"
        "  :created_at: 2026-11-20 20:00:00 Z\n"
        for at, name, sid in ((1, "Ann Lee", "null"), (2, "Bo Chen", "~"), (3, "Cy Dee", ""))
    )
    files = {f"submission_{at}/a.ipynb": people.notebook(at) for at in (1, 2, 3)}
    account = take(files | {"submission_metadata.yml": metadata.encode()}, roster=None)
    assert account.changed("new") == ("1@x", "2@x", "3@x")


def test_an_older_download_that_is_collected_later_replaces_nothing(make_layout, tmp_path):
    """Canvas counts what it is handed: an order for what has no time."""
    layout = make_layout(roster=ROSTER)
    new = people.write({"leeann_103_902_a-1.ipynb": people.notebook("new")}, tmp_path / "new")
    old = people.write({"leeann_103_901_a.ipynb": people.notebook("old")}, tmp_path / "old")
    last = people.write({"leeann_103_905_a-2.ipynb": people.notebook("last")}, tmp_path / "last")
    for source, wanted in ((new, "new"), (old, "new"), (last, "last"), (old, "last")):
        collect([source], layout)
        assert layout.submission("ann").read_bytes() == people.notebook(wanted)


# Brightspace, forms and drives.


@pytest.mark.parametrize("own", ["/05_autograd.ipynb", " - 05_autograd.ipynb"])
@pytest.mark.parametrize("roster", [ROSTER, None])
def test_brightspace(own, roster, take):
    account = take({
        f"11-99 - Seán O'Brien - Nov 20, 2026 1159 PM{own}": people.notebook("in time"),
        f"12-99 - Jörg Müller - Nov 21, 2026 1201 AM{own}": people.notebook("late"),
        f"12-99 - Jörg Müller - Nov 19, 2026 1201 PM{own}": people.notebook("first"),
        f"13-99 - Ann Lee - 20 November, 2026 2359{own}": people.notebook("ann"),
        "index.html": b"<html>",
    }, roster=roster)  # fmt: skip
    assert account.sources[0][1] == "brightspace"
    who = ("11", "12", "13") if roster is None else ("sean", "jorg", "ann")
    assert set(account.changed("new")) == set(who)
    times = {(row.student, row.status, row.time) for row in account.of("taken", "late")}
    assert times == {
        (who[0], "taken", "2026-11-20 23:59:00 UTC"),
        (who[1], "taken", "2026-11-19 12:01:00 UTC"),
        (who[1], "late", "2026-11-21 00:01:00 UTC"),
        (who[2], "taken", "2026-11-20 23:59:00 UTC"),
    }


def test_the_assignments_name_in_a_files_name_is_no_part_of_the_student(take):
    files = {"05_autograd - Seán O'Brien.ipynb": NOTEBOOK,
             "Jörg Müller - 05_autograd.ipynb": NOTEBOOK,
             "ann_05_autograd.ipynb": NOTEBOOK, "05_autograd-lena (1).ipynb": NOTEBOOK,
             "rar.pdf": b"%PDF", "Copy of 05_autograd.ipynb": NOTEBOOK}  # fmt: skip
    account = take(files)
    assert account.changed("new") == ("ann", "jorg", "lena", "sean")
    assert ("rar", "not a submission", "rar.pdf is neither a notebook nor Python") in rows(account)
    assert len(account.of("unknown student")) == 1


def test_one_file_that_is_called_as_a_student(make_layout, tmp_path):
    path = tmp_path / "ann.ipynb"
    path.write_bytes(NOTEBOOK)
    account = collect([path], make_layout(roster=ROSTER))
    assert account.changed("new") == ("ann",)
    path = path.rename(tmp_path / "eve.ipynb")
    for layout in (make_layout(roster=ROSTER), make_layout(name="other")):
        with pytest.raises(UsageError, match="nothing says whose it is"):
            collect([path], layout)


def test_another_assignment_in_nbgraders_layout_is_not_this_one(take):
    other = people.notebook("losses").replace(b"AddBackward", b"Loss")
    account = take({"ann/05_autograd/05_autograd.ipynb": NOTEBOOK,
                    "lena/04_losses/04_losses.ipynb": other,
                    "sean/modules/05_autograd.ipynb": other,
                    "rar/hw/x.ipynb": NOTEBOOK})  # fmt: skip
    assert account.changed("new") == ("ann", "rar", "sean")
    assert ("lena", "not a submission", "it holds nothing of 05_autograd") in rows(account)
    (missing,) = (row for row in account.of("missing") if row.student == "lena")
    assert missing.detail == "no submission in it"


@pytest.mark.parametrize("roster", [ROSTER, None])
def test_a_download_in_a_folder_is_no_students_zip(roster, make_layout, tmp_path):
    layout = make_layout(roster=roster)
    download = people.zipped({"leeann_103_1_a.ipynb": people.notebook("ann"),
                              "meierlena_104_2_a.ipynb": people.notebook("lena")})  # fmt: skip
    account = collect([people.write({"submissions.zip": download}, tmp_path / "down")], layout)
    assert account.sources[0][1] == "canvas"
    assert account.changed("new") == (("ann", "lena") if roster else ("103", "104"))
    own = people.zipped({"hw/05_autograd.ipynb": NOTEBOOK})
    git = {f"hw/.git/{name}": b"ref: refs/heads/main" for name in ("HEAD", "objects/x", "refs/x")}
    for one in (own, people.zipped({"hw/05_autograd.ipynb": NOTEBOOK, **git})):
        account = collect([people.write({"ann.zip": one}, tmp_path / "one")], layout)
        assert account.sources[0][1] == "folder"
    assert layout.submission("ann").read_bytes() == NOTEBOOK


def test_without_a_roster_too(take):
    account = take(
        {"05_autograd_bo.ipynb": NOTEBOOK, "cy_05_autograd.ipynb": NOTEBOOK}, roster=None
    )
    assert account.changed("new") == ("bo", "cy")


# Repositories.


def commit(folder, *arguments, when="2026-11-19T10:00:00Z"):
    names = {
        f"GIT_{who}_{what}": "x@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    environment = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null",
                   "GIT_COMMITTER_DATE": when, **names}  # fmt: skip
    subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )


@pytest.fixture
def clones(tmp_path):
    def make(name, *options, files=True):
        folder = tmp_path / "clones" / f"hw-{name}"
        folder.mkdir(parents=True)
        commit(folder, "init", "-q", "-b", "main", *options)
        if files:
            (folder / "05_autograd.ipynb").write_bytes(NOTEBOOK)
            commit(folder, "add", "-A")
            commit(folder, "commit", "-q", "-m", "one")
        return folder

    return make


def test_an_empty_repository_is_its_students(clones, make_layout):
    clones("ann")
    home = clones("lena", files=False).parent
    account = collect([home], make_layout(roster=ROSTER))
    assert ("lena", "unreadable", "the repository has no commit") in rows(account)


def test_a_repository_of_the_longer_ids(clones, make_layout):
    clones("ann")
    home = clones("lena", "--object-format=sha256").parent
    assert collect([home], make_layout(roster=ROSTER)).changed("new") == ("ann", "lena")


def test_later_work_on_another_branch_is_told(clones, make_layout):
    """Not what came too late, and not a branch with nothing new."""
    layout = make_layout("due: 2026-11-20 23:59 UTC", roster=ROSTER)
    for name, when in (("ann", "2026-11-20T10:00:00Z"), ("lena", "2026-11-25T10:00:00Z")):
        folder = clones(name)
        commit(folder, "branch", "feedback")
        commit(folder, "checkout", "-q", "-b", "solution")
        commit(folder, "commit", "-q", "--allow-empty", "-m", "more", when=when)
        commit(folder, "checkout", "-q", "main")
    packed = clones("sean")
    commit(packed, "checkout", "-q", "-b", "other")
    commit(packed, "commit", "-q", "--allow-empty", "-m", "more", when="2026-11-20T10:00:00Z")
    commit(packed, "checkout", "-q", "main")
    commit(packed, "pack-refs", "--all")
    account = collect([packed.parent], layout)
    assert rows(account) == {
        ("ann", "taken", "later work lies on the branch solution"),
        ("lena", "taken", ""),
        ("sean", "taken", "later work lies on the branch other"),
    }
    assert account.needs_a_look
