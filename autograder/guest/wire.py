"""Frames between the trusted host and the guest.

A frame is a magic number, two lengths, a JSON header and a payload of raw array bytes. Arrays
appear in the header as ``{"dtype", "shape", "offset", "size"}`` with offsets into the payload.
The host reads frames with its own, stricter reader (``sandbox/frames.py``).
"""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any

import numpy as np

# Taken now: student code may put something else in their place.
from numpy import ascontiguousarray, frombuffer

MAGIC = b"AGF1"
PREFIX = struct.Struct(">4sII")
STATUS = struct.Struct(">i")
"""The wait status of a child, as the worker tells it."""
DTYPES = {"float64": "<f8", "float32": "<f4", "int64": "<i8", "bool": "|b1"}

Json = dict[str, Any]


class Packer:
    """Collects arrays into one payload."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._offset = 0

    def add(self, array: np.ndarray[Any, Any]) -> Json:
        """Append an array of one of ``DTYPES``; return its description for the header."""
        name = array.dtype.name
        raw = ascontiguousarray(array, dtype=DTYPES[name]).tobytes()
        described = {
            "dtype": name,
            "shape": list(array.shape),
            "offset": self._offset,
            "size": len(raw),
        }
        self._chunks.append(raw)
        self._offset += len(raw)
        return described

    def payload(self) -> bytes:
        """Return the bytes of all arrays."""
        return b"".join(self._chunks)


def unpack(described: Json, payload: bytes, base: int = 0) -> np.ndarray[Any, Any]:
    """Return a writable copy of an array that the trusted side sent, at an offset from ``base``."""
    start = base + described["offset"]
    raw = payload[start : start + described["size"]]
    return frombuffer(raw, dtype=DTYPES[described["dtype"]]).reshape(described["shape"]).copy()


def send(channel: socket.socket, header: Json, payload: bytes = b"") -> None:
    """Write one frame."""
    head = json.dumps(header, separators=(",", ":")).encode("utf-8", "backslashreplace")
    send_encoded(channel, head, payload)


def send_encoded(channel: socket.socket, head: bytes, payload: bytes) -> None:
    """Write one frame whose header is JSON already."""
    channel.sendall(frame(head, payload))


def frame(head: bytes, payload: bytes) -> bytes:
    """Return one frame whose header is JSON already."""
    return PREFIX.pack(MAGIC, len(head), len(payload)) + head + payload


def receive(channel: int) -> tuple[Json, bytes]:
    """Read one frame from the trusted side; raises EOFError when the channel is closed.

    Parameters
    ----------
    channel
        Descriptor of a socket or a file.
    """
    magic, head, payload = PREFIX.unpack(_exactly(channel, PREFIX.size))
    if magic != MAGIC:
        raise ValueError("not a frame")
    header: Json = json.loads(_exactly(channel, head))
    return header, _exactly(channel, payload)


def _exactly(channel: int, size: int) -> bytes:
    chunks = []
    while size:
        chunk = os.read(channel, min(size, 1 << 20))
        if not chunk:
            raise EOFError("the channel was closed")
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
