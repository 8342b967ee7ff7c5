"""Meet the student's objects: find names, read gradients, in every style the assignment allows."""

from __future__ import annotations

import re
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

# Taken now: student code may put something else in their place.
from numpy import array as make_array
from numpy import float32, float64, generic, int64, ndarray

from .contract import Contract
from .lookup import HANDOUT_MODULES, Absent, MissingName, Names
from .rebound import shadowed

MAX_TEXT = 300
MAX_PLACE = 1 << 30
_CELL_NAME = re.compile(r"<cell (\d{1,6})>\Z")
PINNED_ERRORS = (NotImplementedError, ValueError)


class ContractError(Exception):
    """The submission's own object breaks a pinned point; the message says which.

    Attributes
    ----------
    form
        What came instead of a tuple, see :func:`form_of`; empty where it is about something else.
    """

    def __init__(self, message: str, form: str = "") -> None:
        super().__init__(message)
        self.form = form


class Completing(Protocol):
    """Stands in for names that ``enable_autograd()`` lacks: they cost what they stand for."""

    def prepare(self) -> None:
        """Look for such names before the function is called."""

    def __call__(self, error: NameError | None) -> bool:
        """Hear of a name that it lacks, or of nothing; say whether to call it again."""

    def go_on(self) -> None:
        """Run what stands in the function behind a statement that raised."""


class Student:
    """The namespace in which the submission's cells run, and the names found there.

    Attributes
    ----------
    unreal
        Classes of objects that only stand for something: a class that is imported from torch does
        not hide the handout's of that name, where there is no torch.
    engine_error
        What ``enable_autograd()`` raised on its way.
    complete
        Where it is set, names that ``enable_autograd()`` lacks are stood in for.
    """

    unreal: tuple[type, ...] = ()
    engine_error: BaseException | None = None
    complete: Completing | None = None
    _started = False

    def __init__(self, module_name: str, contract: Contract) -> None:
        self.module = module = types.ModuleType(module_name)
        sys.modules[module_name] = module
        # An exported submission is imported under this name by the cells of later modules.
        sys.modules["tinytorch.core.autograd"] = module
        self.namespace: dict[str, Any] = module.__dict__
        self.names = Names(self.namespace, contract)

    def own(self, name: str) -> Any:
        """Return what the submission calls by this name, or None."""
        found = self.namespace.get(name)
        return None if isinstance(found, self.unreal) else found

    def find(self, name: str) -> Any:
        """Return a name from the submission, else from the handout as the submission left it."""
        found = self.own(name)
        if callable(found):
            return found
        for part in HANDOUT_MODULES:
            module = sys.modules.get(f"tinytorch.core.{part}")
            if module is not None and hasattr(module, name):
                return getattr(module, name)
        raise self.names.missing(name)

    def tensor_class(self) -> Any:
        """Return Tensor: the one that has ``backward`` where a subclass took its place."""
        own = self.namespace.get(self.names.contract["Tensor"])
        if self.names.contract.made_of == "numbers":
            if not isinstance(own, type):
                raise self.names.missing("Tensor")
            return own
        candidates = [own, sys.modules["tinytorch.core.tensor"].Tensor]
        classes = [found for found in candidates if isinstance(found, type)]
        for found in classes:
            if hasattr(found, "backward"):
                return found
        return classes[0]

    def tensor(self, array: np.ndarray[Any, Any], requires_grad: bool) -> Any:
        """Make a tensor of the submission's class."""
        if self.names.contract.made_of == "numbers":
            return self.tensor_class()(float(array))
        return self.tensor_class()(array, requires_grad=requires_grad)

    def part(self, tensor: Any, key: str) -> Any:
        """Return a method or an attribute of a tensor by its key in the contract."""
        return self.names.of_tensor(tensor, key, self.tensor_class())

    def start_engine(self) -> None:
        """Call ``enable_autograd()`` once for all cases.

        What it raises is remembered, and what it had patched by then stays: a slip in one part of
        it costs that part.
        """
        if self.complete is not None and not self._started:
            self.complete.prepare()
        while not self._started:
            self._started = True
            lacking: NameError | None = None
            try:
                self.enable()
            except (Exception, SystemExit) as error:
                self.engine_error = error
                if not isinstance(error, NameError):
                    break
                lacking = error
            if self.complete is not None and (lacking is not None or self._has_no_engine()):
                self._started = not self.complete(lacking)
        if self.complete is not None and self.lacks_engine:
            self.complete.go_on()

    def _has_no_engine(self) -> bool:
        return not hasattr(self.tensor_class(), "backward")

    @property
    def lacks_engine(self) -> bool:
        """Whether ``enable_autograd()`` raised before it installed anything to work with."""
        return self.engine_error is not None and self._has_no_engine()

    def enable(self, function: Callable[..., Any] | None = None) -> None:
        """Call ``enable_autograd()``, with or without its option, where the edition has it.

        Parameters
        ----------
        function
            Another one that takes its place.
        """
        if self.names.contract.always_tracked:
            return
        enable = function or self.names.function("enable_autograd")
        try:
            enable()
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise
            enable(quiet=True)


def as_array(value: Any) -> np.ndarray[Any, Any] | None:
    """Read a gradient or a value: ndarray, Tensor, number or None.

    Returns
    -------
    ndarray or None
        float64, float32, int64 or bool; wider floats become float64, narrower float32.

    Raises
    ------
    ContractError
        When it holds no numbers.
    """
    for _ in range(3):
        if value is None or isinstance(value, ndarray | generic):
            break
        value = getattr(value, "data", value)
    if value is None:
        return None
    array = make_array(value, subok=False)
    kind = array.dtype.kind
    if kind == "f":
        if array.dtype.itemsize not in {4, 8}:
            array = array.astype(float32 if array.dtype.itemsize < 4 else float64)
    elif kind in "iu":
        array = array.astype(int64)
    elif kind != "b":
        raise ContractError(f"holds values of dtype {array.dtype}, not numbers")
    return array


def apply_rule(student: Student, rule: Any, gradient: Any) -> list[Any]:
    """Call ``rule.apply(gradient)`` and insist on a tuple (or list) of entries."""
    entries = getattr(rule, student.names.method(rule))(gradient)
    if not isinstance(entries, tuple | list):
        raise ContractError(
            f"apply returned {_SAID[form_of(entries)]}, not a tuple with one entry per input",
            form_of(entries),
        )
    return list(entries)


_SAID = {
    "nothing": "nothing", "array": "a bare array", "number": "a bare number",
    "tensor": "a bare Tensor", "generator": "a generator", "other": "something else",
}  # fmt: skip


def form_of(returned: Any) -> str:
    """Say what a rule returned instead of a tuple."""
    if returned is None:
        return "nothing"
    if isinstance(returned, ndarray):
        return "array"
    if isinstance(returned, generic | float | int):
        return "number"
    if isinstance(returned, types.GeneratorType):
        return "generator"
    return "tensor" if hasattr(returned, "requires_grad") else "other"


def pinned_name(error: BaseException) -> str:
    """Return the name of an exception, or of the pinned class that it derives from."""
    for pinned in PINNED_ERRORS:
        if isinstance(error, pinned):
            return pinned.__name__
    return _type_name(error)


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return type, message and place of an exception as plain, bounded text.

    The place is the innermost frame in a cell of the submission: ``cell`` and ``line``, or None.
    """
    cell = line = None
    try:
        message = plain(str(error))
        if isinstance(error, SyntaxError):
            cell, line = _cell_number(error.filename), error.lineno
            message = plain(str(error.msg))
    except BaseException:  # a hostile __str__, or attributes that are no text
        message = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        found = _cell_number(frame.f_code.co_filename)
        if found is not None:
            cell, line = found, number
    if not isinstance(line, int) or not 0 <= line <= MAX_PLACE:
        line = None
    return {
        "type": _type_name(error),
        "message": message,
        "cell": cell,
        "line": line,
        **_about_names(error),
    }


def _about_names(error: BaseException) -> dict[str, str]:
    """Return what is known of the names behind an exception: keys of the contract, and choices."""
    if isinstance(error, ContractError):
        return {"form": error.form}
    if isinstance(error, MissingName):
        return {"entry": error.entry, "edition": error.edition}
    if isinstance(error, Absent):
        return {"absent": error.what, "entry": error.entry, "owner": error.owner}
    try:
        found = shadowed(error)
    except Exception:  # code that was made by hand may lie about itself
        found = None
    return {} if found is None else {"shadowed": plain(found[0], 80), "bound": plain(found[1], 80)}


def plain(text: str, limit: int = MAX_TEXT) -> str:
    """Return text that fits a frame: bounded, and without halves of characters."""
    return text[:limit].encode("utf-8", "replace").decode("utf-8")


def _cell_number(filename: object) -> int | None:
    found = _CELL_NAME.match(filename) if isinstance(filename, str) else None
    return int(found[1]) if found else None


def _type_name(value: Any) -> str:
    try:
        return plain(str(type(value).__name__), 80)
    except BaseException:  # a metaclass of the submission's
        return "unknown"
