"""The same work as a .py: exported, converted, or written as a script."""

from __future__ import annotations

import importlib
import sys
import textwrap
import types
from typing import Any

from autograder.audit.wild import HandIn

from .draft import ASSIGNMENT, COURSE, NAME, STEM, Draft
from .registry import wild

CHECKS = COURSE / "source" / ASSIGNMENT / "tinytorch" / "checks"
SCRIPT = f"{STEM}.py"


def _as_script(text: str, name: str = SCRIPT) -> HandIn:
    return HandIn(name, text.encode())


@wild("scripts")
def plain_script(nb):
    """Copies all cells into a .py file."""
    return _as_script(nb.script()) if nb.clean else None


@wild("scripts")
def script_named_autograd(nb):
    """Hands in a .py file with the name of the module, and a shebang."""
    text = "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n" + _future_first(nb)
    return _as_script(text, "autograd.py") if nb.clean else None


@wild("scripts", adds="os HERE")
def script_that_knows_its_file(nb):
    """Finds its folder by __file__, at the top of the file."""
    return _with_top(
        nb,
        "import os\nHERE = os.path.dirname(os.path.abspath(__file__))\nprint(os.path.basename(__file__) != '')",
    )


@wild("scripts", adds="sys Path ROOT")
def script_that_extends_its_path(nb):
    """Adds the folders above __file__ to the path."""
    return _with_top(
        nb,
        "import sys\nfrom pathlib import Path\nROOT = Path(__file__).resolve().parent\n"
        "sys.path.insert(0, str(ROOT))\nsys.path.insert(0, str(ROOT.parent.parent))\nprint(sys.argv[0] != '', len(sys.argv))",
    )


@wild("scripts", adds="argparse options")
def script_with_options(nb):
    """Reads options of the command line under the guard."""
    return _with_end(
        nb,
        'if __name__ == "__main__":\n    import argparse\n    options = argparse.ArgumentParser().parse_args()\n'
        "    enable_autograd()\n    print(options)",
    )


@wild("scripts")
def script_with_the_guard(nb):
    """Calls the engine and prints under the guard at the end."""
    return _with_end(nb, 'if __name__ == "__main__":\n    enable_autograd()\n    print("done")')


@wild("scripts")
def converted_by_nbconvert(nb):
    """Converts the notebook with nbconvert, which turns magics into calls."""
    if not nb.clean:
        return None
    from IPython.core.inputtransformer2 import TransformerManager

    # What nbconvert's template writes; importing nbconvert itself takes seconds.
    rewrite = TransformerManager().transform_cell
    parts = [f"# In[{n}]:\n\n\n{rewrite(cell.source)}" for n, cell in enumerate(nb.code, 1)]
    return _as_script(_hoisted("#!/usr/bin/env python\n# coding: utf-8\n\n" + "\n\n".join(parts)))


@wild("scripts")
def converted_with_a_magic(nb):
    """Converts a notebook with magics and shell lines with nbconvert."""
    return converted_by_nbconvert(
        nb.in_rule("%precision 3\n!echo rule").in_imports("%load_ext autoreload")
    )


def _converted_by_jupytext(nb: Draft, form: str) -> HandIn | None:
    if not nb.clean:
        return None
    import jupytext

    from autograder.submission.notebooks import v4  # before jupytext: it imports nbformat quickly

    return _as_script(jupytext.writes(v4.to_notebook(nb.as_json(5)), fmt=form))


@wild("scripts")
def converted_by_jupytext_percent(nb):
    """Pairs the notebook with a .py in jupytext's percent format."""
    return _converted_by_jupytext(nb, "py:percent")


@wild("scripts")
def converted_by_jupytext_light(nb):
    """Pairs the notebook with a .py in jupytext's light format."""
    return _converted_by_jupytext(nb, "py:light")


@wild("scripts")
def percent_script_of_vs_code(nb):
    """Writes the work in VS Code as a .py with cell marks."""
    if not nb.clean:
        return None
    parts = [f"# %% {n}\n{cell.source}" for n, cell in enumerate(nb.code) if cell.tree]
    return _as_script(_hoisted("\n\n".join(parts) + "\n"))


@wild("scripts", partial=True)
def exported_as_the_assignment_says(nb):
    """Exports the notebook with `python -m tinytorch complete`, and hands that file in."""
    whole = nb.clean and nb.known("setup") is not None and all(cell.tree for cell in nb.code)
    return _as_script(_exported(nb), "autograd.py") if whole else None


@wild("scripts")
def script_in_latin_letters_with_crlf(nb):
    """Saves the script with a byte order mark and the line ends of Windows."""
    if not nb.clean:
        return None
    return HandIn(SCRIPT, b"\xef\xbb\xbf" + _future_first(nb).replace("\n", "\r\n").encode())


@wild("scripts", adds="__all__")
def script_with_its_names_listed(nb):
    """Lists the names in __all__, with a docstring and a version."""
    return _with_top(nb, '__all__ = ["enable_autograd"]\n__version__ = "0.1"\n__author__ = "me"')


@wild("scripts")
def script_with_a_docstring(nb):
    """Begins the script with a text that holds magics and prompts."""
    return (
        _as_script('"""My work.\n\n%time\n!ls\n>>> 1 + 1\n2\n"""\n' + _future_first(nb))
        if nb.clean
        else None
    )


def _future_first(nb: Draft) -> str:
    return _hoisted(nb.script())


def _hoisted(text: str) -> str:
    """Return a script with its future imports in front, where Python wants them."""
    mark = "from __future__ import annotations\n"
    return mark + text.replace(mark, "") if mark in text else text


def _with_top(nb: Draft, top: str) -> HandIn | None:
    if not nb.clean:
        return None
    text = _future_first(nb)
    mark = "from __future__ import annotations\n"
    head, body = (mark, text.removeprefix(mark)) if text.startswith(mark) else ("", text)
    return _as_script(f"{head}{textwrap.dedent(top)}\n\n\n{body}")


def _with_end(nb: Draft, end: str) -> HandIn | None:
    return _as_script(f"{_future_first(nb)}\n\n{end}\n") if nb.clean else None


def _exported(nb: Draft) -> str:
    """Return what the handout's own exporter makes of a notebook."""
    exporter = _of_the_handout("export")
    cells = []
    for number, cell in enumerate(nb.code, 1):
        known = cell.metadata.get("nbgrader", {})
        kind = "check" if known.get("grade") else "solution" if known.get("solution") else "other"
        cells.append(exporter.Cell(number, cell.grade_id, cell.source, kind))
    return exporter.export(cells, NAME, {})


def _of_the_handout(name: str) -> Any:
    """Import a module of the handout's checks without the package, which wants students' files."""
    package = types.ModuleType("_autograder_handout_checks")
    package.__path__ = [str(CHECKS)]
    sys.modules[package.__name__] = package
    return importlib.import_module(f"{package.__name__}.{name}")
