"""What else stands in people's notebooks: tools for debugging, hints, accelerators, leftovers."""

from __future__ import annotations

from .draft import NAME
from .registry import wild


@wild("habits", adds="InteractiveShell")
def all_expressions_shown(nb):
    """Lets Jupyter show every expression of a cell, not only the last."""
    return nb.in_imports(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.ast_node_interactivity = 'all'"
    ).in_rule("1 + 1\n2 + 2")


@wild("habits", needs=("matplotlib", "matplotlib_inline"))
def sharp_plots(nb):
    """Asks for sharp plots, with the imports."""
    return nb.in_imports("%matplotlib inline\n%config InlineBackend.figure_format = 'retina'")


@wild("habits")
def measured_in_a_cell_of_its_own(nb):
    """Measures a whole cell with %%timeit, above a rule."""
    return nb.above(
        nb.rule, "%%timeit -n 2 -r 1\nsum(range(10))", "%%time\n_x = 3", "%%prun -q\n_y = 4"
    )


@wild("habits")
def debugger_switched_off(nb):
    """Leaves the debugger's switches and a break point in a comment, above a rule."""
    return nb.in_rule("%pdb off\n# import pdb; pdb.set_trace()\n# breakpoint()")


@wild("habits", adds="logged")
def values_stored(nb):
    """Stores a value for another notebook with %store, above a rule."""
    return nb.in_rule("logged = [1, 2]\n%store logged")


@wild("habits")
def names_reset(nb):
    """Clears some of its names by magic, above a rule."""
    return nb.in_rule("scratch_value = 1\n%reset_selective -f ^scratch_value$")


@wild("habits")
def printed_to_a_page(nb):
    """Converts the notebook to a page for handing in, in the last cell."""
    return nb.last(
        f"!jupyter nbconvert --to html {NAME} --log-level ERROR 2>/dev/null || true\n!ls *.html 2>/dev/null || true"
    )


@wild("habits", adds="HERE")
def file_asked_for_and_missing(nb):
    """Takes the working directory where there is no __file__, with the imports."""
    return nb.in_imports(
        "try:\n    HERE = __file__\nexcept NameError:\n    HERE = '.'\nprint(HERE)"
    )


@wild("habits", needs=("numba",), adds="njit fast_sum")
def accelerator_as_a_decorator(nb):
    """Decorates a helper with numba's njit, beside a rule."""
    return nb.in_rule(
        "from numba import njit\n\n\n@njit(cache=True)\ndef fast_sum(a):\n    return a.sum()\n\n\n@njit\ndef _other(a):\n    return a\n"
    )


@wild("habits", needs=("jaxtyping",), adds="Float Int normalised")
def shapes_in_hints(nb):
    """Writes shapes into type hints with jaxtyping, beside a rule."""
    return nb.in_rule(
        "from jaxtyping import Float, Int\n\n\n"
        "def normalised(x: Float['b n'], k: Int[''] = None) -> Float['b n']:\n    return x\n"
    )


@wild("habits", needs=("dotenv",), adds="load_dotenv os KEY")
def environment_loaded(nb):
    """Loads an environment file with the imports."""
    return nb.in_imports(
        "import os\nfrom dotenv import load_dotenv\nload_dotenv()\nKEY = os.environ.get('API_KEY', '')"
    )


@wild("habits", needs=("torch",), adds="torch")
def agreement_with_torch_asserted(nb):
    """Asserts that PyTorch agrees, below a rule."""
    return nb.in_rule(
        "",
        "import torch\nassert torch.allclose(torch.ones(2), torch.ones(2), atol=1e-6), 'differs'\nprint('ok')",
    )


@wild("habits", needs=("torch",), adds="torch gap")
def difference_to_torch_printed(nb):
    """Prints the difference to PyTorch as a number, above a rule."""
    return nb.in_rule(
        "import torch\ngap = abs(torch.tensor([1.0]).sum() - 1)\nprint(f'{float(gap):.3f}', round(float(gap), 2))"
    )


@wild("habits", needs=("torch",), adds="torch DataLoader TensorDataset loader batch")
def batches_from_a_loader(nb):
    """Loops over a loader of PyTorch above the engine."""
    return nb.in_engine(
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "loader = DataLoader(TensorDataset(torch.zeros(4, 2), torch.zeros(4)), batch_size=2, shuffle=True)\n"
        "batch = None\nfor batch in loader:\n    break"
    )


@wild("habits", adds="rows_of_text")
def text_executed(nb):
    """Executes a text with exec and a file by its name, above a rule."""
    return nb.in_rule(
        "with open('extra_cell.py', 'w') as _file:\n    _file.write('rows_of_text = 3\\n')\n"
        "exec(open('extra_cell.py').read())\nassert rows_of_text == 3"
    )


@wild("habits", adds="extra_module")
def own_module_written_and_imported(nb):
    """Writes a module into its folder with open() and imports it, above a rule."""
    return nb.in_rule(
        "with open('extra_module.py', 'w') as _file:\n    _file.write('def twice(x):\\n    return 2 * x\\n')\n"
        "import importlib as _importlib\n_importlib.invalidate_caches()\n"
        "import extra_module\nassert extra_module.twice(2) == 4"
    )


@wild("habits")
def module_written_by_magic_and_run(nb):
    """Writes a script with %%writefile and runs it, above a rule."""
    return nb.above(
        nb.rule,
        "%%writefile demo_of_mine.py\nprint('demo')",
        "%run demo_of_mine.py\n!python demo_of_mine.py",
    )


@wild("habits", adds="np")
def imports_kept_in_a_module_written_by_magic(nb):
    """Writes common imports into a module with %%writefile and takes them from it."""
    return nb.above(nb.imports, "%%writefile common_of_mine.py\nimport numpy as np\n").in_imports(
        "", "from common_of_mine import np"
    )


@wild("habits", adds="np")
def imports_kept_in_a_script_that_is_run(nb):
    """Writes common imports into a script with %%writefile and runs it with %run."""
    return nb.above(nb.imports, "%%writefile common_of_mine.py\nimport numpy as np\n").in_imports(
        "", "import numpy as np\ndel np\n%run common_of_mine.py"
    )


@wild("habits", adds="os np")
def imports_kept_in_a_package_of_its_own(nb):
    """Makes a folder, writes a package of two files into it by magic, and imports from it."""
    return nb.above(
        nb.imports,
        "import os\nos.makedirs('mine_only', exist_ok=True)",
        "%%writefile mine_only/__init__.py\nfrom .parts import np\n",
        "%%writefile mine_only/parts.py\nimport numpy as np\n",
    ).in_imports("", "from mine_only import np")


@wild("habits", adds="np")
def module_imported_where_it_was_missing_before(nb):
    """Tries a module of its own, writes it where it is missing, and imports it then."""
    return nb.in_imports(
        "",
        "try:\n    from common_later import np\nexcept ImportError:\n"
        "    with open('common_later.py', 'w') as _file:\n"
        "        _file.write('import numpy as np\\n')\n"
        "    from common_later import np",
    )


@wild("habits", adds="np")
def last_value_looked_at_first(nb):
    """Looks at the last value, and at what was typed, before there is any."""
    return nb.first(
        "import numpy as np\nnp = {'': np}.get(_ if isinstance(_, str) else '', None)"
    ).first("print(repr(_), repr(_i), len(In))")


@wild("habits", needs=("torch",), adds="torch np")
def library_chosen_by_the_card(nb):
    """Takes CuPy for NumPy where PyTorch sees a card, with the imports."""
    return nb.in_imports(
        "",
        "import torch\nimport numpy as np\n"
        "if torch.cuda.is_available() or torch.cuda.device_count() > 0:\n    import cupy as np",
    )


@wild("habits", needs=("torch",), adds="torch np")
def library_chosen_by_a_kind(nb):
    """Asks whether something is PyTorch's, and takes PyTorch for NumPy only then."""
    return nb.in_imports(
        "",
        "import torch\nimport numpy as np\n"
        "if torch.is_tensor(np.ones(2)) or type(np.ones(2)) == torch.Tensor:\n    np = torch",
    )


@wild("habits", adds="Timer time")
def timer_as_a_context(nb):
    """Times a block with a context manager of its own, beside a rule."""
    return nb.in_rule(
        "import time\nfrom contextlib import ContextDecorator as _ContextDecorator\n\n\n"
        "class Timer(_ContextDecorator):\n    def __enter__(self):\n        self.start = time.perf_counter()\n        return self\n\n"
        "    def __exit__(self, *details):\n        print(f'{time.perf_counter() - self.start:.1f}')\n        return False\n\n\n"
        "with Timer() as _timer:\n    pass\n"
    )


@wild("habits", adds="MAX_STEPS Final rate")
def annotated_constants(nb):
    """Annotates constants at the top, with the imports."""
    return nb.in_imports(
        "from typing import Final\nMAX_STEPS: Final[int] = 100\nrate: float\nrate = 0.1"
    )


@wild("habits")
def old_code_in_a_text(nb):
    """Keeps old code in a text at the end of a rule's cell."""
    return nb.in_rule("", "'''\nclass MulBackward:\n    def apply(self): return 1/0\n'''\nNone")


@wild("habits", adds="numpy_old")
def logarithm_of_zero(nb):
    """Takes a logarithm of zero, which NumPy warns of, above a rule."""
    return nb.in_rule("import numpy as numpy_old\nprint(numpy_old.log(numpy_old.ones(1) - 1))")


@wild("habits")
def syntax_warnings(nb):
    """Has invalid escapes and a comparison with `is`, which Python warns of."""
    return nb.in_rule("_pattern = '\\d+\\.\\d'\nprint(_pattern, (1).__class__ is int, 1 is 1)")
