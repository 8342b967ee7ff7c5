"""Python that people write around their rules: newer syntax, tricks with names, settings."""

from __future__ import annotations

from .registry import wild


@wild("annotations", adds="annotations Gradients hinted")
def future_annotations_in_a_cell_of_their_own(nb):
    """Imports the future's annotations in the first cell and hints with unknown names later."""
    return nb.first("from __future__ import annotations").in_rule(
        "def hinted(value: Array2D, other: Missing | None = None) -> Gradients:\n    return value\n\n\nGradients = tuple"
    )


@wild("annotations", adds="annotations dataclass Step steps")
def future_annotations_and_a_dataclass(nb):
    """Imports the future's annotations first and makes a dataclass with hints in a rule's cell."""
    return nb.first("from __future__ import annotations").in_rule(
        "from dataclasses import dataclass\n\n\n"
        "@dataclass\nclass Step:\n    number: int\n    before: Step | None = None\n    loss: NotYet = 0.0\n\n\n"
        "steps = [Step(1), Step(2, Step(1))]\nprint(steps)\n"
    )


@wild("annotations", adds="annotations hinted_with_magic")
def future_annotations_and_a_magic(nb):
    """Imports the future's annotations first and hints with unknown names beside a magic."""
    return nb.first("from __future__ import annotations").above(
        nb.rule, "%precision 3\ndef hinted_with_magic(x: Missing) -> AlsoMissing:\n    return x"
    )


@wild("annotations", adds="Any Callable Optional apply_to")
def typing_used(nb):
    """Uses typing's names in hints, in the engine's cell."""
    return nb.in_engine(
        "from typing import Any, Callable, Optional\n\n\n"
        "def apply_to(f: Callable[[Any], Any], x: Optional[list[float]] = None) -> 'Unknown':\n    return f(x)\n"
    )


@wild("syntax", adds="describe")
def match_statement(nb):
    """Has a match statement beside a rule."""
    return nb.in_rule(
        "def describe(shape):\n    match shape:\n        case ():\n            return 'scalar'\n"
        "        case (n,):\n            return f'vector of {n}'\n        case _:\n            return 'more'\n\n\n"
        "assert describe((3,)) == 'vector of 3'"
    )


@wild("syntax", adds="evens")
def walrus(nb):
    """Has assignments inside expressions above a rule."""
    return nb.in_rule(
        "if (_count := len('abc')) > 2:\n    print(f'{_count=}')\nevens = [_y for n in range(4) if not (_y := n) % 2]"
    )


@wild("syntax", adds="helper asyncio")
def async_helper(nb):
    """Defines a coroutine and runs none of it, beside a rule."""
    return nb.in_rule(
        "import asyncio\n\n\nasync def helper():\n    async with asyncio.Lock():\n        return [x async for x in ()]\n\n"
    )


@wild("syntax", adds="functools timed_call cached double")
def decorators(nb):
    """Decorates helpers with functools.wraps and lru_cache beside a rule."""
    return nb.in_rule(
        "import functools\n\n\n"
        "def timed_call(f):\n    @functools.wraps(f)\n    def wrapper(*args, **options):\n        return f(*args, **options)\n\n    return wrapper\n\n\n"
        "@timed_call\ndef double(x):\n    return 2 * x\n\n\n@functools.lru_cache(maxsize=None)\ndef cached(n):\n    return n\n\n\nassert double(cached(2)) == 4"
    )


@wild("syntax", adds="lower")
def positional_and_keyword_only(nb):
    """Uses markers for positional and keyword arguments, unpacking and nested functions."""
    return nb.in_rule(
        "def lower(a, /, b=1, *rest, key=None, **more):\n    count = 0\n\n    def inner():\n        nonlocal count\n        count += 1\n        return count\n\n    return inner()\n\n\n"
        "_first, *_others = range(4)\nprint(lower(1, *_others, **{'key': 2}))"
    )


@wild("syntax")
def script_guard(nb):
    """Calls the engine under `if __name__ == "__main__":`."""
    return nb.in_engine(
        "", "if __name__ == \"__main__\":\n    enable_autograd()\n    print('enabled')"
    )


@wild("syntax", adds="main")
def main_function(nb):
    """Has a main function that is called under the guard, at the end."""
    return nb.last(
        "def main():\n    enable_autograd()\n    return 0\n\n\nif __name__ == '__main__':\n    main()"
    )


@wild("names", adds="print_before")
def print_replaced(nb):
    """Replaces print by a function that counts, and puts it back, above a rule."""
    return nb.in_rule(
        "import builtins as _builtins\nprint_before = _builtins.print\n"
        "_builtins.print = lambda *words, **options: print_before('>', *words, **options)\nprint('loud')\n_builtins.print = print_before"
    )


@wild("names", adds="print")
def print_shadowed(nb):
    """Shadows print by a partial that flushes, above a rule."""
    return nb.in_rule(
        "import functools as _functools\nprint = _functools.partial(print, flush=True)\nprint('flushed')"
    )


@wild("names", adds="made_by_globals")
def globals_and_locals(nb):
    """Makes names through globals() and reads locals(), above a rule."""
    return nb.in_rule(
        "globals()['made_by_globals'] = 3\nassert made_by_globals == 3 and 'made_by_globals' in locals() and vars()\n"
        "exec('_by_exec = 4')\nassert eval('_by_exec') == 4\nprint(__name__, 'Function' in dir())"
    )


@wild("names", adds="engine_again")
def engine_under_another_name(nb):
    """Calls the engine through globals(), in a cell at the end."""
    return nb.last("engine_again = globals()['enable_autograd']\nengine_again()")


@wild("names")
def names_deleted(nb):
    """Makes names and deletes them, above a rule."""
    return nb.in_rule(
        "scratch_list, scratch_number = [1], 2\ndel scratch_list, scratch_number\nfor _k in range(2):\n    pass\ndel _k"
    )


@wild("names", adds="ascii_letters digits punctuation whitespace Formatter Template capwords "
      "ascii_lowercase ascii_uppercase hexdigits octdigits printable")  # fmt: skip
def star_import(nb):
    """Imports all names of a module, above the imports."""
    return nb.in_imports("from string import *")


@wild("names", adds="α Δx größe")
def unicode_identifiers(nb):
    """Names variables with Greek and German letters and prints emoji, above a rule."""
    return nb.in_rule(
        "α, Δx = 0.1, 1e-3\ngröße = α * Δx\nprint(f'∂L/∂x ≈ {größe:.1e} 🎉')  # 😀 fertig"
    )


@wild("names", adds="A_TINY_HELPER")
def class_nested_in_an_if(nb):
    """Defines helpers inside `if` and `try`, above a rule."""
    return nb.in_rule(
        "if True:\n    class A_TINY_HELPER:\n        pass\nelse:\n    raise RuntimeError\n"
        "try:\n    A_TINY_HELPER.missing\nexcept AttributeError as _error:\n    print('no', _error)\nfinally:\n    pass"
    )


@wild("settings", adds="numpy_settings")
def numpy_settings_with_the_imports(nb):
    """Sets print options and error handling of NumPy, with the imports."""
    return nb.in_imports(
        "import numpy as numpy_settings\n"
        "numpy_settings.set_printoptions(precision=3, suppress=True)\nnumpy_settings.seterr(all='ignore')\n"
        "with numpy_settings.errstate(divide='ignore'), numpy_settings.printoptions(precision=8):\n    print(numpy_settings.array([1 / 3]))"
    )


@wild("settings", adds="numpy_settings")
def numpy_raises(nb):
    """Lets NumPy raise where it would warn, above the engine."""
    return nb.in_engine(
        "import numpy as numpy_settings\nnumpy_settings.seterr(over='raise', invalid='raise', divide='raise')"
    )


@wild("settings", adds="warnings")
def warnings_filtered(nb):
    """Silences warnings with the imports."""
    return nb.in_imports(
        "import warnings\nwarnings.filterwarnings('ignore')\nwarnings.simplefilter('ignore', DeprecationWarning)"
    )


@wild("settings", adds="warnings")
def warnings_given(nb):
    """Gives warnings above a rule, and catches some."""
    return nb.in_rule(
        "import warnings\nwith warnings.catch_warnings(record=True) as _caught:\n    warnings.simplefilter('always')\n    warnings.warn('careful')\n"
        "warnings.warn('slow', RuntimeWarning)"
    )


@wild("settings", adds="os random numpy_seeded SEED")
def seeds_set(nb):
    """Seeds every generator with the imports."""
    return nb.in_imports(
        "import os, random\nimport numpy as numpy_seeded\nSEED = 42\nos.environ['PYTHONHASHSEED'] = str(SEED)\n"
        "random.seed(SEED)\nnumpy_seeded.random.seed(SEED)\n_rng = numpy_seeded.random.default_rng(SEED)\nprint(_rng.normal(), random.random())"
    )


@wild("settings", adds="numpy_wrapped own_array")
def numpy_array_with_an_own_signature(nb):
    """Replaces np.array by a function that takes a value and a type only, at the end."""
    return nb.last(
        "import numpy as numpy_wrapped\n_array = numpy_wrapped.array\n\n\n"
        "def own_array(x, dtype=None):\n    return _array(x, dtype=dtype)\n\n\nnumpy_wrapped.array = own_array"
    ) if _arrays_are_plain(nb) else None  # fmt: skip


@wild("classes", adds="Registry rules_by_name abc")
def metaclass_and_registry(nb):
    """Defines a metaclass and an abstract class beside a rule."""
    return nb.in_rule(
        "import abc\nrules_by_name = {}\n\n\nclass Registry(type):\n    def __new__(mcs, name, bases, body):\n        made = super().__new__(mcs, name, bases, body)\n"
        "        rules_by_name[name] = made\n        return made\n\n\nclass _Base(abc.ABC):\n    @abc.abstractmethod\n    def rule(self): ...\n\n\n"
    )


@wild("classes", adds="Mode Point enum namedtuple")
def enums_and_named_tuples(nb):
    """Defines an enumeration and a named tuple beside a rule."""
    return nb.in_rule(
        "import enum\nfrom collections import namedtuple\n\n\nclass Mode(enum.Enum):\n    TRAIN = enum.auto()\n    TEST = enum.auto()\n\n\n"
        "Point = namedtuple('Point', 'x y')\nprint(Mode.TRAIN, Point(1, 2))"
    )


@wild("classes", adds="unittest TestRules")
def unit_tests_run(nb):
    """Runs unit tests of its own below the engine."""
    return nb.last(
        "import unittest\n\n\nclass TestRules(unittest.TestCase):\n    def test_names(self):\n        self.assertTrue(callable(enable_autograd))\n\n\n"
        "unittest.main(argv=[''], verbosity=0, exit=False)"
    )


@wild("classes", adds="doctest tripled")
def doctests_run(nb):
    """Runs doctests of its own beside a rule."""
    return nb.in_rule(
        'import doctest\n\n\ndef tripled(x):\n    """Return three times x.\n\n    >>> tripled(2)\n    6\n    """\n    return 3 * x\n\n\n'
        "doctest.run_docstring_examples(tripled, {'tripled': tripled})"
    )


def _arrays_are_plain(nb) -> bool:
    """Tell whether the code never calls array() with more than a value and a dtype."""
    return not any(word in cell.source for cell in nb.code for word in ("copy=", "ndmin="))
