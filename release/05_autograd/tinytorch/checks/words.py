"""Reports as plain text, for terminals and for whoever has no HTML."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from . import data, picture
from .compare import Mismatch
from .names import in_own_names
from .run import Failure, Outcome, Report
from .told import diagnose_once

WIDTH = 78
MOST_ROWS = 8
MOST_GIVEN, MOST_INPUTS = 12, 5
ASCII = str.maketrans(
    {
        "✓": "ok", "✗": "X", "·": "*", "−": "-", "²": "^2", "×": "x", "→": "->", "←": "<-",
        "∂": "d", "ᵀ": "^T", "ⁿ": "^n", "⁻": "^-", "¹": "1", "₁": "1", "₂": "2", "ᵢ": "_i",
        "√": "sqrt", "π": "pi", "…": "...", "├": "|", "└": "`", "─": "-", "│": "|", "◄": "<",
        "█": "#", "░": ".", "’": "'", "∑": "sum",
    }
)  # fmt: skip


def for_terminal(text: str) -> str:
    """Keep a text as it is where the output can show it, else write its signs in ASCII.

    Control characters, such as those that move a terminal's cursor, are taken out.
    """
    text = in_own_names(text)
    text = "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.translate(ASCII).encode("ascii", "replace").decode("ascii")
    return text


def passed(report: Report) -> str:
    """Return the one line of a check that passes."""
    count = len(report.outcomes)
    cases = "1 case" if count == 1 else f"{count} cases"
    return f"✓ {report.check['id']}: {report.check['works']} ({cases})"


def unfinished(report: Report) -> str:
    """Return a kind line for what is still to be written."""
    name = report.unfinished
    verb = (
        "is not defined yet: run its cell, or write it"
        if _is_missing(report)
        else "is not written yet"
    )
    failure = report.failing[0].failure
    if failure is not None and failure.inherited:
        return (
            f"{report.check['id']}: {name} {verb}: that of its base class was called. Is it defined"
            " in the class, and spelled like that?"
        )
    return f"{report.check['id']}: {name} {verb}. Come back when it is, and run this cell again."


def _is_missing(report: Report) -> bool:
    failure = report.failing[0].failure
    return failure is not None and failure.type == "MissingName"


def summary(part: str, reports: Sequence[Report]) -> str:
    """Return the line that ends the cell of a failing check."""
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    passing = sum(outcome.passed for outcome in outcomes)
    return f"{part}: {passing} of {len(outcomes)} cases pass so far."


def failed(report: Report) -> str:
    """Return all that can be said about a failing check, as text."""
    return "\n".join(_failed(report))


def _failed(report: Report) -> Iterator[str]:
    outcome, diagnosis = report.failing[0], diagnose_once(report)
    yield f"✗ {report.check['title']}"
    yield ""
    yield from _wrapped("  Case      ", outcome.case["sentence"])
    yield from _indented("  With      ", given(outcome))
    yield from _wrapped("  Rule      ", report.check["rule"])
    if outcome.raised is not None:
        yield from _exception(outcome.raised)
    yield from _numbers(outcome)
    yield from _graph(outcome, diagnosis.ops)
    yield ""
    yield from _wrapped(f"  {diagnosis.label:<9} ", diagnosis.sentence)
    yield from _wrapped("  Hint      ", diagnosis.hint)
    yield from _others(report)


def given(outcome: Outcome) -> str:
    """Return the inputs of a small case, one a line, ready to be copied."""
    program, lines = outcome.case["program"], []
    for declared in program["inputs"]:
        array = data.array(outcome.case["inputs"][str(declared["id"])])
        if array.size > MOST_GIVEN or len(program["inputs"]) > MOST_INPUTS:
            return ""
        lines.append(f"{picture.input_name(declared)} = {array.tolist()}")
    return "\n".join(lines)


def _indented(label: str, text: str) -> Iterator[str]:
    for place, line in enumerate(text.splitlines()):
        yield (label if place == 0 else " " * len(label)) + line


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_on_hyphens=False,
    )


def _exception(failure: Failure) -> Iterator[str]:
    yield ""
    yield f"  {headline(failure)}: {failure.message}".rstrip(": ")
    if failure.function:
        yield f"  in {failure.function}, line {failure.line} of its cell"
        if failure.source:
            yield f"      {failure.source}"


def headline(failure: Failure) -> str:
    """Say what ended a case."""
    if failure.type == "TookTooLong":
        return "Your code was stopped"
    return f"Your code raised {failure.type}"


def _numbers(outcome: Outcome) -> Iterator[str]:
    for found in outcome.mismatches[:2]:
        yield ""
        what = picture.describe_observation(outcome.case["program"], found.name)
        if found.kind in {"text", "unexpected", "missing"}:
            yield f"  {what}"
            yield f"    expected  {plain_value(found.expected)}"
            yield f"    yours     {plain_value(found.actual)}"
        else:
            yield f"  {what}, shape {shapes(found)}"
            expected, actual = _cells(found.expected, None), _cells(found.actual, found.wrong)
            width = max(len(cell) for row in [*expected, *actual] for cell in row)
            yield from _block("expected", expected, width)
            yield from _block("yours", actual, width)
    if len(outcome.mismatches) > 2:
        yield f"  … and {len(outcome.mismatches) - 2} more values of this case."


def shapes(found: Mismatch) -> str:
    """Return the shape, or both if they differ."""
    expected, actual = np.shape(found.expected), np.shape(found.actual)
    return f"{expected}" if expected == actual else f"{actual} instead of {expected}"


def plain_value(value: Any) -> str:
    """Return a value that is not a plain array of numbers in words."""
    if value is None:
        return "no gradient (None)"
    if isinstance(value, str):
        return "no exception" if value == "nothing" else value
    return np.array2string(np.asarray(value), precision=4, threshold=12)


def number(value: float) -> str:
    """Write a number with four digits, and -0 as 0."""
    return f"{value + 0.0:.4g}"


def _cells(array: np.ndarray, wrong: np.ndarray | None) -> list[list[str]]:
    rows = as_rows(array)
    if wrong is None:
        return [[f"{number(value)}  " for value in row] for row in rows]
    return [
        [number(value) + (" ✗" if bad else "  ") for value, bad in zip(row, bads, strict=True)]
        for row, bads in zip(rows, as_rows(wrong), strict=True)
    ]


def _block(label: str, cells: list[list[str]], width: int) -> Iterator[str]:
    for place, row in enumerate(cells[:MOST_ROWS]):
        start = f"    {label:<9} " if place == 0 else " " * 14
        yield (start + " ".join(cell.rjust(width) for cell in row)).rstrip()
    if len(cells) > MOST_ROWS:
        yield " " * 14 + "…"


def as_rows(array: np.ndarray) -> list[list[Any]]:
    """Return the rows of an array of any number of axes; a number is one row of one."""
    array = np.asarray(array)
    if array.size == 0:
        return [[]]
    rows: list[list[Any]] = array.reshape(-1, array.shape[-1] if array.ndim else 1).tolist()
    return rows


def _graph(outcome: Outcome, suspects: tuple[str, ...]) -> Iterator[str]:
    graph = picture.graph_of(outcome.case["program"], verdicts(outcome))
    if graph is not None:
        yield ""
        yield "  Graph, from the result back to the inputs"
        yield f"    {graph.start} comes in"
        yield from _branch(graph, (graph.output, ""), "    ", "", suspects, set())


def verdicts(outcome: Outcome) -> dict[str, bool]:
    """Say of each observation that was made whether it was right."""
    wrong = {found.name for found in outcome.mismatches}
    return {name: name not in wrong for name in outcome.observed}


def _branch(
    graph: picture.Graph,
    edge: tuple[str, str],
    indent: str,
    branch: str,
    suspects: tuple[str, ...],
    seen: set[str],
) -> Iterator[str]:
    node = graph.nodes[edge[0]]
    text = f"{indent}{branch}{node.label} {node.shape}".rstrip()
    if node.op and node.id in seen:
        yield f"{text}   (the same node as above)"
        return
    seen.add(node.id)
    verdict = {True: "   ✓ right", False: "   ✗ what arrives here is wrong", None: ""}
    yield text + verdict[graph.marks.get(edge)] + ("   ← look here" if node.op in suspects else "")
    deeper = indent + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
    for place, operand in enumerate(node.inputs):
        arm = "└─ " if place == len(node.inputs) - 1 else "├─ "
        yield from _branch(graph, (operand, node.id), deeper, arm, suspects, seen)


def _others(report: Report) -> Iterator[str]:
    others = report.failing[1:]
    if others:
        yield ""
        yield "  Also not passing:"
        for outcome in others:
            yield from _wrapped("    ✗ ", outcome.case["sentence"])


# The overview.


def overview(reports: Iterable[Report]) -> str:
    """Return all checks at a glance, with the share of each checkpoint's points."""
    return "\n".join(_overview(list(reports)))


def _overview(reports: list[Report]) -> Iterator[str]:
    for number_, checkpoint in enumerate(data.load()["checkpoints"], start=1):
        mine = [found for found in reports if found.check["checkpoint"] == checkpoint["id"]]
        yield f"Checkpoint {number_}: {checkpoint['title']}"
        done = share(mine)
        needed = f"passed with {100 * checkpoint['pass_at']:.0f} %"
        yield f"  {bar(done)} {100 * done:3.0f} %   ({needed})"
        yield from _states(mine, "part")
    extra = [found for found in reports if found.check["checkpoint"] == data.EXTRA]
    if extra:
        yield "Stretch, extra credit"
        yield from _states(extra, "id")
    part = "mul" if "mul" in data.parts() else data.parts()[0]
    yield f'One part: check("{part}"). These are public cases; your points come from hidden ones.'


def share(reports: Sequence[Report]) -> float:
    """Return the share of the points whose checks pass."""
    whole = sum(found.check["points"] for found in reports)
    done = sum(found.check["points"] for found in reports if found.passed)
    return float(done / whole) if whole else 0.0


def _states(reports: Sequence[Report], key: str) -> Iterator[str]:
    """List what works, what is wrong and what is to do, by part: a part works as a whole."""
    by_name: dict[str, str] = {}
    rank = ["✓ works", "  to do", "✗ wrong", "not yet"]
    for report in reports:
        before = by_name.get(report.check[key], rank[0])
        by_name[report.check[key]] = max(before, _state(report), key=rank.index)
    for state in rank:
        names = ", ".join(name for name, found in by_name.items() if found == state)
        if names:
            yield from _wrapped(f"  {state}   ", names)


def bar(share: float) -> str:
    """Draw a share of 1 as a bar of 25 cells."""
    full = round(25 * share)
    return "█" * full + "░" * (25 - full)


def _state(report: Report) -> str:
    if report.passed:
        return "✓ works"
    if report.check["checkpoint"] == data.EXTRA:  # not wrong: perhaps nobody wants to write it
        return "not yet"
    return "  to do" if report.unfinished else "✗ wrong"


def stretch(reports: Iterable[Report]) -> str:
    """Return which stretch checks work; nothing here is an error."""
    reports = list(reports)
    works = [found.check["id"] for found in reports if found.passed]
    open_ = [found.check["id"] for found in reports if not found.passed]
    text = f"Stretch: {len(works)} of {len(reports)} work"
    text += f": {', '.join(works)}." if works else "."
    if open_:
        text += f"\nNot yet: {', '.join(open_)}.\n"
        text += f'To see why, run for example check("{open_[0]}") in a cell of your own.'
    return text
