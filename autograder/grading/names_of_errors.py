"""Names of exceptions that may be repeated."""

from __future__ import annotations

import builtins

SOME_EXCEPTION = "an exception"


def exception_name(type_name: str) -> str:
    """Return the type's name if Python defines it: any other name is the submission's text."""
    known = getattr(builtins, type_name, None)
    if isinstance(known, type) and issubclass(known, BaseException):
        return type_name
    return "an exception of its own"
