"""Is quick in the first child and slow in those that follow, so that every restart is a loss."""
# slow
import time

if time.time() % 2 < 1.5:
    __import__("os")._exit(1)
time.sleep(60)
