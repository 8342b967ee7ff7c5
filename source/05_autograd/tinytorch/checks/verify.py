"""Import an exported module in a process of its own and run the public checks on it.

``python -m tinytorch.checks.verify FILE`` prints one line of JSON: which checks pass, or why the
import failed. Without FILE it imports tinytorch.core.autograd as a later module would.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

NAME = "tinytorch.core.autograd"
MINUTES = 5


def verify(handout: Path, path: Path | None = None) -> dict[str, Any]:
    """Start the process and return what it says: {"error": text} or {"passed": [check, …]}."""
    command = [sys.executable, "-m", "tinytorch.checks.verify", *([] if path is None else [path])]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "MPLBACKEND": "Agg"}
    try:
        done = subprocess.run(
            list(map(str, command)), cwd=handout.parent, env=environment, capture_output=True,
            encoding="utf-8", errors="replace", timeout=60 * MINUTES, check=False,
        )  # fmt: skip
        reply: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"error": f"it did not finish within {MINUTES} minutes"}
    except (ValueError, IndexError):
        return {"error": "the import ended the process"}
    return reply


def _import(path: str | None) -> ModuleType:
    if path is None:
        return importlib.import_module(NAME)
    spec = importlib.util.spec_from_file_location(NAME, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)
    return module


def _main(arguments: list[str]) -> None:
    from . import data
    from .run import run_checks

    with contextlib.redirect_stdout(sys.stderr):
        try:
            namespace = _import(arguments[0] if arguments else None).__dict__
        except Exception as error:
            reply: dict[str, Any] = {"error": f"{type(error).__name__}: {error}"}
        else:
            reports = run_checks(data.checks(), namespace)
            passed = [report.check["id"] for report in reports if report.passed]
            reply = {"passed": passed}
    print(json.dumps(reply))


if __name__ == "__main__":
    _main(sys.argv[1:])
