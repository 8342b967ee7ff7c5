"""Magics, shell lines and help lines, with definitions in the same cell."""

from __future__ import annotations

from .registry import wild

QUICK = "sum(range(9))"


@wild("magics")
def time_cell_with_a_class(nb):
    """Times the cell that defines a rule."""
    return nb.in_rule("%%time")


@wild("magics")
def time_cell_with_the_engine(nb):
    """Times the cell that defines the engine."""
    return nb.in_engine("%%time\n")


@wild("magics")
def comment_above_the_time_magic(nb):
    """Leaves blank lines above %%time."""
    return nb.in_rule("\n\n%%time")


@wild("magics")
def magic_inside_a_timed_cell(nb):
    """Uses a line magic in a cell under %%time."""
    return nb.in_rule("%%time\n%precision 3")


@wild("magics", needs=("matplotlib", "matplotlib_inline"))
def plots_inside_a_timed_cell(nb):
    """Switches inline plots on in a cell under %%time."""
    return nb.in_rule("%%time\n%matplotlib inline")


@wild("magics")
def capture_cell_with_a_class(nb):
    """Captures the output of the cell that defines a rule."""
    return nb.in_rule("%%capture\nprint('nobody sees this')")


@wild("magics", adds="caught")
def capture_with_a_name(nb):
    """Captures the output of the engine's cell under a name and shows it in the next cell."""
    changed = nb.in_engine("%%capture caught --no-stderr\nprint('hidden')")
    return changed.below(changed.code[-1], "caught.show()\nprint(len(caught.stdout))")


@wild("magics")
def capture_with_installs(nb):
    """Installs under %%capture, with the imports in the same cell."""
    if nb.imports.imports_the_future:
        return None
    return nb.in_imports("%%capture\n!pip install -q numpy\n%pip install numpy")


@wild("magics", adds="timed")
def time_of_an_assignment(nb):
    """Times an assignment with %time above a definition."""
    return nb.in_rule(f"%time timed = {QUICK}\nprint(timed)")


@wild("magics", adds="timed")
def time_with_a_value(nb):
    """Keeps the value of %time above a definition."""
    return nb.in_rule(f"timed = %time {QUICK}\nprint(timed + 1)")


@wild("magics")
def timeit_above_a_definition(nb):
    """Measures an expression with options above a definition."""
    return nb.in_rule(f"%timeit -n 3 -r 1 {QUICK}")


@wild("magics", adds="best")
def timeit_with_a_value(nb):
    """Keeps the result of %timeit -o and prints its best time above a definition."""
    return nb.in_rule(
        f"best = %timeit -o -q -n 3 -r 2 {QUICK}\n"
        "print(f'{best.best:.6f} {best.average * 1e6:.1f}', len(best.all_runs))"
    )


@wild("magics", adds="speed")
def timeit_below_the_engine(nb):
    """Measures the engine in the cell that defines it, and calls it afterwards."""
    return nb.in_engine("", f"speed = %timeit -o -n 2 -r 1 {QUICK}\nenable_autograd()")


@wild("magics", adds="listing one")
def shell_output_kept(nb):
    """Keeps the output of a shell line and loops over it above a definition."""
    return nb.in_rule("listing = !ls\nfor one in listing:\n    print(one)\nprint(len(listing))")


@wild("magics", adds="here version")
def shell_output_used(nb):
    """Keeps the folder and the version as texts, with the imports."""
    return nb.in_imports(
        "here = %pwd\nversion = !python --version\nprint(here.split('/')[-1:], version[:1])"
    )


@wild("magics")
def shell_lines_around_a_definition(nb):
    """Has shell lines above and below a definition."""
    return nb.in_rule("!ls -la | head -3", "!echo done\n!date")


@wild("magics")
def shell_in_a_condition(nb):
    """Runs a shell line and a magic in a condition and in a loop, with a definition below."""
    return nb.in_rule(
        "if True:\n    !echo yes\n    %pwd\nfor _turn in range(2):\n    !echo turn {_turn}"
    )


@wild("magics")
def shell_line_that_goes_on(nb):
    """Breaks a shell line with backslashes above a definition."""
    return nb.in_rule("!echo one \\\n    two \\\n    three")


@wild("magics", adds="count_lines")
def magic_in_a_function(nb):
    """Calls a magic and a shell line in a function beside a definition."""
    return nb.in_rule("", "def count_lines(path):\n    found = !cat {path}\n    return len(found)")


@wild("magics")
def magics_by_call(nb):
    """Calls magics by get_ipython() above a definition."""
    return nb.in_rule(
        "get_ipython().run_line_magic('precision', '4')\n"
        "get_ipython().magic('precision 3') if hasattr(get_ipython(), 'magic') else None\n"
        "get_ipython().system('echo hello')"
    )


@wild("magics", adds="shell")
def shell_object_kept(nb):
    """Keeps get_ipython() and asks it for things, with the imports."""
    return nb.in_imports(
        "shell = get_ipython()\n"
        "if shell is not None:\n"
        "    shell.run_line_magic('precision', '3')\n"
        "    print(shell.__class__.__name__, 'np' in shell.user_ns)"
    )


@wild("magics", adds="get_ipython_again")
def shell_imported(nb):
    """Imports get_ipython from IPython, with the imports."""
    return nb.in_imports(
        "from IPython import get_ipython as get_ipython_again\n"
        "get_ipython_again().run_line_magic('load_ext', 'autoreload')"
    )


@wild("magics")
def autoreload_with_the_imports(nb):
    """Switches autoreload on, in the cell of the imports."""
    return nb.in_imports("%load_ext autoreload\n%autoreload 2")


@wild("magics", needs=("matplotlib", "matplotlib_inline"))
def matplotlib_inline_with_the_imports(nb):
    """Switches inline plots on, with the imports."""
    return nb.in_imports("%matplotlib inline\n%config Completer.use_jedi = False")


@wild("magics")
def help_lines_around_a_definition(nb):
    """Asks for help with ? and ?? around a definition."""
    return nb.in_rule("print?\n?len", "sum??")


@wild("magics")
def help_on_the_engine(nb):
    """Asks for the source of the engine below it."""
    return nb.in_engine("", "enable_autograd??\nFunction?")


@wild("magics")
def automagic_calls(nb):
    """Uses magics that print the namespace, below a definition."""
    return nb.in_rule("", "%who\n%whos Function\n%lsmagic\n%history -n 1")


@wild("magics")
def foreign_cells(nb):
    """Has cells in Bash, HTML, LaTeX, JavaScript and Markdown between the others."""
    return nb.above(
        nb.rule,
        "%%bash\nfor i in 1 2; do echo $i; done",
        "%%html\n<b style='color: red'>Rules</b>",
        "%%latex\n$\\frac{\\partial L}{\\partial x}$",
        "%%javascript\nconsole.log(1)",
        "%%markdown\n# Rules",
        "%%sh\nls | wc -l",
    )


@wild("magics")
def file_written_by_a_cell(nb):
    """Writes a module with %%writefile and looks at it, between the others."""
    return nb.above(
        nb.rule,
        "%%writefile helper_of_mine.py\ndef twice(x):\n    return 2 * x",
        "!cat helper_of_mine.py",
    )


@wild("magics")
def environment_set(nb):
    """Sets environment variables by magic, with the imports."""
    return nb.in_imports("%env OMP_NUM_THREADS=1\n%set_env MODULE 05")


@wild("magics")
def exceptions_shown_otherwise(nb):
    """Changes how exceptions look, with the imports."""
    return nb.in_imports("%xmode Minimal\n%colors NoColor\n%precision 4\n%pprint")


@wild("magics")
def profile_above_a_definition(nb):
    """Profiles a statement above a definition."""
    return nb.in_rule(f"%prun -q -l 3 {QUICK}")


@wild("magics", adds="alias_used")
def alias_magic_used(nb):
    """Defines a magic of its own and uses it above a definition."""
    return nb.in_rule(
        "from IPython.core.magic import register_line_magic\n"
        "@register_line_magic\n"
        "def double(line):\n"
        "    return 2 * int(line)\n"
        "alias_used = %double 21\n"
        "del double, register_line_magic\n"
        "print(alias_used + 0)"
    )


@wild("magics", adds="mine run_twice")
def own_cell_magic(nb):
    """Registers a cell magic that runs its body, and defines a helper under it."""
    return nb.above(
        nb.rule,
        "from IPython.core.magic import register_cell_magic\n"
        "@register_cell_magic\n"
        "def run_twice(line, cell):\n"
        "    get_ipython().run_cell(cell)\n"
        "del register_cell_magic",
        "%%run_twice\nmine = 3",
    )


@wild("magics")
def script_magic_raises_nothing(nb):
    """Runs Python in a script cell between the others."""
    return nb.above(nb.rule, "%%script bash --no-raise-error\nexit 3", "%%python\nprint(1 + 1)")


@wild("magics", adds="pasted")
def percent_in_plain_code(nb):
    """Has lines that begin with % and ! inside texts and broken expressions."""
    return nb.in_rule(
        "pasted = '''\n%time x = 1\n!ls\n?help\n'''\n"
        "print(7\n      % 4, 'a?' != 'b',\n      1 if pasted\n      else 0)"
    )


@wild("magics")
def auto_call_forms(nb):
    """Uses the comma and slash forms of calls above a definition."""
    return nb.in_rule("/print 1\n,print one two\n;print three four")
