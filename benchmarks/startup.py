"""What a warm ``run`` takes beyond the submission: ``python -m benchmarks.startup``."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import adopt_orphans, run

COURSE = Path(__file__).resolve().parent.parent
SUBMISSION = COURSE / "tests" / "variants" / "recursive.py"


def measure(rounds: int, folder: Path) -> list[tuple[float, float, float]]:
    """Return wall time, the submission's own time, and CPU of each warm run, in seconds."""
    environment = {
        **os.environ, "AUTOGRADER_SEED": "benchmark", "XDG_CACHE_HOME": str(folder / "cache")
    }  # fmt: skip
    result = folder / "result.json"
    command = [sys.executable, "-m", "autograder", "run", str(SUBMISSION)]
    found = []
    for _ in range(rounds + 1):  # the first one fills the cache
        used = run([*command, "--format", f"json={result}"], COURSE, environment)
        own = json.loads(result.read_bytes())["provenance"]["seconds"]
        found.append((used.wall, own, used.cpu))
    return found[1:]


def main() -> None:
    """Print medians, and the smallest and largest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds: int = parser.parse_args().rounds
    adopt_orphans()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(rounds, Path(folder))
    more = sorted(wall - own for wall, own, _ in found)
    print(f"more than the submission's own time: {statistics.median(more):.2f} s", end="")  # noqa: T201
    print(f" ({more[0]:.2f} to {more[-1]:.2f}), {rounds} warm runs")  # noqa: T201
    print(f"CPU of a run: {statistics.median(cpu for _, _, cpu in found):.2f} s")  # noqa: T201


if __name__ == "__main__":
    main()
