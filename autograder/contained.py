"""Do some work on hostile text in a process that can be killed, and wait no longer than allowed."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from autograder.guest.lockdown import end_with_parent
from autograder.model import Record

STOPPED, TOO_LARGE, NO_MEMORY = 70, 71, 72
"""Exit statuses of a child that did not finish its work."""
_CHUNK = 1 << 16


class Bounds(Record, frozen=True):
    """What the work may use; the memory is beside what the process holds already."""

    seconds: float = 60.0
    cpu_seconds: int = 20
    memory_mib: int = 256
    reply_mib: int = 16


class Stopped(Exception):  # noqa: N818 # it says what happened
    """The work did not finish; the message says why, in words of ours."""


def contained(work: Callable[[], bytes], bounds: Bounds) -> bytes:
    """Return what the work returns; the child is gone when this returns or raises.

    Raises
    ------
    Stopped
        When the work went beyond its bounds, or failed. Only the type of an exception is told: its
        text may be the student's.
    """
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _be_the_child(work, bounds, writable)
    os.close(writable)
    try:
        reply = _read(readable, bounds)
    finally:
        os.close(readable)
        with contextlib.suppress(ProcessLookupError):  # not waited for: the number is still its own
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    ended = _ending(status, reply, bounds)
    if ended:
        raise Stopped(ended)
    return reply[1:]


def _be_the_child(work: Callable[[], bytes], bounds: Bounds, writable: int) -> NoReturn:
    """Work, write a zero byte and the reply, and leave by ``_exit``: nothing of the parent ends."""
    status = STOPPED
    try:
        # Ctrl-C reaches the whole process group; only the parent decides what to do about it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if sys.platform == "linux":
            end_with_parent()
        _limit(bounds)
        reply = work()
        if len(reply) > bounds.reply_mib << 20:
            status = TOO_LARGE
        else:
            _write(writable, b"\0" + reply)
            status = 0
    except MemoryError:
        status = NO_MEMORY
    except BaseException as error:  # told by its type, to the parent
        with contextlib.suppress(BaseException):
            _write(writable, b"\1" + type(error).__name__.encode("ascii", "replace"))
    finally:
        os._exit(status)


def _limit(bounds: Bounds) -> None:
    """Set soft limits: what runs here is our own code, which does not raise them."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    for kind, value in (
        (resource.RLIMIT_CPU, bounds.cpu_seconds),
        (resource.RLIMIT_AS, _address_space() + (bounds.memory_mib << 20)),
    ):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if hard < 0 else min(value, hard), hard))


def _address_space() -> int:
    """Return how many bytes of addresses this process has already."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:  # no Linux: then the processor time and the clock are the bounds
        return 1 << 50
    return pages * resource.getpagesize()


def _write(writable: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(writable, view) :]


def _read(readable: int, bounds: Bounds) -> bytes:
    """Return what comes until the end, or what came by the deadline without its first byte."""
    deadline = time.monotonic() + bounds.seconds
    parts: list[bytes] = []
    waiting = select.poll()  # select() cannot name a descriptor above 1023
    waiting.register(readable, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not waiting.poll(left * 1000):
            return b""
        part = os.read(readable, _CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _ending(status: int, reply: bytes, bounds: Bounds) -> str:
    """Say why there is no reply; nothing if there is one."""
    code = os.waitstatus_to_exitcode(status)
    if code == 0 and reply[:1] == b"\0":
        return ""
    return {
        0: f"it took longer than {bounds.seconds:g} s",
        -signal.SIGXCPU: f"it took more than {bounds.cpu_seconds} s of processor time",
        -signal.SIGKILL: f"it took longer than {bounds.seconds:g} s, or was killed",
        TOO_LARGE: f"it would be larger than {bounds.reply_mib} MiB",
        NO_MEMORY: f"it needed more than {bounds.memory_mib} MiB of memory",
        STOPPED: f"the grader met a {reply[1:].decode('ascii', 'replace')}",
    }.get(code, f"its process ended with {code}")
