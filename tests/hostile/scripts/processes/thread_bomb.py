"""Starts as many threads as it can, up to three thousand, with the smallest stacks."""
import threading

threading.stack_size(32768)
release = threading.Event()
started = 0
try:
    for _ in range(3000):
        threading.Thread(target=release.wait, daemon=True).start()
        started += 1
except (RuntimeError, MemoryError) as error:
    print("stopped by", type(error).__name__)
print("threads started:", started)
release.set()
