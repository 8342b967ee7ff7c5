"""Reports as HTML for a notebook: no script, no style sheet, readable on dark and on light."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import picture, words
from .compare import Mismatch
from .names import in_own_names
from .run import Failure, Outcome, Report
from .told import diagnose_once

RED, GREEN = "#d1383d", "#2e8b57"  # at least 3:1 on white and on JupyterLab's dark background
BOX, COLUMN, ROW, HEIGHT = 136, 170, 62, 34
MOST_COLUMNS, MOST_ROWS = 8, 8
CELL_WIDTH, CELL_HEIGHT = 72, 26
TEXT = "font-family:system-ui,sans-serif;font-size:13px"
MONO = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px"


def escape(value: object) -> str:
    """Return text that is only text in HTML; control characters are replaced."""
    return html.escape("".join(c if c.isprintable() or c == "\n" else "�" for c in str(value)))


def failed(report: Report) -> str:
    """Return a failing check as one block of HTML."""
    return in_own_names("".join(_failed(report)))


def _failed(report: Report) -> Iterator[str]:
    outcome, diagnosis = report.failing[0], diagnose_once(report)
    yield (
        f'<div role="group" aria-label="{escape(report.check["id"])} does not pass" '
        f'style="{TEXT};line-height:1.5;max-width:60em;border-left:4px solid {RED};'
        'padding:2px 0 2px 14px;margin:4px 0">'
    )
    yield f'<div style="font-weight:600;font-size:15px">✗ {escape(report.check["title"])}</div>'
    yield f"<div>{escape(outcome.case['sentence'])}</div>"
    given = words.given(outcome)
    if given:
        yield f'<div style="{MONO};white-space:pre-wrap">{escape(given)}</div>'
    yield _label("The rule")
    yield f'<div role="math" aria-label="{escape(report.check["rule"])}">'
    yield '<div aria-hidden="true" style="overflow-x:auto"><div style="display:inline-block">'
    yield f"{report.check['mathml']}</div></div></div>"
    if outcome.raised is not None:
        yield from _exception(outcome.raised)
    for found in outcome.mismatches[:2]:
        yield from _numbers(outcome, found)
    if len(outcome.mismatches) > 2:
        yield f"<div>… and {len(outcome.mismatches) - 2} more values of this case.</div>"
    yield from _graph(outcome, diagnosis.ops)
    yield _label(diagnosis.label)
    yield f"<div>{escape(diagnosis.sentence)}</div>"
    yield _label("Hint")
    yield f"<div>{escape(diagnosis.hint)}</div>"
    if report.failing[1:]:
        yield _label("Also not passing")
        yield '<ul style="margin:0;padding-left:1.4em">'
        yield from (f"<li>{escape(found.case['sentence'])}</li>" for found in report.failing[1:])
        yield "</ul>"
    yield "</div>"


def _label(text: str) -> str:
    return f'<div style="font-weight:600;margin-top:10px">{escape(text)}</div>'


def _exception(failure: Failure) -> Iterator[str]:
    yield _label(words.headline(failure))
    yield f'<div style="{MONO};white-space:pre-wrap">{escape(failure.message)}</div>'
    if failure.function:
        yield f"<div>in {escape(failure.function)}, line {failure.line} of its cell</div>"
        if failure.source:
            yield f'<pre style="{MONO};margin:2px 0">    {escape(failure.source)}</pre>'


def _numbers(outcome: Outcome, found: Mismatch) -> Iterator[str]:
    what = picture.describe_observation(outcome.case["program"], found.name)
    if found.kind in {"text", "unexpected", "missing"}:
        yield _label(what)
        yield f"<div>expected: {escape(words.plain_value(found.expected))}</div>"
        yield f"<div>yours: {escape(words.plain_value(found.actual))}</div>"
        return
    yield _label(f"{what}, shape {words.shapes(found)}")
    yield '<div style="display:flex;flex-wrap:wrap;align-items:flex-start;gap:18px">'
    yield _table("expected", found.expected, None, None)
    yield _table("yours", found.actual, found.wrong, None)
    if found.kind == "value":
        difference = found.actual - found.expected
        yield _table("difference", difference, found.wrong, difference)
    yield "</div>"


def _table(caption: str, array: Any, wrong: Any, heat: Any) -> str:
    """Draw an array as a small table; with ``heat`` as a map whose colour is sign and size."""
    rows = [row[:MOST_COLUMNS] for row in words.as_rows(array)[:MOST_ROWS]]
    marks = words.as_rows(wrong) if wrong is not None else None
    largest = float(np.max(np.abs(heat))) if heat is not None else 0.0
    width, height = CELL_WIDTH * len(rows[0]) + 4, CELL_HEIGHT * len(rows) + 24
    spoken = "; ".join(", ".join(map(words.number, row)) for row in rows)
    parts = [
        f'<svg role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'aria-label="{escape(caption)}: {escape(spoken)}">',
        _text(2, 13, caption, anchor="start", size=12),
    ]
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            bad = marks is not None and bool(marks[i][j])
            share = abs(value) / largest if largest and np.isfinite(value) else 0.0
            parts.append(_cell(i, j, value, bad, share if heat is not None else None))
    parts.append("</svg>")
    return "".join(parts)


def _cell(i: int, j: int, value: float, bad: bool, share: float | None) -> str:
    x, y = 2 + CELL_WIDTH * j, 20 + CELL_HEIGHT * i
    fill = "none" if not share else ("#e8731a" if value > 0 else "#3b7dd8")
    edge = (
        f'stroke="{RED}" stroke-width="2"' if bad else 'stroke="currentColor" stroke-opacity="0.35"'
    )
    # At most 0.45 opaque, so that a number in the page's own text colour stays readable on it.
    box = (
        f'<rect x="{x + 1}" y="{y + 1}" width="{CELL_WIDTH - 2}" height="{CELL_HEIGHT - 2}" rx="2" '
        f'fill="{fill}" fill-opacity="{0.45 * (share or 0):.2f}" {edge}/>'
    )
    sign = "+" if share is not None and value > 0 else ""
    text = sign + words.number(value) + (" ✗" if bad and share is None else "")
    return box + _text(x + CELL_WIDTH / 2, y + 17, text, size=12, mono=True)


def _graph(outcome: Outcome, suspects: tuple[str, ...]) -> Iterator[str]:
    graph = picture.graph_of(outcome.case["program"], words.verdicts(outcome))
    if graph is None:
        return
    yield _label("The graph: gradients flow from right to left")
    yield f'<div style="overflow-x:auto">{draw(graph, suspects)}</div>'


def draw(graph: picture.Graph, suspects: tuple[str, ...] = ()) -> str:
    """Return a graph as SVG: inputs on the left, the result on the right."""
    column = picture.columns(graph)
    row = picture.rows(graph, column)
    tallest = max(row.values()) + 1
    used = {c: max(row[k] for k in column if column[k] == c) + 1 for c in set(column.values())}
    place = {
        key: (
            12 + COLUMN * column[key],
            12 + ROW * (row[key] + (tallest - used[column[key]]) / 2),
        )
        for key in graph.nodes
    }
    width = COLUMN * (max(column.values()) + 1) + 90
    height = ROW * tallest + 4
    parts = [
        f'<svg role="img" width="{width}" height="{height:.0f}" style="max-width:100%" '
        f'viewBox="0 0 {width} {height:.0f}" aria-label="{escape(_spoken(graph))}">'
    ]
    for node in graph.nodes.values():
        twice = {key: node.inputs.count(key) for key in node.inputs}
        for number, key in enumerate(node.inputs):
            bend = (number - (len(node.inputs) - 1) / 2) * 16 if twice[key] > 1 else 0.0
            parts.append(_edge(place[key], place[node.id], graph.marks.get((key, node.id)), bend))
    parts.extend(_node(node, *place[node.id], node.op in suspects) for node in graph.nodes.values())
    x, y = place[graph.output]
    parts.append(_incoming(x + BOX, y + HEIGHT / 2, graph.start))
    parts.append("</svg>")
    return "".join(parts)


def _spoken(graph: picture.Graph) -> str:
    said = []
    for node in graph.nodes.values():
        if node.op:
            names = " and ".join(graph.nodes[key].label for key in node.inputs)
            said.append(f"{node.label} of {names}")
    wrong = sorted({graph.nodes[key].label for (key, _), good in graph.marks.items() if not good})
    return "; ".join(said) + (f". Wrong at: {', '.join(wrong)}" if wrong else "")


def _node(node: picture.Node, x: float, y: float, suspect: bool) -> str:
    edge = f'stroke="{RED}" stroke-width="2.5"' if suspect else 'stroke="currentColor"'
    rounding = 6 if node.op else 17
    box = (
        f'<rect x="{x}" y="{y}" width="{BOX}" height="{HEIGHT}" rx="{rounding}" '
        f'fill="currentColor" fill-opacity="{0.1 if node.op else 0.03}" {edge}/>'
    )
    label = _text(x + BOX / 2, y + 21, f"{node.label} {node.shape}".strip(), size=11, mono=True)
    note = _text(x + BOX / 2, y + HEIGHT + 13, "▲ look here", size=11) if suspect else ""
    return box + label + note


def _edge(
    start: tuple[float, float], end: tuple[float, float], right: bool | None, bend: float
) -> str:
    x1, y1 = start[0] + BOX, start[1] + HEIGHT / 2
    x2, y2 = end[0], end[1] + HEIGHT / 2
    middle = (x1 + x2) / 2
    colour = {True: GREEN, False: RED, None: "currentColor"}[right]
    style = 'stroke-width="3" stroke-dasharray="6 3"' if right is False else 'stroke-width="1.5"'
    above = y2 >= y1
    path = (
        f'<path d="M{x1} {y1:.1f} '
        f'C{middle} {y1 + bend:.1f} {middle} {y2 + bend:.1f} {x2} {y2:.1f}" '
        f'fill="none" stroke="{colour}" {style}/>'
    )
    sign = {True: "✓", False: "✗", None: ""}[right]
    return path + (
        _text(x1 + 10, y1 + (-6 if above else 16), sign, size=14, colour=colour) if sign else ""
    )


def _incoming(x: float, y: float, text: str) -> str:
    """Draw the arrow with which the gradient comes in."""
    return (
        f'<path d="M{x + 52} {y} H{x + 6} m8 -5 l-8 5 l8 5" fill="none" stroke="currentColor"/>'
        + _text(x + 62, y + 4, text, size=12, mono=True)
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int,
    anchor: str = "middle",
    mono: bool = False,
    colour: str = "currentColor",
) -> str:
    family = "ui-monospace,Menlo,Consolas,monospace" if mono else "system-ui,sans-serif"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'font-family="{family}" fill="{colour}" aria-hidden="true">{escape(text)}</text>'
    )
