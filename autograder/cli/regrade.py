"""``autograder history`` and ``regrade``: what a student had, and what a request came to."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.context import console, isolation_option, note, open_exam, open_layout, say
from autograder.cli.trust import pass_course
from autograder.errors import UsageError

if TYPE_CHECKING:
    from autograder.course.history import Entry
    from autograder.course.layout import Layout

SCHEMA = "autograder/history/v1"


@click.command()
@click.argument("student", metavar="STUDENT")
@click.option("--result", "shown", type=int, metavar="N", help="Print result N as JSON.")
@click.option("--bring-back", "wanted", type=int, metavar="N", help="Put result N in force again.")
@click.option("--note", "why", default="", metavar="TEXT", help="Why it is brought back.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@pass_course
def history(
    course: Path, student: str, shown: int | None, wanted: int | None, why: str, form: str
) -> None:
    """Show every result that STUDENT had: since when, how many points, and why they changed.

    No result is ever lost: what grade replaces stays here. One that is brought back holds until
    the hand-in changes, or until you name the student: autograder grade --force --student ID,
    which is also what formgrader's Autograde button does. Hand grades, overrides and comments stay
    as they are.

    \b
    Examples:
      autograder history ada
      autograder history ada --bring-back 1 --note "the new case was wrong"
      autograder history ada --result 1 > then.json  # for run --seed-from
    """
    from autograder.course.regrade import bring_back, history_of, numbered
    from autograder.model import Result

    layout = open_layout(course)
    if why and wanted is None:
        raise UsageError("--note says why a result is brought back: name it with --bring-back N")
    entries = history_of(layout, student)
    if shown is not None:
        say(_json(_as(Result, numbered(entries, shown, student))))
        return
    if wanted is not None:
        from autograder.collect.lateness import enter_lateness
        from autograder.course.classroom import choose_students

        choose_students(layout, [student])
        bring_back(layout, student, wanted, why)
        enter_lateness(layout)
        note(f"result {wanted} of {student} is in force again, until its hand-in changes;")
        note(f"a new page for the student: autograder feedback --student {shlex.quote(student)}")
        entries = history_of(layout, student)
    _show(layout, student, entries, form)


@click.command()
@click.argument("student", metavar="STUDENT")
@click.option("--note", "request", required=True, metavar="TEXT", help="The request.")
@click.option("--reply", default="", metavar="TEXT", help="What you say to it, kept beside it.")
@isolation_option
@pass_course
def regrade(course: Path, student: str, request: str, reply: str, isolation: str) -> None:
    """Grade STUDENT again because somebody asks for it; keep request, answer and both results.

    What is graded is what lies in submitted/ now, with today's cases and points. The new result
    counts, also where it is lower. Hand grades, overrides and comments stay as they are. Exit
    status 4 when the student could not be graded; request and old result are then kept.

    \b
    Examples:
      autograder regrade ada --note "question 3 was ambiguous"
      autograder regrade ada --note "mul is right" \\
        --reply "It is: the case was wrong."
    """
    from autograder.collect.lateness import enter_lateness
    from autograder.course.classroom import Classroom, choose_students
    from autograder.course.regrade import history_of
    from autograder.course.regrade import regrade as grade_again

    layout = open_layout(course)
    if not request.strip():
        raise UsageError("--note is empty: it says what the request is")
    choose_students(layout, [student])
    classroom = Classroom(layout, open_exam(course), isolation)
    answered, change = grade_again(layout, classroom, student, request, reply)
    enter_lateness(layout)
    say(f"{student}: {answered.answer}")
    entries = history_of(layout, student)
    # A result of another hand-in could not be brought back.
    same_file = len({entry.provenance.submission_sha256 for entry in entries[-2:]}) == 1
    if same_file and (change.matters or change.shifts):
        quoted = shlex.quote(student)
        note(f"to undo it: autograder history {quoted} --bring-back {len(entries) - 1}")


def _show(layout: Layout, student: str, entries: list[Entry], form: str) -> None:
    from autograder.course.regrade import describe_history, describe_requests
    from autograder.reports.changes import render_history

    rows = describe_history(layout, student, entries)
    requests = describe_requests(layout, student, entries)
    if form == "json":
        from autograder.model import Result

        results = [_as(Result, entry) for entry in entries]
        document = {
            "schema": SCHEMA,
            "student": student,
            "history": rows,
            "results": results,
            "requests": requests,
        }
        say(_json(document))
    else:
        console().print(render_history(rows, requests))


def _as(kind: type, entry: Entry) -> object:
    import msgspec

    return msgspec.convert(entry, kind, from_attributes=True)


def _json(document: object) -> str:
    import msgspec

    from autograder.reports.boundary import in_json

    return in_json(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
