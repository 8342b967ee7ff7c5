"""Closes every descriptor, the job's socket among them, and goes on."""
# base: solution
import os

for descriptor in range(64):
    try:
        os.close(descriptor)
    except OSError:
        pass
