"""Prints one line of two hundred megabytes, and one without an end."""
# base: solution
import sys

try:
    print("y" * (200 << 20))
except MemoryError:
    print("too long")
sys.stdout.write("no end")
