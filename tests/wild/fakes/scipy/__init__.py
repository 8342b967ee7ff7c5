"""A package of which every name answers."""

from anything import anything


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return anything()
