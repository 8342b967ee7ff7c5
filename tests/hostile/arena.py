"""Run the hostile scripts in one tier as one user, and say what did not hold.

Several run at once, each process with surroundings of its own: most scripts wait for a limit.

Around the sandbox lies everything that student code must not reach: files with a mark in each, a
seed, a gradebook, another student's notebook, listening sockets, and a grader whose environment and
memory hold marks too. A mark that turns up in anything that comes out is a breach.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
import secrets
import shutil
import socket
import sqlite3
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal

import msgspec
import nbformat
from collection import Script
from nbformat import v4
from rich.console import Console

from autograder.config import Config, Limits
from autograder.grading import grader as grading
from autograder.grading.grader import Exam, Grader
from autograder.model import encode_result
from autograder.reports import formats
from autograder.reports.text import render_result
from autograder.sandbox.isolation import Tier
from autograder.sandbox.records import Run
from autograder.sandbox.runtime import Runtime, find_runtime
from autograder.sandbox.selftest import try_tier
from autograder.sandbox.session import Session
from autograder.sandbox.worker import Worker

LIMITS = Limits(
    cell_seconds=1, cell_cpu_seconds=1, case_seconds=1, case_cpu_seconds=1,
    submission_seconds=5, submission_cpu_seconds=3, scratch_mib=4,
)  # fmt: skip
GRACE_SECONDS = 30
"""How far a submission on a busy machine may overrun: starts of workers are not its doing."""
NOBODY = 65534
TIERS: tuple[Tier, ...] = ("L", "B")
User = Literal["root", "unprivileged"]
USERS: tuple[User, ...] = ("root", "unprivileged")
MARKS = ("environment", "seed", "gradebook", "sibling", "home", "case", "memory")
AT_ONCE = 4
"""How many processes run scripts."""
Progress = Callable[[str], object]
"""Receives the name of each script before it runs."""

# What is allowed, as docs/security.md says: files in the scratch folder, which is /tmp in L; in B
# what a file is called, how large it is and when it changed.
ALLOWED: dict[str, tuple[str, ...]] = {
    "files/write_everywhere": (
        "file in .:", "exclusive in .:", "folder in .:", "unnamed file in .:", "tempfile:",
        "TemporaryFile:",
    ),
    "files/devices": ("write to /dev/null",),
    "kernel/every_number": ("numbers: [18, 90, 91, 95, 268]", "numbers: [16, 24, 68"),
    "processes/become_someone": ("umask",),
}  # fmt: skip
ALLOWED_IN: dict[tuple[Tier, str], tuple[str, ...]] = {
    ("L", "files/fill_inodes"): ("inodes made",),
    ("L", "files/write_everywhere"): (
        "file in /tmp:", "exclusive in /tmp:", "folder in /tmp:", "unnamed file in /tmp:",
    ),
    ("L", "files/zip_bomb_in_memory"): ("extract:",),
    ("L", "imports/pickles"): ("shelve:",),
    ("L", "kernel/writes_by_number"): ("mkdirat",),
    ("B", "files/metadata_of_secrets"): ("stat", "lstat"),
}  # fmt: skip

# Rules that return a tuple of arrays earn this with the cases about form, whoever hands them in.
EARNED_OPENLY: dict[str, float] = {"forging/patched_student": 1.2}


@dataclass
class Breach:
    """A script in a tier, and what did not hold."""

    script: str
    what: str


@dataclass
class Report:
    """What came of all scripts in one tier as one user; ``skipped`` says why they did not run."""

    tier: Tier
    user: User
    held: list[str] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    skipped: str = ""


class Arena:
    """The surroundings of the sandbox, made anew in a folder."""

    def __init__(self, folder: Path, course: Path, marks: dict[str, str]) -> None:
        self.folder = folder
        self.marks = marks
        self._make_files(course)
        self._servers: list[socket.socket] = []
        self.remember()

    def remember(self) -> None:
        """Take what the files are like now for what they must stay like."""
        self._before = self._fingerprint()

    def give_to(self, user: int) -> None:
        """Let the files belong to the user who grades."""
        for path in (self.folder, *self.folder.rglob("*")):
            os.chown(path, user, user)

    def targets(self) -> dict[str, object]:
        """Return the script's ``TARGETS``."""
        course = self.folder / "course"
        return {
            "course": str(course),
            "gradebook": str(course / "gradebook.db"),
            "seed_file": str(course / ".autograder" / "seed"),
            "hidden_case": str(course / "tests" / "hidden" / "case.py"),
            "reference": str(course / "reference"),
            "sibling": str(course / "submitted" / "sibling" / "05_autograd.ipynb"),
            "home_file": str(self.folder / "home" / "diary"),
            "port": self._servers[0].getsockname()[1],
            "unix_socket": str(self._servers[1].getsockname()),
            "abstract": self._servers[2].getsockname().decode(),
            "grader_pid": os.getpid(),
        }

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Listen, and hold marks in the environment and in memory."""
        os.environ["AUTOGRADER_SEED"] = self.marks["environment"]
        path = self.folder / "socket"
        self._servers = [socket.create_server(("127.0.0.1", 0)), *_unix_servers(path)]
        for server in self._servers:
            server.setblocking(False)
        try:
            yield
        finally:
            for server in self._servers:
                server.close()
            path.unlink(missing_ok=True)
            del os.environ["AUTOGRADER_SEED"]

    def harm(self) -> str:
        """Return what has been touched, or an empty text."""
        for server in self._servers:
            with contextlib.suppress(BlockingIOError):
                server.accept()[0].close()
                return "a listening socket was reached"
        if self._fingerprint() != self._before:
            return "a file was changed"
        return ""

    def leak(self, texts: Sequence[str]) -> str:
        """Return the name of a mark that occurs in a text, or an empty one."""
        everything = "\n".join(texts)
        return next((name for name, mark in self.marks.items() if mark in everything), "")

    def _make_files(self, course: Path) -> None:
        contents = {
            "course/.autograder/seed": self.marks["seed"],
            "course/tests/hidden/case.py": f"# {self.marks['case']}\n",
            "course/submitted/sibling/05_autograd.ipynb": json.dumps(self.marks["sibling"]),
            "home/diary": self.marks["home"],
        }
        for name, text in contents.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        shutil.copytree(course / "reference", self.folder / "course" / "reference")
        book = self.folder / "course" / "gradebook.db"
        with contextlib.closing(sqlite3.connect(book)) as connection:
            connection.execute("CREATE TABLE grade (score TEXT)")
            connection.execute("INSERT INTO grade VALUES (?)", (self.marks["gradebook"],))
            connection.commit()

    def _fingerprint(self) -> dict[str, tuple[int, int, str]]:
        found = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and "submissions" not in path.parts:
                facts = path.stat()
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[str(path)] = (facts.st_mode, facts.st_mtime_ns, digest)
        return found


def _unix_servers(path: Path) -> list[socket.socket]:
    servers = []
    for name in (str(path), f"\0{secrets.token_hex(8)}"):
        server = socket.socket(socket.AF_UNIX)
        server.bind(name)
        server.listen()
        servers.append(server)
    return servers


class Observer(Session):
    """A session whose runs can be looked at afterwards."""

    latest: tuple[Run, ...] = ()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        Observer.latest = ()

    def _go_on(self, cases: Any) -> Run:
        found = super()._go_on(cases)  # of the first run, of placebos and of traces
        Observer.latest += (found,)
        return found


class Stage:
    """All that is made before the first script runs, by whoever starts the tests."""

    def __init__(self, tier: Tier, course: Path, config: Config, folder: Path) -> None:
        self.tier: Tier = tier
        self.limits = LIMITS
        self.marks = {name: f"{name}-{secrets.token_hex(12)}" for name in MARKS}
        self.arenas = [
            Arena(folder / f"arena-{number}", course, self.marks) for number in range(AT_ONCE)
        ]
        config = msgspec.structs.replace(config, limits=self.limits)
        self.exam = Exam(course, config, self.marks["seed"].encode())
        self.exam.compute()
        self.bases = _bases(course, config)


def run_tier(
    tier: Tier,
    user: User,
    scripts: Sequence[Script],
    course: Path,
    config: Config,
    folder: Path,
    progress: Progress = lambda _name: None,
) -> Report:
    """Run scripts in one tier as one user.

    Parameters
    ----------
    folder
        Where the arenas are made; an unprivileged user must be able to enter it.
    """
    we_are_root = os.geteuid() == 0
    if user == "root" and not we_are_root:
        return Report(tier, user, skipped="only root can be root")
    stage = Stage(tier, course, config, folder)
    runtime: Runtime | str = find_runtime(stage.exam.handout, config.packages)
    becomes_nobody = we_are_root and user == "unprivileged"
    if becomes_nobody:
        copies = folder / "runtime"
        copies.mkdir()
        runtime = portable_runtime(stage.exam.handout, copies)
        if isinstance(runtime, str):
            return Report(tier, user, skipped=runtime)
        # Whatever is imported late is imported now: that user may not be able to read it.
        run_scripts(stage, stage.arenas[0], "root", iter(scripts[:2]), runtime, lambda _name: None)
        try_tier.cache_clear()
        for arena in stage.arenas:
            arena.give_to(NOBODY)
    return _run_at_once(stage, user, scripts, runtime, progress, becomes_nobody)


def _run_at_once(
    stage: Stage,
    user: User,
    scripts: Sequence[Script],
    runtime: Runtime,
    progress: Progress,
    becomes_nobody: bool,
) -> Report:
    """Call :func:`run_scripts` in processes that take one script after another."""
    forking = multiprocessing.get_context("fork")
    taken = forking.Value("i", 0)

    def take() -> Iterator[Script]:
        while True:
            with taken.get_lock():
                place, taken.value = taken.value, taken.value + 1
            if place >= len(scripts):
                return
            yield scripts[place]

    def run(arena: Arena, theirs: Connection) -> None:
        try:
            if becomes_nobody:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            theirs.send(run_scripts(stage, arena, user, take(), runtime, theirs.send))
        except BaseException:
            theirs.send(RuntimeError(traceback.format_exc()))
        os._exit(0)

    processes, waiting = [], []
    for arena in stage.arenas:
        ours, theirs = forking.Pipe()
        processes.append(forking.Process(target=run, args=(arena, theirs)))
        processes[-1].start()
        theirs.close()
        waiting.append(ours)
    report = Report(stage.tier, user)
    while waiting:
        for connection in wait(waiting):
            assert isinstance(connection, Connection)
            said = connection.recv()
            if isinstance(said, str):
                progress(said)
                continue
            waiting.remove(connection)
            if isinstance(said, RuntimeError):
                raise said
            report.held += said.held
            report.breaches += said.breaches
            report.skipped = report.skipped or said.skipped
    for process in processes:
        process.join()
    return report


def run_scripts(
    stage: Stage,
    arena: Arena,
    user: User,
    scripts: Iterator[Script],
    runtime: Runtime,
    progress: Progress,
) -> Report:
    """Grade a submission for each script, one after another on one worker."""
    report = Report(stage.tier, user)
    trial = try_tier(stage.tier, runtime, stage.limits)
    if not trial.works:
        report.skipped = trial.reason
        return report
    arena.remember()
    grading.Session = Observer  # type: ignore[misc] # to see what came out
    with arena.open(), Worker(stage.tier, runtime, stage.limits) as worker:
        grader = Grader(stage.exam, worker)
        _grade_cells(grader, arena.folder, [f"secret = {arena.marks['memory']!r}"])
        for script in scripts:
            progress(script.name)
            cells = script.cells(arena.targets(), stage.bases.get(script.base, []))
            try:
                what = _judge(grader, arena, script, cells, stage.tier)
            except Exception:  # nothing that a submission does may raise on this side
                what = traceback.format_exc(limit=-3)
            if what:
                report.breaches.append(Breach(script.name, what))
            else:
                report.held.append(script.name)
        if _grade_cells(grader, arena.folder, stage.bases["solution"]).score <= 0:
            report.breaches.append(Breach("the next submission", "it is not graded any more"))
    grading.Session = Session  # type: ignore[misc]
    return report


def _judge(grader: Grader, arena: Arena, script: Script, cells: list[str], tier: Tier) -> str:
    """Return what did not hold, or an empty text."""
    result = _grade_cells(grader, arena.folder, cells)
    runs = Observer.latest
    what = ALLOWED.get(script.name, ()) + ALLOWED_IN.get((tier, script.name), ())
    allowed = tuple(f"REACHED {reached}" for reached in what)
    for line in "\n".join(run.output for run in runs).splitlines():
        if line.startswith("REACHED") and not (allowed and line.startswith(allowed)):
            return line
    junit = formats.find_format("junit").render(formats.Report(result=result))
    texts = [encode_result(result).decode(), junit, _rendered(result)]
    for run in runs:
        texts += [run.output, repr(run.cells), repr(run.cases), repr(run.statements)]
    leak = arena.leak(texts)
    if leak:
        return f"the mark of the {leak} came out"
    whole = script.base == "solution"
    ceiling = result.max_score if whole else EARNED_OPENLY.get(script.name, 0.0)
    if result.score > ceiling or (not whole and result.extra_credit.score > 0):
        return f"{result.score} points and {result.extra_credit.score} extra"
    if result.provenance.seconds > LIMITS.submission_seconds + GRACE_SECONDS:
        return f"it took {result.provenance.seconds} s"
    return arena.harm()


def _rendered(result: Any) -> str:
    console = Console(width=80, record=True, file=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    with console.file:
        console.print(render_result(result))
        return console.export_text()


def _grade_cells(grader: Grader, folder: Path, cells: list[str]) -> Any:
    path = folder / "submissions" / "05_autograd.ipynb"
    path.parent.mkdir(exist_ok=True)
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    path.write_text(nbformat.v4.nbjson.writes(notebook), encoding="utf-8")
    return grader.grade(path).result


def _bases(course: Path, config: Config) -> dict[str, list[str]]:
    name = Path(config.assignment) / f"{config.notebook}.ipynb"
    return {
        base: [
            cell.source
            for cell in nbformat.read(course / folder / name, as_version=4).cells
            if cell.cell_type == "code"
        ]
        for base, folder in (("stub", "release"), ("solution", "source"))
    }


def portable_runtime(handout: Path, folder: Path) -> Runtime | str:
    """Return a runtime that any user may read, or why there is none."""
    own = find_runtime(handout)
    stdlib = Path(sysconfig.get_path("stdlib")).resolve()
    system = own.system
    python = own.python
    if not all(_readable_by_all(path) for path in (own.python, stdlib)):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        python, stdlib = Path(f"/usr/bin/python{version}"), Path(f"/usr/lib/python{version}")
        if not (python.exists() and stdlib.is_dir()):
            return f"no Python {version} here that every user may read"
        libraries = [path for path in own.system if path.is_dir() and _readable_by_all(path)]
        system = (*libraries, Path("/etc/ld.so.cache"), stdlib, python)
    packages = []
    for name, place in own.packages:
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir():
            shutil.copytree(place, copy, dirs_exist_ok=True)
        else:
            shutil.copy(place, copy)
        packages.append((name, copy))
    hidden = tuple(path for path in own.hidden if path.is_relative_to(stdlib) or path.exists())
    return Runtime(
        python=python.resolve(), system=system, hidden=hidden, packages=tuple(packages),
        version=own.version,
    )  # fmt: skip


def _readable_by_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in (path, *path.parents))
