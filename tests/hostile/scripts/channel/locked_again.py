"""Says a second time that it has locked itself in, and then that it is done."""
# base: solution
import json
import os
import struct

for header in ({"type": "locked"}, {"type": "done", "output": "all is well"}):
    head = json.dumps(header).encode()
    for descriptor in range(3, 8):
        try:
            os.write(descriptor, struct.pack(">4sII", b"AGF1", len(head), 0) + head)
        except OSError:
            pass
