"""Where things lie in a course's folder: nbgrader's own layout, and ours beside it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from autograder.config import Config
from autograder.errors import SubmissionError
from autograder.grading.material import find_handout
from autograder.model import Record
from autograder.submission.choose import choose, earlier_modules, files_below, stub_of
from autograder.submission.files import (
    digest_with,
    file_digest,
    is_companion,
    is_notebook_name,
    is_script_name,
)

GRADEBOOK_VARIABLE = "AUTOGRADER_GRADEBOOK"
"""Names the gradebook instead of config.yaml: a database's URL may hold a password."""
POSTGRESQL = r"^postgres(?:ql)?://"
WITH_DRIVER = "postgresql+psycopg://"
"""SQLAlchemy 2.0 would take another driver than the one that the extra brings."""
TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"
"""What nbgrader looks for beside a submission, and beside what came of it."""


class Layout(Record, frozen=True):
    """Paths of one assignment in a course."""

    course: Path
    config: Config

    @property
    def source(self) -> Path:
        """Folder of the instructor's version."""
        return self.course / "source" / self.config.assignment

    @property
    def solution(self) -> Path:
        """The solved notebook."""
        return self.source / f"{self.config.notebook}.ipynb"

    @property
    def text(self) -> Path:
        """The text that the solved notebook is made from, in courses that have one."""
        return self.source.parent / f"{self.config.notebook}.py"

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
        """What AUTOGRADER_GRADEBOOK or config.yaml says, or nbgrader's default: a SQLite file."""
        named = os.environ.get(GRADEBOOK_VARIABLE) or self.config.gradebook
        if not named:
            return f"sqlite:///{self.course / 'gradebook.db'}"
        return re.sub(POSTGRESQL, WITH_DRIVER, named)

    @property
    def has_gradebook(self) -> bool:
        """Whether there is a gradebook to read; a database server is asked when it is opened."""
        place = self.gradebook_url.removeprefix("sqlite:///")
        return "://" in place or (self.course / place).is_file()

    @property
    def handout(self) -> Path:
        """The package that students work over."""
        return find_handout(self.course, self.config, draft=True)

    @property
    def stub(self) -> str:
        """What students find in place of code, see ``stub_of``."""
        return stub_of(self.handout)

    def collected(self, student: str) -> Path:
        """Return the folder in which a student's hand-in lies."""
        return self._of_student("submitted", student).parent

    def submission(self, student: str) -> Path:
        """Return where a student's hand-in lies, or would lie: a notebook or a ``.py`` file.

        Of several files it is the one that ``run FOLDER`` would take. Where nothing tells them
        apart it is their folder, which cannot be graded and says so.
        """
        usual, folder = self._of_student("submitted", student), self.collected(student)
        if not folder.is_dir():
            return usual
        names = [path.name for path in folder.iterdir() if not is_companion(path.name)]
        if [usual.name] == [one for one in names if is_notebook_name(one) or is_script_name(one)]:
            return usual
        try:
            return choose(folder, self.config, self.stub).path
        except SubmissionError:
            return usual if usual.name in names or not _has_files(folder) else folder

    def digest(self, student: str) -> str:
        """Return what a hand-in's digest is now; nothing for one that cannot be read."""
        path = self.submission(student)
        return digest_with(file_digest(path), self.modules(path))

    def modules(self, hand_in: Path) -> tuple[tuple[str, str], ...]:
        """Return the student's own modules that go with a hand-in; none if the course says so."""
        if self.config.package == "handout":
            return ()
        return earlier_modules(hand_in, self.handout)

    def autograded(self, student: str) -> Path:
        """Return where formgrader looks for a student's graded notebook."""
        return self._of_student("autograded", student)

    def result(self, student: str) -> Path:
        """Return where a student's result is journalled."""
        folder = self.course / ".autograder" / "results" / self.config.assignment
        return folder / f"{student}.json"

    def history(self, student: str) -> Path:
        """Return where the results lie that a student had before the present one."""
        folder = self.course / ".autograder" / "history" / self.config.assignment
        return folder / f"{student}.jsonl"

    def requests(self, student: str) -> Path:
        """Return where a student's regrade requests are kept."""
        folder = self.course / ".autograder" / "requests" / self.config.assignment
        return folder / f"{student}.jsonl"

    @property
    def exams(self) -> Path:
        """Folder of what decided the grades that were given, by digest."""
        return self.course / ".autograder" / "exams"

    def failed_cases(self, student: str) -> Path:
        """Return where it is kept which cases of a student's result came out wrong."""
        folder = self.course / ".autograder" / "cases" / self.config.assignment
        return folder / f"{student}.json"

    def feedback(self, student: str) -> Path:
        """Return where nbgrader looks for a student's feedback page."""
        return self._of_student("feedback", student).with_suffix(".html")

    def inspection(self, name: str) -> Path:
        """Return where the instructor's view of a submission goes."""
        folder = self.course / ".autograder" / "inspect" / self.config.assignment
        return folder / f"{name}.html"

    @property
    def overview(self) -> Path:
        """Return where the page about the whole class goes."""
        return self.course / ".autograder" / "overview" / f"{self.config.assignment}.html"

    def students(self) -> list[str]:
        """Return who has a folder in submitted/, sorted."""
        folder = self.course / "submitted"
        if not folder.is_dir():
            return []
        return sorted(path.name for path in folder.iterdir() if path.is_dir())

    def _of_student(self, area: str, student: str) -> Path:
        folder = self.course / area / student / self.config.assignment
        return folder / f"{self.config.notebook}.ipynb"


def _has_files(folder: Path) -> bool:
    return any(
        is_notebook_name(path.name) or is_script_name(path.name) for path in files_below(folder)
    )
