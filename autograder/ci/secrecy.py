"""Where hidden cases may go: never to a place where student code runs without walls.

The rules are few. In a student's repository everything can be read and changed, so nothing secret
is put there. Elsewhere the seed goes to the one step that grades, in a sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from autograder.cases.secret import SEED_VARIABLE
from autograder.errors import UsageError
from autograder.model import Cases

PUBLIC_ONLY = {
    "classroom50": "Classroom 50 fetches the grader from a public page into the student's checkout",
    "devcontainer": "it is for students",
    "binder": "it is for students",
    "colab": "it is for students",
}
_RUNS_CODE = re.compile(
    r"(^|[\s;&|(])(i?python3?|jupyter|nbconvert|papermill|pytest(?!.*--submission))\b"
    r"(?!\S*\s+-m\s+(pip|venv|autograder|compileall)\b)"
)
_NO_WALLS = re.compile(r"--isolation[=\s]+['\"]?none")
_FOREIGN = {"pull_request_target", "workflow_run", "issue_comment"}


def refuse_exposure(provider: str, role: str, cases: Cases, isolation: str) -> None:
    """Refuse files that would put the seed where a student can read it.

    Raises
    ------
    UsageError
        With the reason.
    """
    if cases == "public":
        return
    if provider in PUBLIC_ONLY:
        reason = f"{PUBLIC_ONLY[provider]}, where nothing is secret"
    elif role == "student":
        reason = "a student can read and change all of their own repository, secrets of it included"
    elif isolation == "none":
        reason = "without isolation the submission can read the seed and the hidden cases"
    else:
        return
    raise UsageError(
        f"Hidden cases are not written for {provider}: {reason}",
        "Use --cases public there, and grade with hidden cases where your secret lives.",
    )


def check_workflow(path: Path) -> list[str]:
    """Return each way in which a GitHub workflow lets student code reach the seed.

    Raises
    ------
    UsageError
        When it is no workflow.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        jobs = document["jobs"]
    except (OSError, yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
        raise UsageError(f"{path} is no GitHub workflow") from None
    events = document.get("on", document.get(True, {}))  # YAML 1.1 reads `on` as true
    names = {events} if isinstance(events, str) else set(events or ())
    return list(_reasons(document, jobs, names))


def _reasons(document: dict[str, Any], jobs: dict[str, Any], events: set[str]) -> Iterator[str]:
    if SEED_VARIABLE not in str(document):
        return
    for event in sorted(events & _FOREIGN):
        yield f"the event {event} runs what somebody else proposes beside the course's secrets"
    if _holds_seed(document):
        yield "the seed is in the environment of every job: give it to the step that grades"
    for name, job in jobs.items():
        if _holds_seed(job):
            yield f"job {name}: the seed is in the environment of every step"
        for number, step in enumerate(job.get("steps", ()), 1):
            if _holds_seed(step) or _holds_seed(job) or _holds_seed(document):
                yield from _reasons_of_step(f"job {name}, step {number}", step)


def _reasons_of_step(where: str, step: dict[str, Any]) -> Iterator[str]:
    command = str(step.get("run", ""))
    if _NO_WALLS.search(command):
        yield f"{where}: it runs submissions without isolation while it holds the seed"
    found = _RUNS_CODE.search(command)
    if found:
        yield f"{where}: {found[2]} runs code outside of the sandbox while it holds the seed"
    if step.get("uses"):
        yield f"{where}: an action of others holds the seed"


def _holds_seed(part: dict[str, Any]) -> bool:
    return SEED_VARIABLE in (part.get("env") or {}) or SEED_VARIABLE in str(part.get("run", ""))
