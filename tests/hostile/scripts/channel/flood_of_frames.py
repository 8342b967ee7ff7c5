"""Sends thousands of valid frames for its own cell, so that later ones are taken for other answers."""
# slow
# base: solution
import json
import os
import struct

head = json.dumps({"type": "cell", "index": 1, "status": "ok"}).encode()
frame = struct.pack(">4sII", b"AGF1", len(head), 0) + head
for descriptor in range(3, 8):
    try:
        for _ in range(5000):
            os.write(descriptor, frame)
    except OSError:
        pass
