"""Exporters for ``c.Autograde.exporter_class`` and ``c.GenerateFeedback.exporter_class``.

Nothing of a submission is read or run in nbgrader's own process. Another assignment of the same
course is none of ours, and is converted as nbgrader does it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter, NotebookExporter

from autograder.config import CONFIG_NAME, load_config
from autograder.course.layout import GRADEBOOK_VARIABLE, Layout
from autograder.errors import InfrastructureError, UsageError
from autograder.nbgrader_plugin.command import run

Converted = tuple[Any, dict[str, Any]]


class GradedNotebook(NotebookExporter):
    """Lets ``autograder grade`` grade; gives the notebook that formgrader shows."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **settings: Any
    ) -> Converted:
        """Grade the student whose notebook it is; nbgrader asks again with the graded one."""
        layout = course_of(self.parent, resources)
        if layout is None or resources is None:
            return _as_nbgrader_does(super().from_filename(filename, resources, **settings))
        student = resources["nbgrader"]["student"]
        graded = layout.autograded(student)
        if Path(filename) != graded:
            run(layout.course, "grade", f"--student={student}", "--force", log=self.log)
        return _made(graded, resources, self.file_extension)


class FeedbackPage(HTMLExporter):
    """Lets ``autograder feedback`` write a page, and gives it."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **settings: Any
    ) -> Converted:
        """Write the page of the student whose graded notebook it is."""
        layout = course_of(self.parent, resources)
        if layout is None or resources is None:
            return _as_nbgrader_does(super().from_filename(filename, resources, **settings))
        student = resources["nbgrader"]["student"]
        run(layout.course, "feedback", f"--student={student}", log=self.log)
        return _made(layout.feedback(student), resources, self.file_extension)


def course_of(converter: Any, resources: dict[str, Any] | None) -> Layout | None:
    """Return the course that nbgrader works in; None for an assignment that is not ours.

    Raises
    ------
    UsageError
        When it is no course, or when nbgrader looks elsewhere than we do: grades would be written
        to one place and read from another.
    """
    directory = converter.coursedir
    course = Path(directory.root)
    if not (course / CONFIG_NAME).is_file():
        raise UsageError(
            f"There is no {CONFIG_NAME} in {course}",
            f"Run nbgrader in the course's folder, or set c.CourseDirectory.root to it in"
            f" {course / 'nbgrader_config.py'}.",
        )
    layout = Layout(course=course, config=load_config(course / CONFIG_NAME))
    named = (resources or {}).get("nbgrader", {})
    if named.get("assignment") != layout.config.assignment:
        return None
    _require_same_places(layout, directory, named["student"])
    return layout


def _require_same_places(layout: Layout, directory: Any, student: str) -> None:
    ours = {
        "submitted_directory": layout.collected(student),
        "autograded_directory": layout.autograded(student).parent,
        "feedback_directory": layout.feedback(student).parent,
    }
    for name, folder in ours.items():
        theirs = directory.format_path(getattr(directory, name), student, layout.config.assignment)
        if Path(theirs) != folder:
            raise UsageError(
                f"nbgrader's {name} is not the course's: {theirs} instead of {folder}",
                f"Remove c.CourseDirectory.{name} and directory_structure from nbgrader's"
                " configuration.",
            )
    if directory.db_url != layout.gradebook_url:
        raise UsageError(
            "nbgrader's gradebook is not the course's",
            "Remove c.CourseDirectory.db_url from your lines in nbgrader_config.py, and --db; an"
            f" address with a password goes into {GRADEBOOK_VARIABLE}.",
        )


def _made(path: Path, resources: dict[str, Any], extension: str) -> Converted:
    """Return what our command wrote, as nbgrader writes it once more."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InfrastructureError(f"autograder did not write {path}; its words are above") from None
    return text, {**resources, "output_extension": extension}


def _as_nbgrader_does(converted: Any) -> Converted:
    text, resources = converted
    return text, resources
