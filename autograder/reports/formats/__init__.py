"""What ``autograder run --format`` writes: one module for each format, found by entry point.

A format is an entry point of the group ``autograder.formats`` that names a :class:`Format`. It is a
pure function from a :class:`Report` to text; a new one is one file and one line in a pyproject.
"""

from autograder.reports.formats.registry import find_format, format_names
from autograder.reports.formats.report import Finding, Format, Report

__all__ = ["Finding", "Format", "Report", "find_format", "format_names"]
