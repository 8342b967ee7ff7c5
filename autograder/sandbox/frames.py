"""Read what the guest sends. Every byte here may have been written by a hostile submission.

Lengths are checked before memory is taken, headers are decoded into typed records, arrays must be
of four plain dtypes and must fit their bytes exactly.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import struct
import time
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from autograder.guest.wire import DTYPES, MAGIC, PREFIX
from autograder.model import Record

MAX_HEADER_BYTES = 1 << 20
MAX_DIMENSIONS = 16
LOOK_SECONDS = 0.02
"""How often to count the threads of a child that says nothing: the kernel ignores its own limit for
root, and a few thousand take longer than this to make."""
CREDENTIALS = struct.Struct("=iII")
"""``struct ucred``: process, user, group, as our side of the sandbox numbers them."""
MAX_EMPTY_EXTENT = 1 << 40
"""NumPy counts an empty array's bytes without its zeros, and overflows at 2⁶³."""

Text = Annotated[str, Meta(max_length=1000)]
Size = Annotated[int, Meta(ge=0, le=1 << 40)]
Place = Annotated[int, Meta(ge=0, le=1 << 31)]


class Malformed(Exception):  # noqa: N818 # a finding about the bytes, not a fault of ours
    """The guest's bytes are not a frame that we accept."""


class Closed(Exception):  # noqa: N818
    """The guest closed the channel."""


class Late(Exception):  # noqa: N818
    """The time ran out: of the wall clock, or of the processor."""


class Greedy(Exception):  # noqa: N818
    """The child has more threads than it may."""


class ArrayFrame(Record, frozen=True):
    """Where an array lies in the payload."""

    dtype: Literal["float64", "float32", "int64", "bool"]
    shape: Annotated[tuple[Size, ...], Meta(max_length=MAX_DIMENSIONS)]
    offset: Size
    size: Size


class Error(Record, frozen=True):
    """An exception of the submission."""

    type: Text
    message: Text
    cell: Place | None = None
    line: Place | None = None
    op: Text = ""


class Observed(Record, frozen=True):
    """One observed value: an array, a name, or nothing."""

    kind: Literal["array", "text", "none"]
    array: ArrayFrame | None = None
    text: Text | None = None


class Locked(Record, frozen=True, tag="locked"):
    """The child has given everything up; what follows is the submission's doing."""


class CellReport(Record, frozen=True, tag="cell"):
    """A cell has run."""

    index: Place
    status: Literal["ok", "error", "syntax-error"]
    error: Error | None = None
    skipped: Annotated[tuple[Text, ...], Meta(max_length=1000)] = ()
    missing: Annotated[tuple[Text, ...], Meta(max_length=1000)] = ()


class CaseReport(Record, frozen=True, tag="case"):
    """A case has run."""

    index: Place
    observed: Annotated[dict[Text, Observed], Meta(max_length=1000)]
    failure: Error | None = None


class Done(Record, frozen=True, tag="done"):
    """The child has finished."""

    output: Annotated[str, Meta(max_length=MAX_HEADER_BYTES)] = ""


Message = Locked | CellReport | CaseReport | Done
Value = NDArray[np.generic] | str | None

_decoder = msgspec.json.Decoder(Message)


class Channel:
    """One child's socket, with a budget of bytes, and an eye on the child from outside.

    Parameters
    ----------
    reply_bytes
        How much may be read; ``reply_bytes`` afterwards says how much is left.
    threads
        How many the child may have.
    """

    def __init__(self, connection: socket.socket, reply_bytes: int, threads: int) -> None:
        self._socket = connection
        self.reply_bytes = reply_bytes
        self._threads = threads
        self._child: Child | None = None

    def identify(self, deadline: float) -> None:
        """Learn from the kernel which process sends, by the first bytes; they stay to be read."""
        self._socket.settimeout(max(0.0, deadline - time.monotonic()))
        try:
            _, ancillary, _, _ = self._socket.recvmsg(
                1, socket.CMSG_SPACE(CREDENTIALS.size), socket.MSG_PEEK
            )
        except TimeoutError:
            raise Late from None
        except ConnectionError:
            raise Closed from None
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                self._child = Child(CREDENTIALS.unpack(data[: CREDENTIALS.size])[0])
        if self._child is None:
            raise Closed

    def processor_seconds(self) -> float:
        """Return the processor time that the child has used so far, in seconds."""
        return 0.0 if self._child is None else self._child.processor_seconds()

    def receive(self, deadline: float, processor: float = math.inf) -> tuple[Message, bytes]:
        """Read one frame.

        Parameters
        ----------
        deadline
            Moment of ``time.monotonic()``, in seconds.
        processor
            Reading of ``processor_seconds()`` that the child must not reach before it has sent.

        Raises
        ------
        Malformed
            When the bytes are not a frame, or exceed the budget.
        Closed, Late
            When nothing more comes, or not in time.
        Greedy
            When the child has too many threads.
        """
        prefix = self._exactly(PREFIX.size, deadline, processor)
        magic, head_size, payload_size = PREFIX.unpack(prefix)
        if magic != MAGIC or head_size > MAX_HEADER_BYTES:
            raise Malformed("not a frame")
        if head_size + payload_size > self.reply_bytes:
            raise Malformed("more bytes than allowed")
        head = self._exactly(head_size, deadline, processor)
        payload = self._exactly(payload_size, deadline, processor)
        try:
            return _decoder.decode(head), payload
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise Malformed(f"unreadable header: {type(error).__name__}") from None

    def _exactly(self, size: int, deadline: float, processor: float) -> bytes:
        buffer = bytearray()
        while len(buffer) < size:
            self._socket.settimeout(self._patience(deadline, processor))
            try:
                chunk = self._socket.recv(min(size - len(buffer), 1 << 20))
            except TimeoutError:
                self._look()
                continue
            except ConnectionError:
                raise Closed from None
            if not chunk:
                raise Closed
            buffer += chunk
        self.reply_bytes -= size
        return bytes(buffer)

    def _patience(self, deadline: float, processor: float) -> float:
        """Return how long to wait before the clocks must be read again."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late("wall clock")
        if math.isfinite(processor):
            unused = processor - self.processor_seconds()
            if unused <= 0:
                raise Late("processor time")
            # As many processors as there are may work for the child at once.
            left = min(left, max(unused / (os.cpu_count() or 1), 0.01))
        return min(left, LOOK_SECONDS)

    def _look(self) -> None:
        if self._child is not None and self._child.threads() > self._threads:
            raise Greedy(f"more than {self._threads} threads")


class Child:
    """What the kernel says of another process, read from outside."""

    def __init__(self, process: int) -> None:
        # CPUCLOCK_SCHED of a process, as clock_getcpuclockid(3) makes it.
        self._clock = (~process << 3) | 2
        self._latest = 0.0
        self._tasks = Path(f"/proc/{process}/task")

    def threads(self) -> int:
        """Return how many there are; each has a folder in proc, which counts as a link."""
        with contextlib.suppress(OSError):
            return self._tasks.stat().st_nlink - 2
        return 0

    def processor_seconds(self) -> float:
        """Return the seconds used, by all threads; after the end, the last reading."""
        with contextlib.suppress(OSError):
            self._latest = time.clock_gettime(self._clock)
        return self._latest


def values_of(report: CaseReport, payload: bytes) -> dict[str, Value]:
    """Return a case's observed values by name; together no larger than the payload.

    Raises
    ------
    Malformed
        When arrays lie over one another, so that copies would take more memory than was sent, or
        when one of them is not an array that we accept.
    """
    sizes = (value.array.size for value in report.observed.values() if value.array is not None)
    if sum(sizes) > len(payload):
        raise Malformed("arrays that share their bytes")
    return {name: value_of(value, payload) for name, value in report.observed.items()}


def value_of(observed: Observed, payload: bytes) -> Value:
    """Return an observed value.

    Returns
    -------
    ndarray, str or None
        An owned array of dtype float64, float32, int64 or bool.

    Raises
    ------
    Malformed
        When the array's shape, bytes and place in the payload do not fit together.
    """
    if observed.kind == "none":
        return None
    if observed.kind == "text":
        if observed.text is None:
            raise Malformed("a text without text")
        return observed.text
    frame = observed.array
    if frame is None:
        raise Malformed("an array without a description")
    dtype = np.dtype(DTYPES[frame.dtype])
    count = math.prod(frame.shape)
    if count * dtype.itemsize != frame.size or frame.offset + frame.size > len(payload):
        raise Malformed("an array that does not fit its bytes")
    if count == 0 and math.prod(size or 1 for size in frame.shape) > MAX_EMPTY_EXTENT:
        raise Malformed("an empty array of a shape that NumPy does not make")
    flat = np.frombuffer(payload, dtype=dtype, count=count, offset=frame.offset)
    if frame.dtype == "bool" and count and flat.view(np.uint8).max() > 1:
        raise Malformed("a truth value that is neither")
    return flat.reshape(frame.shape).copy()
