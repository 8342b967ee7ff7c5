"""Sends the first half of a frame and waits for the host to wait."""
# slow
# base: solution
import struct
import time
import os

for descriptor in range(3, 16):
    try:
        os.write(descriptor, struct.pack(">4sII", b"AGF1", 1000, 0) + b'{"type":"cell"')
    except OSError:
        pass
time.sleep(600)
