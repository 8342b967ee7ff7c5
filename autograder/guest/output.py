"""What stands for the screen: keeps the end of what was written."""

from __future__ import annotations

import io
from collections import deque
from typing import Any

from .student import plain


class Ring(io.TextIOBase):
    """A text stream that keeps only the last ``limit`` characters, and answers as stdout does."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: deque[str] = deque()
        self._kept = 0
        self.buffer = _Bytes(self)

    def writable(self) -> bool:
        """As stdout is."""
        return True

    def write(self, text: str) -> int:
        """Keep the end of what was written so far."""
        text = str(text)
        kept = text[-self._limit :] if self._limit else ""
        if kept:
            self._chunks.append(kept)
            self._kept += len(kept)
        while len(self._chunks) > 1 and self._kept - len(self._chunks[0]) >= self._limit:
            self._kept -= len(self._chunks.popleft())
        return len(text)

    def fileno(self) -> int:
        """Return a descriptor that leads nowhere, as all three do in the sandbox."""
        return 1

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def reconfigure(self, **_options: Any) -> None:
        """Take any encoding for granted."""

    def tail(self) -> str:
        """Return what was kept."""
        kept = "".join(self._chunks)[-self._limit :] if self._limit else ""
        return plain(kept, self._limit)


class _Bytes(io.RawIOBase):
    """``sys.stdout.buffer``."""

    def __init__(self, text: Ring) -> None:
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        raw = bytes(data)
        self._text.write(raw.decode("utf-8", "replace"))
        return len(raw)
