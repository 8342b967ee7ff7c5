"""Statements that fail: each costs itself, and what it would have defined."""

from __future__ import annotations

from dataclasses import replace

from .draft import Cell
from .registry import wild


@wild("losses", group="losses")
def division_by_zero_above_the_imports(nb):
    """Divides by zero in the cell of the imports."""
    return nb.in_imports("1 / 0")


@wild("losses", group="losses")
def name_missing_above_a_rule(nb):
    """Prints a name that is not there, above a rule."""
    return nb.in_rule("print(not_there_anymore)")


@wild("losses", group="losses")
def assertion_above_the_engine(nb):
    """Has an own test that fails above the engine."""
    return nb.in_engine("assert 0.1 + 0.2 == 0.3, 'floats'")


@wild("losses", group="losses")
def file_missing_above_the_imports(nb):
    """Reads a data file that only the student has, above the imports."""
    return nb.in_imports(
        "rows_read = open('data/train.csv').read().splitlines()\nprint(len(rows_read))"
    )


@wild("losses", group="losses")
def module_of_the_student_missing(nb):
    """Imports and uses a module that the student did not hand in, above a rule."""
    return nb.in_rule(
        "import my_plotting_helpers\nmy_plotting_helpers.setup()\nfrom utils.visual import draw\ndraw(1)"
    )


@wild("losses", group="losses")
def exit_above_a_rule(nb):
    """Ends the program in the cell of a rule."""
    return nb.in_rule("import sys\nsys.exit(0)")


@wild("losses", group="losses")
def quit_above_the_engine(nb):
    """Calls quit() and exit() above the engine."""
    return nb.in_engine("quit()\nexit()")


@wild("losses", group="losses")
def raised_above_a_rule(nb):
    """Raises at the top of a rule's cell, as when `raise NotImplementedError()` was left there."""
    return nb.in_rule("raise NotImplementedError()")


@wild("losses", group="losses")
def interrupted_above_the_engine(nb):
    """Raises KeyboardInterrupt above the engine."""
    return nb.in_engine("raise KeyboardInterrupt")


@wild("losses", group="losses")
def syntax_error_above_a_rule(nb):
    """Leaves a statement that is not Python in the cell of a rule."""
    return nb.in_rule("print('begun'\n")


@wild("losses", group="losses")
def syntax_error_below_a_rule(nb):
    """Leaves a line of prose below a rule, in its cell."""
    return nb.in_rule("", "this is where it works now")


@wild("losses", group="losses")
def syntax_error_above_the_imports(nb):
    """Leaves half a statement above the imports."""
    return nb.in_imports("student name = Ada Lovelace")


@wild("losses", group="losses")
def colon_missing_in_a_demo(nb):
    """Forgets a colon in a demonstration below the engine, in its cell."""
    return nb.in_engine("", "for k in range(3)\n    print(k)")


@wild("losses", group="losses")
def demo_fails_below_definitions(nb):
    """Has a demonstration that fails below a rule, in its cell."""
    return nb.in_rule("", "AddBackward(1, 2).no_such_method()\nprint(undefined_result)")


@wild("losses", group="losses")
def unknown_magics_above_a_rule(nb):
    """Uses magics that are not there, above a rule."""
    return nb.in_rule("%load_ext tensorboard\n%tensorboard --logdir runs\n%sql SELECT 1")


@wild("losses", group="losses")
def unknown_cell_magic(nb):
    """Has a cell of an extension that is not there, above a rule."""
    return nb.above(nb.rule, "%%cython\ncdef int x = 1", "%%mermaid\ngraph TD; A-->B")


@wild("losses", group="losses")
def script_that_fails_in_its_middle(nb):
    """Has a statement in the middle of a .py file that fails."""
    from .scripts import _as_script, _future_first

    return _as_script(_future_first(nb.in_engine("open('data/train.csv')"))) if nb.clean else None


@wild("losses", group="losses")
def script_with_a_syntax_error(nb):
    """Leaves a line of prose in the middle of a .py file."""
    from .scripts import _as_script, _future_first

    if not nb.clean:
        return None
    mark = Cell("PROSE_HERE")
    text = _future_first(nb.swap(nb.engine, mark, nb.engine))
    return _as_script(text.replace("PROSE_HERE", "now comes the engine"))


@wild("losses", group="losses")
def endless_demo(nb):
    """Has cells without tags that raise between all the others."""
    cells = []
    for cell in nb.cells:
        cells += [cell, Cell("raise ValueError('demo')")] if cell.kind == "code" else [cell]
    return nb.with_cells(cells)


@wild("losses", group="losses")
def first_statement_of_each_cell_fails(nb):
    """Begins each cell of a class with a name that is not there."""
    if not nb.clean:
        return None
    return nb.map_code(
        lambda cell: replace(cell, source=f"not_there_anymore\n{cell.source}")
        if cell.defined and not cell.imports_the_future else cell
    )  # fmt: skip
