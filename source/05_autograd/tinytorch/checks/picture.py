"""The graph of a case: what its program computes, without a word about how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import data
from .kernel.words import LAYERS

Json = dict[str, Any]
MOST_NODES = 16


@dataclass
class Node:
    """An input, a number or an operation: inputs have a ``shape``, operations an ``op``."""

    id: str
    label: str
    shape: str = ""
    op: str = ""
    inputs: list[str] = field(default_factory=list)


@dataclass
class Graph:
    """Nodes by id; ``marks`` maps an edge to whether the gradient on it is right.

    ``start`` is the gradient that comes in at the output.
    """

    nodes: dict[str, Node]
    output: str
    marks: dict[tuple[str, str], bool]
    start: str


def input_name(declared: Json) -> str:
    """Return what a case calls an input."""
    return str(declared.get("name") or f"v{declared['id']}")


def describe_observation(program: Json, name: str) -> str:
    """Say in words what an observation looked at, such as "the gradient of x"."""
    step = next(s for s in program["steps"] if s[0] == "observe" and s[3]["name"] == name)
    what, target = step[3]["what"], step[2][0]
    names = {declared["id"]: input_name(declared) for declared in program["inputs"]}
    if what == "entry":
        rule = _rule_of(program, target)
        operand = names.get(rule[2][step[3]["index"]], "its input")
        return f"{rule[3]['name']}, gradient of {operand}"
    if what == "saved":
        return f"saved_tensors[{step[3]['index']}]"
    if what == "grad":
        return f"{names.get(target, 'the tensor')}.grad"
    if what == "data":
        return f"{names[target]}.data, afterwards" if target in names else "the result's value"
    return f"{names[target]}, after the call" if target in names else "what the call raises"


def graph_of(program: Json, right: dict[str, bool]) -> Graph | None:
    """Return the graph around the first observation that is wrong; None if it is too large.

    Parameters
    ----------
    right
        For each observation that was made whether it was right.
    """
    first = next((name for name, good in right.items() if not good), None)
    step = _observation(program, first)
    if step is not None and step[3]["what"] == "entry":
        return _graph_of_rule(program, _rule_of(program, step[2][0]), right)
    output = _output_for(program, step)
    return None if output is None else _graph_of_output(program, output, right)


def _observation(program: Json, name: str | None) -> list[Any] | None:
    return next((s for s in program["steps"] if s[0] == "observe" and s[3]["name"] == name), None)


def _rule_of(program: Json, applied: int) -> list[Any]:
    by_id = {step[1]: step for step in program["steps"]}
    return by_id[by_id[applied][2][0]]


def _graph_of_rule(program: Json, rule: list[Any], right: dict[str, bool]) -> Graph:
    declared = {found["id"]: found for found in program["inputs"]}
    node = Node("op", rule[3]["name"], op=_op_of(rule[3]["name"]))
    nodes = {"op": node}
    for place, operand in enumerate(rule[2]):
        key = f"{operand}.{place}"
        nodes[key] = Node(key, input_name(declared[operand]), _shape(declared[operand]))
        node.inputs.append(key)
    marks = {}
    for step in program["steps"]:
        entry = step[0] == "observe" and step[3]["what"] == "entry"
        if entry and step[3]["name"] in right and _rule_of(program, step[2][0]) is rule:
            place = step[3]["index"]
            marks[f"{rule[2][place]}.{place}", "op"] = right[step[3]["name"]]
    return Graph(nodes, "op", marks, "G")


def _output_for(program: Json, step: list[Any] | None) -> int | None:
    """Return the result whose backward reaches what the observation looked at."""
    outputs = []
    for found in program["steps"]:
        if found is step:
            break
        if found[0] in {"backward", "backward_error"}:
            outputs.append(found[2][0])
    if step is not None and step[3]["what"] == "grad":
        reached = [o for o in outputs if step[2][0] in _ancestors(program, o)]
        outputs = reached or outputs
    if step is not None and step[3]["what"] == "data" and step[2][0] in _steps(program):
        return int(step[2][0])
    return outputs[-1] if outputs else None


def is_drawn(op: str) -> bool:
    """Tell whether a step is an operation or a layer."""
    return op in LAYERS or op in data.operations()


def _steps(program: Json) -> dict[int, list[Any]]:
    return {step[1]: step for step in program["steps"] if is_drawn(step[0])}


def _ancestors(program: Json, output: int) -> set[int]:
    steps, found, stack = _steps(program), set(), [output]
    while stack:
        value = stack.pop()
        if value in found:
            continue
        found.add(value)
        if value in steps:
            stack.extend(arg for arg in steps[value][2] if not isinstance(arg, list))
    return found


def _graph_of_output(program: Json, output: int, right: dict[str, bool]) -> Graph | None:
    declared = {found["id"]: found for found in program["inputs"]}
    steps, reached = _steps(program), _ancestors(program, output)
    if len(reached) > MOST_NODES:
        return None
    nodes: dict[str, Node] = {}
    for value in sorted(reached):
        key = str(value)
        if value in declared:
            nodes[key] = Node(key, input_name(declared[value]), _shape(declared[value]))
        elif value in steps:
            node = Node(key, _operation_label(steps[value]), op=steps[value][0])
            for place, arg in enumerate(steps[value][2]):
                if isinstance(arg, list):
                    number = f"{key}.{place}"
                    nodes[number] = Node(number, f"{arg[0]:g}")
                    node.inputs.append(number)
                else:
                    node.inputs.append(str(arg))
            nodes[key] = node
    if str(output) not in nodes or not nodes[str(output)].op:
        return None
    given = any(
        s[0] == "backward" and s[2][0] == output and len(s[2]) > 1 for s in program["steps"]
    )
    return Graph(nodes, str(output), _marks(program, nodes, right), "G" if given else "1")


def _op_of(rule: str) -> str:
    return next((op for op, (name, _) in data.operations().items() if name == rule), "rule")


def _marks(
    program: Json, nodes: dict[str, Node], right: dict[str, bool]
) -> dict[tuple[str, str], bool]:
    """Mark the edges into each leaf by whether its gradient was right every time."""
    verdicts: dict[str, bool] = {}
    for step in program["steps"]:
        if step[0] == "observe" and step[3]["what"] == "grad" and step[3]["name"] in right:
            key = str(step[2][0])
            verdicts[key] = verdicts.get(key, True) and right[step[3]["name"]]
    return {
        (key, node.id): verdicts[key]
        for node in nodes.values()
        for key in node.inputs
        if key in verdicts
    }


def _operation_label(step: list[Any]) -> str:
    op, options = step[0], step[3]
    if op in LAYERS:
        return LAYERS[op]
    rule, told = data.operations()[op]
    if told.sign:
        numbers = "".join(f"{options[key]:g}" for key in told.run.by_position)
        return f"{told.sign}{numbers}  {rule}"
    details = ", ".join(
        f"{key}={_plain(value)}" for key, value in options.items() if key in {"axis", "keepdims"}
    )
    return f"{op}({details})  {rule}" if details else rule


def _plain(value: Any) -> str:
    return str(tuple(value)) if isinstance(value, list) else str(value)


def _shape(declared: Json) -> str:
    return str(tuple(declared["shape"]))


def columns(graph: Graph) -> dict[str, int]:
    """Return the column of each node: operations after what they use, inputs just before."""
    depth: dict[str, int] = {}

    def place(key: str) -> int:
        if key not in depth:
            node = graph.nodes[key]
            depth[key] = 1 + max(map(place, node.inputs), default=-1) if node.op else 0
        return depth[key]

    place(graph.output)
    for key, node in graph.nodes.items():
        users = [depth[user.id] for user in graph.nodes.values() if key in user.inputs]
        if not node.op and users:
            depth[key] = min(users) - 1
    return depth


def rows(graph: Graph, column: dict[str, int]) -> dict[str, int]:
    """Return the row of each node: within a column, in the order in which a reader meets them."""
    order = list(_from_output(graph))
    row: dict[str, int] = {}
    taken: dict[int, int] = {}
    for key in order:
        row[key] = taken.get(column[key], 0)
        taken[column[key]] = row[key] + 1
    return row


def _from_output(graph: Graph) -> Iterable[str]:
    seen: dict[str, None] = {}
    queue = [graph.output]
    while queue:
        key = queue.pop(0)
        if key not in seen:
            seen[key] = None
            queue.extend(graph.nodes[key].inputs)
    return seen
