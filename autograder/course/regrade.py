"""What a student had before, brought back; and requests to grade again, kept with their answers."""

from __future__ import annotations

from msgspec.structs import replace

from autograder.course.changes import compare
from autograder.course.classroom import Classroom, record_waiting
from autograder.course.desk import Desk
from autograder.course.exams import Exams
from autograder.course.history import BroughtBack, Entry, History, Request, Requests, now
from autograder.course.journal import Journal
from autograder.course.layout import Layout
from autograder.errors import InfrastructureError, UsageError
from autograder.reports.changes import Change, HistoryRow, RequestRow, answer


def history_of(layout: Layout, student: str) -> list[Entry]:
    """Return all results that a student had, the present one last.

    Raises
    ------
    UsageError
        When there is none.
    """
    found = History(layout).of(student)
    if not found:
        raise UsageError(
            f"{student!r} has no result of {layout.config.assignment}", "autograder status"
        )
    return found


def describe_history(layout: Layout, student: str, entries: list[Entry]) -> list[HistoryRow]:
    """Say of each result since when it was in force, how it came, and what was different."""
    exams = Exams(layout)
    digests = [entry.digest for entry in entries]
    asked = {request.after for request in Requests(layout).of(student)}
    return [
        HistoryRow(
            number=place + 1,
            since=entry.since,
            event=_event(entry, digests.index(digests[place]) + 1, digests[place] in asked),
            change=compare(entries[place - 1] if place else None, entry, exams),
            digest=digests[place],
        )
        for place, entry in enumerate(entries)
    ]


def describe_requests(layout: Layout, student: str, entries: list[Entry]) -> list[RequestRow]:
    """Return a student's requests with the numbers of the results before and after each."""
    numbers: dict[str, int] = {}
    for number, entry in enumerate(entries, start=1):
        numbers.setdefault(entry.digest, number)
    return [
        RequestRow(
            at=one.at,
            note=one.note,
            reply=one.reply,
            answer=one.answer,
            results=(numbers.get(one.before), numbers.get(one.after)),
        )
        for one in Requests(layout).of(student)
    ]


def numbered(entries: list[Entry], number: int, student: str) -> Entry:
    """Return the result with a number, counted from 1.

    Raises
    ------
    UsageError
        When there is none.
    """
    if not 1 <= number <= len(entries):
        which = "one result" if len(entries) == 1 else f"results 1 to {len(entries)}"
        raise UsageError(f"{student} has {which}, and no {number}", f"autograder history {student}")
    return entries[number - 1]


def bring_back(layout: Layout, student: str, number: int, note: str = "") -> None:
    """Put an earlier result in force again, in journal, gradebook and formgrader's notebook.

    It holds until the hand-in changes, or the student is named to ``grade --force``. What people
    entered in the gradebook stays.

    Raises
    ------
    UsageError
        When that result is of another hand-in, or of other checks than the course has now.
    InfrastructureError
        When the gradebook cannot be written; the next run of ``grade`` goes on with it.
    """
    journal, desk = Journal(layout), Desk(layout)
    with journal.locked():
        record_waiting(layout, journal, desk)
        wanted = numbered(history_of(layout, student), number, student)
        _refuse_what_does_not_fit(layout, student, number, wanted)
        journal.write(student, replace(wanted, brought_back=BroughtBack(now(), note)))
        record_waiting(layout, journal, desk)
        present = journal.read(student)
    if present is None or present.digest != wanted.digest:
        raise InfrastructureError(
            f"The hand-in of {student} changed meanwhile; the present result stays", "Try again."
        )


def regrade(
    layout: Layout, classroom: Classroom, student: str, note: str, reply: str = ""
) -> tuple[Request, Change]:
    """Keep a request, grade again, and keep the answer; both results are in the history.

    Raises
    ------
    InfrastructureError
        When the student could not be graded; request and old result are kept.
    """
    requests, journal = Requests(layout), Journal(layout)
    before = journal.latest(student)
    request = Request(
        at=now(), note=note, reply=reply, before=before.digest if before is not None else ""
    )
    requests.keep(student, request)
    report = classroom.grade(
        [student],
        processes=1,
        force=True,
        replace_held=True,
        progress=lambda _student, _row: None,
    )
    after = journal.read(student)
    if report.failed or after is None:
        reason = report.failed.get(student, "there is no result")
        raise InfrastructureError(
            f"{student} could not be graded again: {reason}",
            "The request is kept, and so is the old result; make it again when that is mended.",
        )
    change = compare(before, after, Exams(layout))
    answered = replace(request, answer=answer(change), after=after.digest)
    requests.keep(student, answered)
    return answered, change


def _event(entry: Entry, first: int, asked: bool) -> str:
    if entry.brought_back is None:
        return "graded on request" if asked else "graded"
    note = f": {entry.brought_back.note}" if entry.brought_back.note else ""
    return f"{first} brought back{note}"


def _refuse_what_does_not_fit(layout: Layout, student: str, number: int, wanted: Entry) -> None:
    if wanted.provenance.submission_sha256 != layout.digest(student):
        raise UsageError(
            f"Result {number} of {student} is of another hand-in than the one in "
            f"{layout.collected(student)}",
            f"Put that hand-in there first; autograder attempts {student} lists what was"
            " collected.",
        )
    then = {check.id for check in wanted.checks}
    now_there = {check.id for check in layout.config.all_checks}
    if then != now_there:
        other = ", ".join(sorted(then ^ now_there))
        raise UsageError(
            f"Result {number} of {student} is of other checks than config.yaml has now: {other}",
            "Check out the config.yaml of then, or enter the points in formgrader.",
        )
