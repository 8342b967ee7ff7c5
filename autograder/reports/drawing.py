"""A graph as SVG: layered from top to bottom by fast-sugiyama, with words for who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from fast_sugiyama import from_edges
from markupsafe import Markup

from autograder.model import Record
from autograder.reports.graph import Graph, Node
from autograder.reports.markup import render

CHARACTER = 7.3
"""Width of a character in the drawing's fixed-width font of 12 px, in px, rounded up."""
PADDING, LINE, GAP, LAYER = 22, 17, 28, 46
MARGIN = 12
MARK_HEIGHT = 18
MAX_ROW_WIDTH = 900
"""Graphs that hang together in no way stand side by side up to this width."""
Point = tuple[float, float]


class Box(Record, frozen=True):
    """Where a node is drawn: the centre, and the size, in px."""

    node: Node
    x: float
    y: float
    width: float
    height: float


class Drawing(Record, frozen=True):
    """Boxes, the lines between them, and the size of the whole."""

    boxes: tuple[Box, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def draw(graph: Graph, *, name: str, title: str, marked: frozenset[int] = frozenset()) -> Markup:
    """Return an SVG element.

    Parameters
    ----------
    name
        Unique in the page; prefix of the element's ids.
    title
        What the picture shows, for a screen reader.
    marked
        Nodes that the finding is about.
    """
    return render(
        "graph.svg.j2", drawing=arrange(graph), graph=graph, name=name, title=title, marked=marked
    )


def arrange(graph: Graph) -> Drawing:
    """Place the nodes in layers so that no boxes overlap and few lines cross."""
    sizes = {node.id: _size(node) for node in graph.nodes}
    height = max(size[1] for size in sizes.values())
    widest = max(size[0] for size in sizes.values())
    step = height + LAYER
    places: dict[int, Point] = {}
    routes: list[tuple[Point, ...]] = []
    left = top = row_bottom = total = 0.0
    for part, lines in _components(graph, widest + GAP):
        low, high = _bounds(part, sizes)
        depth = max(layer for _, layer in part.values())
        if left and left + high - low > MAX_ROW_WIDTH:
            left, top = 0.0, row_bottom + GAP
        shift = left - low
        moved = {
            key: (x + shift, top + layer * step + height / 2) for key, (x, layer) in part.items()
        }
        places.update({key: place for key, place in moved.items() if key in sizes})
        routes += [_route([moved[key] for key in line], line, sizes) for line in lines]
        left += high - low + GAP
        total = max(total, left - GAP)
        row_bottom = max(row_bottom, top + depth * step + height)
    boxes = [Box(node, *_moved(places[node.id]), *sizes[node.id]) for node in graph.nodes]
    return Drawing(
        boxes=tuple(boxes),
        routes=tuple(tuple(_moved(point) for point in route) for route in routes),
        width=math.ceil(total + 2 * MARGIN),
        height=math.ceil(row_bottom + 2 * MARGIN + MARK_HEIGHT),
    )


def _moved(point: Point) -> Point:
    return round(point[0] + MARGIN, 1), round(point[1] + MARGIN + MARK_HEIGHT, 1)


def _size(node: Node) -> tuple[float, float]:
    lines = [node.title, node.detail, *node.notes]
    width = max(len(line) for line in lines) * CHARACTER + PADDING
    return math.ceil(width), len(lines) * LINE + 14


def _bounds(
    part: Mapping[int, tuple[float, int]], sizes: Mapping[int, tuple[float, float]]
) -> tuple[float, float]:
    halves = {key: sizes[key][0] / 2 if key in sizes else 0.0 for key in part}
    return (
        min(x - halves[key] for key, (x, _) in part.items()),
        max(x + halves[key] for key, (x, _) in part.items()),
    )


def _components(
    graph: Graph, spacing: float
) -> list[tuple[dict[int, tuple[float, int]], list[list[int]]]]:
    """Lay out each connected part: x and layer of each node, and the nodes that each line passes.

    Lines that span several layers pass through helping nodes, whose ids no node of the graph has.
    """
    edges = list(dict.fromkeys(graph.edges))
    parts = []
    number = {node.id: place for place, node in enumerate(graph.nodes)}
    ids = [node.id for node in graph.nodes]
    connected = {key for edge in edges for key in edge}
    numbered = [(number[a], number[b]) for a, b in edges]
    for positions, _, _, drawn in (
        from_edges(
            numbered, vertex_spacing=spacing, dummy_vertices=True, dummy_size=0.5, check_layout=True
        )
        if numbered
        else ()
    ):
        levels = sorted({y for _, (_, y) in positions}, reverse=True)
        helper = -1 - sum(len(part) for part, _ in parts) - len(ids)
        names = {
            key: ids[cast(int, key)] if cast(int, key) < len(ids) else helper - place
            for place, (key, _) in enumerate(positions)
        }
        part = {names[key]: (float(x), levels.index(y)) for key, (x, y) in positions}
        lines = _lines([(names[a], names[b]) for a, b in drawn or ()], set(ids))
        parts.append((part, lines))
    parts.sort(key=lambda found: min(number.get(key, len(ids)) for key in found[0]))
    parts += [({key: (0.0, 0)}, []) for key in ids if key not in connected]
    return parts


def _lines(pieces: list[tuple[int, int]], real: set[int]) -> list[list[int]]:
    """Join the pieces of each line, from a node of the graph to the next."""
    onward = {source: target for source, target in pieces if source not in real}
    lines = []
    for source, target in pieces:
        if source not in real:
            continue
        line = [source, target]
        while line[-1] not in real:
            line.append(onward[line[-1]])
        lines.append(line)
    return lines


def _route(
    points: list[Point], line: list[int], sizes: Mapping[int, tuple[float, float]]
) -> tuple[Point, ...]:
    """Let a line begin below its first box and end above its last one."""
    first, last = points[0], points[-1]
    start = (first[0], first[1] + sizes[line[0]][1] / 2)
    end = (last[0], last[1] - sizes[line[-1]][1] / 2)
    return (start, *points[1:-1], end)
