"""Sends frames with another magic number, lengths of four gigabytes and of nothing."""
# base: solution
import os
import struct

for prefix in (struct.pack(">4sII", b"AGF2", 2, 0) + b"{}", struct.pack(">4sII", b"AGF1", 0xFFFFFFFF, 0xFFFFFFFF), struct.pack(">4sII", b"AGF1", 0, 0)):
    for descriptor in range(3, 16):
        try:
            os.write(descriptor, prefix)
        except OSError:
            pass
