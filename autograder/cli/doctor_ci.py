"""``autograder doctor --ci``: which tier works here, what each needs, and which line gives it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.config import CONFIG_NAME, load_config
from autograder.model import Record
from autograder.sandbox.isolation import NAMES, Tier
from autograder.sandbox.runtime import find_runtime
from autograder.sandbox.selftest import STRONGEST_FIRST, Trial, try_tier

NEEDS: dict[Tier, str] = {
    "L": "bubblewrap, user namespaces, and a kernel with Landlock and seccomp",
    "B": "a kernel from 5.13 on with Landlock in its lsm= list, and seccomp",
    "none": "nothing",
}
_NAMESPACES: dict[str, str] = {
    "GitHub Actions": "runs-on: ubuntu-24.04 without `container:`, and"
    " `run: sudo apt-get install --yes bubblewrap`; with a container:"
    " `options: --security-opt seccomp=unconfined --security-opt apparmor=unconfined`",
    "GitLab CI": "in the runner's config.toml, under [runners.docker]:"
    ' security_opt = ["seccomp:unconfined", "apparmor:unconfined"]; in the job:'
    " `apt-get install --yes bubblewrap`",
    "a container": "docker run --security-opt seccomp=unconfined --security-opt"
    " apparmor=unconfined; in the image: `apt-get install --yes bubblewrap`",
    "this machine": "sudo apt-get install --yes bubblewrap;"
    " sysctl kernel.unprivileged_userns_clone=1",
}
_KERNEL = "The kernel decides, no line of a workflow: choose a runner with a newer one."
WITHOUT = (
    "Where no tier works, hidden cases are not graded. Public cases may be, in the student's own"
    " repository and by your explicit choice:",
    "  autograder run FILE --cases public --isolation none",
    "The result then says that there was no isolation.",
)


class Advice(Record, frozen=True):
    """What to print, and whether a tier works."""

    lines: tuple[str, ...]
    works: bool


def where_are_we(environment: Mapping[str, str], root: Path = Path("/")) -> str:
    """Name what runs us, as far as the advice differs."""
    if environment.get("GITHUB_ACTIONS"):
        return "GitHub Actions"
    if environment.get("GITLAB_CI"):
        return "GitLab CI"
    marks = (root / ".dockerenv", root / "run" / ".containerenv", root / "autograder")
    return "a container" if any(mark.exists() for mark in marks) else "this machine"


def advise(course: Path) -> Advice:
    """Try each tier here and say what it needs."""
    if sys.platform != "linux":
        return Advice((f"There is no isolation on {sys.platform}.", *WITHOUT), works=False)
    from autograder.grading.material import find_handout

    config = load_config(course / CONFIG_NAME)
    runtime = find_runtime(find_handout(course, config, draft=True), config.packages)
    trials = [try_tier(tier, runtime, config.limits) for tier in STRONGEST_FIRST]
    place = where_are_we(os.environ)
    return Advice(tuple(describe(trials, place)), works=any(trial.works for trial in trials))


def describe(trials: list[Trial], place: str) -> Iterator[str]:
    """Yield a line for each tier, what it needs, and the line that gives it where it is missing."""
    yield (
        f"Isolation here, in {place}:" if place != "this machine" else "Isolation on this machine:"
    )
    used = next((trial.tier for trial in trials if trial.works), None)
    for trial in trials:
        state = "works and is used" if trial.tier == used else "works too"
        if not trial.works:
            state = " ".join(f"does not work: {trial.reason}".split())
        mark = "ok  " if trial.works else "FAIL"
        yield f"{mark}  tier {trial.tier} ({NAMES[trial.tier]}) {state}"
        yield f"      needs {NEEDS[trial.tier]}"
        if not trial.works:
            yield f"      → {_KERNEL if trial.tier == 'B' else _NAMESPACES[place]}"
    if used is None:
        yield from WITHOUT
