"""Run an autograder command for nbgrader, in a process of its own, and put its words into a log.

Grading forks, and a Jupyter server has threads; and a server that runs for weeks would go on with
hidden cases and a grader that have changed since.
"""

from __future__ import annotations

import os
import subprocess
import sys
from logging import Logger, LoggerAdapter
from pathlib import Path
from typing import Any

from autograder.errors import InfrastructureError

WIDTH = "120"
"""Columns of tables in the log."""


def run(course: Path, *command: str, log: Logger | LoggerAdapter[Any]) -> None:
    """Run a command in a course; Ctrl-C ends it as it ends the command itself.

    Raises
    ------
    InfrastructureError
        When it did not do all of what it was asked for; its own words are in the log.
    """
    log.info("Running autograder %s", " ".join(command))
    # -P: the folder that nbgrader was started in is no place for modules.
    process = subprocess.Popen(  # noqa: S603 # our own interpreter and command
        [sys.executable, "-P", "-m", "autograder", *command],
        cwd=course,
        env=os.environ | {"COLUMNS": WIDTH, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        said, _ = process.communicate()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    say = log.info if process.returncode == 0 else log.error
    for line in said.decode("utf-8", "replace").splitlines():
        say("%s", line)
    if process.returncode != 0:
        raise InfrastructureError(
            f"autograder {' '.join(command)} ended with {process.returncode}; its words are above"
        )
