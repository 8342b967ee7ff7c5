"""What an exception of the interpreter says, from its kind and from the student's own words.

A message is compared with the forms in which Python, NumPy and the handout speak, and is never
repeated: a name in it is shown only if it may be, and numbers are not shown at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

MAX_PARTS = 2
_KINDS = frozenset(
    {"NoneType", "bool", "builtin_function_or_method", "bytes", "dict", "float", "float32",
     "float64", "function", "generator", "int", "int64", "list", "memoryview", "method", "ndarray",
     "numpy.float32", "numpy.float64", "numpy.ndarray", "numpy.int64", "set", "slice", "str",
     "tuple", "type", "zip"}
)  # fmt: skip
_OPERATORS = frozenset({"+", "-", "*", "/", "@", "**", "+=", "-=", "*=", "/=", "//", "%", "&", "|",
                        "** or pow()", "unary -", "unary +"})  # fmt: skip


class Words(Protocol):
    """What names may be told."""

    def take(self, word: str) -> bool:
        """Tell whether a name may be shown."""

    def assigns(self, name: str) -> bool:
        """Tell whether a line of the student's sets an attribute of that name."""


@dataclass(frozen=True)
class Raised:
    """Words for an exception: what was wrong, and a question that leads on."""

    id: str
    what: str
    hint: str = "Call it by hand with a small tensor and read the traceback."


def of_exception(type_name: str, message: str, line: str, words: Words) -> Raised:
    """Return what can be said of an exception; ``exception`` where its form is not known.

    Parameters
    ----------
    line
        The line of the student's that raised it.
    """
    if _raises_itself(type_name, line):
        return Raised("own-error", "your own code refuses what it was given",
                      "Print what the condition above this line compares.")  # fmt: skip
    for type_, pattern, say in _SAYINGS:
        if type_name in type_.split("|"):
            match = pattern.match(message)
            found = match and say(match, words)
            if found:
                return found
    return Raised("exception", "")


def _raises_itself(type_name: str, line: str) -> bool:
    """Tell whether a line is one that raises just this, or asserts."""
    if type_name == "AssertionError":
        return line.startswith("assert ")
    named = line.startswith("raise ") and type_name in line
    return named and type_name != "NotImplementedError"


def _known(name: str, words: Words) -> str:
    """Return a name, or that of a method after its class's, if all of it stands in the text."""
    parts = name.split(".")
    return name if len(parts) <= MAX_PARTS and all(map(words.take, parts)) else ""


def _thing(kind: str, words: Words) -> str:
    """Say what an object of a type is."""
    short = kind.removeprefix("numpy.")
    if short == "NoneType":
        return "None"
    if kind in _KINDS:
        said = {"ndarray": "array", "builtin_function_or_method": "function", "float64": "number",
                "float32": "number"}.get(short, short)  # fmt: skip
        return f"{'an' if said[0] in 'aeiou' else 'a'} {said}"
    if kind in {"Tensor", "Parameter"}:
        return f"a {kind}"
    return f"a `{kind}` object" if words.take(kind) else "an object"


def _undefined(found: re.Match[str], words: Words) -> Raised | None:
    name = _known(found[1], words)
    what = f"`{name}` is not defined" if name else "a name is not defined"
    return Raised("undefined-name", what, "Is it misspelled, or is its cell not run before?")


def _unbound(found: re.Match[str], words: Words) -> Raised | None:
    name = _known(found[1], words)
    what = f"`{name}` is used" if name else "a name is used"
    return Raised("unbound-local", f"{what} before the function gives it a value",
                  "Is it assigned on every way to this line, before it is used?")  # fmt: skip


def _no_attribute(found: re.Match[str], words: Words) -> Raised | None:
    kind, name = found[1], _known(found[2], words)
    shown = f"`{name}`" if name else "the attribute that is asked for"
    hint = "Print its type and dir() just before this line."
    if kind == "NoneType":
        hint = "What should not be None here, and who has made it so?"
    elif kind == "tuple":
        hint = "Is saved_tensors used as if it were the tensor? It is a tuple of them."
    elif kind == "memoryview":
        hint = ".data of an array is its raw memory. Is .data taken of an array, or twice?"
    elif kind == "ndarray" or kind in _KINDS:
        hint = "Is it the Tensor that you meant, or is it an array already?"
    elif name in {"saved_tensors", "next_functions"}:
        hint = "Does its `__init__` call `super().__init__`?"
        if not words.assigns(name):
            hint = f"Which line sets `.{name}`: is there a `self.` missing?"
    return Raised("no-attribute", f"{_thing(kind, words)} has no attribute {shown}", hint)


def _class_lacks(found: re.Match[str], words: Words) -> Raised | None:
    owner, name = _known(found[1], words), _known(found[2], words)
    if not owner or not name:
        return None
    return Raised("no-attribute", f"`{owner}` has no `{name}`", "Is it spelled as it is defined?")


def _missing_argument(found: re.Match[str], words: Words) -> Raised | None:
    name, argument = _known(found[1], words), _known(found[2], words)
    of = f"`{name}`" if name else "a function"
    what = f"its argument `{argument}`" if argument else "an argument that it needs"
    return Raised("wrong-call", f"{of} is called without {what}",
                  "Compare the call with its `def` line, and with what is above that.")  # fmt: skip


def _too_many_arguments(found: re.Match[str], words: Words) -> Raised | None:
    name = _known(found[1], words)
    of = f"`{name}`" if name else "a function"
    hint = "A method's first parameter is `self`: does its `def` line have it?"
    if name[:1].isupper() and "." not in name:
        hint = "Has the class its base class in brackets, and does an `__init__` take all of these?"
    return Raised("wrong-call", f"{of} is called with more arguments than it takes", hint)


def _unexpected_argument(found: re.Match[str], words: Words) -> Raised | None:
    name, argument = _known(found[1], words), _known(found[2], words)
    of = f"`{name}`" if name else "a function"
    what = f"the argument `{argument}`" if argument else "an argument"
    return Raised("wrong-call", f"{of} is called with {what}, which it does not take",
                  "Compare the call with the parameters in its `def` line.")  # fmt: skip


def _not_usable(how: str) -> Callable[[re.Match[str], Words], Raised]:
    def say(found: re.Match[str], words: Words) -> Raised:
        hint = "Print what it is just before this line."
        if found[1] == "NoneType" and how != "used as a whole number":
            hint = "Who should have returned something here? Is a `return` missing?"
        return Raised("wrong-kind", f"{_thing(found[1], words)} cannot be {how}", hint)

    return say


def _operands(found: re.Match[str], words: Words) -> Raised | None:
    sign = found[1] if found[1] in _OPERATORS else ""
    left, right = _thing(found[2], words), _thing(found[3], words)
    kinds = {found[2], found[3]}
    hint = "Print the types of both sides just before this line."
    if "NoneType" in kinds:
        hint = "One side is None: is a gradient that is not there left out?"
    elif "memoryview" in kinds:
        hint = ".data of an array is its raw memory. Is .data taken of an array, or twice?"
    elif "Tensor" in kinds:
        hint = "Inside a rule compute with .data, so that arrays come out."
    does = f"`{sign}` does not work" if sign else "an operation does not work"
    return Raised("wrong-kind", f"{does} between {left} and {right}", hint)


def _compared(found: re.Match[str], words: Words) -> Raised | None:
    left, right = _thing(found[1], words), _thing(found[2], words)
    hint = "Print the types of both sides just before this line."
    if "Tensor" in {found[1], found[2]}:
        hint = "Inside a rule compute with .data, so that arrays come out."
    return Raised("wrong-kind", f"{left} and {right} cannot be compared", hint)


def _read_only(found: re.Match[str], words: Words) -> Raised | None:
    name = _known(found[1], words)
    shown = f"`{name}`" if name else "an attribute"
    return Raised("wrong-kind", f"{shown} of {_thing(found[2], words)} cannot be set",
                  "It is computed from something else: what can be set instead?")  # fmt: skip


def _fixed(id_: str, what: str, hint: str) -> Callable[[re.Match[str], Words], Raised]:
    return lambda _found, _words: Raised(id_, what, hint)


def _key(found: re.Match[str], words: Words) -> Raised | None:
    name = _known(found[1] or "", words)
    what = f"the key `{name}` is" if name else "a key is"
    return Raised("key-error", f"{what} not there", "Which keys does it have? Print them.")


def _module(found: re.Match[str], words: Words) -> Raised | None:
    name = _known(found[1], words)
    what = f"`{name}`" if name else "a module"
    return Raised("import-error", f"{what} cannot be imported here",
                  "Write this part with NumPy only.")  # fmt: skip


_SHAPES = "Print the shapes of what meets here."
_OUT_OF_RANGE = "How long is it, and which position is asked for?"
_SAYINGS: tuple[
    tuple[str, re.Pattern[str], Callable[[re.Match[str], Words], Raised | None]], ...
] = (
    ("NameError", re.compile(r"name '([A-Za-z_]\w{0,59})' "), _undefined),
    ("UnboundLocalError", re.compile(r"cannot access local variable '([A-Za-z_]\w{0,59})'"),
     _unbound),
    ("AttributeError", re.compile(r"'([\w.]{1,60})' object has no attribute '([A-Za-z_]\w{0,59})'"),
     _no_attribute),
    ("TypeError", re.compile(
        r"'(?:[<>]=?)' not supported between instances of '([\w.]{1,60})' and '([\w.]{1,60})'"),
     _compared),
    ("AttributeError", re.compile(
        r"(?:module|type object) '([A-Za-z_]\w{0,59})' has no attribute '([A-Za-z_]\w{0,59})'"),
     _class_lacks),
    ("TypeError", re.compile(
        r"([\w.<>]{1,120})\(\) missing \d{1,3} required (?:positional|keyword-only)"
        r" arguments?: '([A-Za-z_]\w{0,59})'"), _missing_argument),
    ("TypeError", re.compile(r"([\w.<>]{1,120})\(\) takes "), _too_many_arguments),
    ("TypeError", re.compile(
        r"([\w.<>]{1,120})\(\) got an unexpected keyword argument '([A-Za-z_]\w{0,59})'"),
     _unexpected_argument),
    ("TypeError", re.compile(r"'([\w.]{1,60})' object is not callable"), _not_usable("called")),
    ("TypeError", re.compile(r"'([\w.]{1,60})' object is not iterable"),
     _not_usable("gone through in a loop")),
    ("TypeError", re.compile(r"cannot unpack non-iterable ([\w.]{1,60}) object"),
     _not_usable("unpacked")),
    ("TypeError", re.compile(r"'([\w.]{1,60})' object is not subscriptable"),
     _not_usable("indexed with [ ]")),
    ("TypeError", re.compile(r"'([\w.]{1,60})' object cannot be interpreted as an integer"),
     _not_usable("used as a whole number")),
    ("TypeError", re.compile(r"bad operand type for unary [-+~]: '([\w.]{1,60})'"),
     _not_usable("given a sign")),
    ("TypeError", re.compile(r"(?:list|tuple) indices must be integers or slices, not"
                             r" ([\w.]{1,60})"), _not_usable("used as an index")),
    ("TypeError", re.compile(
        r"unsupported operand type\(s\) for ([^:]{1,12}): '([\w.]{1,60})' and '([\w.]{1,60})'"),
     _operands),
    ("TypeError", re.compile(r"'([\w.]{1,60})' object does not support item assignment"),
     _not_usable("written into with [ ] =")),
    ("TypeError", re.compile(r"unhashable type: '([\w.]{1,60})'"),
     _not_usable("a member of a set, or the key of a dict")),
    ("TypeError", re.compile(r"super\(type, obj\): obj must be an instance"),
     _fixed("wrong-kind", "`super(…)` names a class that this object does not belong to",
            "`super()` without anything in its brackets means the class that it stands in.")),
    ("TypeError", re.compile(r"x \*\* n needs one constant number n"),
     _fixed("wrong-kind", "`x ** n` takes one plain number as n, and was given something else",
            "Print the type of n just before this line: is it a Tensor by now?")),
    ("TypeError", re.compile(r"can't multiply sequence by non-int"),
     _fixed("wrong-kind", "a tuple or a list is multiplied as if it were an array",
            "Which of its members is meant?")),
    ("TypeError", re.compile(r"(?:len\(\) of unsized object|iteration over a 0-d array)"),
     _fixed("wrong-kind", "an array of one number, with no axis, is used like a list", _SHAPES)),
    ("AttributeError", re.compile(
        r"property '([A-Za-z_]\w{0,59})' of '([\w.]{1,60})' object has no setter"), _read_only),
    ("UFuncTypeError|_UFuncOutputCastingError|TypeError", re.compile(r"Cannot cast ufunc '"),
     _fixed("wrong-kind", "an array of whole numbers cannot take floats",
            "Print the dtype of what is written into. `a = a + b` makes a new array.")),
    ("ValueError", re.compile(r"(?:assignment destination|output array) is read-only"),
     _fixed("read-only", "an array is written into that can only be read",
            "np.broadcast_to gives such an array: `.copy()` makes one of your own.")),
    ("ValueError", re.compile(r"setting an array element with a sequence"),
     _fixed("shapes-differ", "one array cannot hold arrays of different shapes",
            "Is a tuple meant, which may hold anything?")),
    ("ValueError", re.compile(r"matmul needs at least one axis"),
     _fixed("wrong-kind", "a single number stands where a matrix is needed", _SHAPES)),
    ("ValueError", re.compile(r"(?:cannot swap axes|transpose needs two axes)"),
     _fixed("axis-error", "an axis is named that the tensor does not have", _SHAPES)),
    ("ValueError", re.compile(r"item\(\) needs one element"),
     _fixed("wrong-kind", "`item()` is asked of a tensor of several elements", _SHAPES)),
    ("IndexError", re.compile(r"(?:tuple|list|string) index out of range"),
     _fixed("index-error", "an index is beyond the end", _OUT_OF_RANGE)),
    ("IndexError", re.compile(r"index -?\d{1,20} is out of bounds"),
     _fixed("index-error", "an index is beyond the end of the array", _OUT_OF_RANGE)),
    ("IndexError", re.compile(r"too many indices for array"),
     _fixed("index-error", "an array is indexed with more axes than it has", _SHAPES)),
    ("IndexError", re.compile(r"(?:only integers, slices|arrays used as indices must be)"),
     _fixed("index-error", "an array is indexed with what is no whole number",
            "Print the dtype of the index: `/` gives floats, `//` does not.")),
    ("IndexError", re.compile(r"shape mismatch: indexing arrays could not be broadcast"),
     _fixed("index-error", "the arrays of an index do not fit together", _SHAPES)),
    ("TypeError|UFuncTypeError|_UFuncNoLoopError", re.compile(
        r"ufunc 'bitwise_xor' not supported for the input types"),
     _fixed("wrong-kind", "`^` does not work on arrays of floats", "A power is written `**`.")),
    ("TypeError", re.compile(r"(?:only length-1 arrays|only 0-dimensional arrays|only integer"
                             r" scalar arrays) can be converted"),
     _fixed("wrong-kind", "an array stands where one number is needed",
            "np.exp takes an array; math.exp and float() take one number.")),
    ("TypeError", re.compile(r"descriptor '__init__' requires a 'super' object"),
     _fixed("wrong-call", "`super` is used without its brackets", "It is `super().__init__(…)`.")),
    ("TypeError", re.compile(r"Cannot interpret '\d{1,9}' as a data type"),
     _fixed("wrong-call", "a shape is given as several numbers",
            "NumPy takes a shape as one tuple: is there a star too much?")),
    ("TypeError", re.compile(r"object of type '([\w.]{1,60})' has no len\(\)"),
     _not_usable("measured with len()")),
    ("TypeError", re.compile(r"float\(\) argument must be a string or a real number, not"
                             r" '([\w.]{1,60})'"), _not_usable("made a plain number")),
    ("ValueError", re.compile(r"zip\(\) argument \d{1,2} is (?:shorter|longer) than"),
     _fixed("unpacking", "zip() meets lists of different lengths",
            "Print both lengths: how many operands, and how many entries?")),
    ("KeyError", re.compile(r"(?:'([A-Za-z_]\w{0,59})')?"), _key),
    ("ValueError", re.compile(
        r"(?:operands could not be broadcast|matmul: |shapes \(|non-broadcastable|could not"
        r" broadcast|cannot reshape|axes don't match|input operand has more dimensions|array is not"
        r" broadcastable|cannot \w{1,20} (?:tensors|matrices) of shapes|cross-entropy needs logits"
        r"|predictions of shape)"),
     _fixed("shapes-differ", "two shapes do not fit together", _SHAPES)),
    ("ValueError", re.compile(r"too many values to unpack"),
     _fixed("unpacking", "there are more values than names to unpack them into",
            "How many operands does this rule keep?")),
    ("ValueError", re.compile(r"not enough values to unpack"),
     _fixed("unpacking", "there are fewer values than names to unpack them into",
            "How many operands does this rule keep?")),
    ("ValueError", re.compile(r"The truth value of an array"),
     _fixed("array-in-condition", "a whole array stands where one True or False is needed",
            "Is `is None` or `.any()` meant?")),
    ("AxisError|ValueError|IndexError", re.compile(r"axis -?\d{1,20} is out of bounds"),
     _fixed("axis-error", "an axis is named that the array does not have", _SHAPES)),
    ("ZeroDivisionError", re.compile(r""),
     _fixed("zero-division", "a number is divided by zero", "Which number may be 0 here?")),
    ("RecursionError", re.compile(r""),
     _fixed("recursion", "Python ran out of nested calls",
            "Which function calls itself here, and what ends that?")),
    ("ModuleNotFoundError", re.compile(r"No module named '([A-Za-z_]\w{0,59})"), _module),
    ("ImportError", re.compile(r"cannot import name '([A-Za-z_]\w{0,59})'"), _module),
)  # fmt: skip
