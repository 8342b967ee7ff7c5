"""One submission as a self-contained HTML page, for its student or for the instructor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from autograder.cases.program import Program
from autograder.contract import KEYS, Wording
from autograder.grades import StudentGrade
from autograder.language import ENGLISH, marked, words_of
from autograder.model import EXTRA_CREDIT, CheckResult, Diagnosis, Part, Record, Result
from autograder.reports.code import MAX_CELL, MAX_CODE, Code, Excerpt
from autograder.reports.drawing import draw
from autograder.reports.graph import Graph, program_graph
from autograder.reports.inspection import Inspected
from autograder.reports.markup import markdown, render
from autograder.reports.telling import home_of, same_mistake, start, told_at
from autograder.reports.text import points

MAX_RELATED = 4
MAX_SHOWN = 1000
"""Lines of code on a page; the solution of the course shows some 300."""
MAX_NUMBERED = 5
"""Cells that one sentence names."""
STATUS = {
    "passed": ("✓", marked("passed")),
    "failed": ("✗", marked("not passed")),
    "skipped": ("↷", marked("skipped")),
    "error": ("!", marked("stopped by an error")),
}
_CHECKPOINTS = {
    "checkpoint-1": marked("Checkpoint 1"),
    "checkpoint-2": marked("Checkpoint 2"),
}


class Answer(Record, frozen=True):
    """A question that a person grades. ``score`` is None as long as it waits."""

    cell: str
    title: str
    text: str
    score: float | None
    max_score: float
    comment: str = ""


class Remark(Record, frozen=True):
    """What the instructor wrote, gave or changed beside the automatic result of a cell."""

    cell: str
    comment: str = ""
    score: float | None = None
    automatic: float = 0.0
    extra: float = 0.0


class Page(Record, frozen=True):
    """All that a page is made of. Programs are by check and public sentence."""

    grade: StudentGrade
    title: str
    result: Result
    cells: Mapping[int, str]
    pass_marks: Mapping[str, float]
    programs: Mapping[tuple[str, str], Program]
    answers: Sequence[Answer] = ()
    remarks: Sequence[Remark] = ()
    wording: Wording = KEYS
    course: str = ""
    language: str = ENGLISH


class _Shown(Record, frozen=True):
    """A check, ready for the template. ``told_at`` is where its finding is told in full."""

    check: CheckResult
    symbol: str
    word: str
    told_at: CheckResult | None = None
    same_mistake: str = ""
    excerpt: Excerpt | None = None
    related: tuple[Excerpt, ...] = ()
    shown_above: tuple[str, ...] = ()
    graph: Graph | None = None
    drawing: Markup = Markup()
    inspected: tuple[Inspected, ...] = ()


class _Part(Record, frozen=True):
    """A checkpoint or the extra credit; ``pass_mark`` is None where nothing is to be passed."""

    id: str
    title: str
    score: float
    max_score: float
    pass_mark: float | None
    passed: bool
    checks: tuple[_Shown, ...]


def render_feedback(
    page: Page,
    *,
    fingerprint: str = "",
    inspected: Mapping[str, Sequence[Inspected]] | None = None,
    replay: str = "",
) -> str:
    """Return the page.

    Parameters
    ----------
    fingerprint
        Of all that the page shows, kept in it to see whether it is up to date.
    inspected
        For the instructor only: the failing hidden cases of each check, with their numbers.
    replay
        The command that repeats the grade; for the instructor only.
    """
    code = Code(page.cells)
    parts, cut = _parts(page, code, inspected or {})
    shown = [check for part in parts for check in part.checks]
    return str(
        render(
            "feedback.html.j2",
            page.language,
            page=page,
            result=page.result,
            parts=parts,
            notes=[*page.result.notes, *_left_out(code, cut)],
            first=start([item.check for item in shown]),
            grade=page.grade,
            waiting=sum(answer.score is None for answer in page.answers),
            fingerprint=fingerprint,
            instructor=inspected is not None,
            replay=replay,
            points=points,
            markdown=markdown,
        )
    )


def _left_out(code: Code, cut: bool) -> list[str]:
    """Say what the page does not show of the code, if anything."""
    told = []
    if code.unread:
        numbers = [str(number + 1) for number in code.unread]
        named, rest = numbers[:MAX_NUMBERED], len(numbers) - MAX_NUMBERED
        several = "s" if len(numbers) > 1 else ""
        more = f" and {rest} more" if rest > 0 else ""
        told.append(
            f"Nothing of code cell{several} {', '.join(named)}{more} is shown here: a page looks at"
            f" {MAX_CELL:,} characters of a cell and {MAX_CODE:,} of a submission at most."
        )
    if cut:
        told.append(f"This page shows {MAX_SHOWN:,} lines of code at most; the rest is left out.")
    return told


def _parts(
    page: Page, code: Code, inspected: Mapping[str, Sequence[Inspected]]
) -> tuple[list[_Part], bool]:
    """Group the checks, and tell whether code is left out.

    A submission that could not be graded has none to show.
    """
    result = page.result
    if result.status == "error":
        return [], False
    words = words_of(page.language)
    shown: dict[str, list[_Shown]] = {}
    items, cut = _within_budget(
        _without_repetition([_show(page, code, check, inspected) for check in result.checks])
    )
    for item in items:
        shown.setdefault(item.check.checkpoint, []).append(item)
    parts = [
        _Part(
            id=checkpoint.id,
            title=f"{words.gettext(_CHECKPOINTS[checkpoint.id])}: {checkpoint.title}",
            score=checkpoint.score,
            max_score=checkpoint.max_score,
            pass_mark=page.pass_marks.get(checkpoint.id),
            passed=checkpoint.passed,
            checks=tuple(shown.get(checkpoint.id, ())),
        )
        for checkpoint in page.grade.checkpoints
    ]
    extra = page.grade.extra_credit
    if EXTRA_CREDIT in shown or extra.score:
        own = tuple(shown.get(EXTRA_CREDIT, ()))
        parts.append(
            _Part(
                EXTRA_CREDIT,
                words.gettext("Extra credit"),
                extra.score,
                extra.max_score,
                None,
                False,
                own,
            )
        )
    return parts, cut


def _show(
    page: Page, code: Code, check: CheckResult, inspected: Mapping[str, Sequence[Inspected]]
) -> _Shown:
    symbol, word = STATUS[check.status]
    if check.status in {"passed", "skipped"} or check.diagnosis is None:
        return _Shown(check, symbol, word)
    program = page.programs.get((check.id, check.case))
    graph = None if program is None else program_graph(program, page.wording)
    about = replace(check.diagnosis, rule=page.wording.of_finding(check.diagnosis.rule))
    excerpt = code.locate(about) or next(
        filter(None, map(code.define, _ENGINE_PARTS[check.diagnosis.part])), None
    )
    return _Shown(
        check=check,
        symbol=symbol,
        word=word,
        excerpt=excerpt,
        related=_related(code, graph, excerpt, page.wording),
        graph=graph,
        drawing=Markup()
        if graph is None
        else draw(
            graph,
            name=f"graph-{check.id}",
            title=f"Computation graph of the case: {check.case}",
            marked=_marked(graph, check.diagnosis),
        ),
        inspected=tuple(inspected.get(check.id, ())),
    )


def _marked(graph: Graph, diagnosis: Diagnosis) -> frozenset[int]:
    """Return the box that a finding points to, else those that use its rule."""
    exact = frozenset(node.id for node in graph.nodes if node.id == diagnosis.node)
    return exact or graph.of_rule(diagnosis.rule)


_ENGINE_PARTS: Mapping[Part, list[str]] = {
    "": [],
    "broadcasting": ["unbroadcast", "backward"],
    "tracking": ["enable_autograd"],
    "walk": ["backward"],
}
"""The functions that a finding about the engine may be about, the likeliest first."""


def _related(
    code: Code, graph: Graph | None, excerpt: Excerpt | None, wording: Wording
) -> tuple[Excerpt, ...]:
    """Return the rules and the engine that a case goes through, beside what is shown already."""
    if graph is None:
        return ()
    names = list(dict.fromkeys(node.rule for node in graph.nodes if node.rule))
    names += ["backward"] if any(node.title == "backward" for node in graph.nodes) else []
    found = [code.define(wording.of_finding(name)) for name in names]
    seen = set() if excerpt is None else {(excerpt.cell, line.number) for line in excerpt.lines}
    return tuple(
        part.unmarked()
        for part in found
        if part is not None and (part.cell, part.lines[0].number) not in seen
    )[:MAX_RELATED]


def _without_repetition(shown: list[_Shown]) -> list[_Shown]:
    """Tell a finding once, and show code once: elsewhere point to it."""
    seen: set[Excerpt] = set()
    homes = told_at(item.check for item in shown)
    theirs = {item.check.id: item.excerpt for item in shown}
    once = []
    for item in shown:
        found = item.check.diagnosis
        home = home_of(item.check, homes)
        there = home is not None and theirs[home.id] == item.excerpt
        excerpt = None if item.excerpt in seen or there else item.excerpt
        parts = [item.excerpt] if item.excerpt in seen and item.excerpt is not None else []
        again = [part.title for part in (*parts, *item.related) if part in seen]
        fresh = tuple(part for part in item.related if part not in seen)
        seen.update(part for part in (excerpt, *fresh) if part is not None)
        once.append(
            msgspec.structs.replace(
                item,
                told_at=home,
                same_mistake=same_mistake(found) if found is not None else "",
                excerpt=excerpt,
                related=fresh,
                shown_above=tuple(dict.fromkeys(again)),
            )
        )
    return once


def _within_budget(shown: list[_Shown]) -> tuple[list[_Shown], bool]:
    """Leave code out where the page has shown enough of it; tell whether anything is left out."""
    kept: list[_Shown] = []
    lines, cut = 0, False
    for item in shown:
        lines += sum(len(part.lines) for part in (*filter(None, [item.excerpt]), *item.related))
        cut = cut or lines > MAX_SHOWN
        bare = msgspec.structs.replace(item, excerpt=None, related=(), shown_above=())
        kept.append(bare if cut else item)
    return kept, cut
