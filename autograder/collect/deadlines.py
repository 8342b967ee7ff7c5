"""Until when, for whom, which attempt counts, and what being late costs."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.collect.attempts import Attempt, in_order
from autograder.collect.roster import Person, Roster
from autograder.config import Config
from autograder.errors import ConfigError, SubmissionError
from autograder.moments import parse_moment
from autograder.submission.files import read_file
from autograder.submission.rows import read_rows

_DAY = 86400.0


class Deadlines:
    """What ``due``, ``extensions``, ``excused`` and ``late`` in config.yaml say.

    Parameters
    ----------
    course
        The course's folder, where a CSV file of extensions lies.

    Raises
    ------
    ConfigError
        When one names nobody of the roster, or no moment.
    """

    def __init__(self, config: Config, roster: Roster, course: Path) -> None:
        self._late = config.late
        self._roster = roster
        self.due = _moment("due", config.due, None) if config.due else None
        self.zone = (self.due.tzinfo if self.due else None) or UTC
        extensions = config.extensions
        if isinstance(extensions, str):
            extensions = _from_csv(course / extensions)
        if extensions and self.due is None:
            raise ConfigError("config.yaml: there are extensions, but no due")
        self._extensions = {
            self._known("extensions", key): _moment(f"extensions: {key}", text, self.zone)
            for key, text in extensions.items()
        }
        self._excused = {self._known("excused", key) for key in config.excused}

    def _known(self, what: str, key: str) -> str:
        groups = {group for one in self._roster.people.values() for group in one.groups}
        if self._roster and key not in self._roster.people and key not in groups:
            raise ConfigError(
                f"config.yaml, {what}: {key!r} is neither a student nor a group of the roster"
            )
        return key

    def of(self, person: Person) -> datetime | None:
        """Return a student's deadline: the latest of all that apply; None without one."""
        mine = (person.id, *person.groups)
        own = [self._extensions[key] for key in mine if key in self._extensions]
        return max([self.due, *own]) if self.due is not None else None

    def extended(self, person: Person) -> bool:
        """Tell whether a student has more time than the others."""
        return self.of(person) != self.due

    def excused(self, person: Person) -> bool:
        """Tell whether nothing is expected of a student."""
        return bool(self._excused & {person.id, *person.groups})

    def is_late(self, person: Person, attempt: Attempt) -> bool:
        """Tell whether an attempt came too late; what nobody can tell is not late."""
        # The system that marked it knows nothing of an extension that is written down here.
        marked = attempt.late and not self.extended(person)
        return self._is_late(attempt, self.of(person), marked=marked)

    def _is_late(self, attempt: Attempt, due: datetime | None, *, marked: bool) -> bool:
        if attempt.moment is not None and due is not None:
            return attempt.moment > due + timedelta(minutes=self._late.grace_minutes)
        return marked

    def candidates(self, person: Person, attempts: Sequence[Attempt]) -> list[Attempt]:
        """Return the attempts of which the best counts; the first does while nobody knows which.

        That is one, unless the policy is ``best``, or more time makes another one count than
        would without: then both do, since an extension never lowers a grade. One that cannot be
        read is among them only where all are so.
        """
        ordered = in_order(attempts)
        readable = [one for one in ordered if not one.fault]
        if not ordered or self._late.counts == "last":
            return (readable or ordered)[-1:]
        in_time = [one for one in readable or ordered if not self.is_late(person, one)]
        found = [(in_time or readable or ordered)[-1]]
        if self._late.counts == "best":
            found += reversed(readable)
        elif self.extended(person):
            for_all = [one for one in readable if not self._is_late(one, self.due, marked=one.late)]
            found += (for_all or readable)[-1:]
        return list({one.id: one for one in found}.values())

    def seconds_late(self, person: Person, moment: datetime) -> float:
        """Return how late a moment is, without the grace; 0 for one that is in time."""
        due = self.of(person)
        if due is None:
            return 0.0
        late = (moment - due).total_seconds()
        return late if late > self._late.grace_minutes * 60 else 0.0

    def penalty(self, student: str, score: float, seconds: float) -> float:
        """Return the points that being late costs, never more than there are."""
        if seconds <= 0 or score <= 0:
            return 0.0
        if self._late.plugin:
            lost = _plugin(self._late.plugin, self._late.options).late_submission_penalty(
                student, score, seconds
            )
        else:
            lost = self._late.points_per_day * math.ceil(seconds / _DAY)
            if self._late.at_most is not None:
                lost = min(lost, self._late.at_most)
        return min(max(float(lost or 0.0), 0.0), score)


def _moment(key: str, text: str, zone: Any) -> datetime:
    try:
        return parse_moment(text, zone)
    except ValueError as error:
        raise ConfigError(f"config.yaml, {key}: {error}") from None


def _from_csv(path: Path) -> dict[str, str]:
    """Read extensions from a CSV file: who, and until when."""
    try:
        rows = read_rows(read_file(path), strict=True)
    except SubmissionError as error:
        raise ConfigError(f"config.yaml, extensions: {error.message}") from None
    header = [cell.strip().lower() for cell in rows.cells[0][:2]] if rows.cells else []
    if header not in (["student", "due"], ["group", "due"], ["id", "due"]):
        raise ConfigError(f"{path}: its first line is not student,due")
    found: dict[str, str] = {}
    for line, row in zip(rows.lines[1:], rows.cells[1:], strict=True):
        key = row[0].strip()
        if len(row) < 2 or not row[1].strip():
            raise ConfigError(f"{path}, line {line}: no moment")
        if found.setdefault(key, row[1].strip()) != row[1].strip():
            raise ConfigError(f"{path}, line {line}: there is a second moment for {key!r}")
    return found


def _plugin(name: str, options: dict[str, Any]) -> Any:
    """Return one of nbgrader's plugins for late submissions."""
    module, _, attribute = name.replace(":", ".").rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)(**options)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"config.yaml, late.plugin {name!r}: {error}") from None
