"""How a result differs from an earlier one, in which check, and what is not as it was then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from autograder.cases.terms import CaseTerms, Terms
from autograder.course.exams import Exams
from autograder.grading.decisive import Decisive
from autograder.model import Result
from autograder.reports.changes import Cause, Change, CheckChange, grade_of


def compare(old: Result | None, new: Result, exams: Exams) -> Change:
    """Compare a result with the one before it.

    Parameters
    ----------
    exams
        What decided then; what was not kept is said to be unknown.
    """
    if old is None:
        return Change(before=None, after=grade_of(new))
    causes = tuple(_causes(old, new, exams))
    return Change(
        before=grade_of(old),
        after=grade_of(new),
        checks=tuple(_changed_checks(old, new, causes)),
        causes=causes,
    )


def _changed_checks(old: Result, new: Result, causes: Sequence[Cause]) -> Iterator[CheckChange]:
    if "graded" not in {old.status, new.status}:
        return
    before = {check.id: (check.score, check.max_score) for check in old.checks}
    after = {check.id: (check.score, check.max_score) for check in new.checks}
    for id_ in dict.fromkeys([*after, *before]):
        if before.get(id_) != after.get(id_):
            parts = _parts_for(id_, causes)
            yield CheckChange(id_, before.get(id_), after.get(id_), parts)


def _parts_for(check: str, causes: Sequence[Cause]) -> tuple[str, ...]:
    """Return what can explain that a check changed.

    A slip in a rule is charged where other checks meet it, so what belongs to another check counts
    where nothing else does.
    """
    own = [cause for cause in causes if cause.check in {"", check}]
    found = tuple(dict.fromkeys(cause.part for cause in own or causes))
    return found or ("nothing that decides changed: it does not repeat",)


def _causes(old: Result, new: Result, exams: Exams) -> Iterator[Cause]:
    was, now = old.provenance, new.provenance
    if was.submission_sha256 != now.submission_sha256:
        yield Cause("submission", "another hand-in")
    if was.seed_digest != now.seed_digest:
        yield Cause("seed", "another seed, so other inputs")
    if was.isolation != now.isolation:
        yield Cause("isolation", _arrow(was.isolation, now.isolation))
    if was.case_set_digest == now.case_set_digest:
        return
    then, here = exams.find(was.case_set_digest), exams.find(now.case_set_digest)
    if then is None or here is None:
        lacking = was.case_set_digest if then is None else now.case_set_digest
        yield Cause("exam", f"what decided it ({lacking}) was not kept")
        return
    yield from differences(then, here)


def differences(old: Decisive, new: Decisive) -> Iterator[Cause]:
    """Say what of the exam is different, part by part."""
    yield from _cases(old.terms, new.terms)
    yield from _points(old.terms, new.terms)
    yield from _settings(old.terms, new.terms)
    versions = [{**one.packages, "numpy of the grader": one.numpy} for one in (old, new)]
    yield from (Cause("packages", words) for words in _changed(*versions))
    for name in _different(old.handout, new.handout):
        yield Cause("handout", name)
    for what in ("grader", "python", "ipython"):
        was, now = getattr(old, what), getattr(new, what)
        if was != now:
            name = "version" if what == "grader" else f"its {what}"
            yield Cause("grader", f"{name} {_arrow(was, now)}")
    if old.code != new.code:
        yield Cause("grader", "its code")
    if old.operations != new.operations:
        yield Cause("cases", "what the course declares of its operations and names")


def _cases(old: Terms, new: Terms) -> Iterator[Cause]:
    was, now = _by_id(old.cases), _by_id(new.cases)
    for id_ in _different(was, now):
        word = "new" if id_ not in was else "gone" if id_ not in now else "another program"
        case = now.get(id_) or was[id_]
        yield Cause("cases", f"{id_}: {word}", case.check)
    common = [[case.id for case in terms.cases if case.id in was.keys() & now.keys()]
              for terms in (old, new)]  # fmt: skip
    if common[0] != common[1]:
        yield Cause("cases", "their order")


def _points(old: Terms, new: Terms) -> Iterator[Cause]:
    for id_ in _different(old.checks, new.checks):
        was, now = old.checks.get(id_), new.checks.get(id_)
        if was is None or now is None:
            yield Cause("points", f"{id_}: {'new' if was is None else 'gone'}", id_)
        elif was.points != now.points:
            yield Cause("points", f"{id_}: {_arrow(was.points, now.points)}", id_)
        else:
            yield Cause("settings", f"{id_}: its checkpoint, cell or prerequisites", id_)


def _settings(old: Terms, new: Terms) -> Iterator[Cause]:
    for name in _different(old.pass_marks, new.pass_marks):
        was, now = old.pass_marks.get(name), new.pass_marks.get(name)
        yield Cause("settings", f"pass mark of {name}: {_arrow(was, now)}")
    for group in ("limits", "tolerance"):
        pairs = [msgspec.to_builtins(getattr(terms, group)) for terms in (old, new)]
        yield from (Cause("settings", f"{group}: {words}") for words in _changed(*pairs))
    for name in ("charge_once", "contract", "package"):
        if getattr(old, name) != getattr(new, name):
            yield Cause("settings", name)


def _by_id(cases: Sequence[CaseTerms]) -> dict[str, CaseTerms]:
    return {case.id: case for case in cases}


def _different(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in _different(old, new):
        yield f"{key} {_arrow(old.get(key), new.get(key))}"


def _arrow(old: object, new: object) -> str:
    was, now = ("none" if one is None else _plain(one) for one in (old, new))
    return f"{was} → {now}"


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
