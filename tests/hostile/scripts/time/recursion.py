"""Recurses without end: in Python, in a property, in repr, in comparison, in C."""
import sys

sys.setrecursionlimit(10**6)


def down(depth):
    return 0 if depth == 0 else down(depth - 1)


try:
    print(down(5000))
except RecursionError:
    print("stopped")
deep = []
for _ in range(20000):
    deep = [deep]
for action in (lambda: repr(deep), lambda: deep == deep.copy(), lambda: str(deep)):
    try:
        action()
    except RecursionError:
        print("stopped")
