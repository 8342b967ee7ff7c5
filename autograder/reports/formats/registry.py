"""Find formats by entry point: ours, and those of other packages."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from autograder.errors import UsageError
from autograder.reports.formats.report import Format

GROUP = "autograder.formats"


def format_names() -> list[str]:
    """Return the names of all formats that are installed, sorted."""
    return sorted(found.name for found in entry_points(group=GROUP))


def find_format(name: str) -> Format:
    """Return a format by its name.

    Raises
    ------
    UsageError
        When none of that name is installed, or it cannot be imported.
    """
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if not found:
        raise UsageError(
            f"There is no format {name!r}",
            f"Formats that are installed: {', '.join(format_names())}.",
        )
    return _load(found[0])


def _load(point: EntryPoint) -> Format:
    try:
        format_ = point.load()
    except Exception as error:  # whatever another package does when it is imported
        raise UsageError(
            f"The format {point.name!r} ({point.value}) cannot be loaded: {type(error).__name__}"
        ) from None
    if not isinstance(format_, Format):
        raise UsageError(f"The format {point.name!r} ({point.value}) is no Format")
    return format_
