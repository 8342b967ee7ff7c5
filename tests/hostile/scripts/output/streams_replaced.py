"""Replaces, closes and detaches the output streams, and prints to the originals."""
# base: solution
import io
import sys

for stream in (sys.__stdout__, sys.__stderr__):
    print("::error::original", file=stream)
sys.stdout.close()
sys.stdout = sys.stderr = None
print("to nowhere")
sys.stdout = io.StringIO()
sys.stdout.write = None
sys.displayhook = sys.excepthook = None
