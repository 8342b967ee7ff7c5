"""Meet the student's objects: find names, read gradients, in every style the assignment allows."""

from __future__ import annotations

import re
import sys
import traceback
import types
from typing import Any

import numpy as np

MAX_TEXT = 300
MAX_PLACE = 1 << 30
_CELL_NAME = re.compile(r"<cell (\d{1,6})>\Z")
HANDOUT_MODULES = ("tensor", "activations", "layers", "losses")
SPELLINGS = {
    "crossentropybackward": ("cebackward", "crossentropylossbackward"),
    "msebackward": ("mselossbackward",),
    "bcebackward": ("binarycrossentropybackward", "binarycrossentropylossbackward"),
    "slicebackward": ("getitembackward", "indexbackward"),
    "powbackward": ("powerbackward",),
    "divbackward": ("truedivbackward",),
}
_USUAL = {other: usual for usual, others in SPELLINGS.items() for other in others}
PINNED_ERRORS = (NotImplementedError, ValueError)


def usual_name(name: str) -> str:
    """Return a rule's name in small letters, in the assignment's spelling where it has another."""
    return _USUAL.get(name.lower(), name.lower())


class ContractError(Exception):
    """The submission's own object breaks a pinned point; the message says which."""


class MissingName(Exception):  # noqa: N818 # names what happened, as the report shows it
    """A name of the assignment is not defined."""


class Student:
    """The namespace in which the submission's cells run, and the names found there."""

    def __init__(self, module_name: str) -> None:
        module = types.ModuleType(module_name)
        sys.modules[module_name] = module
        # An exported submission is imported under this name by the cells of later modules.
        sys.modules["tinytorch.core.autograd"] = module
        self.namespace: dict[str, Any] = module.__dict__

    def find(self, name: str) -> Any:
        """Return a name from the submission, else from the handout as the submission left it."""
        found = self.namespace.get(name)
        if found is not None:
            return found
        for part in HANDOUT_MODULES:
            module = sys.modules.get(f"tinytorch.core.{part}")
            if module is not None and hasattr(module, name):
                return getattr(module, name)
        raise MissingName(f"{name} is not defined")

    def tensor_class(self) -> Any:
        """Return Tensor: the one that has ``backward`` where a subclass took its place."""
        candidates = [self.namespace.get("Tensor"), sys.modules["tinytorch.core.tensor"].Tensor]
        classes = [found for found in candidates if isinstance(found, type)]
        for found in classes:
            if hasattr(found, "backward"):
                return found
        return classes[0]

    def tensor(self, array: np.ndarray[Any, Any], requires_grad: bool) -> Any:
        """Make a tensor of the submission's class."""
        return self.tensor_class()(array, requires_grad=requires_grad)

    def rule_class(self, name: str) -> Any:
        """Return a Function class by its name, or by another usual spelling of it."""
        if isinstance(self.namespace.get(name), type):
            return self.namespace[name]
        wanted = (name.lower(), *SPELLINGS.get(name.lower(), ()))
        for key, value in list(self.namespace.items()):
            if isinstance(value, type) and key.lower() in wanted:
                return value
        raise MissingName(f"{name} is not defined")

    def enable(self) -> None:
        """Call ``enable_autograd()``, with or without its option."""
        enable = self.namespace.get("enable_autograd")
        if enable is None:
            raise MissingName("enable_autograd is not defined")
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
        if value is None or isinstance(value, np.ndarray | np.generic):
            break
        value = getattr(value, "data", value)
    if value is None:
        return None
    array = np.array(value, subok=False)
    kind = array.dtype.kind
    if kind == "f":
        if array.dtype.itemsize not in {4, 8}:
            array = array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)
    elif kind in "iu":
        array = array.astype(np.int64)
    elif kind != "b":
        raise ContractError(f"holds values of dtype {array.dtype}, not numbers")
    return array


def apply_rule(rule: Any, gradient: Any) -> list[Any]:
    """Call ``rule.apply(gradient)`` and insist on a tuple (or list) of entries."""
    entries = rule.apply(gradient)
    if not isinstance(entries, tuple | list):
        raise ContractError(
            f"apply returned {_type_name(entries)}, not a tuple with one entry for each input"
        )
    return list(entries)


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
    return {"type": _type_name(error), "message": message, "cell": cell, "line": line}


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
