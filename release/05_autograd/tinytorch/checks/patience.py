"""A case that would take for ever is ended, and the place where it stood is told."""

from __future__ import annotations

import contextlib
import itertools
import sys
import time
from collections.abc import Iterator
from types import FrameType

SECONDS = 5.0
"""Processor time of one case: what grading allows."""
IMPATIENT = 0.2
"""Processor time of a case after one was stopped: a hundred times what a right engine takes."""
RARELY = 64


class TookTooLong(BaseException):
    """A case used up its processor time. No `except Exception` of a notebook stops it."""


@contextlib.contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in code that runs longer than this, at its next call of anything."""
    end = time.process_time() + seconds
    events = itertools.count(1)

    def look(_frame: FrameType, _event: str, _argument: object) -> None:
        # Asking for the time costs more than a call does.
        if next(events) % RARELY == 0 and time.process_time() > end:
            sys.setprofile(before)
            raise TookTooLong(f"more than {seconds:g} s of processor time")

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)
