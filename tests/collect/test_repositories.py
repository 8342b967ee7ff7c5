"""Repositories of students: read at the deadline, and nothing of theirs runs."""

import os
import subprocess
from datetime import timedelta

import people
import pytest

from autograder.collect.gather import collect
from autograder.collect.repository import without_password


def git(repository, *arguments, time=None):
    stamp = {} if time is None else dict.fromkeys(
        ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), time.isoformat()
    )  # fmt: skip
    ours = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = [part for name in ("user.name=x", "user.email=x@example.edu", "init.defaultBranch=main")
           for part in ("-c", name)]  # fmt: skip
    subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True,
                   env=os.environ | ours | stamp)  # fmt: skip


def make_repository(path, commits):
    """Make a repository with a commit for each (time, files), in two processes."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet")
    stream = b""
    for time, files in commits:
        stamp = f"{int(time.timestamp())} +0000"
        stream += f"commit refs/heads/main\ncommitter x <x@x> {stamp}\ndata 4\nwork\n".encode()
        for name, data in files.items():
            quoted = '"' + name.replace('"', '\\"') + '"'
            stream += f"M 100644 inline {quoted}\ndata {len(data)}\n".encode() + data + b"\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=path, input=stream, check=True)
    return path


@pytest.fixture
def few(students):
    chosen = {"Ben", "zoë.o'neil", "late", "both"}
    named = {s.wanted: s for s in students}
    late, both = named[people.notebook("late")], named[people.notebook("in time")]
    return [s for s in students if s.id in chosen] + [late, both]


def commits(student):
    return [(one.time, {**one.files, "README.md": b"mine"}) for one in student.hand_ins]


def submitted(layout):
    return {
        path.parents[1].name: path.read_bytes()
        for path in layout.course.glob("submitted/*/*/05_autograd.*")
    }


@pytest.mark.parametrize(
    ("kind", "top", "prefix"),
    [("classroom", "05-autograd-submissions", "05-autograd-"),
     ("classroom50", "cs1-05-autograd_submissions_2026_03_02_T_08_00_00", "cs1-05-autograd-")],
)  # fmt: skip
def test_folders_of_repositories_are_read_at_the_deadline(
    kind, top, prefix, few, classroom, tmp_path
):
    for s in few:
        make_repository(tmp_path / top / f"{prefix}{s.github}", commits(s))
    if kind == "classroom50":
        (tmp_path / top / "scores.csv").write_text("username,score\n", encoding="utf-8")
    account = collect([tmp_path / top], classroom)
    assert account.sources[0][1] == kind
    assert submitted(classroom) == {s.id: s.wanted for s in few}
    assert {(row.student, row.status) for row in account.rows if row.student in {s.id for s in few}
            } == {(s.id, status) for s in few for status in s.statuses}  # fmt: skip
    assert collect([tmp_path / top], classroom).changed("new") == ()


def test_list_of_urls_and_folders_is_fetched(few, classroom, tmp_path):
    lines = ["student,repository"]
    for at, s in enumerate(few):
        path = make_repository(tmp_path / f"r{at}", commits(s))
        lines.append(f'"{s.id}",{path.as_uri() if at % 2 else path.name}')
    lines.append(f"{few[0].id},file:///nowhere/at/all")
    listed = tmp_path / "repositories.csv"
    listed.write_text("\n".join(lines), encoding="utf-8")
    account = collect([listed], classroom)
    assert account.sources[0][1] == "git"
    assert submitted(classroom) == {s.id: s.wanted for s in few}
    (bad,) = account.of("unreadable")
    assert bad.file == "file:///nowhere/at/all"


def test_the_whole_class_comes_from_repositories(students, classroom, tmp_path):
    there = [s for s in students if s.hand_ins]
    for s in there:
        make_repository(tmp_path / "x-submissions" / f"x-{s.github}", [
            (one.time, one.files) for one in s.hand_ins])  # fmt: skip
    collect([tmp_path / "x-submissions"], classroom)
    wanted = {s.id: s.wanted for s in there if s.wanted is not None and not s.outsider}
    # A repository has one last commit in time, readable or not.
    (broken,) = (s.id for s in there if s.wanted == people.notebook("good"))
    assert submitted(classroom) == wanted | {broken: b"{"}


def test_nothing_of_a_repository_runs(classroom, tmp_path):
    mark = tmp_path / "ran"
    path = make_repository(
        tmp_path / "x-submissions" / "x-Ben",
        [(people.IN_TIME, {"05_autograd.ipynb": people.notebook("Ben"),
                           ".gitattributes": b"* filter=evil diff=evil\n"})],
    )  # fmt: skip
    script = path / ".git" / "evil"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n", encoding="utf-8")
    script.chmod(0o755)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (path / ".git" / "hooks" / hook).write_bytes(script.read_bytes())
        (path / ".git" / "hooks" / hook).chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.sshCommand", "gpg.program",
                 "filter.evil.smudge", "diff.evil.textconv", "uploadpack.packObjectsHook",
                 "core.alternateRefsCommand", "credential.helper"):  # fmt: skip
        git(path, "config", name, str(script))
    git(path, "config", "log.showSignature", "true")
    git(path, "config", "extensions.partialClone", "origin")
    git(path, "config", "remote.origin.promisor", "true")
    git(path, "config", "remote.origin.url", f"ext::sh -c touch% {mark}")
    collect([path.parent], classroom)
    listed = tmp_path / "list.csv"
    listed.write_text(f"Ben,{path.as_uri()}\nben,ext::sh -c touch% {mark}\n", encoding="utf-8")
    collect([listed], classroom)
    assert submitted(classroom)["Ben"] == people.notebook("Ben")
    assert not mark.exists()


def test_links_and_submodules_are_not_followed(classroom, tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(people.notebook("secret"))
    path = tmp_path / "x-submissions" / "x-Ben"
    make_repository(path, [(people.IN_TIME, {"notes.md": b"x"})])
    git(path, "reset", "--hard", "--quiet")
    (path / "05_autograd.ipynb").symlink_to(secret)
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message", "link", time=people.IN_TIME)
    other = tmp_path / "x-submissions" / "x-ben"
    other.mkdir()
    (other / ".git").write_text(f"gitdir: {path / '.git'}\n", encoding="utf-8")
    collect([path.parent], classroom)
    assert "Ben" not in submitted(classroom)
    assert "ben" not in submitted(classroom)


def test_commit_before_the_deadline_is_found_behind_many_later_ones(
    classroom, tmp_path, monkeypatch
):
    monkeypatch.setattr("autograder.collect.repository.DEPTH", 2)
    late = [(people.LATE + timedelta(minutes=at), {"05_autograd.ipynb": people.notebook(f"l{at}")})
            for at in range(5)]  # fmt: skip
    first = (people.IN_TIME, {"05_autograd.ipynb": people.notebook("first")})
    path = make_repository(tmp_path / "r", [first, *late])
    listed = tmp_path / "list.csv"
    listed.write_text(f"Ben,{path.as_uri()}\n", encoding="utf-8")
    collect([listed], classroom)
    assert submitted(classroom) == {"Ben": people.notebook("first")}


def test_password_in_a_url_is_not_shown():
    assert without_password("https://me:token@host/x.git") == "https://host/x.git"
