"""What an interpreter brings: its library, its packages, and the native libraries behind them.

Run by the interpreter itself, as a module of ours or, for another interpreter, as a script. So it
needs the standard library alone, and nothing newer than Python 3.8.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import sys
import sysconfig
from pathlib import Path

LEFT_OUT = frozenset({"jedi", "psutil"})
"""IPython completes without the one and measures without the other; thirty megabytes, and a look at
the machine's processes."""


def survey(names: list[str]) -> dict[str, object]:
    """Describe this interpreter, as plain data.

    Parameters
    ----------
    names
        Packages that are wanted: each comes with its closure of requirements.
    """
    found = {name: package_files(name) for name in names}
    if found.get("numpy"):
        import numpy  # noqa: F401 # so that its native libraries are among those below
    base = getattr(sys, "_base_executable", None) or sys.executable
    return {
        "version": platform.python_version(),
        "python": str(Path(base).resolve()),
        "stdlib": str(Path(sysconfig.get_path("stdlib")).resolve()),
        "packages": found,
        "versions": {name: importlib.metadata.version(name) for name in names if found[name]},
        "libraries": mapped_libraries(),
    }


def package_files(name: str) -> list[tuple[str, str]]:
    """Return an installed package, its closure of requirements, and their native libraries."""
    found: dict[str, str] = {}
    waiting, seen = [name], set()
    while waiting:
        distribution = _distribution(waiting.pop())
        own = "" if distribution is None else distribution.metadata["Name"]
        if distribution is None or own in seen:
            continue
        seen.add(own)
        tops = {Path(file).parts[0] for file in distribution.files or () if ".." not in str(file)}
        for top in tops:
            if not top.endswith((".dist-info", "__pycache__", ".pth")):
                found[top] = str(Path(str(distribution.locate_file(top))).resolve())
        for requirement in distribution.requires or ():
            needed = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
            if "extra ==" not in requirement and needed.lower() not in LEFT_OUT:
                waiting.append(needed)
    return sorted(found.items())


def mapped_libraries() -> list[str]:
    """Return the shared libraries that this very process has loaded."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    found = {line.split(maxsplit=5)[5] for line in maps.splitlines() if ".so" in line}
    return [
        os.fspath(name) for name in sorted(found) if re.search(r"/lib(python|stdc|gcc|ffi)", name)
    ]


def _distribution(name: str) -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    json.dump(survey(sys.argv[1:]), sys.stdout)
