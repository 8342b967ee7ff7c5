"""What changes when somebody is graded again, and what a student had before, for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.model import Record, Result
from autograder.reports.boundary import on_terminal
from autograder.reports.text import points


class Cause(Record, frozen=True):
    """Something that is not as it was: which part of what decides, in words.

    ``check`` is the check that it belongs to, empty for what bears on all of them.
    """

    part: str
    words: str
    check: str = ""


class Grade(Record, frozen=True):
    """The automatic points of a result; nothing counts of one that is not ``graded``."""

    graded: bool
    score: float
    extra: float
    passed: dict[str, bool]


class CheckChange(Record, frozen=True):
    """Points of one check before and after, of how many; None where it was not there.

    ``parts`` are those causes that can explain it.
    """

    id: str
    before: tuple[float, float] | None
    after: tuple[float, float] | None
    parts: tuple[str, ...] = ()


class Change(Record, frozen=True):
    """How one result differs from the one before it; ``before`` is None for a first result."""

    before: Grade | None
    after: Grade
    checks: tuple[CheckChange, ...] = ()
    causes: tuple[Cause, ...] = ()

    @property
    def matters(self) -> bool:
        """Whether a grade that was there is now another one."""
        return self.before is not None and self.before != self.after

    @property
    def shifts(self) -> bool:
        """Whether the grade stays with other points in its checks."""
        return not self.matters and bool(self.checks)


class HistoryRow(Record, frozen=True):
    """A result that a student had: since when, how it came, and how it differs from the last."""

    number: int
    since: str
    event: str
    change: Change
    digest: str


class RequestRow(Record, frozen=True):
    """A regrade request; ``results`` are the numbers of the results before and after it."""

    at: str
    note: str
    reply: str
    answer: str
    results: tuple[int | None, int | None]


_ONLY_AUTOMATIC = Text("Points are the automatic ones; what you entered by hand stays.", "dim")


def grade_of(result: Result) -> Grade:
    """Return what of a result is compared."""
    return Grade(
        graded=result.status == "graded",
        score=result.score,
        extra=result.extra_credit.score,
        passed={one.id: one.passed for one in result.checkpoints},
    )


def render_preview(changes: Mapping[str, Change], failed: Mapping[str, str]) -> RenderableType:
    """Return who would change, by how much, in which check and why.

    Parameters
    ----------
    changes
        By student; only those that matter are shown.
    failed
        Students who could not be graded, with the reason.
    """
    shown = {student: change for student, change in changes.items() if change.matters}
    parts: list[RenderableType] = []
    if shown:
        parts += [_causes(list(shown.values())), ""]
    if shown or failed:
        table = _table("student", ">before", ">after", ">change", "in which check (why)")
        for student, change in shown.items():
            table.add_row(*_cells(on_terminal(student), change))
        for student, reason in sorted(failed.items()):
            told = Text(f"not graded: {on_terminal(reason)}", "magenta")
            table.add_row(Text(on_terminal(student)), *(Text("?") for _ in range(3)), told)
        parts += [table, _ONLY_AUTOMATIC]
    return Group(*parts)


def count_changes(
    changes: Mapping[str, Change], held: Collection[str], failed: Collection[str]
) -> str:
    """Say in one line how many would change, begin, stay, and could not be graded."""
    first = sum(change.before is None for change in changes.values())
    differing = sum(change.matters for change in changes.values())
    stay = [
        change
        for student, change in changes.items()
        if student not in held and change.before is not None and not change.matters
    ]
    shifting = sum(change.shifts for change in stay)
    inside = f" ({shifting} with other points in checks)" if shifting else ""
    return (
        f"{differing} would change, {first} would be graded for the first time,"
        f" {len(stay)} would stay as they are{inside}, {len(failed)} could not be graded"
    )


def render_history(rows: Sequence[HistoryRow], requests: Sequence[RequestRow]) -> RenderableType:
    """Return every result that a student had, and how each differs from the one before."""
    table = _table(">#", ">in force since", ">points", "what", "changed (why)", ">digest")
    for row in rows:
        table.add_row(
            Text(str(row.number)),
            Text(_minute(row.since)),
            Text(_told(row.change.after), "bold"),
            Text(on_terminal(row.event)),
            Text(what_changed(row.change)),
            Text(row.digest[:8]),
        )
    told = Text("Times are in UTC. The last line is in force.", "dim")
    return Group(table, told, _ONLY_AUTOMATIC, *map(_request, requests))


def _request(request: RequestRow) -> RenderableType:
    before, after = ("none" if one is None else str(one) for one in request.results)
    answer = request.answer or "none: the grading that it asked for did not finish"
    lines = [f"request of {_minute(request.at)}: {request.note}"]
    lines += [f"  reply: {request.reply}"] if request.reply else []
    lines += [f"  answer: {answer}"]
    lines += [f"  result before: {before}, after: {after}"] if request.answer else []
    return Text("\n" + "\n".join(map(on_terminal, lines)))


def answer(change: Change) -> str:
    """Say what came of a regrade request."""
    before, after = _told(change.before), _told(change.after)
    if change.before is None:
        return f"graded for the first time: {after}"
    if change.matters:
        return f"{before} → {after}: {what_changed(change)}"
    if change.shifts:
        return f"{after}, as before: {what_changed(change)}"
    again = "" if change.causes else " with the same cases and inputs"
    return f"{after}, as before: graded again from the hand-in{again}"


def _minute(moment: str) -> str:
    return on_terminal(moment[:16].replace("T", " "))


def what_changed(change: Change) -> str:
    """Say in one line what is different and why; nothing of a first result."""
    if change.before is None:
        return ""
    told = [_check_words(check) for check in change.checks]
    told += _passing(change)
    if change.before.graded != change.after.graded:
        told.insert(0, "graded, was error" if change.after.graded else "error, was graded")
    return on_terminal("; ".join(told) or _same(change))


def _same(change: Change) -> str:
    parts = dict.fromkeys(cause.part for cause in change.causes)
    return "the same points" + (f" ({', '.join(parts)} changed)" if parts else "")


def _causes(changes: Sequence[Change]) -> RenderableType:
    """List what is not as it was, with the number of results that it was different for."""
    counted = Counter(cause for change in changes for cause in change.causes)
    table = Table(box=None, padding=(0, 1), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for cause in sorted(counted, key=lambda one: (one.part, one.words)):
        of = "" if counted[cause] == len(changes) else f" (for {counted[cause]})"
        table.add_row(Text(cause.part, "bold"), Text(on_terminal(cause.words) + of))
    return Group(Text("Not as it was when they were graded:"), table)


def _cells(student: str, change: Change) -> list[Text]:
    before, after = change.before, change.after
    difference = ""
    if before is not None and before.graded and after.graded:
        difference = signed(_whole(after) - _whole(before))
    colour = {"+": "green", "−": "red"}.get(difference[:1], "")
    cells = [Text(student), Text(_told(before)), Text(_told(after)), Text(difference, colour)]
    return [*cells, Text(what_changed(change))]


def _told(grade: Grade | None) -> str:
    if grade is None:
        return "-"
    if not grade.graded:
        return "error"
    return points(grade.score) + (f" +{points(grade.extra)}" if grade.extra else "")


def _whole(grade: Grade) -> float:
    return grade.score + grade.extra


def signed(difference: float) -> str:
    """Write a difference of points with its sign, and none as 0."""
    text = points(abs(round(difference, 2)))
    return text if text == "0" else f"{'+' if difference > 0 else '−'}{text}"


def _check_words(check: CheckChange) -> str:
    why = f" ({', '.join(check.parts)})" if check.parts else ""
    if check.before is None or check.after is None:
        score = check.after or check.before or (0.0, 0.0)
        word = "new" if check.before is None else "gone"
        return f"{check.id} {word}, {points(score[0])}/{points(score[1])}{why}"
    if check.before[1] == check.after[1]:
        return f"{check.id} {signed(check.after[0] - check.before[0])}{why}"
    was, now = ("/".join(map(points, pair)) for pair in (check.before, check.after))
    return f"{check.id} {was} → {now}{why}"


def _passing(change: Change) -> list[str]:
    """Say which checkpoints are passed now, or no longer."""
    before, after = change.before, change.after
    if before is None or not (before.graded and after.graded):
        return []
    return [
        f"{name} {'passed' if passed else 'no longer passed'}"
        for name, passed in after.passed.items()
        if before.passed.get(name, passed) != passed
    ]


def _table(*names: str) -> Table:
    """Return an empty table; a name that begins with > heads a column of numbers."""
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in names:
        if name.startswith(">"):
            table.add_column(name[1:], justify="right", no_wrap=True)
        else:
            table.add_column(name, overflow="fold")
    return table
