"""What the course's own ``nbgrader_config.py`` says of solutions: markers and stubs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.course.markers import Markers
from autograder.errors import UsageError
from autograder.settings import line_of, what_raised

FILE = "nbgrader_config.py"


def read_settings(course: Path) -> Any:
    """Return nbgrader's configuration of a course, empty where it has no file of its own.

    Raises
    ------
    UsageError
        When the file does not run.
    """
    from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

    try:
        return PyFileConfigLoader(FILE, path=str(course)).load_config()
    except ConfigFileNotFound:
        from traitlets.config import Config

        return Config()
    except (Exception, SystemExit) as error:  # it is the course's own Python
        raise UsageError(
            f"{course / FILE}{line_of(error, course / FILE)}: {what_raised(error)}",
            "Mend it: nbgrader reads it too.",
        ) from None


def read_markers(course: Path, language: str = "python") -> Markers:
    """Return the markers and stubs of a course, by nbgrader's own defaults where it says nothing.

    Raises
    ------
    UsageError
        When nbgrader would refuse an option, or has no stub for the language.
    """
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions
    from traitlets import TraitError

    settings = read_settings(course)
    try:
        solutions = ClearSolutions(config=settings)
        tests = ClearHiddenTests(config=settings)
        scheme = ClearMarkScheme(config=settings)
    except TraitError as error:
        raise UsageError(f"{course / FILE}: {error}") from None
    if language not in solutions.code_stub:
        raise UsageError(
            f"{course / FILE} has no code stub for {language}",
            f'c.ClearSolutions.code_stub = {{"{language}": "…"}}',
        )
    pairs = {
        _line(solutions.begin_solution_delimeter): _line(solutions.end_solution_delimeter),
        _line(tests.begin_test_delimeter): _line(tests.end_test_delimeter),
        _line(scheme.begin_mark_scheme_delimeter, "==="): _line(
            scheme.end_mark_scheme_delimeter, "==="
        ),
    }
    return Markers(pairs, solutions.code_stub[language], solutions.text_stub)


def _line(delimiter: str, sign: str = "###") -> str:
    """Return the whole line that holds a delimiter; one that is a comment already is the line."""
    text = delimiter.strip()
    if not text[:1].isalnum():
        return text
    return f"{sign} {text}" if sign == "###" else f"{sign} {text} {sign}"
