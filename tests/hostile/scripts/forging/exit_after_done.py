"""Sends the report of its own cell, then done, then leaves with status 0 as an honest child would."""
# slow
# base: solution
import json
import os
import struct

for header in ({"type": "cell", "index": 1, "status": "ok"}, {"type": "done", "output": "graded: 80 of 80"}):
    head = json.dumps(header).encode()
    for descriptor in range(3, 8):
        try:
            os.write(descriptor, struct.pack(">4sII", b"AGF1", len(head), 0) + head)
        except OSError:
            pass
os._exit(0)
