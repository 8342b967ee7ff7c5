"""Work that goes beyond its bounds is ended, says so, and leaves nothing behind."""

import contextlib
import os
import time
from pathlib import Path

import pytest

from autograder.contained import Bounds, Stopped, contained

SMALL = Bounds(seconds=600, cpu_seconds=1, memory_mib=64, reply_mib=1)
SHORT = Bounds(seconds=0.5)


def children():
    return Path("/proc/thread-self/children").read_text(encoding="ascii")


def spin():
    while True:
        pass


def sleep():
    time.sleep(600)
    return b""


def hoard():
    return b"x" * (500 << 20)


def boast():
    return b"x" * (2 << 20)


def fail():
    raise ValueError("text of a student")


def leave():
    os._exit(9)


def test_reply_comes_back_whole():
    data = bytes(range(256)) * 4000
    assert contained(lambda: data, SMALL) == data


def test_empty_reply_is_a_reply():
    assert contained(bytes, SMALL) == b""


@pytest.mark.parametrize(
    ("work", "bounds", "reason"),
    [
        (spin, SMALL, "it took more than 1 s of processor time"),
        (sleep, SHORT, "it took longer than 0.5 s, or was killed"),
        (hoard, SMALL, "it needed more than 64 MiB of memory"),
        (boast, SMALL, "it would be larger than 1 MiB"),
        (fail, SMALL, "the grader met a ValueError"),
        (leave, SMALL, "its process ended with 9"),
    ],
)
def test_work_beyond_its_bounds_is_stopped_and_says_why(work, bounds, reason):
    before = children()
    with pytest.raises(Stopped) as caught:
        contained(work, bounds)
    assert str(caught.value) == reason
    assert children() == before


def test_descriptors_are_closed():
    before = len(list(Path("/proc/self/fd").iterdir()))
    for work in (bytes, fail):
        with contextlib.suppress(Stopped):
            contained(work, SMALL)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
