"""Sends a frame a byte at a time, each just before a limit that restarted would pass."""
# slow
# base: solution
import json
import os
import struct
import time

head = json.dumps({"type": "cell", "index": 1, "status": "ok"}).encode()
frame = struct.pack(">4sII", b"AGF1", 4000, 0) + head.ljust(4000)
for byte in frame:
    for descriptor in range(3, 8):
        try:
            os.write(descriptor, bytes([byte]))
        except OSError:
            pass
    time.sleep(0.5)
