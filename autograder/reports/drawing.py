"""A graph as SVG: layered from top to bottom by fast-sugiyama, with words for who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
from fast_sugiyama import from_edges
from markupsafe import Markup

from autograder.model import Record
from autograder.reports.graph import Graph, Node
from autograder.reports.markup import render

CHARACTER = 7.3
"""Width of a character in the drawing's fixed-width font of 12 px, in px, rounded up."""
PADDING, LINE, GAP, LAYER = 22, 17, 28, 46
MARGIN = 12
FLAG = "▲ look here"
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
        "graph.svg.j2",
        drawing=arrange(_flag(graph, marked)),
        graph=graph,
        name=name,
        title=title,
        marked=marked,
    )


def _flag(graph: Graph, marked: frozenset[int]) -> Graph:
    """Say at the marked nodes, in words, that they are marked."""
    nodes = (
        msgspec.structs.replace(node, notes=(*node.notes, FLAG)) if node.id in marked else node
        for node in graph.nodes
    )
    return Graph(nodes=tuple(nodes), edges=graph.edges)


def arrange(graph: Graph) -> Drawing:
    """Place the nodes in layers so that no boxes overlap and few lines cross."""
    sizes = {node.id: _size(node) for node in graph.nodes}
    height = max(size[1] for size in sizes.values())
    widest = max(size[0] for size in sizes.values())
    step = height + LAYER
    places: dict[int, Point] = {}
    routes: list[tuple[Point, ...]] = []
    left = top = row_bottom = total = 0.0
    for part in _components(graph, widest + GAP):
        low, high = _bounds(part.places, sizes)
        depth = max(layer for _, layer in part.places.values())
        if left and left + high - low > MAX_ROW_WIDTH:
            left, top = 0.0, row_bottom + GAP
        shift = left - low
        moved = {
            key: (x + shift, top + layer * step + height / 2)
            for key, (x, layer) in part.places.items()
        }
        places.update({key: place for key, place in moved.items() if key in sizes})
        routes += [_route([moved[key] for key in line], line, sizes, height) for line in part.lines]
        left += high - low + GAP
        total = max(total, left - GAP)
        row_bottom = max(row_bottom, top + depth * step + height)
    boxes = [Box(node, *_moved(places[node.id]), *sizes[node.id]) for node in graph.nodes]
    return Drawing(
        boxes=tuple(boxes),
        routes=tuple(tuple(_moved(point) for point in route) for route in routes),
        width=math.ceil(total + 2 * MARGIN),
        height=math.ceil(row_bottom + 2 * MARGIN),
    )


def _moved(point: Point) -> Point:
    return round(point[0] + MARGIN, 1), round(point[1] + MARGIN, 1)


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


class _Part(Record, frozen=True):
    """A connected part: x and layer of each node, and the nodes that each line passes.

    Lines that span several layers pass through helping nodes, whose ids are below zero.
    """

    places: dict[int, tuple[float, int]]
    lines: list[list[int]]


def _components(graph: Graph, spacing: float) -> list[_Part]:
    """Lay out each connected part by itself, in the order of the program."""
    order = {node.id: place for place, node in enumerate(graph.nodes)}
    connected = {id_ for edge in graph.edges for id_ in edge}
    parts = [_Part({id_: (0.0, 0)}, []) for id_ in order if id_ not in connected]
    # Numbered without gaps: the library numbers its helping nodes from there on.
    ids = [id_ for id_ in order if id_ in connected]
    number = {id_: place for place, id_ in enumerate(ids)}
    edges = [(number[a], number[b]) for a, b in dict.fromkeys(graph.edges)]
    layouts = (
        from_edges(edges, vertex_spacing=spacing, dummy_vertices=True, dummy_size=0.5)
        if edges
        else ()
    )
    for positions, _, _, pieces in layouts:
        found = {int(key): place for key, place in positions}
        name = {key: ids[key] if key < len(ids) else -1 - key for key in found}
        levels = sorted({y for _, y in found.values()}, reverse=True)
        parts.append(
            _Part(
                {name[key]: (float(x), levels.index(y)) for key, (x, y) in found.items()},
                _lines([(name[int(a)], name[int(b)]) for a, b in pieces or ()]),
            )
        )
    return sorted(parts, key=lambda part: min(order.get(id_, len(order)) for id_ in part.places))


def _lines(pieces: list[tuple[int, int]]) -> list[list[int]]:
    """Join the pieces of each line, from a node of the graph to the next."""
    onward = {source: target for source, target in pieces if source < 0}
    lines = []
    for source, target in pieces:
        if source < 0:
            continue
        line = [source, target]
        while line[-1] < 0:
            line.append(onward[line[-1]])
        lines.append(line)
    return lines


def _route(
    points: list[Point], line: list[int], sizes: Mapping[int, tuple[float, float]], height: float
) -> tuple[Point, ...]:
    """Lead a line straight down through every layer, so that it slants between layers only."""
    passed: list[Point] = []
    for (x, y), id_ in zip(points, line, strict=True):
        first, last = id_ == line[0], id_ == line[-1]
        half = sizes[id_][1] / 2 if id_ in sizes else height / 2
        passed += [] if first else [(x, y - height / 2)]
        passed += [(x, y - half)] if last else [(x, y + half)] if first else []
        passed += [] if last else [(x, y + height / 2)]
    return tuple(dict.fromkeys(passed))
