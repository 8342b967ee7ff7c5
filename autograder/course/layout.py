"""Where things lie in a course's folder: nbgrader's own layout, and ours beside it."""

from __future__ import annotations

from pathlib import Path

from autograder.config import Config
from autograder.model import Record


class Layout(Record, frozen=True):
    """Paths of one assignment in a course."""

    course: Path
    config: Config

    @property
    def source(self) -> Path:
        """Folder of the instructor's version."""
        return self.course / "source" / self.config.assignment

    @property
    def release(self) -> Path:
        """Folder of the released version."""
        return self.course / "release" / self.config.assignment

    @property
    def released_notebook(self) -> Path:
        """The notebook that students receive."""
        return self.release / f"{self.config.notebook}.ipynb"

    @property
    def gradebook_url(self) -> str:
        """Nbgrader's own default: a SQLite file in the course's folder."""
        return f"sqlite:///{self.course / 'gradebook.db'}"

    def submission(self, student: str) -> Path:
        """Return where a student's collected notebook lies."""
        return self._of_student("submitted", student)

    def autograded(self, student: str) -> Path:
        """Return where formgrader looks for a student's graded notebook."""
        return self._of_student("autograded", student)

    def result(self, student: str) -> Path:
        """Return where a student's result is journalled."""
        folder = self.course / ".autograder" / "results" / self.config.assignment
        return folder / f"{student}.json"

    def feedback(self, student: str) -> Path:
        """Return where nbgrader looks for a student's feedback page."""
        return self._of_student("feedback", student).with_suffix(".html")

    def inspection(self, name: str) -> Path:
        """Return where the instructor's view of a submission goes."""
        folder = self.course / ".autograder" / "inspect" / self.config.assignment
        return folder / f"{name}.html"

    def students(self) -> list[str]:
        """Return who has a folder in submitted/, sorted."""
        folder = self.course / "submitted"
        if not folder.is_dir():
            return []
        return sorted(path.name for path in folder.iterdir() if path.is_dir())

    def _of_student(self, area: str, student: str) -> Path:
        folder = self.course / area / student / self.config.assignment
        return folder / f"{self.config.notebook}.ipynb"
