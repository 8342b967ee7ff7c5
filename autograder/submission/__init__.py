"""A submission as it comes from a student: a notebook or a Python file, made into cells."""

from autograder.submission.load import Submission, load_submission

__all__ = ["Submission", "load_submission"]
