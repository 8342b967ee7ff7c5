"""Raises an exception whose causes go round in a circle, from a stack of a thousand frames."""
# base: solution
first, second = ValueError("first"), ValueError("second")
first.__cause__ = first.__context__ = second
second.__cause__ = second.__context__ = first


def deep(depth):
    if depth:
        deep(depth - 1)
    raise first


deep(1000)
