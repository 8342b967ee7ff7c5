"""Writes random bytes to every descriptor from 0 to 1023."""
# base: solution
import os

for descriptor in range(1024):
    try:
        os.write(descriptor, os.urandom(4096))
    except OSError:
        pass
