"""Files of a git repository that somebody else made, read without running anything of it.

git runs with no configuration but ours. Nothing is checked out, so no hook, filter, submodule or
LFS pointer comes into play: objects are read and written as files.
"""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.errors import InfrastructureError, SubmissionError
from autograder.model import Record
from autograder.submission.choose import MAX_DEPTH, MAX_TOTAL
from autograder.submission.files import MAX_BYTES, could_be_submission, is_companion

SECONDS = 120
DEPTH = 200
"""Commits that are fetched at first."""
MAX_FILES = 500
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.alternateRefsCommand": "",
    "safe.directory": "*",
    "fetch.fsckObjects": "true",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_OURS = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
_KEPT = ("PATH", "HOME", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
MAX_BRANCHES = 50
"""Branches of a repository that are looked at."""
_SHA1 = 40
"""Letters of an id; repositories with longer ones say so in their format."""
_BARE = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
_SHA256 = (
    "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n"
)
_PASSWORD = re.compile(r"//[^/@]*@")
_OBJECT = re.compile(r"[0-9a-f]{40,64}")


class Commit(Record, frozen=True):
    """A commit, and when its committer says that it was made."""

    id: str
    time: datetime


def without_password(url: str) -> str:
    """Return a URL without what stands before its host."""
    return _PASSWORD.sub("//", url)


def is_repository(path: Path) -> bool:
    """Tell whether a folder is a repository, or has one in ``.git``; a link there is none."""
    return _git_folder(path) is not None


def _git_folder(path: Path) -> Path | None:
    for folder in (path / ".git", path):
        parts = (folder / "objects", folder / "HEAD", folder / "refs")
        if all(part.exists() for part in parts) and not any(
            part.is_symlink() for part in (folder, *parts)
        ):
            return folder
    return None


class Repository:
    """A repository of somebody, at hand through an empty one of ours.

    Parameters
    ----------
    home
        An empty folder for our own bare repository.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        for name in ("objects/info", "refs/heads"):
            (home / name).mkdir(parents=True)
        (home / "HEAD").write_text("ref: refs/heads/theirs\n", encoding="ascii")
        (home / "config").write_text(_BARE, encoding="ascii")
        self._branches: dict[str, str] = {}

    def borrow(self, path: Path) -> None:
        """Read the objects of a repository on this machine; its configuration is not read.

        Raises
        ------
        SubmissionError
            When it has no commit.
        """
        folder = _git_folder(path)
        if folder is None:
            raise SubmissionError("it is no git repository")
        alternates = self._home / "objects" / "info" / "alternates"
        alternates.write_bytes(os.fsencode((folder / "objects").resolve()) + b"\n")
        head = _read_head(folder)
        if len(head) > _SHA1:
            (self._home / "config").write_text(_SHA256, encoding="ascii")
        self._head = self._commit_of(head)
        self._branches = _read_branches(folder)

    def fetch(self, url: str, since: datetime | None = None) -> None:
        """Fetch the branch that a URL's HEAD names, its last commits only.

        Parameters
        ----------
        since
            Fetch everything if the last commits are all later than this.

        Raises
        ------
        SubmissionError
            When it cannot be fetched.
        """
        self._fetch("--depth", str(DEPTH), url)
        shallow = (self._home / "shallow").exists()
        if shallow and since is not None and self.before(since) is None:
            self._fetch("--unshallow", url)

    def _fetch(self, *arguments: str) -> None:
        *options, url = arguments
        self._run(
            "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--force", *options, "--",
            url, "HEAD:refs/heads/theirs", network=True,
        )  # fmt: skip
        self._head = self._commit_of("refs/heads/theirs")

    def _commit_of(self, name: str) -> str:
        try:
            found = self._run(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
            )
        except SubmissionError:
            raise SubmissionError("the repository has no commit") from None
        return found.decode().strip()

    def last(self) -> Commit:
        """Return the last commit."""
        found = self._log("--max-count=1")
        if found is None:
            raise SubmissionError("the repository has no commit")
        return found

    def before(self, deadline: datetime) -> Commit | None:
        """Return the last commit of the branch that is not later than a deadline."""
        end = int(deadline.timestamp())
        return self._log("--max-count=1", f"--before={end}")

    def later_branches(self, deadline: datetime | None) -> list[str]:
        """Return the branches of a borrowed repository with a commit that the one read lacks.

        Only those whose last commit is in time, and later than the last one here.
        """
        last, found = self.last() if deadline is None else self.before(deadline), []
        for name, commit in sorted(self._branches.items()):
            try:
                there = self._log("--max-count=1", commit, without=self._head)
            except SubmissionError:
                continue  # it was fetched in part
            late = deadline is not None and there is not None and there.time > deadline
            if there is not None and not late and (last is None or there.time > last.time):
                found.append(name)
        return found

    def _log(self, *options: str, without: str = "") -> Commit | None:
        told = self._run(
            "rev-list",
            "--first-parent",
            "--no-commit-header",
            "--format=%H %ct",
            *options,
            *([f"^{without}"] if without else [self._head]),
            "--",
        )
        found = re.fullmatch(rb"([0-9a-f]{40,64}) (-?\d+)\s*", told)
        if found is None:
            return None
        try:
            time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(found[2]))
        except OverflowError:
            raise SubmissionError("its last commit has an impossible time") from None
        return Commit(found[1].decode(), time)

    def write_files(self, commit: Commit, target: Path) -> None:
        """Write the files of a commit that could be a submission, within bounds."""
        wanted: list[tuple[str, Path]] = []
        left = MAX_TOTAL
        listing = self._run("ls-tree", "-r", "-z", "--long", "--full-tree", commit.id)
        for line in listing.split(b"\0"):
            found = re.fullmatch(rb"100\d{3} blob ([0-9a-f]+) +(\d+)\t(.+)", line, re.DOTALL)
            if found is None:
                continue  # a link, a submodule
            path, size = Path(os.fsdecode(found[3])), int(found[2])
            if not _is_wanted(path) or size > MAX_BYTES or size > left:
                continue
            left -= size
            wanted.append((found[1].decode(), path))
            if len(wanted) >= MAX_FILES:
                break
        self._write(wanted, target)

    def _write(self, wanted: list[tuple[str, Path]], target: Path) -> None:
        ids = "".join(f"{one}\n" for one, _ in wanted).encode()
        data, at = self._run("cat-file", "--batch", given=ids), 0
        for one, path in wanted:
            end = data.index(b"\n", at)
            head = data[at:end].decode("ascii", "replace").split(" ")
            if head[:2] != [one, "blob"]:
                raise SubmissionError("the repository is damaged")
            at = end + 1 + int(head[2])
            out = target / path
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(data[end + 1 : at])
            at += 1

    def _run(self, *arguments: str, given: bytes = b"", network: bool = False) -> bytes:
        environment = {name: os.environ[name] for name in (*_KEPT, *_PROXIES) if name in os.environ}
        environment |= _OURS
        environment["GIT_DIR"] = str(self._home)
        # Nothing is fetched that was not asked for: an object that is missing stays missing.
        environment["GIT_ALLOW_PROTOCOL"] = "https:http:ssh:git:file" if network else "none"
        settings = [part for item in _SETTINGS.items() for part in ("-c", "=".join(item))]
        try:
            done = subprocess.run(  # noqa: S603 # our own command, and names after --
                ["git", *settings, *arguments], cwd=self._home, env=environment, input=given,
                capture_output=True, timeout=SECONDS, check=False,
            )  # fmt: skip
        except FileNotFoundError:
            raise InfrastructureError("git is not installed", "Install git.") from None
        except subprocess.TimeoutExpired:
            raise SubmissionError(f"git took more than {SECONDS} s") from None
        if done.returncode:
            raise SubmissionError(_reason(done.stderr))
        return done.stdout


def _reason(told: bytes) -> str:
    """Return a sentence of ours: what git says may be the other side's words."""
    for part, reason in (
        (b"could not read Username", "the repository asks for a password, or is not there"),
        (b"Permission denied", "the repository does not let you in"),
        (b"not found", "there is no such repository"),
        (b"does not appear to be a git", "there is no such repository"),
        (b"Could not resolve host", "its host cannot be found"),
        (b"couldn't find remote ref", "the repository has no commit"),
    ):
        if part in told:
            return reason
    return "git cannot read the repository"


def _is_wanted(path: Path) -> bool:
    if path.is_absolute() or ".." in path.parts or len(path.parts) > MAX_DEPTH + 1:
        return False
    inside = not any(is_companion(part) for part in path.parts[:-1])
    zipped = path.suffix.lower() == ".zip"
    return inside and (could_be_submission(path.name) or zipped)


def _read_head(folder: Path) -> str:
    """Return the commit that a repository's HEAD means, without asking git there."""
    name = _text(folder / "HEAD")
    for _ in range(5):
        if not name.startswith("ref: "):
            break
        ref = name.removeprefix("ref: ").strip()
        if not ref.startswith("refs/") or ".." in ref:
            raise SubmissionError("the repository is damaged")
        name = _text(folder / ref) or _packed(folder, ref)
    if not _OBJECT.fullmatch(name.strip()):
        raise SubmissionError("the repository has no commit")
    return name.strip()


def _read_branches(folder: Path) -> dict[str, str]:
    """Return the last commits of a repository's branches, and of those that it has fetched."""
    found = {}
    packed = _lines_of(folder / "packed-refs")
    for commit, _, name in (line.partition(" ") for line in packed):
        found[name] = commit
    for place in ("refs/heads", "refs/remotes"):
        for path in _files_in(folder / place):
            found[path.relative_to(folder).as_posix()] = _text(path)
    short = {
        name.removeprefix("refs/heads/").removeprefix("refs/remotes/"): commit
        for name, commit in found.items()
        if name.startswith(("refs/heads/", "refs/remotes/")) and _OBJECT.fullmatch(commit)
    }
    return dict(list(short.items())[:MAX_BRANCHES])


def _files_in(folder: Path) -> list[Path]:
    if folder.is_symlink():
        return []
    below = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path, _ in zip(below, range(MAX_BRANCHES), strict=False)]


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(1000).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _packed(folder: Path, ref: str) -> str:
    lines = (line.partition(" ") for line in _lines_of(folder / "packed-refs"))
    return next((commit for commit, _, name in lines if name == ref), "")


def _lines_of(path: Path) -> list[str]:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()
