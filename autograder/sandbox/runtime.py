"""What a submission may import, as paths on this machine: bound into the sandbox, nothing else."""

from __future__ import annotations

import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path

import msgspec

from autograder.errors import InfrastructureError, UsageError
from autograder.model import Record
from autograder.sandbox.handout import handout_files
from autograder.sandbox.survey import survey

GUEST = Path(__file__).resolve().parent.parent / "guest"
ALWAYS = ("numpy", "ipython", "parso")
"""What a cell or the guest needs: arrays, the shell that notebooks are written for, and a parser
that goes on after a mistake."""
NEEDED = (3, 11)
"""The oldest Python that runs the guest."""
ASK_SECONDS = 60


class Runtime(Record, frozen=True):
    """Paths for a worker.

    Attributes
    ----------
    python
        The interpreter, without symbolic links.
    system
        Files and folders bound at their own place.
    hidden
        Folders inside ``system`` that are covered by an empty one.
    packages
        Name inside the import folder, and place on this machine.
    version
        Of the interpreter.
    versions
        Of the packages that were asked for.
    """

    python: Path
    system: tuple[Path, ...]
    hidden: tuple[Path, ...]
    packages: tuple[tuple[str, Path], ...]
    version: str
    versions: tuple[tuple[str, str], ...] = ()

    def bound(self) -> tuple[Path, ...]:
        """Return everything that the sandbox may read."""
        return (*self.system, *(place for _, place in self.packages))

    def readable_and_listable(self) -> tuple[list[str], list[str]]:
        """Return what may be read, and what only listed, where nothing can be covered."""
        readable: list[str] = []
        listable: list[str] = []
        for path in self.bound():
            self._leave_out_hidden(path, readable, listable)
        return readable, listable

    def _leave_out_hidden(self, path: Path, readable: list[str], listable: list[str]) -> None:
        if path in self.hidden:
            return
        if not any(hidden.is_relative_to(path) for hidden in self.hidden):
            readable.append(str(path))
            return
        # The standard library's folder must be listed for an import to find anything in it.
        listable.append(str(path))
        for inside in sorted(path.iterdir()):
            self._leave_out_hidden(inside.resolve(), readable, listable)


class _Survey(Record, frozen=True):
    """What ``survey.py`` says of an interpreter."""

    version: str
    python: str
    stdlib: str
    packages: dict[str, list[tuple[str, str]]]
    versions: dict[str, str]
    libraries: list[str]


@cache
def find_runtime(handout: Path, extra: tuple[str, ...] = (), python: str = "") -> Runtime:
    """Find the interpreter, its library, NumPy, IPython, the handout and the extra packages.

    Parameters
    ----------
    python
        Another interpreter than the one that runs this: a path, or a name on the search path.
    """
    if not (handout / "core" / "tensor.py").is_file():
        raise UsageError(f"The handout package is not in {handout}")
    wanted = list(dict.fromkeys((*ALWAYS, *extra)))
    found = _asked(python, wanted) if python else _own(wanted)
    where = f"in {python}" if python else "beside the grader"
    for name in wanted:
        if not found.packages[name]:
            raise UsageError(
                f"{name!r}, which submissions may import, is not installed {where}",
                f"{f'{python} -m ' if python else ''}pip install {name}",
            )
    packages = [("guest", GUEST)]
    packages += [(f"tinytorch/{name}", handout.resolve() / name) for name in handout_files(handout)]
    packages += [(top, Path(place)) for name in wanted for top, place in found.packages[name]]
    stdlib, binary = Path(found.stdlib), Path(found.python)
    libraries = [path for path in _library_folders() if path.exists()]
    covered = (stdlib, *libraries, *(place for _, place in packages))
    loose = [path for path in map(Path, found.libraries) if not _is_below(path, covered)]
    hidden = [stdlib / name for name in ("site-packages", "dist-packages")]
    hidden += [library / "python3" for library in libraries]
    return Runtime(
        python=binary,
        system=tuple(dict.fromkeys([*libraries, stdlib, binary, *loose])),
        hidden=tuple(path for path in hidden if path.is_dir()),
        packages=tuple(dict.fromkeys(packages)),
        version=found.version,
        versions=tuple(found.versions.items()),
    )


def _own(wanted: list[str]) -> _Survey:
    try:
        return msgspec.convert(survey(wanted), _Survey)
    except OSError as error:
        raise InfrastructureError(f"/proc/self/maps cannot be read: {error}") from None


def _asked(python: str, wanted: list[str]) -> _Survey:
    """Ask another interpreter."""
    remedy = "Name one with NumPy and IPython in config.yaml, or leave `python` out."
    binary = shutil.which(Path(python).expanduser())
    if binary is None:
        raise UsageError(f"python: {python} in config.yaml is no program here", remedy)
    script = Path(__file__).with_name("survey.py")
    try:
        done = subprocess.run(  # noqa: S603 # the interpreter that the course has chosen
            [binary, "-I", str(script), *wanted],
            capture_output=True, check=True, timeout=ASK_SECONDS,
        )  # fmt: skip
        found = msgspec.json.decode(done.stdout, type=_Survey)
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError):
        raise UsageError(
            f"python: {python} in config.yaml does not say what it is; it may be no Python, or an"
            " old one",
            remedy,
        ) from None
    if tuple(map(int, found.version.split(".")[:2])) < NEEDED:
        raise UsageError(
            f"python: {python} in config.yaml is Python {found.version}; the sandbox needs"
            f" {NEEDED[0]}.{NEEDED[1]} or newer",
            remedy,
        )
    return found


def _library_folders() -> list[Path]:
    """Return the folders of the loader and of the C library."""
    triple = f"{platform.machine()}-linux-gnu"
    return [
        Path(f"/usr/lib/{triple}"), Path("/usr/lib64"), Path("/etc/ld.so.cache"),
        Path("/usr/lib/locale"),
        *([] if Path("/lib").is_symlink() else [Path(f"/lib/{triple}")]),
        *([] if Path("/lib64").is_symlink() else [Path("/lib64")]),
    ]  # fmt: skip


def packages_and_versions(extra: tuple[str, ...], python: str = "") -> dict[str, str]:
    """Return the versions of what a submission may import, requirements and Python included."""
    wanted = list(dict.fromkeys((*ALWAYS, *extra)))
    found = _asked(python, wanted) if python else _own(wanted)
    return {**found.versions, "python": found.version}


def _is_below(path: Path, folders: tuple[Path, ...]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
