"""What people type because Jupyter answers: results, displays, widgets, prompts, await, input."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from .registry import wild


@wild("await", adds="wait_for asyncio")
def await_below_a_class(nb):
    """Awaits a coroutine in the cell of a rule."""
    return nb.in_rule(
        "import asyncio",
        "async def wait_for(n):\n    await asyncio.sleep(0)\n    return n\n\nprint(await wait_for(3))",
    )


@wild("await", adds="waited asyncio")
def await_above_the_engine(nb):
    """Gathers coroutines at the top of the engine's cell."""
    return nb.in_engine(
        "import asyncio\n"
        "waited = await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))\n"
        "print(sum(waited))"
    )


@wild("await", adds="asyncio numbers seen")
def async_loop_and_with(nb):
    """Has `async for` and `async with` at the top of a rule's cell."""
    return nb.in_rule(
        "import asyncio\n"
        "async def numbers():\n"
        "    for n in range(3):\n"
        "        yield n\n"
        "seen = []\n"
        "async for _n in numbers():\n"
        "    seen.append(_n)\n"
        "async with asyncio.Lock():\n"
        "    seen.append([m async for m in numbers()])"
    )


@wild("await", adds="asyncio loop")
def event_loop_looked_at(nb):
    """Asks for the running loop and makes a task, with the imports."""
    return nb.in_imports(
        "import asyncio\nloop = asyncio.get_event_loop()\nprint(loop.is_running())\nawait asyncio.sleep(0)"
    )


@wild("pasted")
def indented_cell(nb):
    """Indents a whole cell, as when it is cut out of a block."""
    return (
        nb.edit(nb.rule, textwrap.indent(nb.rule.source, "    ")) if not _texts(nb.rule) else None
    )


@wild("pasted")
def indented_engine(nb):
    """Indents the engine's cell by two blanks."""
    return (
        nb.edit(nb.engine, textwrap.indent(nb.engine.source, "  "))
        if not _texts(nb.engine)
        else None
    )


@wild("pasted", adds="pasted_number")
def python_prompts(nb):
    """Pastes lines with Python's prompts into a cell of their own above a rule."""
    return nb.above(
        nb.rule, ">>> pasted_number = 4\n>>> for _k in range(2):\n...     print(_k)\n..."
    )


@wild("pasted")
def a_class_with_python_prompts(nb):
    """Pastes a rule with Python's prompts in front of each line."""
    lines = nb.rule.source.split("\n")
    pasted = [f">>> {lines[0]}", *(f"... {line}" for line in lines[1:])]
    return nb.edit(nb.rule, "\n".join(pasted))


@wild("pasted")
def a_class_with_ipython_prompts(nb):
    """Pastes a rule with IPython's prompts in front of each line."""
    lines = nb.rule.source.split("\n")
    pasted = [f"In [1]: {lines[0]}", *(f"   ...: {line}" for line in lines[1:])]
    return nb.edit(nb.rule, "\n".join(pasted))


@wild("input", adds="student")
def input_above_the_imports(nb):
    """Asks for the student number in the cell of the imports."""
    return nb.in_imports("student = input('student number: ')")


@wild("input", adds="answer")
def input_in_a_loop(nb):
    """Asks until nothing is typed, above a rule."""
    return nb.in_rule(
        "while True:\n    answer = input('next? ')\n    if not answer.strip():\n        break"
    )


@wild("input", adds="getpass secret")
def password_asked_for(nb):
    """Asks for a password, with the imports."""
    return nb.in_imports("import getpass\nsecret = getpass.getpass('token: ')\nprint(len(secret))")


@wild("results")
def last_result_used(nb):
    """Uses _ and __ in the cells after a result."""
    return nb.above(nb.rule, "6 * 7", "_ + 1", "print(_, __)")


@wild("results", adds="kept")
def last_result_in_a_rules_cell(nb):
    """Keeps _ at the top of a rule's cell."""
    cell = nb.rule
    changed = nb.above(cell, "[1, 2, 3]")
    return changed.swap(cell, cell.around("kept = _[1:]\nprint(kept)"))


@wild("results", adds="cells_so_far")
def history_looked_at(nb):
    """Looks at In and Out above a rule."""
    return nb.in_rule(
        "cells_so_far = len(In)\nprint(In[-1][:20], isinstance(Out, dict), len(_ih), _i[:5], list(Out)[:2])"
    )


@wild("results", adds="numbered")
def numbered_results_used(nb):
    """Uses Out[...] and _oh of an earlier cell."""
    cell = nb.rule
    changed = nb.above(cell, "11 + 11")
    return changed.swap(
        cell, cell.around("numbered = Out[max(Out)] + _oh[max(_oh)]\nprint(numbered)")
    )


@wild("results")
def semicolons(nb):
    """Ends lines with semicolons, as people do to silence a plot."""
    return nb.in_rule("[1, 2, 3];\nprint(1); print(2);", "None;")


@wild("results")
def bare_expressions(nb):
    """Ends the cell of a rule with an expression."""
    return nb.in_rule("", "Function")


@wild("display")
def display_calls(nb):
    """Displays text, HTML, Markdown and mathematics around a rule."""
    return nb.in_rule(
        "from IPython.display import HTML, Markdown, Math, clear_output, display\n"
        "display(HTML('<b>rule</b>'), Markdown('# rule'), Math('x^2'))\n"
        "clear_output(wait=True)\n"
        "del HTML, Markdown, Math, clear_output",
        "display({'a': 1})\ndel display",
    )


@wild("display", adds="handle")
def display_handles(nb):
    """Updates a display by its handle, above a rule."""
    return nb.in_rule(
        "handle = display('0 %', display_id=True)\nhandle.update('100 %')\nprint(handle.display_id != '')"
    )


@wild("display", adds="Image SVG picture")
def pictures_shown(nb):
    """Shows a picture as SVG, above a rule."""
    return nb.in_rule(
        "from IPython.display import Image, SVG\n"
        "picture = SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')\ndisplay(picture)"
    )


@wild("display", adds="Boxed")
def own_representation(nb):
    """Defines a class with _repr_html_ and shows one, beside a rule."""
    return nb.in_rule(
        "",
        "class Boxed:\n    def _repr_html_(self):\n        return '<b>boxed</b>'\n\n\ndisplay(Boxed())\nBoxed()",
    )


@wild("widgets", adds="widgets slider show_rate")
def widgets_made(nb):
    """Makes a slider and an interactive function above a rule."""
    return nb.in_rule(
        "import ipywidgets as widgets\n"
        "slider = widgets.FloatSlider(value=0.1, min=0.0, max=1.0)\n"
        "def show_rate(rate=0.1):\n"
        "    print(rate)\n"
        "widgets.interact(show_rate, rate=slider)\n"
        "slider.observe(lambda change: None, names='value')\n"
        "print(slider.value)"
    )


@wild("widgets", adds="interact turned")
def widgets_as_a_decorator(nb):
    """Decorates a function with interact, in the engine's cell."""
    return nb.in_engine(
        "from ipywidgets import interact\n@interact(n=(0, 5))\ndef turned(n=1):\n    print(n)"
    )


@wild("display", adds="time started")
def carriage_returns_printed(nb):
    """Prints progress over the same line and flushes, above a rule."""
    return nb.in_rule(
        "import time\nstarted = time.time()\n"
        "for _k in range(3):\n    print(f'\\r{_k} of 3', end='', flush=True)\n"
        "print(f'\\n{time.time() - started:.2f} s')"
    )


@wild("display", adds="sys")
def streams_used(nb):
    """Writes to the streams themselves, with the imports."""
    return nb.in_imports(
        "import sys\n"
        "sys.stdout.write('out\\n')\nsys.stderr.write('err\\n')\nsys.stdout.flush()\n"
        "print(sys.stdout.encoding, sys.stdout.isatty(), file=sys.stderr)"
    )


def _texts(cell) -> bool:
    """Tell whether a text over several lines would change with an indent."""
    return (
        replace(cell, source=textwrap.dedent(textwrap.indent(cell.source, " "))).source
        != cell.source
    )
