"""Makes cycles with finalizers that revive themselves, with the collector off."""
import gc

gc.disable()
saved = []


class Undead:
    def __init__(self):
        self.me = self
        self.weight = bytearray(1 << 16)

    def __del__(self):
        saved.append(self)


try:
    for _ in range(20000):
        Undead()
except MemoryError:
    print("stopped")
gc.collect()
