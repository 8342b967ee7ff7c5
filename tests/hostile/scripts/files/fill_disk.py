"""Fills every place that opens for writing, megabyte by megabyte."""
import os

for path in ("/fill", "/tmp/fill", "/dev/shm/fill", "/var/tmp/fill", "fill", "/dev/zero", TARGETS["sibling"]):
    def fill():
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
        return sum(os.write(descriptor, bytes(1 << 20)) for _ in range(16))
    attempt(f"fill {path}", fill)
