"""Writes frames for all cases while its own cell still runs, with empty arrays for values."""
# slow
import json
import os
import struct

frames = [{"type": "cell", "index": 1, "status": "ok"}]
frames += [{"type": "cell", "index": index, "status": "ok"} for index in range(2, 60)]
frames += [{"type": "case", "index": index, "observed": {"0": {"kind": "none"}}} for index in range(400)]
for header in frames:
    head = json.dumps(header).encode()
    for descriptor in range(3, 6):
        try:
            os.write(descriptor, struct.pack(">4sII", b"AGF1", len(head), 0) + head)
        except OSError:
            pass
