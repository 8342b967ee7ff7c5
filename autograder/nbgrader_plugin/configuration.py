"""A course's ``nbgrader_config.py``: the lines that make nbgrader's steps ours."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from autograder.course.files import write_atomically
from autograder.course.layout import GRADEBOOK_VARIABLE, POSTGRESQL, WITH_DRIVER, Layout
from autograder.errors import UsageError

FILE = "nbgrader_config.py"
_BEGIN = "# ---- autograder: `autograder init` and `autograder release` write these lines\n"
_END = "# ---- autograder: end; lines of your own go below\n"
_LINES = """\
import os
import re
from pathlib import Path

c = get_config()  # noqa: F821 # nbgrader defines it
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = {course!r}
# nbgrader autograde, NbGraderAPI.autograde and formgrader's button run `autograder grade`.
c.Autograde.exporter_class = "autograder.nbgrader_plugin.exporters.GradedNotebook"
# nbgrader generate_feedback gives the pages of `autograder feedback`.
c.GenerateFeedback.exporter_class = "autograder.nbgrader_plugin.exporters.FeedbackPage"
# The gradebook of {variable}, or of config.yaml where no password stands in it.
_gradebook = os.environ.get({variable!r}) or {gradebook!r}
if _gradebook:
    c.CourseDirectory.db_url = re.sub({pattern!r}, {driver!r}, _gradebook)
"""


def keep_configuration(layout: Layout) -> str:
    """Put our lines into the course's file, and leave all others; say what was done, or nothing.

    The classes are named and not imported: where nbgrader cannot import them it stops, instead of
    running submissions itself.

    Raises
    ------
    UsageError
        When other lines are no Python: nbgrader would do without the file.
    """
    path = layout.course / FILE
    lines = _LINES.format(
        course=layout.config.course,
        variable=GRADEBOOK_VARIABLE,
        gradebook=_without_a_secret(layout.config.gradebook),
        pattern=POSTGRESQL,
        driver=WITH_DRIVER,
    )
    block = f"{_BEGIN}{lines}{_END}"
    try:
        old = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        write_atomically(path, block.encode())
        return f"{FILE} makes nbgrader and formgrader grade with autograder"
    _require_python(path, old)
    if block in old:
        return ""
    before, begin, rest = old.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    # Where there was none it comes last, so that it decides.
    new = f"{before}{block}{after}" if begin and end else f"{old.rstrip()}\n\n{block}"
    write_atomically(path, new.encode())
    return f"{FILE} was brought up to date: nbgrader and formgrader grade with autograder"


def _without_a_secret(address: str) -> str:
    """Return a gradebook's address; nothing for one with a password, which the variable names."""
    parts = urlsplit(address)
    return "" if parts.password is not None or "password" in parts.query else address


def _require_python(path: Path, text: str) -> None:
    try:
        compile(text, path, "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise UsageError(
            f"{path}{f', line {line}' if line else ''} is not valid Python",
            "Mend it: nbgrader only logs that, and runs submissions itself, without a sandbox.",
        ) from None
