"""Which Python a text needs that is not valid here."""

import sys

import pytest

from autograder.guest.versions import needed_version

NEWER = {
    'print(f"{"a"}")': "3.12",
    "x = f'{d['key']}'": "3.12",
    'f"{x["a"]:>{w["b"]}}"': "3.12",
    "f'{\"\\n\".join(a)}'": "3.12",
    "f'{a  # why\n}'": "3.12",
    "f'{\n a\n}'": "3.12",
    'f"{f"{f"{1}"}"}"': "3.12",
    'f"{{}} {x["a"]}"': "3.12",
    "def g():\n    return f'{d['a']}'": "3.12",
    "type Pair = tuple[int, int]": "3.12",
    "type List[T] = list[T]": "3.12",
    "def f[T](x: T) -> T: return x": "3.12",
    "async def f[T](x): pass": "3.12",
    "class A[T]:\n    x: T": "3.12",
    "class A[*Ts, **P](Base):\n    pass": "3.12",
    "class A:\n    def f[T: (int, str)](self, x: T): return 1": "3.12",
    "def f[T = int](x: T): pass": "3.13",
    "class A[T = list[int]]: pass": "3.13",
    "try:\n    pass\nexcept A, B:\n    pass": "3.14",
    "try:\n    pass\nexcept a.A, b.B, C:\n    pass": "3.14",
    "try:\n    pass\nexcept* A, B:\n    pass": "3.14",
    'x = t"hello {name}"': "3.14",
    "x = rt'{a}'": "3.14",
}
OLD = [
    'print "x"', "print x, y", "if x: print 'yes'", "exec 'x = 1'",
    'raise ValueError, "bad"', "x = `y`", "if a <> b: pass",
]  # fmt: skip
WRONG = [
    "x = = 1", "def f(:\n    pass", "class A\n    pass", "print(f'{a')", "x = (1,", "f'{'",
    "def f[T(x): pass", "for x in", "return return", "x = 'open", "if True print(x)",
    "type = = 3", "lambda: (yield", "a b c", 'f"{x!"',
]  # fmt: skip
VALID = ["x = 1", "print >>f, x", "type = 3", "print (x)", "type(x)", "match x:\n    case 1: pass"]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="newer syntax is valid here")
@pytest.mark.parametrize("source", NEWER)
def test_newer_syntax_is_told_with_its_version(source):
    assert needed_version(source) == NEWER[source]


@pytest.mark.parametrize("source", OLD)
def test_python_2_is_told(source):
    assert needed_version(source) == "2"


@pytest.mark.parametrize("source", WRONG + VALID)
def test_what_is_wrong_everywhere_or_right_here_needs_no_version(source):
    assert needed_version(source) is None


@pytest.mark.parametrize(
    "piece", ["f'{", '"', "{", "f'{a}", "def f[", "print x\n", "except A, B:\n"]
)
def test_a_long_text_takes_time_in_proportion(piece):
    needed_version(piece * 5_000)  # a quadratic reading would take minutes
