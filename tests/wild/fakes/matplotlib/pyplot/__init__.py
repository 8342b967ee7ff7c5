"""matplotlib.pyplot: figures that unpack as they do."""

import numpy as np
from anything import anything


def plot(*_, **__):
    return [anything()]


def subplots(rows=1, columns=1, **_):
    axes = np.empty((rows, columns), dtype=object)
    for place in np.ndindex(rows, columns):
        axes[place] = anything()
    axes = axes.squeeze()
    return anything(), axes if axes.ndim else axes.item()


def hist(*_, **__):
    return np.zeros(3), np.zeros(4), anything()


class _Axes:
    def get_ylim(self):
        return 0.0, 1.0

    def set_ylim(self, *limits):
        assert len(limits) == 2


def gca():
    return _Axes()


rcParams = {}


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return anything()
