"""What a submission has of what is not here: labels of stand-ins, and numbers made of them."""

from __future__ import annotations

import re
import sys
import types
from typing import Any

MAX_LABEL = 60
MAX_USED = 100
MAX_FRAMES = 200
_CELL_NAME = re.compile(r"<cell (\d{1,6})>\Z")

used_labels: dict[str, None] = {}
"""What was imported and replaced by stand-ins, in order."""


def use(label: str) -> None:
    """Note that something is replaced by a stand-in."""
    if len(used_labels) < MAX_USED:
        used_labels[label[:MAX_LABEL]] = None


class Uses:
    """What was made of stand-ins while one case ran: the first number, and where."""

    def __init__(self) -> None:
        self.label = ""
        self.cell: int | None = None
        self.line: int | None = None

    def reset(self) -> None:
        """Forget; a case begins."""
        self.label, self.cell, self.line = "", None, None

    def note(self, label: str) -> None:
        """Note that a number, or an array, is being made of a stand-in."""
        if self.cell is not None or (self.label and self.label != label):
            return
        self.label = label
        frame: types.FrameType | None = sys._getframe(1)
        for _ in range(MAX_FRAMES):
            if frame is None:
                return
            found = _CELL_NAME.match(frame.f_code.co_filename)
            if found:
                self.cell, self.line = int(found[1]), frame.f_lineno
                return
            frame = frame.f_back

    def found(self) -> dict[str, Any] | None:
        """Return what was noted since the last :meth:`reset`, as a frame's header holds it."""
        if not self.label:
            return None
        return {"name": self.label[:MAX_LABEL], "cell": self.cell, "line": self.line}


uses = Uses()
