"""``pytest --submission FILE``: the cases of a course as ordinary items.

Every pytest of this environment reads this module, so what is heavy is imported only on demand.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    group = parser.getgroup("autograder", "grading a submission")
    group.addoption(
        "--submission",
        metavar="FILE",
        help="Run the cases of the course on FILE, a notebook or a .py file.",
    )
    group.addoption(
        "--cases",
        choices=["hidden", "public"],
        default="hidden",
        help="Which cases --submission runs; public ones need no secret (default: hidden).",
    )
    group.addoption(
        "--isolation",
        choices=["auto", "none"],
        default="auto",
        help="none runs the submission without walls: only for code that you trust.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take part only where a submission is named."""
    if config.getoption("submission"):
        from autograder.pytest_plugin.collect import Cases

        config.pluginmanager.register(Cases.of(config), "autograder-cases")
