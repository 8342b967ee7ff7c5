"""A class for a terminal: a line for each student, 80 columns wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from gettext import NullTranslations
from typing import TypeVar

from msgspec.structs import replace
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.grades import STATES, State, StudentGrade
from autograder.language import ENGLISH, words_of
from autograder.model import EXTRA_CREDIT, CheckpointResult, CheckResult, Record, Result
from autograder.reports.boundary import on_terminal
from autograder.reports.text import points

MAX_NAMED = 5
WIDE = 26
"""Characters of an id or a name in a line."""
SO_FAR = "…"
_TELLING = {"complete", "partial"}

E = TypeVar("E", bound="Entry")


class ClassRow(Record, frozen=True):
    """One line of the table, and what the line under it counts.

    Points are those of the result, or the ledger's, see ``with_grade``. ``failing`` are the checks
    that do not pass, ``mistakes`` those that have a name.
    """

    graded: bool
    score: float
    max_score: float
    checkpoints: tuple[CheckpointResult, ...]
    extra: float
    wrong: str
    max_extra: float = 0.0
    failing: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()


def class_row(result: Result) -> ClassRow:
    """Return the line of a result: a large class's results would not fit in memory."""
    graded = result.status == "graded"
    failing = [check for check in result.checks if graded and check.status != "passed"]
    named = [check.diagnosis.id for check in failing if check.diagnosis and _is_named(check)]
    return ClassRow(
        graded=graded,
        score=result.score,
        max_score=result.max_score,
        checkpoints=result.checkpoints,
        extra=result.extra_credit.score,
        wrong=what_went_wrong(result),
        max_extra=result.extra_credit.max_score,
        failing=tuple(check.id for check in failing),
        mistakes=tuple(dict.fromkeys(named)),
    )


def _is_named(check: CheckResult) -> bool:
    """Tell whether a finding is a mistake with a name, and no plain fact."""
    return check.diagnosis is not None and bool(check.diagnosis.sure)


class Entry(Record, frozen=True):
    """A student of the class: what the table shows, and what it is chosen and ordered by.

    Attributes
    ----------
    state
        The ledger's.
    row
        None without a result.
    reason
        Why there is no result, or nothing.
    waiting
        The cells that a person has yet to grade.
    grade
        What the ledger says; where there is one, the row holds its points.
    """

    student: str
    state: State
    row: ClassRow | None = None
    name: str = ""
    groups: tuple[str, ...] = ()
    reason: str = ""
    waiting: tuple[str, ...] = ()
    grade: StudentGrade | None = None

    @property
    def scored(self) -> ClassRow | None:
        """The row, if it holds points."""
        return self.row if self.row is not None and self.row.graded else None

    @property
    def wrong(self) -> str:
        """What went wrong, in words."""
        if self.row is None:
            return self.reason
        anew = "handed in anew since; " if self.state == "outdated" else ""
        return anew + self.row.wrong


def entries_of(
    rows: Mapping[str, ClassRow], failed: Mapping[str, str], grades: Mapping[str, StudentGrade]
) -> list[Entry]:
    """Return an entry for each student of a run, with the points that the ledger has.

    Parameters
    ----------
    rows
        By student.
    failed
        Students who could not be graded, with the reason.
    grades
        Everybody's, failed students included.
    """
    found = [
        *(Entry(name, "graded" if row.graded else "error", row) for name, row in rows.items()),
        *(
            Entry(name, "ungraded", reason=f"not graded: {reason}")
            for name, reason in sorted(failed.items())
        ),
    ]
    return [with_grade(entry, grades[entry.student]) for entry in found]


def with_grade(entry: E, grade: StudentGrade) -> E:
    """Return the same with the state, the points and the name that the ledger has."""
    row = entry.row
    if row is not None:
        row = replace(
            row,
            graded=grade.total is not None,
            score=grade.total or 0.0,
            max_score=grade.max_score,
            checkpoints=grade.checkpoints,
            extra=grade.extra_credit.score,
        )
    name = entry.name or grade.member.name
    groups = grade.member.groups
    return replace(entry, state=grade.state, row=row, grade=grade, name=name, groups=groups)


def render_class(
    rows: Mapping[str, ClassRow],
    failed: Mapping[str, str],
    grades: Mapping[str, StudentGrade],
    language: str = ENGLISH,
) -> RenderableType:
    """Return the table of a run, see ``entries_of``."""
    return render_entries(entries_of(rows, failed, grades), language=language)


def render_entries(
    entries: Sequence[Entry], of: int | None = None, language: str = ENGLISH
) -> RenderableType:
    """Return the table: both checkpoints, extra credit, total, and what went wrong.

    Parameters
    ----------
    of
        How many there are in all, where only some are shown.
    language
        That of the words that are not ids.
    """
    words = words_of(language)
    with_extra = _has_extra(entries)
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column(words.gettext("student"), overflow="fold", max_width=WIDE)
    extra = [words.gettext("extra")] if with_extra else []
    for name in ("CP1", "CP2", *extra, words.gettext("total")):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(words.gettext("what went wrong"), overflow="fold")
    for entry in entries:
        numbers = _numbers(entry, with_extra=with_extra)
        table.add_row(_who(entry), *numbers, _told(entry, words))
    shown = words.gettext("%(some)s of %(all)s shown; of these ") % {
        "some": len(entries),
        "all": of,
    }
    return Group(
        table, Text(("" if of in {None, len(entries)} else shown) + _summary(entries, words))
    )


def _has_extra(entries: Sequence[Entry]) -> bool:
    """Tell whether there is extra credit to be had; it is not known before anybody is graded."""
    rows = [entry.row for entry in entries if entry.row is not None and entry.row.graded]
    return not rows or any(row.extra or row.max_extra for row in rows)


def _who(entry: Entry) -> Text:
    """Return id and name: a line each, where there is a name."""
    both = filter(None, [entry.student, entry.name])
    return Text(on_terminal("\n".join(both), keep="\n"))


def _told(entry: Entry, catalogue: NullTranslations) -> Text:
    words = []
    if entry.grade is not None and entry.row is not None:
        grade = entry.grade
        state = STATES[grade.state]
        words += [catalogue.gettext(state)] if grade.state == "left" else []
        late = catalogue.gettext("late: −%(points)s") % {"points": points(grade.late_penalty)}
        words += [late] if grade.late_penalty else []
    told = "; ".join(filter(None, [*words, entry.wrong]))
    return Text(on_terminal(told), "" if entry.row else "magenta")


def what_went_wrong(result: Result) -> str:
    """Return the outcome where it tells more than the checks do, else the checks that fail."""
    if result.outcome.id not in _TELLING:
        return f"{result.outcome.id}: {result.outcome.message}"
    required = [check for check in result.checks if check.checkpoint != EXTRA_CREDIT]
    mistake, explained = _main_mistake(required)
    wrong = [
        check.id for check in required if check.status != "passed" and check.id not in explained
    ]
    wrong = [mistake, *wrong] if mistake else wrong
    barren = [checkpoint for checkpoint in result.checkpoints if checkpoint.score == 0]
    for checkpoint in barren:
        inside = [check.id for check in required if check.checkpoint == checkpoint.id]
        wrong = [name for name in wrong if name not in inside] + [f"all of {checkpoint.id}"]
    rest = len(wrong) - MAX_NAMED
    return ", ".join(wrong[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _main_mistake(checks: Sequence[CheckResult]) -> tuple[str, set[str]]:
    """Return the mistake that is named in the most checks, and those checks."""
    told = Counter(
        check.diagnosis.id
        for check in checks
        if check.status == "failed" and check.diagnosis is not None and _is_named(check)
    )
    if not told:
        return "", set()
    ((mistake, count),) = told.most_common(1)
    explained = {check.id for check in checks if check.diagnosis and check.diagnosis.id == mistake}
    return f"{mistake} ({count} checks)" if count > 1 else "", explained if count > 1 else set()


def _numbers(entry: Entry, *, with_extra: bool) -> list[Text]:
    row, wide = entry.row, 4 if with_extra else 3
    if row is None:
        return [Text("?") for _ in range(wide)]
    if not row.graded:
        state = "error" if entry.grade is None else entry.grade.state
        return [Text(state, style="magenta"), *(Text("-") for _ in range(wide - 1))]
    cells = [
        Text(points(checkpoint.score), style="green" if checkpoint.passed else "red")
        for checkpoint in row.checkpoints
    ]
    cells += [Text(points(row.extra))] if with_extra else []
    total = points(row.score) + (SO_FAR if entry.grade is not None and entry.grade.waiting else "")
    return [*cells, Text(total, "bold")]


def _summary(entries: Sequence[Entry], words: NullTranslations) -> str:
    rows = [row for entry in entries if (row := entry.scored) is not None]
    if not rows:
        return words.gettext("nobody is graded yet")
    first = rows[0]
    mean = sum(row.score for row in rows) / len(rows)
    told = words.gettext("%(number)s graded, mean total %(mean)s of %(most)s") % {
        "number": len(rows), "mean": f"{mean:.1f}", "most": points(first.max_score),
    }  # fmt: skip
    passed = [
        words.gettext("%(number)s passed %(checkpoint)s")
        % {
            "number": sum(row.checkpoints[place].passed for row in rows),
            "checkpoint": checkpoint.id,
        }
        for place, checkpoint in enumerate(first.checkpoints)
    ]
    waiting = sum(entry.grade is not None and bool(entry.grade.waiting) for entry in entries)
    so_far = words.gettext("%(number)s wait for a hand grade: their totals are so far (%(sign)s)")
    parts = [told, ", ".join(passed)]
    parts += [so_far % {"number": waiting, "sign": SO_FAR}] if waiting else []
    return "; ".join(parts)
