"""torch.nn."""

from anything import anything


class Module:
    """A base class."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return anything()
