"""Overflows the C stack by destructors and deep structures with the recursion limit off."""
# base: solution
import sys

sys.setrecursionlimit(1 << 30)


class Deep:
    def __getattribute__(self, name):
        return getattr(self, name)


Deep().x
