"""Reads its own memory around every kind of object for text that its own code does not hold."""
import ctypes
import os
import sys

anchors = [b"", "", 0, object(), sys, sys.modules, bytearray(1 << 20), [0] * 100000, "x" * 100000, type("T", (), {})]
libc, found = ctypes.CDLL(None), set()
reading, writing = os.pipe()
for base in sorted({id(anchor) & ~0xFFFFF for anchor in anchors}):
    for page in range(base - (2 << 20), base + (2 << 20), 4096):
        # write() of memory that is not there fails with EFAULT instead of a crash
        written = libc.write(writing, ctypes.c_void_p(page), 4096)
        if written <= 0:
            continue
        held = os.read(reading, written)
        place = held.find(b"canary")
        while place >= 0:
            found.add(held[max(0, place - 60) : place + 60])
            place = held.find(b"canary", place + 1)
print(len(found))
for text in sorted(found)[:200]:
    print(text.decode("ascii", "replace"))
