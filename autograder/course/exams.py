"""What decided the grades that were given, by digest, so that a later run can say what changed."""

from __future__ import annotations

import msgspec

from autograder.course.files import write_atomically
from autograder.course.layout import Layout
from autograder.grading.decisive import Decisive


class Exams:
    """The exams that a course was graded with. They name hidden cases, and hold none.

    Parameters
    ----------
    present
        One that is known although it may not be kept yet.
    """

    def __init__(self, layout: Layout, present: Decisive | None = None) -> None:
        self._folder = layout.exams
        self._present = present

    def keep(self, exam: Decisive) -> None:
        """Keep what decides, once."""
        path = self._folder / f"{exam.digest}.json"
        if not path.is_file():
            write_atomically(path, msgspec.json.encode(exam), mode=0o600)

    def find(self, digest: str) -> Decisive | None:
        """Return what decided, None where it was not kept."""
        if self._present is not None and self._present.digest == digest:
            return self._present
        path = self._folder / f"{digest}.json"
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Decisive)
        except (OSError, ValueError, msgspec.DecodeError):
            return None
        return found if found.digest == digest else None
