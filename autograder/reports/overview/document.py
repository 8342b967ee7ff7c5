"""An overview as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from autograder.reports.boundary import in_json
from autograder.reports.overview.records import Overview, Student

SCHEMA = "autograder/overview/v1"


def overview_json(overview: Overview, *, who: bool) -> str:
    """Return the figures, harmless to a terminal.

    Parameters
    ----------
    who
        Also name students: who shares what, and a row for each. Without, no id is in it, and no
        sentence that was told to one student.
    """
    filtered = bool(overview.conditions)
    document = {"schema": SCHEMA, "filtered": filtered, **_plain(overview, who=who)}
    document["students"] = [_row(student) for student in overview.students] if who else []
    if not who:
        document["conditions"] = []  # a student may be named in one
    return in_json(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def _plain(value: object, *, who: bool) -> Any:
    """Return records as mappings, without who stands in them unless that is asked for."""
    if isinstance(value, msgspec.Struct):
        hidden = {"students"} if isinstance(value, Overview) else set()
        hidden |= set() if who else {"who", "example"}
        return {
            name: _plain(getattr(value, name), who=who)
            for name in value.__struct_fields__
            if name not in hidden
        }
    if isinstance(value, tuple):
        return [_plain(item, who=who) for item in value]
    return value


def _row(student: Student) -> dict[str, Any]:
    row = student.scored
    return {
        "student": student.student,
        "name": student.name,
        "groups": student.groups,
        "state": student.state,
        "outcome": student.outcome,
        "total": row.score if row else None,
        "checkpoints": {part.id: part.score for part in row.checkpoints} if row else {},
        "extra_credit": row.extra if row else None,
        "not_passed": row.failing if row else [],
        "mistakes": row.mistakes if row else [],
        "waiting": student.waiting,
        "what_went_wrong": student.wrong,
    }
