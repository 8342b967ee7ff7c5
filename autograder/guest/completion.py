"""A name that ``enable_autograd()`` lacks costs what it stands for, and not all that follows.

A stand-in takes its place while the function runs again: an inert class, or a rule that raises.
"""

from __future__ import annotations

import builtins
import contextlib
import dis
import types
from collections.abc import Iterator
from typing import Any, NoReturn

from .lookup import MissingName
from .patching import forgiving
from .student import Student

_LOOKS = frozenset({"globals", "locals", "vars"})
MOST = 32
"""Names that are stood in for: without ``Function`` no rule is there. Nobody mistypes more."""


class Completion:
    """Answers a NameError of ``enable_autograd()``: see :attr:`Student.complete`."""

    def __init__(self, student: Student) -> None:
        self._student = student
        self._stood_in: set[str] = set()
        self._called_again = False

    def prepare(self) -> None:
        """Define what the function will lack before it is called: it may run only once.

        One that looks for itself whether a name is there, or catches what it raises, is left alone.
        """
        code = self._code()
        if code is None or code.co_exceptiontable or _LOOKS & set(code.co_names):
            return
        written = repr(code.co_consts)  # a name that is written as a text is asked for
        for each in self._instructions():
            if each.opname == "LOAD_GLOBAL" and str(each.argval) not in written:
                self._define(str(each.argval))

    def __call__(self, error: NameError | None) -> bool:
        """Define what is missing, and say whether the function may be called again."""
        if error is None:  # it ran through, and there is no engine: once more, for a flag it left
            again, self._called_again = not self._called_again, True
            return again and self._switch_off()
        if not self._define(error.name):
            return False
        self._switch_off()
        return True

    def go_on(self) -> None:
        """Let the function run behind the statement that raised, where it has left no engine."""
        again = forgiving(self._student.namespace.get("enable_autograd"))
        if again is None:
            return
        self._switch_off()
        with contextlib.suppress(Exception):  # a raise of its own, where all else has run
            self._student.enable(again)

    def _define(self, name: str | None) -> bool:
        namespace = self._student.namespace
        if not name or name in namespace or hasattr(builtins, name):
            return False
        if len(self._stood_in) >= MOST or name in self._stood_in:
            return False
        self._stood_in.add(name)
        namespace[name] = stand_in(name, namespace, self._student.names.key_of(name))
        return True

    def _instructions(self) -> Iterator[dis.Instruction]:
        code = self._code()
        return iter(()) if code is None else dis.get_instructions(code)

    def _code(self) -> types.CodeType | None:
        code = getattr(self._student.namespace.get("enable_autograd"), "__code__", None)
        return code if isinstance(code, types.CodeType) else None

    def _switch_off(self) -> bool:
        """Take back a global flag by which the function knows that it has run: it has not."""
        namespace = self._student.namespace
        stored = {each.argval for each in self._instructions() if each.opname == "STORE_GLOBAL"}
        flags = [name for name in stored if namespace.get(name) is True]
        for flag in flags:
            namespace[flag] = False
        return bool(flags)


def stand_in(name: str, namespace: dict[str, Any], key: str = "") -> type:
    """Return what has a missing name: it can be looked at and patched, and raises when it is used.

    What has the name of a rule can be built too, and raises when its gradient is asked for.

    Parameters
    ----------
    key
        The name's key in the contract, where it is one of the assignment's: then the rule is
        missing, and it is that which is raised.
    """

    def missing(*_given: Any, **_options: Any) -> NoReturn:
        if key:
            raise MissingName(name, key)
        raise NameError(f"name {name!r} is not defined", name=name)

    base = namespace.get("Function")
    if not name.lower().endswith("backward"):
        nothing = lambda *_given, **_options: None  # noqa: E731 # for a wrapper to wrap
        return type(name, (), {"__init__": missing, "forward": nothing, "__call__": nothing})
    if isinstance(base, type):
        return type(name, (base,), {"apply": missing})

    def __init__(self: Any, *operands: Any, **_options: Any) -> None:  # noqa: N807 # it becomes one
        self.saved_tensors = tuple(each for each in operands if hasattr(each, "requires_grad"))

    return type(name, (), {"__init__": __init__, "apply": missing})
