"""``autograder export``: hand a class over to another program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.context import note, open_layout
from autograder.cli.trust import pass_course
from autograder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.course.layout import Layout
    from autograder.exports.base import Exported, Job

SIMILARITY = "jplag"
TARGETS = "blackboard, canvas, csv, gradescope, jsonl, moodle, parquet"
"""Ours, for the help text; other packages may register more."""
NEEDS_A_LOOK = 3


@click.command()
@click.option(
    "--to", "target", metavar="TARGET", required=True, help=f"{TARGETS} or {SIMILARITY}."
)  # fmt: skip
@click.option(
    "--fill", "download", type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE", help="What you downloaded there, to be filled; it is not changed.",
)  # fmt: skip
@click.option(
    "--checkpoint", "checkpoints", type=click.Choice(["1", "2", "all"]), multiple=True,
    help="This checkpoint's points, as a column of its own, in place of the total.",
)  # fmt: skip
@click.option(
    "--column", "titles", multiple=True, metavar="TITLE",
    help="What the column is called there; the assignment's name by default.",
)  # fmt: skip
@click.option("--so-far", is_flag=True, help="Totals of which a part waits for a person, too.")
@click.option("--cap", is_flag=True, help="What is above a column's points becomes those points.")
@click.option(
    "--into", type=click.Path(path_type=Path),
    help="The file; or the new folder, for jplag. Named after the target by default.",
)  # fmt: skip
@pass_course
def export(
    course: Path,
    target: str,
    download: Path | None,
    checkpoints: tuple[str, ...],
    titles: tuple[str, ...],
    so_far: bool,
    cap: bool,
    into: Path | None,
) -> None:
    """Write the class's grades as TARGET reads them, or its submissions for jplag.

    csv, jsonl and parquet hold everybody with a state and every part of the grade. canvas, moodle
    and blackboard get numbers that are final; who has none is left alone there, and told. Students
    who are not in the roster are not exported. jplag is for JPlag, compare50 and Moss.

    Exit status 3 when something needs a look: a grade that the file has no place for, or a line
    of the file that is no student's.

    \b
    Examples:
      autograder export --to csv
      autograder export --to canvas --fill downloads/grades.csv --checkpoint all
      autograder export --to moodle --fill "downloads/Grades-ML-05.csv" \\
        --into upload.csv
      autograder export --to jplag --into /tmp/similarity
    """
    layout = open_layout(course)
    if target == SIMILARITY:
        _for_similarity(layout, into or Path("similarity"))
        return
    from autograder.course.files import write_atomically
    from autograder.exports import find_target

    found = find_target(target)
    path = into or Path(found.file)
    if download is not None and path.exists() and path.samefile(download):
        raise UsageError(f"{path} is the file that is filled", "--into another file")
    if download is not None and not found.fills:
        raise UsageError(f"{target} fills no file", "Leave --fill out.")
    job = _job(layout, download, checkpoints, titles, so_far=so_far, cap=cap)
    exported = found.export(job)
    write_atomically(path, exported.data)
    _tell(exported, job, path)
    if exported.lost or exported.strangers:
        sys.exit(NEEDS_A_LOOK)


def _job(
    layout: Layout,
    download: Path | None,
    checkpoints: Sequence[str],
    titles: Sequence[str],
    *,
    so_far: bool,
    cap: bool,
) -> Job:
    from autograder.collect.lateness import enter_lateness
    from autograder.collect.ledger import enrolled, read_ledger, roster_of
    from autograder.exports.base import Job, columns_of
    from autograder.exports.sheets import read_sheet

    config = layout.config
    wanted = [
        checkpoint.id
        for checkpoint in config.checkpoints
        if "all" in checkpoints or checkpoint.id.removeprefix("checkpoint-") in checkpoints
    ]
    if layout.has_gradebook:
        enter_lateness(layout)  # hand grades since the last run may change what being late costs
    grades = enrolled(read_ledger(layout))
    if not grades:
        raise UsageError("There is nobody to export", "autograder collect SOURCE")
    return Job(
        config=config,
        grades=grades,
        columns=columns_of(config, wanted),
        roster=roster_of(layout, grades),
        sheet=None if download is None else read_sheet(download),
        titles=titles,
        so_far=so_far,
        cap=cap,
    )


def _tell(exported: Exported, job: Job, path: Path) -> None:
    """Say who is in the file, and who is not and why."""
    who = {student: grade.member.shown for student, grade in job.grades.items()}
    for told in exported.notes:
        note(f"note: {told}")
    for reason in sorted(set(exported.left.values())):
        students = [who[one] for one, why in exported.left.items() if why == reason]
        note(f"no number: {len(students)} {reason}: {_some(students, 5)}")
    for student, reason in exported.lost.items():
        note(f"NOT EXPORTED: {who[student]}: {reason}")
    if exported.strangers:
        note(f"no student of this course, or not one alone: {_some(exported.strangers, 20)}")
    note(f"{len(exported.written)} of {len(job.grades)} students have a grade in {path}")


def _some(names: Sequence[str], most: int) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def _for_similarity(layout: Layout, into: Path) -> None:
    from autograder.course.similarity import export_for_similarity

    found = export_for_similarity(layout, into)
    for student, reason in found.left_out.items():
        note(f"left out: {student}: {reason}")
    note(f"{len(found.students)} submissions in {into}; the commands are in {into / 'README'}")
