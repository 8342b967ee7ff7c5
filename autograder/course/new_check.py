"""A new operation with its check: one file is made, and two are added to.

What the instructor must know is a name and two formulas. All else follows from the course as it is:
how its rules are named, where its extra credit stands, and how its solution tracks operations.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from autograder.config import CONFIG_NAME, Config, load_config
from autograder.course.derivatives import wrong_rules_of
from autograder.course.files import write_atomically
from autograder.course.layout import Layout
from autograder.errors import UsageError
from autograder.model import Record
from autograder.operations import OPERATIONS, operations
from reference import read_operations

CELL = (
    '# %% with="{check}" nbgrader={{"grade": false, "grade_id": "{grade_id}", "locked": false,'
    ' "schema_version": 3, "solution": true, "task": false}}'
)
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_TRACKED = re.compile(r'^( *)\((\w+), "(\w+)", (\w+), "\w+"\),\n', re.MULTILINE)
"""A row of the table by which the solution tracks what is written further down."""
_HEAD = re.compile(r"^# %%.*\n", re.MULTILINE)
_IMPORT = re.compile(r"^from tinytorch\.core\.(\w+) import ([\w, ]+)$", re.MULTILINE)


class Wanted(Record, frozen=True, kw_only=True):
    """What the instructor says of a new operation.

    Attributes
    ----------
    forward, gradient
        Formulas in ``x`` (or ``a`` and ``b``); in a gradient ``g`` is what comes in, and ``out``
        the result. Both may be empty: whoever edits the file then must write them.
    made, method
        The class of the handout that computes it, or the method of a tensor.
    """

    name: str
    forward: str = ""
    gradient: tuple[str, ...] = ()
    made: str = ""
    method: str = ""
    domain: str = "normal"
    points: float = 1


def add_check(layout: Layout, wanted: Wanted) -> tuple[Path, ...]:
    """Write the operation's file, its row in config.yaml, and its cell; return the three.

    Raises
    ------
    UsageError
        When there is such an operation, or a place to add to cannot be found: nothing is written.
    """
    files = plan(layout, wanted)
    before = {path: path.read_text(encoding="utf-8") if path.exists() else None for path in files}
    try:
        for path, text in files.items():
            write_atomically(path, text.encode())
        config = load_config(layout.course / CONFIG_NAME)
        if wanted.forward:
            _require_right(config, layout.course, wanted)
    except BaseException:
        for path, old in before.items():
            path.unlink() if old is None else write_atomically(path, old.encode())
        load_config(layout.course / CONFIG_NAME)
        raise
    return tuple(files)


def _require_right(config: Config, course: Path, wanted: Wanted) -> None:
    """Refuse formulas that do not fit each other."""
    declared = read_operations(course / OPERATIONS, tuple(one.id for one in config.all_checks))
    faults = list(wrong_rules_of(declared[wanted.name]))
    if faults:
        raise UsageError("\n".join(faults), "Look at --forward and --gradient once more.")


def plan(layout: Layout, wanted: Wanted) -> dict[Path, str]:
    """Return the files that a new check takes, with what is to stand in them.

    Raises
    ------
    UsageError
        With the reason why it cannot be added.
    """
    if not _NAME.match(wanted.name):
        raise UsageError(f"{wanted.name!r} is no name", "Small letters, such as tanh.")
    if layout.config.home(layout.course, "reference") != layout.course:
        raise UsageError(
            "This course takes its operations from the one that it is based on",
            f"autograder --course {layout.config.based_on} add check {wanted.name}",
        )
    if wanted.name in operations():
        raise UsageError(f"There is an operation {wanted.name}: {OPERATIONS / wanted.name}.py")
    if bool(wanted.forward) != bool(wanted.gradient):
        raise UsageError("--forward and --gradient belong together")
    _require_formulas(wanted)
    names = _Names.of(wanted)
    text = layout.source.with_name(f"{layout.config.notebook}.py")
    config = layout.course / CONFIG_NAME
    return {
        layout.course / OPERATIONS / f"{wanted.name}.py": _declaration(wanted, names),
        config: _with_row(_read(config), layout.config, names, wanted),
        text: _with_cell(_read(text), layout, names, wanted),
    }


def _require_formulas(wanted: Wanted) -> None:
    for formula in filter(None, (wanted.forward, *wanted.gradient)):
        try:
            compile(formula, "a formula", "eval")
        except (SyntaxError, ValueError) as error:
            raise UsageError(f"{formula!r} is no formula: {error}") from None


class _Names(Record, frozen=True):
    """What a new operation is called, as the course calls its others."""

    rule: str
    check: str
    shown: str
    operands: tuple[str, ...]
    run: str

    @classmethod
    def of(cls, wanted: Wanted) -> _Names:
        made = "" if wanted.method else wanted.made or _capitals(wanted.name)
        stem = made or _capitals(wanted.method)
        two = len(wanted.gradient) == 2
        return cls(
            rule=stem + _common_ending(one.rule for one in operations().values()),
            check=wanted.name.replace("_", "-"),
            shown=made or f"x.{wanted.method}()",
            operands=("a", "b") if two else ("x",),
            run=f'made="{made}"' if made else f'method="{wanted.method}"',
        )


def _capitals(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _common_ending(names: Iterable[str]) -> str:
    first, *others = names
    starts = range(len(first) + 1)
    return next(first[n:] for n in starts if all(name.endswith(first[n:]) for name in others))


def _declaration(wanted: Wanted, names: _Names) -> str:
    """Write the operation's own file: rule, wording, mistakes, cases and public text."""
    operands = ", ".join(names.operands)
    formulas = ""
    if wanted.forward:
        rules = "".join(f"\n        lambda g, out, {operands}: {one}," for one in wanted.gradient)
        formulas = (
            f"    forward=lambda {operands}: {wanted.forward},\n    gradient=({rules}\n    ),\n"
        )
    hands_on = ", ".join(f"lambda g, out, {operands}: g" for _ in names.operands)
    call = f"t.{wanted.name}" if not wanted.method else ""
    first = f"{call}({operands})" if call else f"{names.operands[0]}.{wanted.method}()"
    leaves = ", ".join(f't.leaf(3, 2, draw="{wanted.domain}")' for _ in names.operands)
    gradients = ", ".join(f"{name}.grad" for name in names.operands)
    returned = ", ".join(wanted.gradient) or "…"
    values = {
        "name": wanted.name, "rule": names.rule, "check": names.check, "shown": names.shown,
        "run": names.run, "formulas": formulas, "operands": operands, "hands_on": hands_on,
        "call": first, "leaves": leaves, "gradients": gradients, "said": returned,
        "domain": ", ".join(f'"{wanted.domain}"' for _ in names.operands),
        "example": ", ".join("(0.5, 1.5)" for _ in names.operands),
        "handed": ", ".join("grad_output" for _ in names.operands),
        "word": wanted.name.replace("_", ""),
    }  # fmt: skip
    return _fill(_DECLARATION, values)


def _fill(template: str, values: dict[str, str]) -> str:
    """Put values at @NAME@ in a template of Python, whose braces are its own."""
    return re.sub(r"@(\w+)@", lambda found: values[found[1]], template)


_DECLARATION = '''\
"""@shown@: G times @said@."""

from typing import Any

import numpy as np

from reference import ForgetsIncoming, Mistake, Operation, Run, Text


def rule_of_@name@(t: Any) -> None:
    """The gradient of @shown@."""
    @operands@ = @leaves@
    g = t.array(3, 2)
    t.backward(@call@, g)
    t.observe(@gradients@)


def @name@_in_a_chain(t: Any) -> None:
    """The gradient of @shown@ between two products."""
    @operands@ = @leaves@
    c, g = t.constant(3, 2), t.array(3, 2)
    t.backward(@call@ * c, g)
    t.observe(@gradients@)


OPERATION = Operation(
    name="@name@",
    rule="@rule@",
    words=("@word@",),
@formulas@    domain=(@domain@,),
    run=Run(@run@),
    example=(@example@,),
    label="@shown@",
    written="@shown@",
    checks=("@check@",),
    mistakes=(
        Mistake(
            "@name@-hands-on",
            "@rule@ hands G on as it is",
            "How far does the result move when x moves a little?",
            (@hands_on@,),
            code=("return (", "return (@handed@,)  # "),
        ),
        ForgetsIncoming(code=("g = grad_output", "g = np.ones_like(grad_output)")),
    ),
    cases=(rule_of_@name@, @name@_in_a_chain),
    text=Text(
        rule="Gradient of the input: G times the slope of @shown@.",
        latex=r"G \\cdot \\frac{dz}{dx}",
        works="the gradient of @shown@ is right",
        hint="Work out the slope by hand for one number, and a G that is not 1.",
    ),
)
'''


def _with_row(text: str, config: Config, names: _Names, wanted: Wanted) -> str:
    """Add the check to the extra credit in config.yaml."""
    if not config.stretch:
        raise UsageError(f"{CONFIG_NAME} has no extra credit, `stretch:`, to add a check to")
    last = config.stretch[-1]
    usual = Counter(need for check in config.stretch for need in check.needs).most_common(1)
    needs = [need for need, _ in usual]
    row = (
        f"  - {{id: {names.check}, kind: gradient, points: {wanted.points:g}, cell: {last.cell},"
        f' needs: [{", ".join(needs)}], title: "{names.rule}: the gradient of {names.shown}"}}\n'
    )
    lines = text.splitlines(keepends=True)
    places = [n for n, line in enumerate(lines) if line.startswith(f"  - {{id: {last.id},")]
    if not places:
        raise UsageError(f"{CONFIG_NAME} has no line of its own for the check {last.id}")
    return "".join([*lines[: places[0] + 1], row, *lines[places[0] + 1 :]])


def _with_cell(text: str, layout: Layout, names: _Names, wanted: Wanted) -> str:
    """Add the solution before the cell that checks the extra credit, and track the operation."""
    cell = layout.config.stretch[-1].cell
    heads = list(_HEAD.finditer(text))
    ids = [f'"grade_id": "{cell}"' in found[0] for found in heads]
    solved = [n for n, found in enumerate(heads[: ids.index(True) if True in ids else 0])
              if '"solution": true' in found[0]]  # fmt: skip
    if not solved:
        raise UsageError(f"source/{layout.config.notebook}.py has no solution before {cell}")
    place = heads[solved[-1] + 1].start()
    text = f"{text[:place]}{_cell(names, wanted)}{text[place:]}"
    rows = list(_TRACKED.finditer(text))
    if not rows:
        raise UsageError(
            f"source/{layout.config.notebook}.py has no table of operations that it tracks"
        )
    like = next((row for row in rows if (row[2] == "Tensor") == bool(wanted.method)), rows[-1])
    owner, attribute = ("Tensor", wanted.method) if wanted.method else (names.shown, like[3])
    row = f'{like[1]}({owner}, "{attribute}", {like[4]}, "{names.rule}"),\n'
    text = f"{text[: rows[-1].end()]}{row}{text[rows[-1].end() :]}"
    return text if wanted.method else _with_import(text, layout, names.shown)


def _cell(names: _Names, wanted: Wanted) -> str:
    lines = [
        *(f"        {name} = self.saved_tensors[{place}].data"
          for place, name in enumerate(names.operands)),
        "        g = grad_output",
    ]  # fmt: skip
    if wanted.forward:
        lines += [
            f"        out = {wanted.forward}",
            f"        return ({', '.join(wanted.gradient)},)",
        ]
    else:
        lines.append(f'        raise NotImplementedError("gradient of {wanted.name} not defined")')
    entries = ", ".join(f"gradient of {name}" for name in names.operands)
    return "\n".join(
        [
            f'# %% [markdown] with="{names.check}"',
            f"# ## {names.shown}",
            "",
            CELL.format(grade_id=f"{wanted.name}_backward", check=names.check),
            f"class {names.rule}(Function):",
            f'    """Rule of {names.shown}."""',
            "",
            "    def apply(self, grad_output):",
            f'        """In: gradient of the result, of its shape. Out: ({entries},)."""',
            "        ### BEGIN SOLUTION",
            *lines,
            "        ### END SOLUTION",
            "",
            "",
            "",
        ]
    )


def _with_import(text: str, layout: Layout, name: str) -> str:
    """Import a class of the handout where the notebook imports those beside it."""
    core = layout.source / "tinytorch" / "core"
    module = next((path.stem for path in sorted(core.glob("*.py")) if name in _classes(path)), "")
    if not module:
        raise UsageError(
            f"The handout has no class {name}",
            f"Write it in {core}, or name another one with --made, or a method with --method.",
        )
    found = next((each for each in _IMPORT.finditer(text) if each[1] == module), None)
    if found is None:
        raise UsageError(f"source/{layout.config.notebook}.py imports nothing of {module}")
    known = sorted({*found[2].replace(" ", "").split(","), name}, key=str.lower)
    line = f"from tinytorch.core.{module} import {', '.join(known)}"
    return f"{text[: found.start()]}{line}{text[found.end() :]}"


def _classes(path: Path) -> set[str]:
    tree = ast.parse(_read(path))
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
