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
from autograder.sandbox.scratch import Scratch

MAX_HEADER_BYTES = 1 << 20
AT_ONCE = 1 << 18
"""Bytes to read at once: a frame takes a few hundred, and each reading a system call."""
PROCESSORS = os.cpu_count() or 1
"""Asking each time would take as long as reading a frame."""
LOOK_SECONDS = 0.02
"""How often to count the threads and the files of a child: the kernel ignores its own limit of
threads for root, and a few thousand take longer than this to make."""
BACKSTOP = 6
"""How many times its limit a child may take by the clock on the wall, whoever kept it waiting."""
BACKSTOP_SECONDS = 10
DRAIN_SECONDS = 0.5
"""How long to take what is there already when the time is over, from one that goes on sending."""
CREDENTIALS = struct.Struct("=iII")
"""``struct ucred``: process, user, group, as our side of the sandbox numbers them."""


class Closed(Exception):  # noqa: N818
    """The guest closed the channel."""


class Late(Exception):  # noqa: N818
    """The time ran out: the child's own, or the processor's."""


class Greedy(Exception):  # noqa: N818
    """The child has more threads, or writes more files, than it may."""


class Channel:
    """One child's socket, with a budget of bytes, and an eye on the child from outside.

    Parameters
    ----------
    reply_bytes
        How much may be read; ``reply_bytes`` afterwards says how much is left.
        ``waited`` says how long the child could have run and had no processor, in seconds.
    threads
        How many the child may have.
    scratch
        Where it writes files.
    """

    def __init__(
        self,
        connection: socket.socket,
        reply_bytes: int,
        threads: int,
        scratch: Scratch | None = None,
    ) -> None:
        self._socket = connection
        self.reply_bytes = reply_bytes
        self._threads = threads
        self._scratch = scratch
        self._child: Child | None = None
        self._looked = 0.0
        self.waited = 0.0
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
            Moment of ``time.monotonic()``, in seconds. It moves on while the child can run and has
            no processor, but not without end.
        processor
            Reading of ``processor_seconds()`` that the child must not reach before it has sent.

        Raises
        ------
        Malformed
            When the bytes are not a frame, or exceed the budget.
        Closed, Late
            When nothing more comes, or not in time.
        Greedy
            When the child has too many threads or files.
        """
        until = Deadline(deadline, self.waited)
        prefix = self._exactly(PREFIX.size, until, processor)
        magic, head_size, payload_size = PREFIX.unpack(prefix)
        if magic != MAGIC or head_size > MAX_HEADER_BYTES:
            raise Malformed("not a frame")
        if head_size + payload_size > self.reply_bytes:
            raise Malformed("more bytes than allowed")
        body = self._exactly(head_size + payload_size, until, processor)
        return decode(body[:head_size]), body[head_size:]

    def _exactly(self, size: int, deadline: Deadline, processor: float) -> bytes:
        """Take bytes from those that came together, or wait for more."""
        late: Late | None = None
        drained = math.inf
        while len(self._arrived) < size:
            try:
                self._socket.settimeout(self._patience(deadline, processor))
            except Late as error:
                # We may have been kept waiting ourselves: what was sent in time is there already.
                if late is None:
                    drained = time.monotonic() + DRAIN_SECONDS
                late = error
                self._socket.settimeout(0)
            try:
                chunk = self._socket.recv(min(AT_ONCE, self._room()))
            except (TimeoutError, BlockingIOError):
                if late is not None:
                    raise late from None
                self._look()
                continue
            except ConnectionError:
                raise Closed from None
            if late is not None and time.monotonic() > drained:
                raise late
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

    def _patience(self, deadline: Deadline, processor: float) -> float:
        """Return how long to wait before the clocks must be read again."""
        left = deadline.left(self.waited)
        if left <= 0:
            self._look()
            left = deadline.left(self.waited)
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
        if self._child is None:
            return
        self.waited += self._child.waited()
        if self._child.threads() > self._threads:
            raise Greedy(f"more than {self._threads} threads")
        excess = self._scratch.excess(self._child.process) if self._scratch is not None else ""
        if excess:
            raise Greedy(excess)


class Deadline:
    """A moment that moves on with what a child waits for a processor."""

    def __init__(self, moment: float, waited: float) -> None:
        self._moment = moment - waited
        now = time.monotonic()
        self._latest = now + BACKSTOP * max(0.0, moment - now) + BACKSTOP_SECONDS

    def left(self, waited: float) -> float:
        """Return how many seconds are left when the child has waited so long."""
        return min(self._moment + waited, self._latest) - time.monotonic()


class Child:
    """What the kernel says of another process, read from outside; it must be alive at first."""

    def __init__(self, process: int) -> None:
        # Its number could be another process's by the time that it is to be killed.
        self._pidfd = os.pidfd_open(process)
        self.process = process
        # CPUCLOCK_SCHED of a process, as clock_getcpuclockid(3) makes it.
        self._clock = (~process << 3) | 2
        self._latest = 0.0
        self._tasks = Path(f"/proc/{process}/task")
        self._known: dict[str, Waiting] = {}

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

    def waited(self) -> float:
        """Return how long it waited for a processor since the last call, in seconds.

        Of several threads the one counts that waited longest: its own threads may wait for each
        other, which costs it processor time.
        """
        with contextlib.suppress(OSError):
            names = [str(self.process)]
            if self.threads() > 1:
                names = [task.name for task in self._tasks.iterdir()]
            self._known = {name: self._known.get(name) or Waiting() for name in names}
            return max(
                task.since_last_time(self._tasks / name) for name, task in self._known.items()
            )
        return 0.0

    def processor_seconds(self) -> float:
        """Return the seconds used, by all threads; after the end, the last reading."""
        with contextlib.suppress(OSError):
            self._latest = time.clock_gettime(self._clock)
        return self._latest


class Waiting:
    """How long one thread has waited for a processor, as the kernel's scheduler counts."""

    def __init__(self) -> None:
        self._counted: tuple[int, int] | None = None
        self._changed = 0.0
        self._ahead = 0.0

    def since_last_time(self, task: Path) -> float:
        """Return the seconds since the last call; 0 for the first one, or where nothing counts."""
        ran, waited = map(int, (task / "schedstat").read_bytes().split()[:2])
        now = time.monotonic()
        before, self._counted = self._counted, (ran, waited)
        if before is None:
            self._changed = now
            return 0.0
        if before != self._counted:
            # The kernel adds a wait when it is over; some of this one may be given already.
            credit = max(0.0, (waited - before[1]) / 1e9 - self._ahead)
            self._changed, self._ahead = now, 0.0
            return credit
        if not _can_run(task):
            self._changed = now
            return 0.0
        credit = max(0.0, now - self._changed - self._ahead)
        self._ahead += credit
        return credit


def _can_run(task: Path) -> bool:
    """Tell whether a thread runs or waits for a processor; the name before it may hold anything."""
    return (task / "stat").read_bytes().rpartition(b")")[2].split()[0] == b"R"
