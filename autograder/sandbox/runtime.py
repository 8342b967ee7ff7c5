"""What a submission may import, as paths on this machine: bound into the sandbox, nothing else."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import sys
import sysconfig
from functools import cache
from pathlib import Path

from autograder.errors import InfrastructureError, UsageError
from autograder.model import Record

GUEST = Path(__file__).resolve().parent.parent / "guest"
INERT_PACKAGES = ["matplotlib", "seaborn", "plotly", "graphviz", "IPython", "ipywidgets", "tqdm"]


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
    """

    python: Path
    system: tuple[Path, ...]
    hidden: tuple[Path, ...]
    packages: tuple[tuple[str, Path], ...]

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


@cache
def find_runtime(handout: Path, extra: tuple[str, ...] = ()) -> Runtime:
    """Find the interpreter, the standard library, NumPy, the handout and the extra packages."""
    if not (handout / "core" / "tensor.py").is_file():
        raise UsageError(f"The handout package is not in {handout}")
    stdlib = Path(sysconfig.get_path("stdlib")).resolve()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    packages = [("guest", GUEST), ("tinytorch", handout.resolve())]
    for name in ("numpy", *extra):
        packages += _package_files(name)
    libraries = [path for path in _library_folders() if path.exists()]
    covered = (stdlib, *libraries, *(place for _, place in packages))
    loose = [path for path in _mapped_libraries() if not _is_below(path, covered)]
    hidden = [stdlib / name for name in ("site-packages", "dist-packages")]
    hidden += [library / "python3" for library in libraries]
    return Runtime(
        python=python,
        system=tuple(dict.fromkeys([*libraries, stdlib, python, *loose])),
        hidden=tuple(path for path in hidden if path.is_dir()),
        packages=tuple(packages),
    )


def _library_folders() -> list[Path]:
    """Return the folders of the loader and of the C library."""
    triple = f"{platform.machine()}-linux-gnu"
    return [
        Path(f"/usr/lib/{triple}"), Path("/usr/lib64"), Path("/etc/ld.so.cache"),
        *([] if Path("/lib").is_symlink() else [Path(f"/lib/{triple}")]),
        *([] if Path("/lib64").is_symlink() else [Path("/lib64")]),
    ]  # fmt: skip


def _mapped_libraries() -> list[Path]:
    """Return the shared libraries that this very process has loaded."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    except OSError as error:
        raise InfrastructureError(f"/proc/self/maps cannot be read: {error}") from None
    found = {line.split(maxsplit=5)[5] for line in maps.splitlines() if ".so" in line}
    return [Path(name) for name in sorted(found) if re.search(r"/lib(python|stdc|gcc|ffi)", name)]


def _package_files(name: str) -> list[tuple[str, Path]]:
    """Return an installed package, its closure of requirements, and their native libraries."""
    found: dict[str, Path] = {}
    waiting, seen = [name], set[str]()
    while waiting:
        distribution = _distribution(waiting.pop())
        if distribution is None or distribution.name in seen:
            continue
        seen.add(distribution.name)
        tops = {Path(file).parts[0] for file in distribution.files or () if ".." not in str(file)}
        for top in tops:
            if not top.endswith((".dist-info", "__pycache__", ".pth")):
                found[top] = Path(str(distribution.locate_file(top))).resolve()
        for requirement in distribution.requires or ():
            if "extra ==" not in requirement:
                waiting.append(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])
    if not found:
        raise UsageError(
            f"config.yaml: packages: {name!r} is not installed beside the grader",
            f"pip install {name}",
        )
    return sorted(found.items())


def _distribution(name: str) -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _is_below(path: Path, folders: tuple[Path, ...]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def compile_guest() -> None:
    """Write byte code for the guest once: the sandbox itself cannot write any."""
    import compileall

    compileall.compile_dir(os.fspath(GUEST), quiet=2)
