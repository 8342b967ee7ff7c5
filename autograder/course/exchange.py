"""What nbgrader's exchange keeps beside a submission, and wants beside its feedback."""

from __future__ import annotations

import secrets
from pathlib import Path

from autograder.course.files import write_atomically
from autograder.course.layout import SECRET, TIMESTAMP
from autograder.errors import SubmissionError
from autograder.submission.files import read_file

_MAX_TEXT = 300


def new_secret() -> str:
    """Return a secret for a submission that did not come through the exchange."""
    return secrets.token_hex(32)


def read_text(path: Path) -> str:
    """Return what one of the two files says, nothing where nbgrader could not use it."""
    try:
        text = read_file(path).data[:_MAX_TEXT].decode("ascii")
    except (SubmissionError, UnicodeDecodeError):
        return ""
    return text if text.strip() else ""


def go_with_feedback(submitted: Path, feedback: Path) -> None:
    """Put both files beside a student's feedback, as they are beside the submission.

    ``nbgrader release_feedback`` stops for the whole class where one of them is missing or the
    secret is empty, so a submission that has none gets one here.
    """
    secret = read_text(submitted / SECRET) or read_text(feedback / SECRET) or new_secret()
    for name, text in ((TIMESTAMP, read_text(submitted / TIMESTAMP)), (SECRET, secret)):
        path = feedback / name
        if path.is_symlink() or not path.is_file() or path.read_bytes() != text.encode():
            write_atomically(path, text.encode())
