"""Programs as graphs, and graphs as drawings."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cases import load_cases
from autograder.cases.record import Recorder
from autograder.reports.drawing import arrange, draw
from autograder.reports.graph import MAX_NODES, Graph, Node, program_graph

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def cases(course, config):
    return load_cases(course / "tests" / "hidden", config).cases


def overlaps(drawing):
    return [
        (one.node.title, other.node.title)
        for place, one in enumerate(drawing.boxes)
        for other in drawing.boxes[:place]
        if abs(one.x - other.x) < (one.width + other.width) / 2
        and abs(one.y - other.y) < (one.height + other.height) / 2
    ]


def test_every_hidden_case_can_be_drawn_without_overlap(cases):
    for case in cases:
        graph = program_graph(case.program)
        assert graph is not None, case.id
        drawing = arrange(graph)
        assert overlaps(drawing) == [], case.id
        for box in drawing.boxes:
            assert box.x - box.width / 2 >= 0, case.id
            assert box.x + box.width / 2 <= drawing.width, case.id
            assert box.y - box.height / 2 >= 0, case.id
            assert box.y + box.height / 2 <= drawing.height, case.id


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_graph_of_sixty_nodes_is_drawn_without_overlap(data):
    count = data.draw(st.integers(1, MAX_NODES))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    edges = [(a, b) for a, b in data.draw(st.lists(pairs, max_size=2 * count)) if a < b]
    nodes = [
        Node(id=number * 7, sort="operation", title=f"op{number}", detail="v = f(x)" * (number % 4))
        for number in range(count)
    ]
    graph = Graph(nodes=tuple(nodes), edges=tuple((a * 7, b * 7) for a, b in edges))
    drawing = arrange(graph)
    assert overlaps(drawing) == []
    assert len(drawing.routes) == len(set(edges))
    assert drawing == arrange(graph)


def test_lines_go_down_from_what_is_used_to_what_uses_it(cases):
    for case in cases:
        for route in arrange(program_graph(case.program)).routes:
            heights = [y for _, y in route]
            assert heights == sorted(heights), case.id


def test_no_line_runs_through_a_box_that_it_does_not_belong_to(cases):
    for case in cases:
        drawing = arrange(program_graph(case.program))
        for route in drawing.routes:
            for (x1, y1), (x2, y2) in itertools.pairwise(route):
                points = [(x1 + (x2 - x1) * k / 40, y1 + (y2 - y1) * k / 40) for k in range(41)]
                for box in drawing.boxes:
                    inside = [
                        (x, y)
                        for x, y in points
                        if abs(x - box.x) < box.width / 2 - 2
                        and abs(y - box.y) < box.height / 2 - 2
                    ]
                    assert not inside, (case.id, box.node.title)


def test_no_number_of_a_case_is_drawn():
    t = Recorder()
    x, g = t.leaf(977, 3, scale=641.25), t.array(977)
    y = (x**6.125 * 83.5).sum(axis=-2, keepdims=True).reshape(59, 61)[17:19]
    t.backward(y, g)
    t.observe(x.grad)
    svg = draw(program_graph(t.program()), name="n", title="A title.")
    words = " ".join(ET.fromstring(svg).itertext())  # noqa: S314 # our own text
    assert not {"977", "641", "6.125", "83", "59", "61", "17", "19", "-2", "True"} & set(
        re.findall(r"[\w.-]+", words)
    )
    assert "number" in words


def test_long_row_of_operations_becomes_one_box():
    t = Recorder()
    x, g = t.leaf(2), t.array(2)
    y = x
    for _ in range(2000):
        y = y + x
    t.backward(y, g)
    t.observe(x.grad)
    graph = program_graph(t.program())
    assert [node.detail for node in graph.nodes if node.sort == "more"] == [
        "1996 more operations in a row"
    ]


def test_graph_that_is_too_large_is_not_drawn():
    t = Recorder()
    x = t.leaf(2)
    for _ in range(MAX_NODES):
        t.backward(x * x)
    t.observe(x.grad)
    assert program_graph(t.program()) is None


def test_marked_node_says_so_in_words_and_the_picture_has_a_title_and_a_description():
    t = Recorder()
    a, b, g = t.leaf(2), t.leaf(2), t.array(2)
    t.observe(t.rule("MulBackward", a, b).apply(g))
    graph = program_graph(t.program())
    svg = ET.fromstring(  # noqa: S314 # our own text
        draw(graph, name="n", title="Title <b>", marked=graph.of_rule("mulbackward"))
    )
    assert svg.get("role") == "img"
    assert svg.find(f"{SVG}title").text == "Title <b>"
    assert "v1 = MulBackward(x1, x2)" in svg.find(f"{SVG}desc").text
    assert svg.get("aria-labelledby").split() == [
        svg.find(f"{SVG}title").get("id"),
        svg.find(f"{SVG}desc").get("id"),
    ]
    marked = [group for group in svg.iter(f"{SVG}g") if "marked" in group.get("class").split()]
    assert ["look here" in "".join(group.itertext()) for group in marked] == [True]


def test_function_given_to_checkpoint_is_drawn_where_it_is_called():
    t = Recorder()
    x, w, g = t.leaf(2), t.leaf(2), t.array(2)
    y = t.checkpoint(lambda inner: t.relu(inner * w), x)
    t.backward(y, g)
    t.observe(x.grad)
    lines = program_graph(t.program()).lines()
    assert "mul: v1 = x1 · x2" in lines
    assert "checkpoint: v3 = v2" in lines
