"""What a cell means: the sandbox and a real Jupyter kernel must agree."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.cells import Cell
from autograder.sandbox.records import Job
from autograder.sandbox.session import Session

# Cells, and the expression whose value says what they did.
CELLS = {
    "a time magic with a value": (["y = %time 3 + 4"], "y"),
    "a timeit magic with options and a value": (
        ["best = %timeit -q -o -n 3 -r 2 sum([1])"], "type(best).__name__"),
    "a class in the body of a timed cell": (["%%time\nclass A:\n    x = 5\n"], "A.x"),
    "a definition after a line magic": (["%time a = 1\ndef f():\n    return a"], "f()"),
    "a magic inside a captured cell": (["%%capture out\nq = %time 8\nprint(q)"], "q"),
    "what a captured cell printed": (["%%capture out\nprint('hello')"], "out.stdout"),
    "a captured cell within a timed one": (["%%time\n%%capture\nz = 2"], "z"),
    "names inside a timeit cell stay there": (["%%timeit -n1 -r1\ninner = 3"],
        "'inner' in globals()"),
    "top-level await": (
        ["import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 6\nv = await f()"],
        "v"),
    "a task of its own": (
        ["import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 4",
         "def start():\n    return asyncio.create_task(f())\nt = start()",
         "await t\nr = t.result(), asyncio.get_running_loop().is_running()"], "r"),
    "async with and async for at the top": (
        ["import contextlib\n@contextlib.asynccontextmanager\nasync def c():\n    yield 3\n"
         "async def n():\n    yield 1\n    yield 2\n",
         "async with c() as got:\n    pass\nfound = [i async for i in n()]"], "got, found"),
    "await, and a class after it": (
        ["import asyncio\nawait asyncio.gather(asyncio.sleep(0))\nclass C:\n    w = 1"], "C.w"),
    "an indented cell": (["    a = 1\n    b = 2"], "a + b"),
    "an indented cell with a function": (["  def f():\n      return 9\n"], "f()"),
    "Python's prompts": ([">>> def f():\n...     return 4\n...\n>>> a = f()"], "a"),
    "IPython's prompts": (["In [3]: b = 5\n\nIn [4]: c = b"], "c"),
    "annotations of the future in a later cell": (
        ["from __future__ import annotations",
         "class N:\n    def f(self, x: Undefined) -> N: ...\n"],
        "N.f.__annotations__"),
    "the last value": (["3 + 4", "w = _"], "w"),
    "two values back": (["1", "2", "w = __"], "w"),
    "no value behind a semicolon": (["5", "6;", "w = _"], "w"),
    "no value from None": (["5", "None", "w = _"], "w"),
    "what was typed": (["a = 1", "b = _i\nc = In[-1]"], "b, c"),
    "a module that a cell wrote": (
        ["%%writefile made_here.py\nk = 7\n", "import made_here\nn = made_here.k + 1"], "n"),
    "a module that is written after its folder was looked at": (
        ["try:\n    import made_late\nexcept ImportError:\n    pass\n"
         "with open('made_late.py', 'w') as f:\n    f.write('k = 9')\nimport made_late"],
        "made_late.k + 1"),
    "a package that cells wrote": (
        ["import os\nos.makedirs('made_pack', exist_ok=True)",
         "%%writefile made_pack/__init__.py\nfrom .part import k\n",
         "%%file made_pack/part.py\nk = 6\n", "from made_pack import k"], "k + 1"),
    "a script that a cell wrote and another runs": (
        ["%%writefile made_too.py\nk = 8\ndef f(): return k\n", "%run made_too.py"], "f()"),
    "a file that grows": (
        ["%%writefile grows.txt\na\n", "%%writefile -a grows.txt\nb\n",
         "t = open('grows.txt').read()"], "t"),
    "help, then code": (["len?", "h = 1"], "h"),
    "shell output is a list": (["files = !true\nn = len(files)"], "n"),
    "a name that looks like a magic": (["a = 7\nb = 2\nc = (a\n%b)"], "c"),
    "line continuation": (["x = 1 + \\\n    2"], "x"),
    "a display call": (["display(3)\nd = 1"], "d"),
    "the shell knows that it is a notebook": (
        ["k = 'IPKernelApp' in get_ipython().config"], "k"),
    "the class of the shell": (["k = get_ipython().__class__.__name__"], "k"),
    "a magic called by hand": (["get_ipython().run_line_magic('time', 'm = 2')"], "m"),
    "reset forgets": (["a = 1", "%reset -f", "b = 2"], "'a' in globals(), b"),
    "a comment only": (["# nothing", "a = 1"], "a"),
    "carriage returns": (["a = 1\r\nb = 2\r\n"], "a + b"),
    "a form feed and blank lines on top": (["\n\n\x0c\na = 3"], "a"),
    "a match statement": (["match 3:\n    case 3:\n        r = 'three'"], "r"),
    "a global in a function": (["def f():\n    global g\n    g = 1\nf()"], "g"),
    "a string with a magic inside": (['s = """\n%time x\n!ls\n"""'], "s"),
    "a source that inspect finds": (
        ["def f():\n    return 1\nimport inspect\ns = inspect.getsource(f)"], "s"),
    "the module's name": (["n = __name__"], "n"),
    "a class from a module called main": (["class A: pass\nm = A.__module__"], "m"),
    "pickle finds what a cell defined": (
        ["class P:\n    x = 1\nimport pickle\np = pickle.loads(pickle.dumps(P()))"], "p.x"),
    "environment magics": (["%env MINE=3\nimport os\ne = os.environ['MINE']"], "e"),
    "an unknown encoding comment": (["# -*- coding: utf-8 -*-\nu = 'é'"], "u"),
}  # fmt: skip


@pytest.fixture(scope="module")
def inside(exam):
    """Run cells in the sandbox; return what was printed."""
    with exam.worker("L") as worker:

        def run(sources):
            cells = tuple(Cell(index=i, source=source) for i, source in enumerate(sources))
            result = Session(worker, exam.config.limits, Job(cells=cells)).run([])
            losses = [loss for report in result.cells.values() for loss in report.losses]
            return result.output, losses

        yield run


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """Run cells in one real kernel, its namespace emptied before; return what was printed."""
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()]),
        resources={"metadata": {"path": str(tmp_path_factory.mktemp("k"))}},
    )
    with client.setup_kernel():

        def run(sources):
            text = ""
            for source in ["%reset -f", *sources]:
                cell = nbformat.v4.new_code_cell(source)
                client.execute_cell(cell, 0)
                text = "".join(part.get("text", "") for part in cell.outputs)
            return text

        yield run


def _told(expression):
    return f"import json as _j; print(_j.dumps(repr(({expression}))))"


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_means_what_it_means_in_a_kernel(name, inside, kernel):
    sources, expression = CELLS[name]
    wanted = json.loads(kernel([*sources, _told(expression)]).splitlines()[-1])
    output, losses = inside([*sources, _told(expression)])
    assert losses == []
    assert json.loads(output.splitlines()[-1]) == wanted


def test_before_the_first_value_there_is_an_empty_one(inside):
    """A new kernel has it too, and one that was reset has not."""
    assert inside(["print((_, __, ___, _i, _ii, _iii))"]) == (f"{('',) * 6}\n", [])


def lost(inside, *sources):
    return [(loss.error.cell, loss.error.line, loss.error.type) for loss in inside(sources)[1]]


def test_the_next_statement_runs_after_one_that_raises(inside):
    output, losses = inside(["a = 1\n1 / 0\nb = 2; c = nowhere; d = 3\nprint(a + b + d)"])
    assert output == "6\n"
    assert [(loss.error.line, loss.error.type) for loss in losses] == [
        (2, "ZeroDivisionError"),
        (3, "NameError"),
    ]


def test_a_loss_has_the_line_of_the_cell_that_failed_not_of_the_function_it_called(inside):
    assert lost(inside, "def f():\n\n    return 1 / 0", "x = 1\nf()") == [
        (1, 2, "ZeroDivisionError")
    ]


def test_a_syntax_error_costs_the_statement_it_is_in(inside):
    source = (
        "class A:\n    x = 1\n\n"
        "class B\n    def f(self):\n        return 1\n    y = 2\n\n"
        "z = (1,\n"
        "class C:\n    x = 2\n"
        "w = 'open\n"
        "print(A.x + C.x, 'y' in globals(), 'f' in globals())"
    )
    output, losses = inside([source])
    assert output == "3 False False\n"
    assert [(loss.error.line, loss.syntax) for loss in losses] == [
        (4, True),
        (9, True),
        (12, True),
    ]


def test_a_syntax_error_beside_magics_costs_its_statement(inside):
    output, losses = inside(["!pip install x\na = 1\nb = = 2\n%time c = 3\nprint(a + c)"])
    assert output.endswith("4\n")
    assert [loss.error.line for loss in losses] == [3]


def test_a_statement_that_fails_in_the_body_of_a_magic_costs_itself(inside):
    output, losses = inside(["%%time\na = 1\n1 / 0\nb = 2\nprint(a + b)"])
    assert output.startswith("3\n")
    assert [loss.error.line for loss in losses] == [3]


def test_what_would_have_defined_something_of_the_assignment_matters(inside, exam):
    job = Job(
        cells=(Cell(index=0, source="x = 1 / 0\nTensor = 1 / 0\ndef helper(a=1 / 0): pass"),),
        wanted=("Tensor",),
    )
    with exam.worker("L") as worker:
        report = Session(worker, exam.config.limits, job).run([]).cells[0]
    assert [loss.wanted for loss in report.losses] == [False, True, True]


def test_leaving_the_process_politely_is_no_loss(inside):
    assert inside(["import sys\nsys.exit()\nprint(1)", "exit()\nprint(2)"]) == ("1\n2\n", [])


@pytest.mark.parametrize(
    ("source", "left_out"),
    [("!pip install x", True), ("%pip install x", True), ("%run other.py", True),
     ("%%writefile a.py\nx = 1", False), ("%%writefile nowhere/a.py\nx = 1", True),
     ("%%bash\nls", True), ("%matplotlib inline", False),
     ("%load_ext autoreload\n%autoreload 2", False), ("%%html\n<b>", False), ("%time 1", False)],
)  # fmt: skip
def test_what_installs_runs_or_writes_is_left_out_and_said(source, left_out, exam):
    job = Job(cells=(Cell(index=0, source=source),))
    with exam.worker("L") as worker:
        report = Session(worker, exam.config.limits, job).run([]).cells[0]
    assert (report.skipped, report.losses) == (left_out, ())


def test_the_released_text_runs_where_the_submissions_own_fails_or_lacks_a_name(exam):
    job = Job(
        cells=(
            Cell(index=0, source="x = nump.five", fallback="x = 5"),
            Cell(index=1, source="y = 1", fallback="y = 7"),
            Cell(index=2, source="z = 2", fallback="z = 3\ndef f(a):\n    b = a\n    return b"),
            Cell(index=3, source="print(x, y, z, f(4))"),
        )
    )
    with exam.worker("L") as worker:
        run = Session(worker, exam.config.limits, job).run([])
    assert run.output == "5 1 2 4\n"
    assert [report.restored for report in run.cells.values()] == [True, False, True, False]
