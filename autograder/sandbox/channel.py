"""Read a child's socket within budgets of bytes, time and threads.

Lengths are checked before memory is taken. What the bytes mean is the business of ``frames``.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import socket
import struct
import time
from pathlib import Path

from autograder.guest.wire import MAGIC, PREFIX
from autograder.sandbox.frames import Malformed, Message, decode

MAX_HEADER_BYTES = 1 << 20
AT_ONCE = 1 << 18
"""Bytes to read at once: a frame takes a few hundred, and each reading a system call."""
PROCESSORS = os.cpu_count() or 1
"""Asking each time would take as long as reading a frame."""
LOOK_SECONDS = 0.02
"""How often to count the threads of a child: the kernel ignores its own limit for root, and a few
thousand take longer than this to make."""
CREDENTIALS = struct.Struct("=iII")
"""``struct ucred``: process, user, group, as our side of the sandbox numbers them."""


class Closed(Exception):  # noqa: N818
    """The guest closed the channel."""


class Late(Exception):  # noqa: N818
    """The time ran out: of the wall clock, or of the processor."""


class Greedy(Exception):  # noqa: N818
    """The child has more threads than it may."""


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
        self._looked = 0.0
        self._arrived = bytearray()

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
                try:
                    self._child = Child(CREDENTIALS.unpack(data[: CREDENTIALS.size])[0])
                except OSError:
                    raise Closed from None
        if self._child is None:
            raise Closed

    def kill_child(self) -> None:
        """Kill the child, all of its threads, and nothing else."""
        if self._child is not None:
            self._child.kill()

    def close(self) -> None:
        """Let go of the child; the socket is its owner's."""
        if self._child is not None:
            self._child.close()

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
        body = self._exactly(head_size + payload_size, deadline, processor)
        return decode(body[:head_size]), body[head_size:]

    def _exactly(self, size: int, deadline: float, processor: float) -> bytes:
        """Take bytes from those that came together, or wait for more."""
        while len(self._arrived) < size:
            self._socket.settimeout(self._patience(deadline, processor))
            try:
                chunk = self._socket.recv(min(AT_ONCE, self._room()))
            except TimeoutError:
                self._look()
                continue
            except ConnectionError:
                raise Closed from None
            if time.monotonic() - self._looked > LOOK_SECONDS:
                self._look()
            if not chunk:
                raise Closed
            self._arrived += chunk
        taken = bytes(self._arrived[:size])
        del self._arrived[:size]
        self.reply_bytes -= size
        return taken

    def _room(self) -> int:
        """Return how many bytes more there may be: the budget, and what tells that it is spent."""
        return max(self.reply_bytes, 0) + PREFIX.size - len(self._arrived)

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
            left = min(left, max(unused / PROCESSORS, 0.01))
        return min(left, LOOK_SECONDS)

    def _look(self) -> None:
        self._looked = time.monotonic()
        if self._child is not None and self._child.threads() > self._threads:
            raise Greedy(f"more than {self._threads} threads")


class Child:
    """What the kernel says of another process, read from outside; it must be alive at first."""

    def __init__(self, process: int) -> None:
        # Its number could be another process's by the time that it is to be killed.
        self._pidfd = os.pidfd_open(process)
        # CPUCLOCK_SCHED of a process, as clock_getcpuclockid(3) makes it.
        self._clock = (~process << 3) | 2
        self._latest = 0.0
        self._tasks = Path(f"/proc/{process}/task")

    def kill(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._pidfd)

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
