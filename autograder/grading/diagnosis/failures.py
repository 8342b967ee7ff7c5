"""What kind of failure ended a case."""

from __future__ import annotations

from autograder.sandbox.frames import Error

UNFINISHED = frozenset({"MissingName", "Absent", "NotImplementedError"})


def is_unfinished(failure: Error | None) -> bool:
    """Tell whether a part is missing, hidden or a stub: there is nothing to diagnose."""
    return failure is not None and (failure.type in UNFINISHED or bool(failure.shadowed))


def looks_unpacked(failure: Error) -> bool:
    """Tell whether Python's own words say that a tuple was taken for a tensor."""
    return failure.type == "AttributeError" and failure.message.startswith(
        "'tuple' object has no attribute"
    )


def speaks_of_tensors(failure: Error) -> bool:
    """Tell whether Python's own words say that something could not work with a Tensor."""
    return "Tensor" in failure.message and not any(
        kind in failure.message for kind in ("NoneType", "memoryview")
    )
