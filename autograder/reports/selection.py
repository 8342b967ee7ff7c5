"""Which students of a class are shown, and in which order: ``--filter`` and ``--sort``.

A condition is ``FIELD=VALUE``, with ``!= < <= > >=`` for ``=``, or a word that is looked for in the
student's id, name and in what went wrong. Whoever has no score meets no condition on a score: an
error is not a zero.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TypeVar

from autograder.errors import UsageError
from autograder.grades import STATES
from autograder.reports.classtable import ClassRow, Entry

TEXTS = ("student", "name", "group", "state", "check", "mistake", "waiting")
NUMBERS = ("total", "extra")
_CONDITION = re.compile(r"\s*([\w-]+)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_CHECKPOINT = re.compile(r"(?:cp|checkpoint-)([1-9])")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


E = TypeVar("E", bound=Entry)
Test = Callable[[Entry], bool]


def select(
    entries: Iterable[E],
    order: str = "",
    conditions: Sequence[str] = (),
    checks: Collection[str] = (),
) -> list[E]:
    """Return the students who meet every condition, in the order asked for.

    Parameters
    ----------
    order
        Fields with commas between them, a minus before one that descends; none leaves the order.
    checks
        The ids of the course's checks, so that a misspelt one is an error and not an empty table.

    Raises
    ------
    UsageError
        For a field or a value that there is not.
    """
    tests = [_test(condition, checks) for condition in conditions]
    chosen = [entry for entry in entries if all(test(entry) for test in tests)]
    for part in reversed([part.strip() for part in order.split(",") if part.strip()]):
        name = part.removeprefix("-")
        key = _key(name)
        known = [entry for entry in chosen if key(entry) is not None]
        known.sort(key=key, reverse=part.startswith("-"))  # type: ignore[arg-type] # one type a field
        chosen = known + [entry for entry in chosen if key(entry) is None]
    return chosen


def _test(condition: str, checks: Collection[str]) -> Test:
    found = _CONDITION.fullmatch(condition)
    if found is None:
        word = condition.strip().casefold()
        return lambda entry: any(
            word in text.casefold() for text in (entry.student, entry.name, entry.wrong)
        )
    name, sign, value = found.groups()
    if name in TEXTS:
        if sign not in {"=", "!="}:
            raise UsageError(
                f"--filter {condition!r}: {name} is text, which has no {sign}",
                f"{name}={value} or {name}!={value}",
            )
        _require_known(name, value, checks)
        return _text_test(name, sign, value.casefold())
    number = _number_of(name)
    bound = re.fullmatch(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(%?)", value)
    if bound is None:
        raise UsageError(
            f"--filter {condition!r}: {value!r} is not a number of points",
            f"{name}{sign}32 in points, or {name}{sign}80% of the points possible",
        )
    return _number_test(number, sign, float(bound[1]), share=bool(bound[2]))


def _text_test(name: str, sign: str, value: str) -> Test:
    def test(entry: Entry) -> bool:
        found = any(fnmatchcase(text.casefold(), value) for text in _texts(entry, name))
        return found == (sign == "=")

    return test


def _number_test(
    number: Callable[[ClassRow], tuple[float, float] | None],
    sign: str,
    bound: float,
    *,
    share: bool,
) -> Test:
    def test(entry: Entry) -> bool:
        found = None if entry.scored is None else number(entry.scored)
        if found is None:
            return False
        score, possible = found
        return _COMPARE[sign](score, bound * possible / 100 if share else bound)

    return test


def _require_known(name: str, value: str, checks: Collection[str]) -> None:
    known = {"state": STATES, "check": checks}.get(name, ())
    if not known or any(fnmatchcase(one, value.casefold()) for one in known):
        return
    near = difflib.get_close_matches(value.casefold(), known, n=1)
    raise UsageError(
        f"--filter {name}: there is no {name} {value!r}",
        f"Did you mean {near[0]!r}?" if near else f"One of {', '.join(known)}",
    )


def _texts(entry: Entry, name: str) -> tuple[str, ...]:
    row = entry.row
    return {
        "student": (entry.student,),
        "name": (entry.name,),
        "group": entry.groups,
        "state": (entry.state,),
        "check": row.failing if row else (),
        "mistake": row.mistakes if row else (),
        "waiting": entry.waiting,
    }[name]


def _number_of(name: str) -> Callable[[ClassRow], tuple[float, float] | None]:
    if name == "total":
        return lambda row: (row.score, row.max_score)
    if name == "extra":
        return lambda row: (row.extra, row.max_extra)
    found = _CHECKPOINT.fullmatch(name)
    if found is None:
        raise _unknown(name, (*TEXTS, *NUMBERS, "checkpoint-1", "checkpoint-2"))
    id_ = f"checkpoint-{found[1]}"
    return lambda row: next(
        ((part.score, part.max_score) for part in row.checkpoints if part.id == id_), None
    )


def _key(name: str) -> Callable[[Entry], float | str | tuple[str, ...] | None]:
    if name in {"student", "name", "group"}:
        return lambda entry: tuple(text.casefold() for text in _texts(entry, name))
    if name == "state":
        return lambda entry: list(STATES).index(entry.state)
    if name == "waiting":
        return lambda entry: len(entry.waiting)
    if name in {"check", "mistake"}:
        return lambda entry: len(_texts(entry, name)) if entry.scored else None
    number = _number_of(name)

    def key(entry: Entry) -> float | None:
        found = None if entry.scored is None else number(entry.scored)
        return None if found is None else found[0]

    return key


def _unknown(name: str, fields: Sequence[str]) -> UsageError:
    near = difflib.get_close_matches(name, fields, n=1)
    return UsageError(
        f"There is no field {name!r} to sort or filter by",
        f"Did you mean {near[0]!r}?" if near else f"One of {', '.join(fields)}",
    )
