"""Coverage-guided fuzzing of the frame parser: ``python tests/fuzz/fuzz_frames.py CORPUS...``.

Needs ``pip install atheris``; libFuzzer's own options may follow the folders. The corpus beside
this file is replayed by ``test_corpus.py``, which does without it.

An input is one byte of settings, then the stream: raw bytes, or pairs of header and payload that
``\\0\\0`` separates and that become frames whose lengths fit, so that the fuzzer gets past them.
"""

import math
import sys
import time

from autograder.guest import wire
from autograder.sandbox import frames
from autograder.sandbox.channel import Channel, Closed, Late

FINDINGS = (frames.Malformed, Closed, Late)
MESSAGES = (frames.Locked, frames.CellReport, frames.CaseReport, frames.Done)
BUDGETS = (0, 64, 4096, 1 << 20)
CHUNKS = (1, 7, 1 << 20)
ENDINGS = (b"", TimeoutError, ConnectionResetError)
SECONDS = 0.5
"""How long to wait for a stream that says nothing more."""


class Stream:
    """Stands in for the socket; counts what the parser takes."""

    def __init__(self, data, chunk, ending):
        self._data, self._chunk, self._ending = data, chunk, ending
        self.taken = 0

    def settimeout(self, seconds):
        assert seconds >= 0

    def recv(self, size):
        assert 0 < size <= 1 << 20
        found = self._data[self.taken : self.taken + min(size, self._chunk)]
        self.taken += len(found)
        if not found and self._ending:
            raise self._ending
        return found


def run_one(data):
    """Parse one input to its end; only the three findings may come out of the parser."""
    if not data:
        return
    settings, body = data[0], data[1:]
    settings, framed = divmod(settings, 2)
    settings, budget = divmod(settings, len(BUDGETS))
    settings, chunk = divmod(settings, len(CHUNKS))
    stream = Stream(
        assembled(body) if framed else body, CHUNKS[chunk], ENDINGS[settings % len(ENDINGS)]
    )
    channel = Channel(stream, BUDGETS[budget], 64)
    deadline = time.monotonic() + SECONDS
    try:
        while True:
            message, payload = channel.receive(deadline)
            assert isinstance(message, MESSAGES)
            if isinstance(message, frames.CaseReport):
                check_values(frames.values_of(message, payload).values(), payload)
                calls = frames.applications_of(message, payload)
                check_values([array for call in calls for array in arrays_of(call)], payload)
    except FINDINGS:
        assert stream.taken <= BUDGETS[budget] + wire.PREFIX.size


def assembled(body):
    """Return frames made of alternating headers and payloads."""
    parts = body.split(b"\0\0")
    parts += [b""] * (len(parts) % 2)
    return b"".join(
        wire.PREFIX.pack(wire.MAGIC, len(head), len(payload)) + head + payload
        for head, payload in zip(parts[::2], parts[1::2], strict=True)
    )


def arrays_of(call):
    """Return all that a traced call of a rule holds."""
    return (*call.operands, call.incoming, *call.entries)


def check_values(values, payload):
    """Assert that arrays are plain, their own, and together no larger than what was sent."""
    arrays = [value for value in values if not isinstance(value, str | None)]
    for array in arrays:
        assert array.dtype.name in wire.DTYPES
        assert array.flags.owndata and array.flags.writeable and array.flags.c_contiguous
        assert array.size == math.prod(array.shape)
    assert sum(array.nbytes for array in arrays) <= len(payload)


if __name__ == "__main__":
    import atheris

    atheris.instrument_all()
    atheris.Setup(sys.argv, run_one)
    atheris.Fuzz()
