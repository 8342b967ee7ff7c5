"""A recorded program as a graph to draw: names of operations and values, and never a number.

Shapes, drawn values, literals and options such as an axis are left out, so that the graph of a
hidden case may be shown to a student.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal

from autograder.cases.program import Argument, Program, Step
from autograder.contract import KEYS, Wording
from autograder.model import Record
from autograder.operations import operations

Sort = Literal["leaf", "constant", "gradient", "operation", "engine", "more"]

MAX_NODES = 60
MAX_RUN = 8
"""Operations in a row beyond which the middle of the row is drawn as one box."""
RUN_ENDS = 2

_NAMES = {"leaf": "x", "constant": "c", "array": "g", "labels": "y"}
_ROLES = {
    "leaf": "leaf",
    "constant": "constant",
    "array": "incoming gradient",
    "labels": "class labels",
}
_SORTS: dict[str, Sort] = {"leaf": "leaf", "array": "gradient"}
_STATE = frozenset({"enable", "measure", "measured", "named", "zero_grad", "overwrite", "descend"})
"""Steps that change what is stored and compute nothing that flows on."""
_ENGINE = frozenset({"backward", "backward_error", "apply", "apply_error"})
_CHECKED = {
    "grad": "gradient checked",
    "data": "value checked",
    "entry": "returned tuple checked",
    "form": "form of the returned tuple checked",
    "saved": "saved operands checked",
    "value": "outcome checked",
}


class Node(Record, frozen=True):
    """A box: a name, a line that says what it is, and notes below.

    ``rule`` is the class whose gradient rule the operation uses.
    """

    id: int
    sort: Sort
    title: str
    detail: str
    notes: tuple[str, ...] = ()
    rule: str = ""


class Graph(Record, frozen=True):
    """Boxes in the program's order, and arrows from what is used to what uses it."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]

    def of_rule(self, rule: str) -> frozenset[int]:
        """Return the nodes that use a rule, or call ``backward``; capitals make no difference."""
        wanted = rule.rpartition(".")[2].lower()
        return frozenset(
            node.id
            for node in self.nodes
            if wanted and wanted == (node.title if node.sort == "engine" else node.rule).lower()
        )

    def lines(self) -> list[str]:
        """Return the graph in words, a line for each node."""
        return [
            "; ".join([f"{node.title}: {node.detail}".removesuffix(": "), *node.notes])
            for node in self.nodes
        ]


class _Builder:
    """Walks a program once; a value's id is its node's id."""

    def __init__(self, program: Program, say: Callable[[str], str]) -> None:
        self._program = program
        self._say = say
        self._nodes: dict[int, Node] = {}
        self._edges: list[tuple[int, int]] = []
        self._names: dict[int, str] = {}
        self._same: dict[int, int] = {}
        self._count: Counter[str] = Counter()

    def build(self) -> Graph:
        of_role = Counter(declared.role for declared in self._program.inputs)
        for declared in self._program.inputs:
            letter = _NAMES[declared.role]
            self._count[letter] += 1
            number = "" if of_role[declared.role] == 1 else str(self._count[letter])
            self._names[declared.id] = letter + number
            self._nodes[declared.id] = Node(
                id=declared.id,
                sort=_SORTS.get(declared.role, "constant"),
                title=letter + number,
                detail=_ROLES[declared.role],
            )
        self._add_steps(self._program.steps)
        return Graph(nodes=tuple(self._nodes.values()), edges=tuple(self._edges))

    def _add_steps(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if step.op == "observe":
                self._note(step)
            elif step.op == "checkpoint":
                self._add_checkpoint(step)
            elif step.op not in _STATE:
                self._add(step)

    def _add(self, step: Step) -> None:
        engine = step.op in _ENGINE
        name = step.op if engine else self._next_name()
        self._names[step.out] = name
        operands = [self._operand(arg) for arg in step.args]
        called = str(step.options["name"]) if step.op == "rule" else step.op
        self._nodes[step.out] = Node(
            id=step.out,
            sort="engine" if engine else "operation",
            title=self._say(called.removesuffix("_error")),
            detail=self._say(_formula(step, called, operands, name)),
            rule=called if step.op == "rule" else operations().rule_of.get(step.op, ""),
        )
        self._connect(step.args, step.out)

    def _add_checkpoint(self, step: Step) -> None:
        """Draw the steps of the function where it is called."""
        number = step.options["body"]
        body = self._program.bodies[number if isinstance(number, int) else 0]
        for parameter, arg in zip(body.parameters, step.args, strict=True):
            if isinstance(arg, int):
                self._names[parameter] = self._operand(arg)
                self._same[parameter] = self._node(arg)
        self._add_steps(body.steps)
        self._names[step.out] = name = self._next_name()
        self._nodes[step.out] = Node(
            id=step.out,
            sort="operation",
            title="checkpoint",
            detail=f"{name} = {self._operand(body.result)}",
        )
        self._connect([body.result], step.out)

    def _connect(self, args: Iterable[Argument], target: int) -> None:
        for arg in args:
            if isinstance(arg, int) and self._node(arg) in self._nodes:
                self._edges.append((self._node(arg), target))

    def _note(self, step: Step) -> None:
        target = self._node(step.args[0]) if isinstance(step.args[0], int) else -1
        node, note = self._nodes.get(target), _CHECKED.get(str(step.options["what"]))
        if node is None or note is None or note in node.notes:
            return
        self._nodes[target] = Node(
            id=node.id,
            sort=node.sort,
            title=node.title,
            detail=node.detail,
            notes=(*node.notes, note),
            rule=node.rule,
        )

    def _node(self, value: int) -> int:
        return self._same.get(value, value)

    def _operand(self, arg: Argument) -> str:
        return self._names.get(arg, "?") if isinstance(arg, int) else "number"

    def _next_name(self) -> str:
        self._count["v"] += 1
        return f"v{self._count['v']}"


def _formula(step: Step, called: str, operands: list[str], name: str) -> str:
    declared = operations().get(step.op)
    if declared is not None and declared.sign and len(operands) == 2:
        return f"{name} = {operands[0]} {declared.sign} {operands[1]}"
    if step.op in _ENGINE:
        subject, *rest = operands
        return f"{subject}.{step.op.removesuffix('_error')}({', '.join(rest)})"
    return f"{name} = {called}({', '.join(operands)})"


def program_graph(program: Program, wording: Wording = KEYS) -> Graph | None:
    """Return a program's graph, long rows of operations shortened; None where it is too large.

    Parameters
    ----------
    wording
        What the edition calls rules and their parts.
    """
    graph = _shorten(_Builder(program, wording.of_course).build())
    return graph if len(graph.nodes) <= MAX_NODES else None


def _shorten(graph: Graph) -> Graph:
    """Draw the middle of every long row of operations as one box."""
    replaced: dict[int, int] = {}
    sizes: Counter[int] = Counter()
    for run in _runs(graph):
        if len(run) > MAX_RUN:
            middle = run[RUN_ENDS:-RUN_ENDS]
            replaced.update(dict.fromkeys(middle, middle[0]))
            sizes[middle[0]] = len(middle)
    nodes = [
        Node(
            id=node.id,
            sort="more",
            title="…",
            detail=f"{sizes[node.id]} more operations in a row",
        )
        if node.id in sizes
        else node
        for node in graph.nodes
        if replaced.get(node.id, node.id) == node.id
    ]
    moved = ((replaced.get(a, a), replaced.get(b, b)) for a, b in graph.edges)
    edges = [edge for edge in moved if edge[0] != edge[1]]
    if sizes:
        edges = list(dict.fromkeys(edges))
    return Graph(nodes=tuple(nodes), edges=tuple(edges))


def _runs(graph: Graph) -> list[list[int]]:
    """Return rows of operations in which each is used by the next one only, and checked nowhere."""
    operations = {node.id for node in graph.nodes if node.sort == "operation"}
    users: dict[int, set[int]] = {}
    for source, target in graph.edges:
        users.setdefault(source, set()).add(target)
    runs: list[list[int]] = []
    taken: set[int] = set()
    for node in graph.nodes:
        if node.id not in operations or node.id in taken:
            continue
        run = [node.id]
        while len(users.get(run[-1], ())) == 1:
            (following,) = users[run[-1]]
            if following not in operations or following in taken:
                break
            run.append(following)
        taken.update(run)
        runs.append(run)
    return runs
