"""Answers everything: stands for packages that a kernel of the tests lacks."""

from unittest.mock import MagicMock


class Anything(MagicMock):
    """Has every attribute and every operator; of two, it is the smaller one and the larger one."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        for name in ("__lt__", "__le__", "__gt__", "__ge__"):
            setattr(self, name, lambda self, other: True)


def anything(*_, **__):
    """Return an object that has every attribute and every operator."""
    return Anything()
