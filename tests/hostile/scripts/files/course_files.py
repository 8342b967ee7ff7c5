"""Reads the course, the gradebook, the seed, a hidden case and a sibling's notebook by path."""
import io
import os

for key in ("gradebook", "seed_file", "hidden_case", "sibling", "home_file"):
    path = TARGETS[key]
    attempt(f"open {key}", lambda: open(path, "rb").read(200))
    attempt(f"os.open {key}", lambda: os.read(os.open(path, os.O_RDONLY), 200))
    attempt(f"io.open_code {key}", lambda: io.open_code(path).read(200))
for key in ("course", "reference"):
    attempt(f"list {key}", lambda: os.listdir(TARGETS[key]))
    attempt(f"scan {key}", lambda: [entry.name for entry in os.scandir(TARGETS[key])])
