"""One submission as a self-contained HTML page, for its student or for the instructor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from markupsafe import Markup

from autograder.cases.program import Program
from autograder.model import EXTRA_CREDIT, CheckResult, Diagnosis, Record, Result
from autograder.reports.code import Code, Excerpt
from autograder.reports.drawing import draw
from autograder.reports.graph import Graph, program_graph
from autograder.reports.inspection import Inspected
from autograder.reports.markup import markdown, render
from autograder.reports.text import points, same_mistake

MAX_RELATED = 4
STATUS = {
    "passed": ("✓", "passed"),
    "failed": ("✗", "not passed"),
    "skipped": ("↷", "skipped"),
    "error": ("!", "stopped by an error"),
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
    """What the instructor wrote or changed beside the automatic result of a cell."""

    cell: str
    comment: str = ""
    score: float | None = None
    automatic: float = 0.0


class Page(Record, frozen=True):
    """All that a page is made of. Programs are by check and public sentence."""

    student: str
    assignment: str
    result: Result
    cells: Mapping[int, str]
    pass_marks: Mapping[str, float]
    programs: Mapping[tuple[str, str], Program]
    answers: Sequence[Answer] = ()
    remarks: Sequence[Remark] = ()
    late_penalty: float = 0.0


class _Shown(Record, frozen=True):
    """A check, ready for the template. ``told_at`` is where its finding was told before."""

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
    parts = _parts(page, inspected or {})
    shown = [check for part in parts for check in part.checks]
    failing = [found for found in shown if found.check.status in {"failed", "error"}]
    return str(
        render(
            "feedback.html.j2",
            page=page,
            result=page.result,
            parts=parts,
            first=failing[0] if failing else None,
            total=_total(page),
            waiting=sum(answer.score is None for answer in page.answers),
            fingerprint=fingerprint,
            instructor=inspected is not None,
            replay=replay,
            points=points,
            markdown=markdown,
        )
    )


def _parts(page: Page, inspected: Mapping[str, Sequence[Inspected]]) -> list[_Part]:
    """Group the checks; a submission that could not be graded has none to show."""
    result = page.result
    if result.status == "error":
        return []
    code = Code(page.cells)
    shown: dict[str, list[_Shown]] = {}
    for item in _without_repetition(
        [_show(page, code, check, inspected) for check in result.checks]
    ):
        shown.setdefault(item.check.checkpoint, []).append(item)
    parts = [
        _Part(
            id=checkpoint.id,
            title=f"{checkpoint.id.replace('-', ' ').capitalize()}: {checkpoint.title}",
            score=checkpoint.score,
            max_score=checkpoint.max_score,
            pass_mark=page.pass_marks.get(checkpoint.id),
            passed=checkpoint.passed,
            checks=tuple(shown.get(checkpoint.id, ())),
        )
        for checkpoint in result.checkpoints
    ]
    if EXTRA_CREDIT in shown:
        extra = result.extra_credit
        own = tuple(shown[EXTRA_CREDIT])
        parts.append(
            _Part(EXTRA_CREDIT, "Extra credit", extra.score, extra.max_score, None, False, own)
        )
    return parts


def _show(
    page: Page, code: Code, check: CheckResult, inspected: Mapping[str, Sequence[Inspected]]
) -> _Shown:
    symbol, word = STATUS[check.status]
    if check.status in {"passed", "skipped"} or check.diagnosis is None:
        return _Shown(check, symbol, word)
    program = page.programs.get((check.id, check.case))
    graph = None if program is None else program_graph(program)
    excerpt = code.locate(check.diagnosis) or next(
        filter(None, map(code.define, _engine_parts(check.diagnosis))), None
    )
    return _Shown(
        check=check,
        symbol=symbol,
        word=word,
        excerpt=excerpt,
        related=_related(code, graph, excerpt),
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


def _engine_parts(diagnosis: Diagnosis) -> list[str]:
    """Return the functions that a finding about the engine may be about, the likeliest first."""
    if diagnosis.rule or not diagnosis.confidence:
        return []
    if "broadcast" in diagnosis.id:
        return ["unbroadcast", "backward"]
    about_tracking = diagnosis.id.endswith(("tracked", "patched", "untracked", "return"))
    return ["enable_autograd"] if about_tracking else ["backward"]


def _related(code: Code, graph: Graph | None, excerpt: Excerpt | None) -> tuple[Excerpt, ...]:
    """Return the rules and the engine that a case goes through, beside what is shown already."""
    if graph is None:
        return ()
    names = list(dict.fromkeys(node.rule for node in graph.nodes if node.rule))
    names += ["backward"] if any(node.title == "backward" for node in graph.nodes) else []
    found = [code.define(name) for name in names]
    seen = set() if excerpt is None else {(excerpt.cell, line.number) for line in excerpt.lines}
    return tuple(
        part.unmarked()
        for part in found
        if part is not None and (part.cell, part.lines[0].number) not in seen
    )[:MAX_RELATED]


def _without_repetition(shown: list[_Shown]) -> list[_Shown]:
    """Show a finding and code at the first check that they belong to, and point to it after."""
    seen: set[Excerpt] = set()
    told: dict[str, CheckResult] = {}
    once = []
    for item in shown:
        found = item.check.diagnosis
        named = found is not None and bool(found.confidence) and item.check.status != "passed"
        told_at = told.get(found.id) if named and found is not None else None
        if named and found is not None:
            told.setdefault(found.id, item.check)
        excerpt = None if item.excerpt in seen else item.excerpt
        parts = [] if item.excerpt is None or excerpt is not None else [item.excerpt]
        again = [part.title for part in (*parts, *item.related) if part in seen]
        fresh = tuple(part for part in item.related if part not in seen)
        seen.update(part for part in (excerpt, *fresh) if part is not None)
        once.append(
            msgspec.structs.replace(
                item,
                told_at=told_at,
                same_mistake=same_mistake(found) if found is not None else "",
                excerpt=excerpt,
                related=fresh,
                shown_above=tuple(dict.fromkeys(again)),
            )
        )
    return once


def _total(page: Page) -> tuple[float, float]:
    """Return points so far and points possible, as the gradebook adds them up."""
    result = page.result
    score = result.score + result.extra_credit.score - page.late_penalty
    score += sum(answer.score or 0.0 for answer in page.answers)
    changed = [remark for remark in page.remarks if remark.score is not None]
    score += sum((remark.score or 0.0) - remark.automatic for remark in changed)
    possible = result.max_score + sum(answer.max_score for answer in page.answers)
    return round(max(score, 0.0), 2), round(possible, 2)
