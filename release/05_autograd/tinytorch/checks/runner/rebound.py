"""Say which name of Python's or of the assignment was bound to something else, when that shows."""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterator

PINNED: set[str] = set()
"""Names of the contract that submissions are looked through with."""


def shadowed(error: BaseException) -> tuple[str, str] | None:
    """Return a name that was found bound to something else, and the type of that.

    Only where Python says that what was called is no function, or what isinstance() was given no
    class, and that very call names a global that is one of Python's own or of the assignment.
    """
    place = error.__traceback__
    if not isinstance(error, TypeError) or place is None:
        return None
    while place.tb_next is not None:
        place = place.tb_next
    code, scope = place.tb_frame.f_code, place.tb_frame.f_globals
    instructions = list(dis.get_instructions(code))
    call = next((each.positions for each in instructions if each.offset == place.tb_lasti), None)
    if call is None or call.lineno is None:
        return None
    text = str(error)
    if text.endswith("object is not callable"):
        fitting = {name for name, at in _globals_of(instructions) if _start(at) == _start(call)}
        fitting = {name for name in fitting if name in scope and not callable(scope[name])}
    elif text.startswith("isinstance() arg 2 must be"):
        fitting = {name for name, at in _globals_of(instructions)
                   if _start(call) <= _start(at) and _end(at) <= _end(call)}  # fmt: skip
        fitting = {name for name in fitting if name in scope and not isinstance(scope[name], type)}
    else:
        return None
    known = [name for name in fitting if hasattr(builtins, name) or name in PINNED]
    return (known[0], type(scope[known[0]]).__name__) if len(known) == 1 else None


def _globals_of(
    instructions: list[dis.Instruction],
) -> Iterator[tuple[str, dis.Positions]]:
    """Yield the globals that code loads, and where each stands in the text."""
    for each in instructions:
        if each.opname in {"LOAD_GLOBAL", "LOAD_NAME"} and each.positions is not None:
            yield each.argval, each.positions


def _start(at: dis.Positions) -> tuple[int, int]:
    return at.lineno or 0, at.col_offset or 0


def _end(at: dis.Positions) -> tuple[int, int]:
    return at.end_lineno or 0, at.end_col_offset or 0
