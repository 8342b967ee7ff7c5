"""Mechanical mutants: every small change of every line that matters.

Own code rather than a mutation-testing library: those mutate files in place and run a test command
for each mutant, and know nothing of what goes wrong in gradient rules, such as tuples, copies and
swapped factors. Here a mutant is text, and the tester is the grader itself.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Replacement = tuple[str, ast.AST | str]

_BINARY: dict[type[ast.operator], list[ast.operator]] = {
    ast.Add: [ast.Sub()],
    ast.Sub: [ast.Add()],
    ast.Mult: [ast.Div()],
    ast.Div: [ast.Mult()],
    ast.FloorDiv: [ast.Mult()],
    ast.Pow: [ast.Mult()],
    ast.Mod: [ast.Mult()],
}
_COMPARE: dict[type[ast.cmpop], list[ast.cmpop]] = {
    ast.Gt: [ast.GtE(), ast.Lt()],
    ast.GtE: [ast.Gt(), ast.Lt()],
    ast.Lt: [ast.LtE(), ast.Gt()],
    ast.LtE: [ast.Lt(), ast.Gt()],
    ast.Eq: [ast.NotEq()],
    ast.NotEq: [ast.Eq()],
    ast.Is: [ast.IsNot()],
    ast.IsNot: [ast.Is()],
    ast.In: [ast.NotIn()],
    ast.NotIn: [ast.In()],
}


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, what it was and became, and the whole mutated module."""

    place: str
    line: int
    operator: str
    before: str
    after: str
    source: str

    @property
    def key(self) -> str:
        """Name the mutant by what it changes, whatever stands above it in the file."""
        return f"{self.place}: {self.before} → {self.after}"


def mechanical_mutants(source: str) -> Iterator[Mutant]:
    """Yield each mutant of a module once.

    Left alone are docstrings, texts of messages, what is printed, imports and annotations.
    """
    tree = ast.parse(source)
    seen: set[str] = set()
    for place, node in _nodes_that_matter(tree, "module"):
        segment = ast.get_source_segment(source, node)
        if segment is None:
            continue
        for operator, replacement in _replacements(node):
            text = replacement if isinstance(replacement, str) else ast.unparse(replacement)
            if isinstance(node, ast.expr):
                text = f"({text})" if not text.isidentifier() else text
            mutated = _splice(source, node, text)
            if mutated == source or mutated in seen or not _compiles(mutated):
                continue
            seen.add(mutated)
            yield Mutant(place, node.lineno, operator, _short(segment), _short(text), mutated)


def _nodes_that_matter(tree: ast.AST, place: str) -> Iterator[tuple[str, ast.expr | ast.stmt]]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Import | ast.ImportFrom | ast.arguments):
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Call) and _called(child) == "print":
            continue
        if isinstance(child, ast.JoinedStr):
            continue
        inner = place
        if isinstance(child, ast.ClassDef | ast.FunctionDef):
            inner = _name(child) if place == "module" else f"{place}.{child.name}"
        if isinstance(child, ast.expr | ast.stmt):
            yield inner, child
        yield from _nodes_that_matter(child, inner)


def _name(child: ast.ClassDef | ast.FunctionDef) -> str:
    """Name what stands at the top: a function that a decorator puts into a class, as that one's."""
    for decorator in child.decorator_list:
        if isinstance(decorator, ast.Call) and len(decorator.args) == 1:
            return f"{ast.unparse(decorator.args[0])}.{child.name}"
    return child.name


def _replacements(node: ast.AST) -> Iterator[Replacement]:
    maker = _MAKERS.get(type(node))
    if maker is not None:
        yield from maker(node)


def _binop(node: ast.BinOp) -> Iterator[Replacement]:
    for operator in _BINARY.get(type(node.op), []):
        yield "operator", ast.BinOp(node.left, operator, node.right)
    yield "drop right operand", node.left
    yield "drop left operand", node.right
    if isinstance(node.op, ast.MatMult | ast.Sub | ast.Div):
        yield "swap operands", ast.BinOp(node.right, node.op, node.left)


def _unary(node: ast.UnaryOp) -> Iterator[Replacement]:
    if isinstance(node.op, ast.USub | ast.Not):
        yield "drop sign or not", node.operand


def _compare(node: ast.Compare) -> Iterator[Replacement]:
    for operator in _COMPARE.get(type(node.ops[0]), []):
        yield "comparison", ast.Compare(node.left, [operator, *node.ops[1:]], node.comparators)


def _boolop(node: ast.BoolOp) -> Iterator[Replacement]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "and/or", ast.BoolOp(other, node.values)
    for dropped in range(len(node.values)):
        kept = node.values[:dropped] + node.values[dropped + 1 :]
        yield "drop condition", kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)


def _constant(node: ast.Constant) -> Iterator[Replacement]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, int):
        yield "constant", ast.Constant(value + 1)
        yield "constant", ast.Constant(value - 1)
    elif isinstance(value, float):
        yield "constant", ast.Constant(value * 1.01)
        yield "constant", ast.Constant(-value)


def _call(node: ast.Call) -> Iterator[Replacement]:
    if len(node.args) >= 2:
        swapped = copy.copy(node)
        swapped.args = [node.args[1], node.args[0], *node.args[2:]]
        yield "swap arguments", swapped
    for place in range(len(node.args)):
        if len(node.args) + len(node.keywords) > 1:
            fewer = copy.copy(node)
            fewer.args = node.args[:place] + node.args[place + 1 :]
            yield "drop argument", fewer
    for place in range(len(node.keywords)):
        fewer = copy.copy(node)
        fewer.keywords = node.keywords[:place] + node.keywords[place + 1 :]
        yield "drop keyword", fewer
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        yield "drop method", node.func.value
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield "unwrap call", node.args[0]


def _ifexp(node: ast.IfExp) -> Iterator[Replacement]:
    yield "always", node.body
    yield "never", node.orelse


def _tuple(node: ast.Tuple) -> Iterator[Replacement]:
    if isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        yield "swap entries", ast.Tuple([node.elts[1], node.elts[0]], ast.Load())
    if isinstance(node.ctx, ast.Load):
        for place, element in enumerate(node.elts):
            # None for None, for np.newaxis or for False would change nothing.
            if not _is_nothing(element):
                entries: list[ast.expr] = [*node.elts]
                entries[place] = ast.Constant(None)
                yield "entry to None", ast.Tuple(entries, ast.Load())


def _attribute(node: ast.Attribute) -> Iterator[Replacement]:
    if isinstance(node.ctx, ast.Load) and node.attr == "data":
        yield "drop .data", node.value


def _simple_statement(_node: ast.stmt) -> Iterator[Replacement]:
    yield "drop statement", "pass"


def _augassign(node: ast.AugAssign) -> Iterator[Replacement]:
    for operator in _BINARY.get(type(node.op), []):
        yield "operator", ast.AugAssign(node.target, operator, node.value)
    yield "drop statement", "pass"


def _return(node: ast.Return) -> Iterator[Replacement]:
    if node.value is not None:
        yield "return nothing", "return None"
    else:
        yield "drop statement", "pass"


def _if(node: ast.If) -> Iterator[Replacement]:
    for value in (True, False):
        changed = copy.copy(node)
        changed.test = ast.Constant(value)
        yield f"if {value}", _indented(changed, node.col_offset)


def _while(node: ast.While) -> Iterator[Replacement]:
    changed = copy.copy(node)
    changed.test = ast.Constant(False)
    yield "no loop", _indented(changed, node.col_offset)


def _for(node: ast.For) -> Iterator[Replacement]:
    changed = copy.copy(node)
    changed.iter = ast.Tuple([], ast.Load())
    yield "no loop", _indented(changed, node.col_offset)


_MAKERS: dict[type[ast.AST], Callable[..., Iterator[Replacement]]] = {
    ast.BinOp: _binop,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _boolop,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.IfExp: _ifexp,
    ast.Tuple: _tuple,
    ast.Attribute: _attribute,
    ast.Assign: _simple_statement,
    ast.Expr: _simple_statement,
    ast.Raise: _simple_statement,
    ast.Continue: _simple_statement,
    ast.AugAssign: _augassign,
    ast.Return: _return,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
}


def _indented(node: ast.stmt, columns: int) -> str:
    first, *rest = ast.unparse(node).split("\n")
    return "\n".join([first, *(" " * columns + line for line in rest)])


def _splice(source: str, node: ast.expr | ast.stmt, text: str) -> str:
    """Replace a node's text, by its line and column in UTF-8 bytes."""
    data = source.encode()
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
    return (data[:start] + text.encode() + data[end:]).decode()


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_nothing(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return not node.value
    return isinstance(node, ast.Attribute) and node.attr == "newaxis"


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "np"


def _short(text: str) -> str:
    return " ".join(text.split())[:100]
