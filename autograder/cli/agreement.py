"""Say where the gradebook is not what was graded; ``grade --repair`` mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from autograder.cli.context import note

if TYPE_CHECKING:
    from autograder.course.layout import Layout

MAX_TOLD = 10
REPAIR = "autograder grade --repair"


def tell_differences(layout: Layout, students: Sequence[str]) -> None:
    """Say for whom the gradebook differs, and what mends it; nothing where all agrees."""
    from autograder.course.agreement import find_differences

    found = find_differences(layout, students)
    if not found:
        return
    note(f"The gradebook is not what autograder recorded, for {_count(found)}:")
    _list(found)
    note(f"  → {REPAIR}    writes the recorded grades back; what people entered stays")


def mend(layout: Layout, students: Sequence[str]) -> bool:
    """Write recorded grades back where the gradebook differs; return whether all could be."""
    from autograder.course.agreement import find_differences, repair

    found = find_differences(layout, students)
    failed = repair(layout, tuple(found)) if found else {}
    mended = {student: words for student, words in found.items() if student not in failed}
    note(f"repaired: {_count(mended)}" if found else "nothing to repair: the gradebook agrees")
    _list(mended)
    for student, reason in failed.items():
        note(f"not repaired: {student}: {reason}")
    return not failed


def _list(found: Mapping[str, str]) -> None:
    for student, words in list(found.items())[:MAX_TOLD]:
        note(f"  {student}: {words}")
    if len(found) > MAX_TOLD:
        note(f"  and {len(found) - MAX_TOLD} more")


def _count(found: Mapping[str, str]) -> str:
    return "1 student" if len(found) == 1 else f"{len(found)} students"
