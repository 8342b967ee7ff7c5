"""What was graded, read again to be shown: the same bytes, or nothing."""

from __future__ import annotations

from autograder.course.layout import Layout
from autograder.errors import InfrastructureError, SubmissionError
from autograder.model import Record, Result
from autograder.submission.document import Document
from autograder.submission.files import digest_with, read_file
from autograder.submission.load import parse_submission, shown_document


class Shown(Record, frozen=True):
    """What people are shown of a hand-in: all cells, and the code that ran by its number."""

    document: Document = ()
    code: dict[int, str] = {}  # noqa: RUF012 # msgspec makes a fresh dict for each record


def reread(layout: Layout, student: str, result: Result) -> Shown:
    """Read what a result was given for, in one reading; nothing of a file that is none.

    Raises
    ------
    InfrastructureError
        When it is not what was graded: points and what is shown beside them would differ.
    """
    path = layout.submission(student)
    try:
        file = read_file(path)
        digest = digest_with(file.sha256, layout.modules(path))
    except SubmissionError:
        file, digest = None, ""
    if digest not in (result.provenance.submission_sha256, ""):
        raise InfrastructureError(
            f"the hand-in of {student} changed while it was graded", "Grade again."
        )
    if file is None:
        return Shown()
    try:
        submission = parse_submission(file)
    except SubmissionError:
        return Shown()
    return Shown(
        document=shown_document(submission),
        code={cell.index: cell.source for cell in submission.cells},
    )
