"""Results in files: written in any format, read back, compared."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from autograder.errors import AutograderError, SubmissionError, UsageError
from autograder.model import Result, decode_result
from autograder.reports.formats import Format, Report, find_format
from autograder.reports.formats.places import lines_of_cells
from autograder.submission.files import encodable, read_file
from autograder.submission.load import parse_submission
from autograder.submission.texts import decode


def find_targets(texts: Sequence[str], submission: Path) -> list[tuple[Format, Path | None]]:
    """Return each format with the file it goes to, None for standard output.

    An old file of that name is removed: nobody is to take it for the result of this run.

    Parameters
    ----------
    submission
        What is graded: no result is written over it.

    Raises
    ------
    UsageError
        For a format that is not there, two in one place, or a file that cannot be written.
    """
    targets: list[tuple[Format, Path | None]] = []
    for text in texts:
        name, _, place = text.partition("=")
        targets.append((find_format(name), Path(place) if place else None))
    if sum(file is None for _, file in targets) > 1:
        raise UsageError(
            "Only one format can have standard output", "Give the others a file: junit=report.xml."
        )
    files = [path for _, path in targets if path is not None]
    places = [path.resolve() for path in files]
    for own, there in zip(files, places, strict=True):
        if there == submission.resolve():
            raise UsageError(f"{own} is the submission itself", "Write the result elsewhere.")
        if places.count(there) > 1:
            raise UsageError(f"Two formats have the file {own}", "Give each a file of its own.")
    for each in files:
        _prepare(each)
    return targets


def _prepare(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # A device or a link stays: whoever is root would remove /dev/null, or /dev/stdout.
        if os.path.lexists(file) and stat.S_ISREG(file.lstat().st_mode):
            file.unlink()
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None


def write_result(report: Report, targets: Sequence[tuple[Format, Path | None]]) -> None:
    """Write a result in each of the formats."""
    for format_, file in targets:
        text = format_.render(report)
        if file is None:
            sys.stdout.write(text)
        else:
            _write(file, text)
        for variable, render in format_.appended.items():
            if os.environ.get(variable):
                _write(Path(os.environ[variable]), render(report), append=True)


def _write(file: Path, text: str, *, append: bool = False) -> None:
    try:
        with file.open("a" if append else "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise AutograderError(f"{file} cannot be written: {error.strerror}") from None


def describe(result: Result, submission: Path, *, width: int, colour: bool) -> Report:
    """Return a result with what formats know of the file and of the terminal."""
    cells: dict[int, str] = {}
    lines: dict[int, tuple[int, ...]] = {}
    try:
        file = read_file(submission)
        loaded = parse_submission(file)
    except SubmissionError:
        pass  # the result says so
    else:
        cells = {cell.index: cell.source for cell in loaded.cells}
        lines = lines_of_cells(decode(file), cells, script=bool(loaded.script))
    return Report(
        result=result,
        path=_path_in_repository(submission),
        cells=cells,
        lines=lines,
        environment=dict(os.environ),
        width=width,
        colour=colour,
    )


def _path_in_repository(submission: Path) -> str:
    """Return the path that a forge knows: relative to the checkout, where there is one."""
    root = next(
        (Path(os.environ[name]) for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
         if os.environ.get(name)), Path.cwd(),
    )  # fmt: skip
    full = submission.absolute()
    try:
        return encodable(full.relative_to(root.absolute()).as_posix())
    except ValueError:
        return encodable(submission.as_posix())


def read_result(path: Path) -> Result:
    """Read a result that was written with --format json."""
    try:
        return decode_result(path.read_bytes())
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is not a result: {error}") from None


def compare_results(old: Result, new: Result) -> str:
    """Say whether a repeated grade is the same, and if not, in which checks."""
    if old.provenance.submission_sha256 != new.provenance.submission_sha256:
        return "another submission was graded: this is not the same file"
    was = {check.id: check for check in old.checks}
    changed = [check.id for check in new.checks if was.get(check.id) != check]
    return f"differs in: {', '.join(changed)}" if changed else "the same result, check by check"
