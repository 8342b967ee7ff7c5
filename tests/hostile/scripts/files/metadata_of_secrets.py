"""Asks for size, time and permissions of files that it cannot open."""
import os

for key in ("gradebook", "seed_file", "hidden_case", "sibling", "home_file"):
    attempt(f"stat {key}", lambda: os.stat(TARGETS[key]))
    attempt(f"lstat {key}", lambda: os.lstat(TARGETS[key]))
